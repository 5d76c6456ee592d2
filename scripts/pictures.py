"""Pictures of every state of the widget, for the docs: `python -m scripts.pictures [NAME…]`.

The real assistant answers, in a database of its own that is thrown away. Chromium must be installed
(Debian: `apt-get install chromium`). The pictures go to docs/beelden/.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bot.assistant.factory import make_assistant
from bot.cli import prepare_database, train_if_needed
from bot.conversation.message import Author, Reply
from bot.conversation.service import Conversation, Conversations, Floor
from bot.logs import configure_logs
from bot.settings import ROOT, get_settings
from bot.storage.database import Database
from channels.app import create_app
from channels.server import EXAMPLES_NOTICE, opening

OUT = ROOT / "docs" / "beelden"
FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")
DESKTOP = {"width": 1200, "height": 860}
PHONE = {"width": 390, "height": 780}
SEARCH = "ik zoek een cursus lassen in Gent, 's avonds"

Scene = Callable[["Stage"], Awaitable[None]]
SCENES: dict[str, tuple[dict[str, Any], Scene]] = {}


def scene(name: str, **context: Any) -> Callable[[Scene], Scene]:
    """Registers a picture; `context` is what the browser of the visitor is like."""

    def register(make: Scene) -> Scene:
        SCENES[name] = ({"viewport": DESKTOP} | context, make)
        return make

    return register


@dataclass
class Stage:
    """A page, and the server behind it."""

    page: Page
    url: str
    conversations: Conversations
    database: Database

    async def open(self, path: str = "/gesprek") -> None:
        """Opens a page, and the panel when there is a launcher."""
        await self.page.goto(self.url + path)
        launcher = self.page.locator("leerwijzer-chat .launcher")
        if await launcher.count():
            await launcher.click()
        await self.page.locator("leerwijzer-chat .line").first.wait_for()

    async def ask(self, text: str) -> None:
        """Says something and waits for the answer."""
        answers = self.page.locator("leerwijzer-chat .line:is(.assistant, .system)")
        before = await answers.count()
        await self.page.get_by_label("Jouw vraag of antwoord").fill(text)
        await self.page.keyboard.press("Enter")
        await answers.nth(before).wait_for(timeout=30_000)
        await self.page.wait_for_timeout(900)

    async def conversation(self) -> Conversation:
        """The newest conversation: the one of this page."""

        def newest(connection: Any) -> str:
            query = "SELECT id FROM conversations ORDER BY created_at DESC LIMIT 1"
            return str(connection.exec_driver_sql(query).scalar_one())

        identifier = await self.database.run(newest, readonly=True)
        found = await self.conversations.get(identifier)
        assert found is not None
        return found


@scene("knop")
async def _launcher(stage: Stage) -> None:
    await stage.page.goto(stage.url + "/voorbeeld/knop")
    await stage.page.locator("leerwijzer-chat .launcher").wait_for()


@scene("paneel")
async def _panel(stage: Stage) -> None:
    await stage.open("/voorbeeld/knop")
    await stage.ask(SEARCH)


@scene("gesprek")
async def _home(stage: Stage) -> None:
    await stage.open("/")
    await stage.ask(SEARCH)


@scene("pagina")
async def _page(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.ask("wat is Vlaams opleidingsverlof?")


@scene("inline")
async def _inline(stage: Stage) -> None:
    await stage.open("/voorbeeld/pagina")
    await stage.ask("wat is Vlaams opleidingsverlof?")


@scene("iframe")
async def _iframe(stage: Stage) -> None:
    await stage.page.goto(stage.url + "/voorbeeld/iframe")
    await stage.page.frame_locator("iframe").locator("leerwijzer-chat .line").first.wait_for()
    await stage.page.wait_for_timeout(400)


@scene("opties")
async def _options(stage: Stage) -> None:
    await stage.open("/voorbeeld/knop")
    await stage.page.get_by_role("button", name="Opties").click()


@scene("wissen", viewport=PHONE)
async def _erase(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.page.get_by_role("button", name="Opties").click()
    await stage.page.get_by_role("button", name="Wis mijn gesprek").click()
    await stage.page.get_by_role("button", name="Ja, wis alles").scroll_into_view_if_needed()


@scene("duim", viewport=PHONE)
async def _vote(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.ask("wat is Vlaams opleidingsverlof?")
    await stage.page.get_by_role("button", name="Geen goed antwoord").last.click()
    await stage.page.get_by_role("button", name="Te moeilijk").wait_for()
    await stage.page.get_by_role("button", name="Te moeilijk").scroll_into_view_if_needed()


@scene("telefoon", viewport=PHONE, device_scale_factor=2)
async def _phone(stage: Stage) -> None:
    await stage.open("/voorbeeld/knop")
    await stage.ask(SEARCH)


@scene("donker", color_scheme="dark")
async def _dark(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.ask(SEARCH)


@scene("contrast", viewport=PHONE)
async def _contrast(stage: Stage) -> None:
    await stage.open("/inbedden?thema=contrast")
    await stage.ask("wat is Vlaams opleidingsverlof?")


@scene("vlaanderen", viewport=PHONE)
async def _flanders(stage: Stage) -> None:
    await stage.open("/inbedden?thema=vlaanderen")
    await stage.ask(SEARCH)


@scene("groter", viewport=PHONE)
async def _larger(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.page.get_by_role("button", name="Opties").click()
    await stage.page.get_by_role("button", name="Grootst").click()
    await stage.page.get_by_role("button", name="Terug naar het gesprek").click()
    await stage.ask("wat is Vlaams opleidingsverlof?")


@scene("smal", viewport={"width": 320, "height": 640})
async def _narrow(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.ask(SEARCH)


@scene("wachten", viewport=PHONE)
async def _waiting(stage: Stage) -> None:
    await _wait_for_counsellor(stage)


@scene("medewerker", viewport=PHONE)
async def _live(stage: Stage) -> None:
    await _talk(stage)


@scene("terug", viewport=PHONE)
async def _return(stage: Stage) -> None:
    conversation = await _talk(stage)
    _, version = await stage.conversations.floor(conversation.id)
    await stage.conversations.give_floor(conversation.id, Floor.ASSISTANT, version)
    await stage.conversations.tell_live(conversation.id, name="")
    await stage.ask("dank je wel")


async def _wait_for_counsellor(stage: Stage) -> Conversation:
    await stage.open("/gesprek")
    await stage.ask("kan ik met iemand praten?")
    conversation = await stage.conversation()
    expectation = "Er zijn 2 mensen voor jou. Meestal duurt dat een tiental minuten."
    await stage.conversations.tell_live(conversation.id, waiting=expectation)
    await stage.page.locator("leerwijzer-chat .live:not(:empty)").wait_for()
    return conversation


async def _talk(stage: Stage) -> Conversation:
    conversation = await _wait_for_counsellor(stage)
    say, tell = stage.conversations.say, stage.conversations.tell_live
    hello = "Dag, ik ben Els van de Leerwinkel. Ik lees dat je wil leren lassen. Waarmee kan ik je helpen?"
    await tell(conversation.id, name="Els", waiting="")
    seq = await say(conversation.id, Author.COUNSELLOR, Reply(text=hello, speaker="Els"))
    await stage.page.get_by_text("Dag, ik ben Els").first.wait_for()
    await stage.page.get_by_label("Jouw vraag of antwoord").fill("ik werk in ploegen, kan dat met avondles?")
    await stage.page.keyboard.press("Enter")
    await stage.page.locator("leerwijzer-chat .receipt").wait_for()
    await tell(conversation.id, read=seq + 1, typing=True)
    await stage.page.wait_for_timeout(600)
    return conversation


@scene("offline", viewport=PHONE)
async def _offline(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.page.context.set_offline(True)
    await stage.page.get_by_label("Jouw vraag of antwoord").fill("ik zit op de trein")
    await stage.page.keyboard.press("Enter")
    await stage.page.get_by_role("button", name="Stuur opnieuw").wait_for()


@scene("contact")
async def _contact(stage: Stage) -> None:
    await stage.page.goto(stage.url + "/contact")


@scene("sitebeheerder")
async def _owners(stage: Stage) -> None:
    await stage.page.goto(stage.url + "/widget")


@asynccontextmanager
async def _server(var: Path) -> AsyncIterator[tuple[str, Conversations, Database]]:
    os.environ["LEERWIJZER_VAR_DIR"] = str(var)  # the actions read their settings themselves
    get_settings.cache_clear()
    settings = get_settings()
    train_if_needed(settings)
    prepare_database(settings)
    database = Database(settings.database)
    assistant = make_assistant(settings)
    conversations = Conversations(database, assistant, settings)
    app = create_app(settings, assistant, database, conversations, opening=opening(), notice=EXAMPLES_NOTICE)
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn tells nobody)
        await asyncio.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        while not await assistant.ready():  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.2)
        yield f"http://localhost:{port}", conversations, database
    finally:
        server.should_exit = True
        await serving
        database.close()


async def _take(browser: Browser, names: list[str], url: str, conversations: Conversations, database: Database) -> None:
    for name in names:
        options, make = SCENES[name]
        context: BrowserContext = await browser.new_context(locale="nl-BE", reduced_motion="reduce", **options)
        page = await context.new_page()
        await make(Stage(page, url, conversations, database))
        await page.mouse.move(0, 0)
        await page.wait_for_timeout(300)
        await page.screenshot(path=OUT / f"widget-{name}.png")
        await context.close()
        print(f"docs/beelden/widget-{name}.png")


async def main(names: list[str]) -> None:
    """Takes the pictures that are named, all of them without a name."""
    unknown = [name for name in names if name not in SCENES]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if unknown or chromium is None:
        sys.exit(f"no such picture: {', '.join(unknown)}" if unknown else "no Chromium: apt-get install chromium")
    OUT.mkdir(parents=True, exist_ok=True)
    configure_logs("error")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as var:
        # The browser first: Rasa brings another kind of event loop, which starts no programs.
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            async with _server(Path(var)) as (url, conversations, database):
                await _take(browser, names or list(SCENES), url, conversations, database)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
