"""The widget on other sites and in every mode: one line, the strictest policies, several on a page, pinned versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from support.axe import violations
from support.browser import Chat, ChatServer

from channels.web.bundle import Versions, packed


class Host(BaseHTTPRequestHandler):
    """A page of another site, under a policy."""

    def __init__(self, *arguments: Any, body: str, policy: str, **more: Any) -> None:
        self.body, self.policy = body, policy
        super().__init__(*arguments, **more)

    def do_GET(self) -> None:
        page = f'<!doctype html><html lang="nl"><title>Een site</title><main><h1>Welkom</h1>{self.body}</main></html>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@contextmanager
def site(server: ChatServer, body: str, policy: str = "") -> Iterator[str]:
    """The address of the allowed site, with this page on it."""
    policy = policy or f"default-src 'none'; script-src {server.url}; connect-src {server.url}"
    handler = partial(Host, body=body, policy=policy)
    http = ThreadingHTTPServer(("127.0.0.1", server.partner_port), handler)
    Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield server.partner
    finally:
        http.shutdown()
        http.server_close()


def pinned(server: ChatServer) -> tuple[str, str]:
    """The address and the integrity hash that the page for owners gives."""
    page = httpx.get(f"{server.url}/widget", trust_env=False).text.replace("&#43;", "+")
    address, integrity = re.search(r"(/widget/[^&]+\.js)", page), re.search(r"sha384-[A-Za-z0-9+/=]+", page)
    assert address is not None
    assert integrity is not None
    return server.url + address[1], integrity[0]


def earlier(server: ChatServer) -> tuple[str, str]:
    """The address and the integrity hash of a version of before, which the server keeps."""
    script = httpx.get(f"{server.url}/widget.js", trust_env=False).content + b"// een versie van voordien\n"
    made = packed(script, "0.0.1")
    Versions(made, server.var / "widget").keep()
    return f"{server.url}/widget/{made.name}.js", made.integrity


async def opened(page: Page, url: str) -> Chat:
    """The chat behind the launcher of a page."""
    chat = Chat(page)
    await page.goto(url)
    await page.get_by_role("button", name="Stel je vraag").click()
    await chat.sees("Ik ben geen mens")
    return chat


async def test_under_the_strictest_policy_that_works(context: BrowserContext, server: ChatServer) -> None:
    """One file by its hash, one host to talk to: no other script, style, image, frame, form or markup."""
    address, integrity = pinned(server)
    policy = (
        f"default-src 'none'; script-src '{integrity}'; connect-src {server.url}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; sandbox allow-scripts "
        "allow-same-origin allow-popups allow-modals allow-downloads allow-forms"
    )
    tag = f'<script src="{address}" defer crossorigin="anonymous" integrity="{integrity}"></script>'
    with site(server, tag, policy) as url:
        chat = await opened(await context.new_page(), url)
        await chat.say("lassen")
        await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
        await chat.page.get_by_role("button", name="Opties").click()
        await chat.page.get_by_role("button", name="Grootst").click()
        assert chat.faults == []


async def test_a_file_that_was_tampered_with_is_not_run(context: BrowserContext, server: ChatServer) -> None:
    address, integrity = pinned(server)
    tag = f'<script src="{address}" defer crossorigin="anonymous" integrity="{integrity[:-8]}AAAAAAA="></script>'
    with site(server, tag) as url:
        page = await context.new_page()
        await page.goto(url)
        await page.wait_for_timeout(500)
        await expect(page.get_by_role("button")).to_have_count(0)


async def test_a_page_that_pinned_a_version_of_before_goes_on_when_the_server_is_renewed(
    context: BrowserContext, server: ChatServer
) -> None:
    address, integrity = earlier(server)
    tag = f'<script src="{address}" defer crossorigin="anonymous" integrity="{integrity}"></script>'
    with site(server, tag) as url:
        chat = await opened(await context.new_page(), url)
        await chat.say("lassen")
        await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
        server.stop()
        server.start()
        await chat.say("hoort u mij nog?")
        await chat.sees("hoort u mij nog?", times=2)  # and the answer, which repeats it
        said = await chat.bubbles()
        again = await opened(chat.page, url)
        await again.sees("hoort u mij nog?", times=2)
        assert await again.bubbles() == said


async def test_several_on_one_page_share_a_conversation_or_have_their_own(
    context: BrowserContext, server: ChatServer
) -> None:
    body = (
        f'<script src="{server.url}/widget.js" defer></script><leerwijzer-chat mode="inline"></leerwijzer-chat>'
        '<leerwijzer-chat mode="inline"></leerwijzer-chat><leerwijzer-chat mode="inline" name="ander"></leerwijzer-chat>'
    )
    with site(server, body) as url:
        page = await context.new_page()
        streams: list[str] = []
        page.on("request", lambda request: streams.append(request.url) if request.url.endswith("/events") else None)
        await page.goto(url)
        widgets = page.locator("leerwijzer-chat")
        for number in range(3):
            await widgets.nth(number).get_by_role("log").get_by_text("Ik ben geen mens").wait_for()
        await widgets.nth(0).get_by_role("textbox").fill("samen")
        await page.keyboard.press("Enter")
        for number in (0, 1):
            await widgets.nth(number).get_by_role("log").get_by_text("Je schreef: samen").wait_for()
            assert await widgets.nth(number).locator(".line").count() == 3
        await expect(widgets.nth(2).locator(".line")).to_have_count(1)
        assert len(streams) == 2  # one for each conversation


async def test_a_link_opens_it_from_the_page_and_from_elsewhere(context: BrowserContext, server: ChatServer) -> None:
    body = f'<script src="{server.url}/widget.js" defer></script><a href="#leerwijzer">Vragen?</a>'
    with site(server, body) as url:
        page = await context.new_page()
        await page.goto(url)
        for _ in range(2):  # also a second time, when the address stays the same
            await page.get_by_role("link", name="Vragen?").click()
            await expect(page.get_by_label("Jouw vraag of antwoord")).to_be_focused()
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("log")).to_be_hidden()
        other = await context.new_page()
        await other.goto(f"{url}/#leerwijzer")
        await expect(other.get_by_label("Jouw vraag of antwoord")).to_be_focused()


async def test_the_attributes_of_the_script(context: BrowserContext, server: ChatServer) -> None:
    body = (
        '<div id="hier">Contact</div>'
        f'<script src="{server.url}/widget.js" defer data-mode="inline" data-target="#hier" data-theme="vlaanderen" '
        'data-entry="affiche"></script>'
    )
    with site(server, body) as url:
        page = await context.new_page()
        async with page.expect_request("**/web/session") as asked:
            await page.goto(url)
        assert (await asked.value).post_data_json == {"entry": "affiche"}
        await page.locator("#hier leerwijzer-chat").get_by_role("log").get_by_text("Ik ben geen mens").wait_for()
        header = page.locator("leerwijzer-chat .head")
        assert await header.evaluate("(e) => getComputedStyle(e).backgroundColor") == "rgb(255, 230, 21)"


async def test_a_session_of_one_site_is_of_no_use_on_another(context: BrowserContext, server: ChatServer) -> None:
    with site(server, f'<script src="{server.url}/widget.js" defer></script>') as url:
        chat = await opened(await context.new_page(), url)
        key = f"leerwijzer:session:{server.url}/"
        token = await chat.page.evaluate("(key) => JSON.parse(localStorage[key]).token", key)
    headers = {"Authorization": f"Bearer {token}", "Origin": server.url}
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{server.url}/web/events", headers=headers)).status_code == 401


async def test_in_an_iframe(context: BrowserContext, server: ChatServer) -> None:
    page = await context.new_page()
    await page.goto(f"{server.url}/voorbeeld/iframe")
    frame = page.frame_locator("iframe")
    await frame.get_by_role("log").get_by_text("Ik ben geen mens").wait_for()
    await frame.get_by_role("textbox").fill("uit het kader")
    await page.keyboard.press("Enter")
    await frame.get_by_role("log").get_by_text("Je schreef: uit het kader").wait_for()
    assert await violations(page) == []


async def test_a_site_that_is_not_allowed_may_not_frame_it(context: BrowserContext, server: ChatServer) -> None:
    handler = partial(Host, body=f'<iframe src="{server.url}/inbedden"></iframe>', policy="default-src *")
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=http.serve_forever, daemon=True).start()
    try:
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{http.server_port}")
        await page.wait_for_timeout(500)
        await expect(page.frame_locator("iframe").locator("leerwijzer-chat")).to_have_count(0)
    finally:
        http.shutdown()
        http.server_close()


@pytest.mark.parametrize("theme", ["light", "dark", "contrast", "vlaanderen"])
async def test_every_theme_has_contrast(context: BrowserContext, server: ChatServer, theme: str) -> None:
    page = await context.new_page()
    chat = Chat(page)
    await page.goto(f"{server.url}/inbedden?thema={theme}")
    await chat.sees("Ik ben geen mens")
    await chat.say("lassen")
    await page.get_by_role("article", name="Lassen: basis").wait_for()
    await chat.say("kost het?")
    await chat.sees("nagekeken op")
    await page.get_by_role("button", name="Geen goed antwoord").last.click()
    await page.get_by_role("button", name="Klopt niet").wait_for()
    assert await violations(page) == []
    await page.get_by_role("button", name="Opties").click()
    await page.get_by_role("button", name="Wis mijn gesprek").click()
    assert await violations(page) == []


async def test_on_a_phone_by_touch(browser: Browser, server: ChatServer) -> None:
    context = await browser.new_context(
        locale="nl-BE",
        viewport={"width": 412, "height": 839},
        device_scale_factor=2.625,
        is_mobile=True,
        has_touch=True,
    )
    page = await context.new_page()
    chat = Chat(page)
    await page.goto(f"{server.url}/voorbeeld/knop")
    await page.get_by_role("button", name="Vragen over leren?").tap()
    await chat.sees("Ik ben geen mens")
    await chat.input.tap()
    await chat.input.fill("lassen")
    await page.get_by_role("button", name="Stuur").tap()
    card = page.get_by_role("article", name="Lassen: basis")
    await card.get_by_role("button", name="Details").tap()
    await chat.sees("Je koos Details (/show_details)")
    await page.get_by_role("button", name="Goed antwoord", exact=True).last.tap()
    await page.get_by_role("button", name="Duidelijk").tap()
    await expect(page.get_by_text("Dank je, dat helpt ons.")).to_be_visible()
    await page.get_by_role("button", name="Opties").tap()
    await page.get_by_role("button", name="Groter", exact=True).tap()
    await page.get_by_role("button", name="Terug naar het gesprek").tap()
    assert await violations(page) == []
    assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    await page.get_by_role("button", name="Sluit het gesprek").tap()
    await expect(page.get_by_role("button", name="Vragen over leren?")).to_be_focused()
    assert chat.faults == []
    await context.close()


async def test_forced_colours_keep_every_edge(browser: Browser, server: ChatServer) -> None:
    context = await browser.new_context(locale="nl-BE", forced_colors="active")
    chat = await Chat(await context.new_page()).open(server.url)
    for name in ("Stuur", "Ik zoek een cursus"):
        button = chat.page.get_by_role("button", name=name)
        style = await button.evaluate("(e) => { const s = getComputedStyle(e); return s.borderStyle + s.borderWidth; }")
        assert style.startswith("solid"), name
        assert not style.endswith("solid0px"), name
    assert await violations(chat.page) == []
    await context.close()


async def test_text_from_right_to_left_stands_so(chat: Chat) -> None:
    await chat.say("مرحبا، أريد أن أتعلم")
    await chat.sees("Je schreef:")
    said = chat.lines.nth(1).locator(".bubble p")
    assert await said.evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    assert await chat.lines.nth(0).locator(".bubble p").first.evaluate("(e) => getComputedStyle(e).direction") == "ltr"


async def test_at_400_percent_all_of_it_is_reached(browser: Browser, server: ChatServer) -> None:
    context = await browser.new_context(locale="nl-BE", viewport={"width": 320, "height": 200})  # 1280 x 800 at 400%
    page = await context.new_page()
    chat = Chat(page)
    await page.goto(f"{server.url}/voorbeeld/knop")
    await page.get_by_role("button", name="Vragen over leren?").click()
    await chat.sees("Ik ben geen mens")
    await chat.say("lassen")
    card = page.get_by_role("article", name="Lassen: basis")
    await card.wait_for()
    for place in (card.get_by_role("button", name="Details"), page.get_by_role("button", name="Opties"), chat.input):
        await place.scroll_into_view_if_needed()
        await expect(place).to_be_in_viewport()
    assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    await context.close()
