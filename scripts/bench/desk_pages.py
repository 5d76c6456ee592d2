"""Two counsellors and three people at once, each in a Chromium page: what everybody saw, and how long it took."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

import sqlalchemy as sa
from playwright.async_api import Browser, Page

from bot.storage.tables import conversations
from scripts.bench.talks import PASSWORD, Desk, counsellors, wait_for_counsellor

TOKEN = re.compile(r"\b[ab]-\d+-\d+\b")
_WATCH = """() => {
    window.seen = {};
    const look = (node) => {
        for (const [token] of (node.textContent ?? "").matchAll(/\\b[ab]-\\d+-\\d+\\b/g)) window.seen[token] ??= Date.now();
    };
    const watch = (root) => new MutationObserver((changes) => {
        for (const change of changes) for (const node of change.addedNodes) look(node);
    }).observe(root, { childList: true, subtree: true, characterData: true });
    watch(document.body);
    const widget = document.querySelector("leerwijzer-chat");
    if (widget?.shadowRoot) watch(widget.shadowRoot);
}"""


@dataclass
class Talk:
    """One person and the page of the counsellor who talks with them."""

    number: int
    citizen: Page
    desk: Page
    written: dict[str, float] = field(default_factory=dict)
    """When each line was sent, by its token (ms since 1970)."""
    delays: dict[str, list[float]] = field(default_factory=lambda: {"to the desk": [], "to the person": []})
    """Milliseconds from Enter on one page to the line on the other."""

    async def write(self, page: Page, box: str, token: str) -> None:
        """Types a line and presses Enter."""
        await page.fill(box, f"bericht {token}")
        self.written[token] = await page.evaluate("() => Date.now()")
        await page.press(box, "Enter")

    async def arrives(self, page: Page, token: str, which: str) -> None:
        """Waits until a line stands on the other page."""
        await page.wait_for_function("(token) => window.seen[token]", arg=token, timeout=20_000)
        at = await page.evaluate("(token) => window.seen[token]", token)
        self.delays[which].append(at - self.written[token])

    async def talk(self, lines: int) -> None:
        """The person and the counsellor write in turn."""
        for line in range(lines):
            said, answer = f"b-{self.number}-{line}", f"a-{self.number}-{line}"
            await self.write(self.citizen, "leerwijzer-chat textarea", said)
            await self.arrives(self.desk, said, "to the desk")
            await self.write(self.desk, "#text", answer)
            await self.arrives(self.citizen, answer, "to the person")

    async def shown(self) -> tuple[list[str], list[str]]:
        """The tokens on the desk's page and on the person's, in order."""
        on_desk = await self.desk.locator("#lines .said").all_inner_texts()
        on_page = await self.citizen.locator("leerwijzer-chat .line").all_inner_texts()
        return tuple([token for text in texts for token in TOKEN.findall(text)] for texts in (on_desk, on_page))  # type: ignore[return-value]

    def expected(self, lines: int) -> list[str]:
        """What both must show."""
        return [f"{side}-{self.number}-{line}" for line in range(lines) for side in ("b", "a")]


async def sign_in(browser: Browser, desk: Desk, email: str) -> Page:
    """A counsellor's page, on the list."""
    context = await browser.new_context(locale="nl-BE", viewport={"width": 1360, "height": 860})
    page = await context.new_page()
    await page.goto(f"{desk.url}/desk/aanmelden")
    await page.fill("#email", email)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_selector("#list")
    return page


async def person(browser: Browser, desk: Desk) -> tuple[Page, str]:
    """A person's page after a first line, and the reference of their referral."""
    context = await browser.new_context(locale="nl-BE")
    page = await context.new_page()
    known = _conversations(desk)
    await page.goto(desk.url)
    await page.fill("leerwijzer-chat textarea", "Kan ik iemand spreken?")
    await page.press("leerwijzer-chat textarea", "Enter")
    await page.get_by_text("Ik haal er iemand bij.").first.wait_for()
    (mine,) = _conversations(desk) - known
    with desk.database.begin() as connection:
        reference = wait_for_counsellor(connection, mine)
    return page, reference


def _conversations(desk: Desk) -> set[str]:
    with desk.database.read() as connection:
        return {row.id for row in connection.execute(sa.select(conversations.c.id))}


async def talks(browser: Browser, desk: Desk, lines: int) -> list[Talk]:
    """Three talks at once: the first counsellor has one, the second has two, each in a tab."""
    addresses = counsellors(desk, ["An Peeters", "Bo Claes"])
    lists = [await sign_in(browser, desk, address) for address in addresses]
    found = []
    for number in range(3):
        citizen, reference = await person(browser, desk)
        owner = lists[0 if number == 0 else 1]
        await owner.wait_for_selector(f"#list a[data-reference='{reference}']")  # it appears by itself
        page = await owner.context.new_page()
        await page.goto(f"{desk.url}/desk/r/{reference}")
        await page.click("text=Neem op")
        await page.locator("#stand .state.claimed").wait_for()
        for one in (citizen, page):
            await one.evaluate(_WATCH)
        found.append(Talk(number, citizen, page))
    await asyncio.gather(*(talk.talk(lines) for talk in found))
    return found
