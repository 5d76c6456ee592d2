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
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bot.assistant.factory import make_assistant
from bot.conversation.message import Author
from bot.conversation.service import Conversation, Conversations
from bot.logs import configure_logs
from bot.places import Gazetteer
from bot.ready import prepare_database, train_if_needed
from bot.referral.consent import Way, load_consent
from bot.referral.desk import Desk
from bot.referral.directory import load_directory
from bot.referral.handling import Counsellor
from bot.referral.reception import Reception
from bot.referral.referrals import NewReferral, Referral, create
from bot.settings import ROOT, get_settings
from bot.storage.columns import utcnow
from bot.storage.counsellor_tables import counsellors
from bot.storage.database import Database
from bot.storage.referral_tables import referrals
from channels.app import create_app
from channels.server import EXAMPLES_NOTICE, opening

OUT = ROOT / "docs" / "beelden"
FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")
ORGANISATION = "leerwinkel-brussel"
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
    desk: Desk
    reception: Reception
    els: Counsellor

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
    made = await _talk(stage)
    await stage.desk.end_talk(made.reference, stage.els)
    await stage.page.get_by_text("Je praat nu weer met de digitale assistent").first.wait_for()
    await stage.page.wait_for_timeout(900)


async def _wait_for_counsellor(stage: Stage) -> Referral:
    """The person asked to talk now, and waits."""
    await stage.open("/gesprek")
    await stage.ask("dank je wel")
    conversation = await stage.conversation()
    asked = NewReferral(
        conversation_id=conversation.id, message_key=f"{conversation.id}:picture", organisation=ORGANISATION, way=Way.CHAT,
        contact="", summary="Vraag: hulp bij het kiezen", with_transcript=True, consent_version="beeld",
        consent_text="Mag ik dit doorsturen?", channel="web",
    )  # fmt: skip
    promised = utcnow() + timedelta(minutes=10)

    def make(connection: sa.engine.Connection) -> Referral:
        made = create(connection, asked)
        connection.execute(sa.update(referrals).where(referrals.c.id == made.id).values(claim_by=promised))
        return made

    made = await stage.database.run(make)
    await stage.conversations.change(
        conversation.id, lambda change: stage.reception.answered(change, asked.message_key)
    )
    await stage.page.locator("leerwijzer-chat .live:not(:empty)").wait_for()
    await stage.page.wait_for_timeout(400)
    return made


async def _talk(stage: Stage) -> Referral:
    made = await _wait_for_counsellor(stage)
    hello = "Dag, ik ben Els van de Leerwinkel. Ik lees dat je wil leren lassen. Waarmee kan ik je helpen?"
    await stage.desk.say(made.reference, stage.els, hello, key="1")
    await stage.page.get_by_text("Dag, ik ben Els").first.wait_for()
    await stage.page.get_by_label("Jouw vraag of antwoord").fill("ik werk in ploegen, kan dat met avondles?")
    await stage.page.keyboard.press("Enter")
    await stage.page.locator("leerwijzer-chat .receipt").wait_for()
    await stage.desk.opened(made.reference, stage.els)
    stage.conversations.signs.types(made.conversation_id, Author.COUNSELLOR)
    await stage.page.wait_for_timeout(600)
    return made


@scene("offline", viewport=PHONE)
async def _offline(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.page.context.set_offline(True)
    await stage.page.get_by_label("Jouw vraag of antwoord").fill("ik zit op de trein")
    await stage.page.keyboard.press("Enter")
    await stage.page.get_by_role("button", name="Stuur opnieuw").wait_for()


@scene("overzicht", viewport={"width": 1000, "height": 1000})
async def _overview(stage: Stage) -> None:
    await stage.open("/gesprek")
    await stage.ask(SEARCH)
    keeps = stage.page.get_by_role("button", name="Bewaar", exact=True)
    for number in range(min(2, await keeps.count())):
        await keeps.nth(number).click()
        await stage.page.get_by_text("Bewaard:").nth(number).wait_for()
    await stage.page.get_by_role("button", name="Mijn overzicht").last.click()
    link = stage.page.locator("leerwijzer-chat .bubble a[href*='/overzicht/']")
    await link.wait_for()
    await stage.page.goto(stage.url + "/overzicht/" + str(await link.get_attribute("href")).rsplit("/", 1)[-1])


@scene("contact")
async def _contact(stage: Stage) -> None:
    await stage.page.goto(stage.url + "/contact")


@scene("sitebeheerder")
async def _owners(stage: Stage) -> None:
    await stage.page.goto(stage.url + "/widget")


@dataclass
class Behind:
    """What stands behind the pages."""

    url: str
    conversations: Conversations
    database: Database
    desk: Desk
    reception: Reception
    els: Counsellor


def _add_els(connection: sa.engine.Connection) -> Counsellor:
    row = {"name": "Els", "role": "counsellor", "organisation": ORGANISATION, "active": True, "demo": False}
    added = connection.execute(
        sa.insert(counsellors).values(
            email="els@voorbeeld.be", created_at=utcnow(), totp_confirmed=False, tries=0, **row
        )
    )
    return Counsellor(str(added.inserted_primary_key[0]), ORGANISATION, "Els")


@asynccontextmanager
async def _server(var: Path) -> AsyncIterator[Behind]:
    os.environ["LEERWIJZER_VAR_DIR"] = str(var)  # the actions read their settings themselves
    get_settings.cache_clear()
    settings = get_settings()
    train_if_needed(settings)
    prepare_database(settings)
    database = Database(settings.database)
    els = await database.run(_add_els)
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
        directory = load_directory(settings.data_dir / "referral", Gazetteer.load(settings.data_dir / "places"))
        consent = load_consent(settings.data_dir / "referral")
        desk = Desk(conversations, directory, consent, settings)
        reception = Reception(conversations, directory, settings)
        yield Behind(f"http://localhost:{port}", conversations, database, desk, reception, els)
    finally:
        server.should_exit = True
        await serving
        database.close()


async def _take(browser: Browser, names: list[str], behind: Behind) -> None:
    for name in names:
        options, make = SCENES[name]
        context: BrowserContext = await browser.new_context(locale="nl-BE", reduced_motion="reduce", **options)
        page = await context.new_page()
        await make(Stage(page, **vars(behind)))
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
            async with _server(Path(var)) as behind:
                await _take(browser, names or list(SCENES), behind)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
