"""For everyone: keyboard alone, screen readers, small screens, large text, dark colours, less movement, other sites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, expect
from support.axe import violations
from support.browser import Chat, ChatServer
from support.keyboard import Keyboard
from support.rasa_server import RasaServer

CSP = "default-src 'none'; script-src {url}; connect-src {url}; base-uri 'none'; require-trusted-types-for 'script'"


@pytest.mark.parametrize("path", ["/", "/privacy", "/contact", "/widget", "/voorbeeld/knop", "/gesprek"])
async def test_axe_finds_nothing_wrong_with_the_pages(chat: Chat, server: ChatServer, path: str) -> None:
    await chat.page.goto(server.url + path)
    await chat.page.get_by_role("heading", level=1).wait_for()
    assert await violations(chat.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_in_any_state(
    browser: Browser, server: ChatServer, rasa: RasaServer, scheme: Any
) -> None:
    context = await browser.new_context(locale="nl-BE", color_scheme=scheme, reduced_motion="reduce")
    chat = await Chat(await context.new_page()).open(server.url)
    assert await violations(chat.page) == []
    await chat.page.get_by_role("button", name="Ik zoek een cursus").click()
    await chat.sees("Je koos Ik zoek een cursus")
    await chat.say("lassen")
    await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
    await chat.say("kost het?")
    await chat.sees("nagekeken op")
    assert await violations(chat.page) == []
    await chat.say("a" * 3001)
    await expect(chat.error).to_contain_text("te lang")
    assert await violations(chat.page) == []
    await chat.input.fill("")
    rasa.delay = 3.0
    try:
        await chat.say("even denken")
        await expect(chat.page.locator("leerwijzer-chat .typing")).not_to_be_empty()
        assert await violations(chat.page) == []
    finally:
        rasa.delay = 0.0
    await context.set_offline(True)
    await chat.say("onderweg")
    await expect(chat.page.locator("leerwijzer-chat .pending")).to_have_count(1)
    assert await violations(chat.page) == []
    await context.close()


async def test_all_of_it_with_the_keyboard_alone(chat: Chat) -> None:
    page = chat.page
    keys = Keyboard(page)

    await page.keyboard.press("Tab")
    assert await keys.focused() == "Naar het gesprek"
    await page.keyboard.press("Enter")
    await keys.tab_to("Gesprek")
    await keys.tab_to("Ik zoek een cursus")
    await page.keyboard.press("Enter")
    await chat.sees("Je koos Ik zoek een cursus")
    assert (await keys.focused()).startswith("Ik zoek een cursus")  # the focus stays where it was put
    for stop in ("Wat kost een cursus?", "Ik wil een mens spreken"):
        await page.keyboard.press("Tab")
        assert await keys.focused() == stop
    for stop in ("Eenvoudiger", "Lees dit antwoord voor", "Goed antwoord", "Geen goed antwoord"):
        await page.keyboard.press("Tab")
        assert await keys.focused() == stop
    await page.keyboard.press("Tab")
    await expect(chat.input).to_be_focused()
    await page.keyboard.type("lassen")
    await page.keyboard.press("Enter")
    await page.get_by_role("article", name="Lassen: basis").wait_for()
    await expect(chat.input).to_be_focused()
    await keys.tab_to("Details", "Shift+Tab")
    await page.keyboard.press("Space")
    await chat.sees("Je koos Details")
    outline = await page.evaluate(
        "() => getComputedStyle(document.querySelector('leerwijzer-chat').shadowRoot.activeElement).outlineStyle"
    )
    assert outline == "solid"


AT_REST = """async (log) => {
    for (let before = NaN; before !== log.scrollTop; ) {
        before = log.scrollTop;
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
}"""
"""While it still moves by itself, a browser may leave out a key."""


async def test_the_transcript_scrolls_with_the_keyboard(chat: Chat) -> None:
    await chat.say("lang")
    await chat.sees("Alinea 8")
    await chat.log.focus()
    await chat.log.evaluate(AT_REST)
    await chat.page.keyboard.press("End")
    await expect(chat.log.get_by_text("Alinea 8")).to_be_in_viewport()
    await chat.log.evaluate(AT_REST)
    await chat.page.keyboard.press("Home")
    await expect(chat.log.get_by_text("Ik ben geen mens")).to_be_in_viewport()


async def test_new_messages_are_announced_whole_and_once(chat: Chat) -> None:
    await chat.page.evaluate(
        """() => {
            const root = document.querySelector("leerwijzer-chat").shadowRoot;
            window.spoken = [];
            new MutationObserver((changes) => {
                const added = changes.flatMap((change) => [...change.addedNodes]);
                window.spoken.push(...added.map((node) => node.textContent));
            }).observe(root.querySelector("[aria-live=polite].unseen"), { childList: true });
        }"""
    )
    await chat.say("lassen")
    await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
    first, second = await chat.page.evaluate("() => window.spoken")
    assert first == "Leerwijzer, digitale assistent: Ik vond 2 cursussen lassen in de buurt van Gent."
    assert "Lassen: basis, Voorbeeldcentrum De Kade, Gent, voorbeeldaanbod, Start: 2 februari 2027" in second
    assert second.endswith("Keuzes: Meer cursussen, Enkel overdag.")
    await expect(chat.log).to_have_attribute("aria-live", "off")  # the announcer speaks, so that nothing is said twice


async def test_the_transcript_reads_as_a_conversation(chat: Chat) -> None:
    await chat.say("keuzes")
    await chat.sees("Wanneer past het je?")
    await expect(chat.page.get_by_role("region", name="Leerwijzer")).to_be_visible()
    await expect(chat.log).to_match_aria_snapshot(
        """
        - log "Gesprek":
          - paragraph: /Leerwijzer, digitale assistent/
          - paragraph: /Dag!/
          - paragraph: /Ik zoek cursussen/
          - group "Kies een antwoord, of typ zelf":
            - button "Ik zoek een cursus"
            - button "Wat kost een cursus?"
            - button "Ik wil een mens spreken"
          - paragraph: /Jij/
          - paragraph: keuzes
          - paragraph: /Leerwijzer, digitale assistent/
          - paragraph: Wanneer past het je?
          - group "Kies een antwoord, of typ zelf":
            - button "Overdag"
            - button "'s Avonds"
        """
    )


@pytest.mark.parametrize(("width", "height"), [(320, 568), (320, 256), (390, 844), (844, 390)])
async def test_a_small_screen_needs_no_sideways_scrolling(
    browser: Browser, server: ChatServer, width: int, height: int
) -> None:
    context = await browser.new_context(locale="nl-BE", viewport={"width": width, "height": height})
    chat = await Chat(await context.new_page()).open(server.url)
    await chat.say("lassen")
    await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
    await chat.say("een_heel_lang_woord_" * 12 + " https://voorbeeld.example/" + "pad" * 60)
    await chat.sees("Je schreef: een_heel")
    beyond = "(element) => element.scrollWidth - element.clientWidth"
    assert await chat.page.locator("html").evaluate(beyond) == 0
    assert await chat.log.evaluate(beyond) == 0
    await context.close()


async def test_text_of_twice_the_size_fits(chat: Chat) -> None:
    await chat.page.set_viewport_size({"width": 640, "height": 900})
    await chat.page.evaluate("() => document.documentElement.style.setProperty('font-size', '200%')")
    await chat.say("lassen")
    await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
    assert await chat.page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    await expect(chat.page.get_by_role("button", name="Stuur")).to_be_visible()
    size = await chat.page.evaluate(
        "() => getComputedStyle(document.querySelector('leerwijzer-chat').shadowRoot.querySelector('.bubble')).fontSize"
    )
    assert size == "32px"


async def test_what_is_pressed_is_large_enough(chat: Chat) -> None:
    await chat.say("lassen")
    await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
    for button in await chat.page.get_by_role("button").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44


async def test_less_movement_on_request(browser: Browser, server: ChatServer, rasa: RasaServer) -> None:
    context = await browser.new_context(locale="nl-BE", reduced_motion="reduce")
    chat = await Chat(await context.new_page()).open(server.url)
    rasa.delay = 2.0
    try:
        await chat.say("even denken")
        dot = chat.page.locator("leerwijzer-chat .dots i").first
        assert await dot.evaluate("(dot) => getComputedStyle(dot).animationName") == "none"
    finally:
        rasa.delay = 0.0
    await context.close()


class Host(BaseHTTPRequestHandler):
    """A page of another site that carries the widget, under the strictest policy that works."""

    def __init__(self, *arguments: Any, widget: str, **more: Any) -> None:
        self.widget = widget
        super().__init__(*arguments, **more)

    def do_GET(self) -> None:
        body = f"""<!doctype html><html lang="nl"><title>Een andere site</title><main><h1>Welkom</h1>
            <script src="{self.widget}/widget.js" defer data-entry="partner"></script>
            <noscript><a href="tel:1700">Bel ons</a></noscript></main></html>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", CSP.format(url=self.widget))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
async def partner(server: ChatServer) -> AsyncIterator[str]:
    """The address of another site, that the settings allow."""
    site = ThreadingHTTPServer(("127.0.0.1", server.partner_port), partial(Host, widget=server.url))
    Thread(target=site.serve_forever, daemon=True).start()
    yield server.partner
    site.shutdown()
    site.server_close()


async def test_on_another_site_a_button_opens_a_panel(context: BrowserContext, partner: str) -> None:
    page = await context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    chat = Chat(page)
    await page.goto(partner)
    launcher = page.get_by_role("button", name="Stel je vraag")
    await expect(launcher).to_have_attribute("aria-expanded", "false")
    assert await violations(page) == []
    assert not any("/web/" in url for url in requests)  # nothing is asked, nothing kept, before it is opened
    assert await page.evaluate("() => localStorage.length") == 0

    await launcher.focus()
    await page.keyboard.press("Enter")
    await expect(chat.input).to_be_focused()
    await chat.sees("Ik ben geen mens")
    assert await violations(page) == []
    await chat.say("van een andere site")
    await chat.sees("Je schreef: van een andere site")

    await page.keyboard.press("Escape")
    await expect(chat.log).to_be_hidden()
    await expect(launcher).to_be_focused()
    await expect(launcher).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Sluit het gesprek").click()
    await expect(launcher).to_be_focused()
    await launcher.click()
    await chat.sees("Je schreef: van een andere site")
    assert chat.faults == []


async def test_the_panel_fills_a_phone(browser: Browser, partner: str) -> None:
    context = await browser.new_context(locale="nl-BE", viewport={"width": 390, "height": 700})
    chat = Chat(await context.new_page())
    await chat.page.goto(partner)
    await chat.page.get_by_role("button", name="Stel je vraag").click()
    await chat.sees("Ik ben geen mens")
    assert await chat.page.get_by_role("dialog", name="Leerwijzer").bounding_box() == {
        "x": 0, "y": 0, "width": 390, "height": 700,
    }  # fmt: skip
    await expect(chat.input).to_be_focused()
    for key in ("Tab", "Shift+Tab"):  # the keyboard stays in what can be seen
        for _ in range(20):
            await chat.page.keyboard.press(key)
            assert await chat.page.evaluate("() => document.activeElement.localName") == "leerwijzer-chat"
    assert await violations(chat.page) == []
    await context.close()


async def test_the_style_of_the_site_does_not_leak_in_and_its_theme_does(context: BrowserContext, partner: str) -> None:
    page = await context.new_page()
    await page.goto(partner)
    await page.get_by_role("button", name="Stel je vraag").click()
    read = """() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("button { background: red !important; } leerwijzer-chat { --leerwijzer-accent: #402080; }");
        document.adoptedStyleSheets = [sheet];
        const send = document.querySelector("leerwijzer-chat").shadowRoot.querySelector(".send");
        return getComputedStyle(send).backgroundColor;
    }"""
    assert await page.evaluate(read) == "rgb(64, 32, 128)"


async def test_a_site_that_is_not_allowed_gets_nothing(context: BrowserContext, server: ChatServer) -> None:
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, widget=server.url))
    Thread(target=site.serve_forever, daemon=True).start()
    try:
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{site.server_port}")
        await page.get_by_role("button", name="Stel je vraag").click()
        await expect(page.get_by_role("link", name="Of neem contact op")).to_be_visible()  # not a dead end
        answer = await page.evaluate(
            "(url) => fetch(url + '/web/session', { method: 'POST' }).then(() => 'answer', () => 'refused')", server.url
        )
        assert answer == "refused"
    finally:
        site.shutdown()
        site.server_close()
