"""Pictures of the counsellors' desk for the docs, with the people of the demo: `python -m scripts.desk_pictures`.

Chromium must be installed (Debian: `apt-get install chromium`). The pictures go to docs/beelden/.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from playwright.async_api import Browser, Page, async_playwright

from bot.counsellors.demo import load_demo
from bot.settings import ROOT
from bot.storage.tables import conversations
from scripts.bench import talks
from scripts.bench.__main__ import free_port

OUT = Path(ROOT) / "docs" / "beelden"
FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")
SUMMARY = "Vraag: hulp bij het kiezen\nZoekt: lassen, 's avonds\nPlaats: Gent\nSituatie: werkzoekend\nLeeftijd: 34 jaar"


async def visitor(browser: Browser, desk: talks.Desk, organisation: str) -> tuple[Page, str]:
    """Somebody who waits, and the reference."""
    page = await (await browser.new_context(locale="nl-BE")).new_page()
    with desk.database.read() as connection:
        known = {row.id for row in connection.execute(sa.select(conversations.c.id))}
    await page.goto(desk.url)
    await page.fill("leerwijzer-chat textarea", "Ik wil lassen leren, maar ik weet niet of dat iets voor mij is")
    await page.press("leerwijzer-chat textarea", "Enter")
    await page.get_by_text("Ik haal er iemand bij.").first.wait_for()
    with desk.database.begin() as connection:
        (mine,) = {row.id for row in connection.execute(sa.select(conversations.c.id))} - known
        reference = talks.wait_for_counsellor(connection, mine, organisation, SUMMARY)
    return page, reference


async def say(page: Page, box: str, text: str, other: Page, seen: str) -> None:
    """Writes a line and waits until the other side has it."""
    await page.fill(box, text)
    await page.press(box, "Enter")
    await other.locator(seen, has_text=text).first.wait_for()


async def take(browser: Browser, desk: talks.Desk) -> None:
    """All of them."""
    demo = load_demo(Path(ROOT) / "data" / "referral")
    email, password = demo.sign_in_details()[0].split(" / ")
    context = await browser.new_context(locale="nl-BE", viewport={"width": 1360, "height": 860})
    page = await context.new_page()
    await page.goto(f"{desk.url}/desk/aanmelden")
    await page.screenshot(path=OUT / "balie-aanmelden.png")
    await page.fill("#email", email)
    await page.fill("#password", password)
    await page.press("#password", "Enter")
    await page.wait_for_selector("#list a")
    citizen, reference = await visitor(browser, desk, demo.organisation.id)
    await page.goto(f"{desk.url}/desk/r/{reference}")
    box, lines = "leerwijzer-chat textarea", "leerwijzer-chat .line"
    await say(page, "#text", "Dag! Ik ben Amira. Ik las dat je twijfelt over lassen.", citizen, lines)
    await say(citizen, box, "Ja. Ik heb nog nooit met metaal gewerkt.", page, "#lines .said")
    await say(
        page, "#text", "Dat hoeft ook niet. Je kan eerst een dag komen proeven. Zullen we samen kijken?", citizen, lines
    )
    await say(citizen, box, "Dat zou ik graag doen!", page, "#lines .said")
    await page.fill("#note", "Wil eerst proeven. Past op woensdag.")
    await page.click("#notes button")
    await page.wait_for_timeout(600)
    await page.screenshot(path=OUT / "balie.png")
    await page.goto(f"{desk.url}/desk/beheer")
    await page.wait_for_timeout(300)
    await page.screenshot(path=OUT / "balie-beheer.png")
    state = await context.storage_state()
    phone = await browser.new_context(locale="nl-BE", viewport={"width": 390, "height": 780}, storage_state=state)
    small = await phone.new_page()
    await small.goto(f"{desk.url}/desk")
    await small.wait_for_timeout(400)
    await small.screenshot(path=OUT / "balie-telefoon-lijst.png")
    await small.goto(f"{desk.url}/desk/r/{reference}")
    await small.wait_for_timeout(600)
    await small.screenshot(path=OUT / "balie-telefoon.png")


async def main() -> None:
    """Starts what is needed and takes them."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium ontbreekt (Debian: apt-get install chromium).")
    with tempfile.TemporaryDirectory() as var, talks.running(Path(var), free_port(), demo=True) as desk:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            await take(browser, desk)
            await browser.close()
    print(f"De beelden staan in {OUT.relative_to(ROOT)}.")


if __name__ == "__main__":
    asyncio.run(main())
