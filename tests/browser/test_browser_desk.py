"""The desk in a real Chromium: live talks, keyboard alone, screen readers, small screens, a broken connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from browser.test_browser_access import violations
from playwright.async_api import Browser, BrowserContext, Page, expect
from support.browser import free_port

from bot.counsellors import accounts, replies
from bot.counsellors.model import Role
from scripts.bench import talks
from scripts.bench.desk_pages import person, sign_in
from scripts.bench.desk_pages import talks as begin_talks
from scripts.bench.talks import Desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The application in a process of its own, with one counsellor."""
    with talks.running(tmp_path_factory.mktemp("desk-browser"), free_port()) as running:
        with running.database.begin() as connection:
            made = accounts.add(connection, "els@desk.example", "Els Maes", Role.ADMINISTRATOR, talks.ORGANISATION)
            accounts.set_password(connection, made.id, talks.passwords.hash_now(talks.PASSWORD))
            replies.put(connection, talks.ORGANISATION, "Begroeting", "Dag, ik ben Els.")
        yield running


@pytest.fixture
async def els(browser: Browser, desk: Desk) -> AsyncIterator[Page]:
    """Els, at the list. No error may appear in her console, except of requests that fail."""
    page = await sign_in(browser, desk, "els@desk.example")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    await page.context.close()
    unreachable = ("Failed to load", "net::ERR", "htmx:sendError", "htmx:afterRequest")  # what a lost connection gives
    assert [fault for fault in faults if not any(words in fault for words in unreachable)] == []


async def test_two_counsellors_and_three_people_at_once(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with talks.running(tmp_path_factory.mktemp("talks"), free_port()) as running:
        found = await begin_talks(browser, running, 4)
        for talk in found:
            on_desk, on_page = await talk.shown()
            assert on_desk == talk.expected(4)
            assert on_page == talk.expected(4)
        for talk in found:
            await talk.citizen.context.close()
            await talk.desk.context.close()


async def test_a_talk_from_list_to_end(browser: Browser, desk: Desk, els: Page) -> None:
    citizen, reference = await person(browser, desk)
    row = els.locator(f"#list a[data-reference='{reference}']")
    await expect(row).to_contain_text("wacht in het gesprek", timeout=15_000)  # by itself
    await expect(els.locator("#news")).to_contain_text("nieuwe doorverwijzing")
    await row.click()
    log = els.get_by_role("log", name="Gesprek")
    await expect(log).to_contain_text("Kan ik iemand spreken?")
    await els.get_by_text("Standaardantwoorden").click()
    await els.get_by_role("button", name="Begroeting").click()
    await expect(els.locator("#text")).to_have_value("Dag, ik ben Els.")
    await els.get_by_role("button", name="Stuur").click()
    await expect(els.locator(".state.live").first).to_be_visible()
    await expect(log.get_by_text("Dag, ik ben Els.")).to_have_count(1)
    await expect(log.locator(".counsellor .delivery")).to_have_text("gelezen")
    await expect(citizen.get_by_role("log")).to_contain_text("Dag, ik ben Els.")
    await citizen.locator("leerwijzer-chat textarea").press_sequentially("hallo", delay=20)
    await expect(els.locator("#typing")).to_contain_text("aan het typen")
    await els.locator("#text").fill("wat ik nog schrijf, blijft staan")
    await citizen.locator("leerwijzer-chat textarea").press("Enter")
    await expect(log.get_by_text("hallo", exact=True)).to_be_visible()
    await expect(citizen.locator("leerwijzer-chat .receipt")).to_have_text("gelezen")
    await els.get_by_role("button", name="Einde gesprek").click()
    await expect(els.get_by_role("button", name="Einde gesprek")).to_have_count(0)
    await expect(els.locator("#text")).to_have_value("wat ik nog schrijf, blijft staan")
    await expect(citizen.get_by_role("log")).to_contain_text("Je praat nu weer met de digitale assistent")
    await els.get_by_text("Sluit af").click()
    await els.get_by_label("bereikt en geholpen").check()
    await els.get_by_role("button", name="Afsluiten").click()
    await expect(els.locator("#composer")).to_contain_text("Schrijven kan niet meer")
    await citizen.context.close()


async def test_what_cannot_be_sent_stays_and_is_said_once(browser: Browser, desk: Desk, els: Page) -> None:
    citizen, reference = await person(browser, desk)
    await els.goto(f"{desk.url}/desk/r/{reference}")
    await els.context.set_offline(True)
    await els.fill("#text", "onderweg")
    await els.press("#text", "Enter")
    await expect(els.locator(".unsent")).to_contain_text("geen verbinding")
    await els.context.set_offline(False)
    await els.get_by_role("button", name="Opnieuw").click()
    await expect(els.locator(".unsent")).to_have_count(0)
    await expect(els.get_by_role("log").get_by_text("onderweg")).to_have_count(1)
    await expect(citizen.locator("leerwijzer-chat .line", has_text="onderweg")).to_have_count(1)
    await citizen.context.close()


HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


async def test_nothing_counts_as_read_on_a_page_that_nobody_looks_at(browser: Browser, desk: Desk, els: Page) -> None:
    citizen, reference = await person(browser, desk)
    await els.goto(f"{desk.url}/desk/r/{reference}")
    await els.fill("#text", "Dag!")
    await els.press("#text", "Enter")
    received = els.locator(".counsellor .delivery").last
    await expect(received).to_have_text("gelezen")
    for page in (citizen, els):
        await page.evaluate(HIDE, True)
    await els.fill("#text", "Ben je er nog?")
    await els.press("#text", "Enter")
    await expect(els.locator(".said.counsellor:not(.unsent)")).to_have_count(2)
    await expect(received).to_have_text("aangekomen")
    await citizen.fill("leerwijzer-chat textarea", "ja hoor")
    await citizen.press("leerwijzer-chat textarea", "Enter")
    await expect(els.get_by_role("log")).to_contain_text("ja hoor")
    receipt = citizen.locator("leerwijzer-chat .receipt")
    await expect(receipt).to_have_text("afgeleverd")
    await expect(els.locator(f"#list a[data-reference='{reference}'] .unread")).to_contain_text("1")
    await citizen.evaluate(HIDE, False)
    await expect(received).to_have_text("gelezen")
    await expect(receipt).to_have_text("afgeleverd")
    await els.evaluate(HIDE, False)
    await expect(receipt).to_have_text("gelezen")
    await citizen.context.close()


async def test_with_the_keyboard_alone(browser: Browser, desk: Desk, els: Page) -> None:
    citizen, reference = await person(browser, desk)
    await els.goto(f"{desk.url}/desk")
    await els.keyboard.press("Tab")
    await expect(els.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    await els.keyboard.press("Enter")

    async def tab_to(selector: str) -> None:
        for _ in range(60):
            await els.keyboard.press("Tab")
            if await els.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
                return
        raise AssertionError(f"no focus on {selector}")

    await tab_to(f"a[data-reference='{reference}']")
    await els.keyboard.press("Enter")
    await els.wait_for_url(f"**/{reference}")
    await tab_to("#stand button")
    await els.keyboard.press("Enter")
    await expect(els.locator("#stand .state.claimed")).to_be_visible()
    await tab_to("#text")
    await els.keyboard.type("met het toetsenbord")
    await els.keyboard.press("Shift+Enter")
    await els.keyboard.type("en nog een regel")
    await els.keyboard.press("Enter")
    await expect(els.get_by_role("log").get_by_text("met het toetsenbord")).to_have_count(1)
    await expect(els.locator("#text")).to_be_focused()
    await els.locator(".menu summary").first.focus()
    await els.keyboard.press("Enter")
    await els.keyboard.press("Escape")
    await expect(els.locator(".menu[open]")).to_have_count(0)
    await citizen.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong(browser: Browser, desk: Desk, els: Page, scheme: str) -> None:
    citizen, reference = await person(browser, desk)
    await els.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in (
        "",
        "?afgesloten=1",
        "/account",
        "/tweestap",
        f"/beheer/{talks.ORGANISATION}",
        f"/r/{reference}",
        "/r/LW-222222",
    ):
        await els.goto(f"{desk.url}/desk{path}")
        assert await violations(els) == [], path
    await els.goto(f"{desk.url}/desk/r/{reference}")
    await els.fill("#text", "Dag!")
    await els.press("#text", "Enter")
    await els.get_by_text("Sluit af").click()
    assert await violations(els) == []
    empty: BrowserContext = await browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = await empty.new_page()
    await page.goto(f"{desk.url}/desk/aanmelden")
    assert await violations(page) == []
    await page.fill("#email", "els@desk.example")
    await page.fill("#password", "fout wachtwoord")
    await page.press("#password", "Enter")
    await expect(page.get_by_role("alert")).to_contain_text("klopt niet")
    assert await violations(page) == []
    await empty.close()
    await citizen.context.close()


@pytest.mark.parametrize("width", [320, 390])
async def test_a_phone_needs_no_sideways_scrolling(browser: Browser, desk: Desk, els: Page, width: int) -> None:
    citizen, reference = await person(browser, desk)
    await els.set_viewport_size({"width": width, "height": 700})
    for path in ("", f"/r/{reference}", "/account", f"/beheer/{talks.ORGANISATION}"):
        await els.goto(f"{desk.url}/desk{path}")
        assert await els.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
    await els.goto(f"{desk.url}/desk/r/{reference}")
    await expect(els.locator("#text")).to_be_in_viewport()
    await expect(els.get_by_role("log").get_by_text("Ik haal er iemand bij.")).to_be_in_viewport()
    await citizen.context.close()


async def test_without_javascript_the_forms_work(browser: Browser, desk: Desk) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{desk.url}/desk/aanmelden")
    await page.fill("#email", "els@desk.example")
    await page.fill("#password", talks.PASSWORD)
    await page.click("button:has-text('Aanmelden')")
    citizen, reference = await person(browser, desk)
    await page.goto(f"{desk.url}/desk/r/{reference}")
    await page.fill("#text", "zonder script")
    await page.click("button:has-text('Stuur')")
    await expect(page.locator("#lines").get_by_text("zonder script")).to_be_visible()
    await context.close()
    await citizen.context.close()
