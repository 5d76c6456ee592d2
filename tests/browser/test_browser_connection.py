"""A reload, a second tab, a lost connection, a killed server: the conversation goes on, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import json
import signal

from playwright.async_api import BrowserContext, Route, expect
from support.browser import Chat, ChatServer
from support.rasa_server import RasaServer


async def said(chat: Chat) -> list[str]:
    """What was said after the opening."""
    return (await chat.bubbles())[1:]


async def test_a_reload_keeps_all_once(chat: Chat) -> None:
    await chat.page.get_by_role("button", name="Ik zoek een cursus").click()
    await chat.sees("Je koos Ik zoek een cursus")
    await chat.say("lassen")
    await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
    await chat.page.get_by_role("button", name="Details").click()
    await chat.sees("Je koos Details")
    before = await chat.lines.all_inner_texts()
    await chat.page.reload()
    await chat.sees("Je koos Details")
    assert await chat.lines.all_inner_texts() == before
    assert await chat.page.locator("leerwijzer-chat .chosen").count() == 2  # what was chosen is still marked so
    await chat.page.get_by_role("button", name="Meer cursussen").click()
    await chat.sees("Je koos Meer cursussen (/more)")


async def test_a_draft_survives_a_reload(chat: Chat) -> None:
    await chat.input.fill("ik was nog aan het typen")
    await chat.page.reload()
    await chat.sees("Ik ben geen mens")
    assert await chat.input.input_value() == "ik was nog aan het typen"
    await chat.input.press("Enter")
    await chat.sees("Je schreef: ik was nog aan het typen")
    await chat.page.reload()
    await chat.sees("Je schreef: ik was nog aan het typen")
    assert await chat.input.input_value() == ""


async def test_two_tabs_show_the_same(chat: Chat, context: BrowserContext, server: ChatServer) -> None:
    other = await Chat(await context.new_page()).open(server.url)
    await chat.say("vanuit de eerste")
    await other.sees("Je schreef: vanuit de eerste")
    await other.say("vanuit de tweede")
    await chat.sees("Je schreef: vanuit de tweede")
    expected = ["vanuit de eerste", "Je schreef: vanuit de eerste", "vanuit de tweede", "Je schreef: vanuit de tweede"]
    assert await said(chat) == await said(other) == expected


async def test_tabs_that_open_at_once_are_one_conversation(context: BrowserContext, server: ChatServer) -> None:
    pages = [await context.new_page() for _ in range(3)]
    chats = await asyncio.gather(*(Chat(page).open(server.url) for page in pages))
    await chats[0].say("samen")
    for chat in chats:
        await chat.sees("Je schreef: samen")
        assert await said(chat) == ["samen", "Je schreef: samen"]


async def test_offline_loses_and_repeats_nothing(chat: Chat, context: BrowserContext) -> None:
    await chat.say("voor de tunnel")
    await chat.sees("Je schreef: voor de tunnel")
    await context.set_offline(True)
    status = chat.page.locator("leerwijzer-chat .connection")
    await expect(status).to_contain_text("Geen verbinding")
    await expect(status).to_have_role("status")
    await chat.say("in de tunnel")
    await chat.say("nog in de tunnel")
    await chat.input.fill("ik typ gewoon verder")
    await expect(chat.page.locator("leerwijzer-chat .pending")).to_have_count(2)
    await expect(chat.page.locator("leerwijzer-chat .pending").first).to_contain_text("nog niet verstuurd")
    await context.set_offline(False)
    await chat.sees("Je schreef: nog in de tunnel")
    await expect(status).to_have_text("")
    expected = ["voor de tunnel", "in de tunnel", "nog in de tunnel"]
    assert [text for text in await said(chat) if not text.startswith("Je schreef")] == expected
    assert [text for text in await said(chat) if text.startswith("Je")] == [f"Je schreef: {text}" for text in expected]
    assert await chat.pending() == 0
    assert await chat.input.input_value() == "ik typ gewoon verder"


async def test_what_was_not_sent_survives_a_reload(chat: Chat, context: BrowserContext) -> None:
    await chat.page.route("**/web/messages", lambda route: route.abort())
    await chat.say("onderweg")
    await expect(chat.page.locator("leerwijzer-chat .pending")).to_have_count(1)
    await chat.page.unroute("**/web/messages")
    await chat.page.reload()
    await chat.sees("Je schreef: onderweg")
    assert await said(chat) == ["onderweg", "Je schreef: onderweg"]


async def test_an_acknowledgement_that_got_lost_makes_no_second_message(chat: Chat, rasa: RasaServer) -> None:
    ids: list[str] = []

    async def lose(route: Route) -> None:
        ids.append(json.loads(route.request.post_data or "")["id"])
        await route.fetch()  # it arrives...
        await (route.abort() if len(ids) < 3 else route.continue_())  # ...and we never hear of it

    await chat.page.route("**/web/messages", lose)
    await chat.say("komt dit aan?")
    await chat.sees("Je schreef: komt dit aan?")
    await chat.page.wait_for_timeout(4000)
    assert await said(chat) == ["komt dit aan?", "Je schreef: komt dit aan?"]
    assert len(set(ids)) == 1
    assert rasa.arrived("komt dit aan?") == 1


async def test_a_killed_server_loses_and_repeats_nothing(chat: Chat, server: ChatServer, rasa: RasaServer) -> None:
    await chat.say("voor de val")
    await chat.sees("Je schreef: voor de val")
    rasa.delay = 0.7
    try:
        await chat.say("tijdens de val")  # stored, and not answered yet
        await expect(chat.page.locator("leerwijzer-chat .pending")).to_have_count(0)
        server.kill()
        await chat.say("na de val")
        await expect(chat.page.locator("leerwijzer-chat .connection")).to_contain_text("Geen verbinding")
    finally:
        rasa.delay = 0.0
        server.start()
    await chat.sees("Je schreef: na de val")
    expected = ["voor de val", "tijdens de val", "na de val"]
    assert [text for text in await said(chat) if not text.startswith("Je schreef")] == expected
    assert [text for text in await said(chat) if text.startswith("Je")] == [f"Je schreef: {text}" for text in expected]
    before = await said(chat)
    await chat.page.reload()
    await chat.sees("Je schreef: na de val")
    assert await said(chat) == before


async def test_a_server_that_is_stopped_stops_in_spite_of_open_pages(chat: Chat, server: ChatServer) -> None:
    try:
        assert await asyncio.to_thread(server.stop) in (0, -signal.SIGTERM)
    finally:
        server.start()
    await chat.say("weer daar")
    await chat.sees("Je schreef: weer daar")


async def test_a_session_that_is_over_gives_a_new_conversation(chat: Chat) -> None:
    await chat.say("oud gesprek")
    await chat.sees("Je schreef: oud gesprek")
    await chat.page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find((name) => name.includes("session"));
            const session = JSON.parse(localStorage[key]);
            localStorage[key] = JSON.stringify({ ...session, token: session.token + "x" });
        }"""
    )
    await chat.say("nieuw gesprek")
    await chat.sees("Je schreef: nieuw gesprek")
    await expect(chat.log.get_by_text("oud gesprek")).to_have_count(0)
    await chat.sees("Ik ben geen mens")
    assert await said(chat) == ["nieuw gesprek", "Je schreef: nieuw gesprek"]


async def test_a_hidden_tab_gives_its_connection_back_and_returns(chat: Chat) -> None:
    """A browser has six connections per site, so that a seventh tab could not even send."""
    requests: list[str] = []
    chat.page.on("request", lambda request: requests.append(request.url))
    await chat.page.clock.install()
    hide = "(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    async with chat.page.expect_event("requestfailed", lambda request: request.url.endswith("/web/events")):
        await chat.page.evaluate(hide, True)
        await chat.page.clock.run_for(31_000)
    requests.clear()
    await chat.page.clock.run_for(60_000)
    assert not any(url.endswith("/web/events") for url in requests)
    await chat.page.evaluate(hide, False)
    await chat.say("terug")
    await chat.page.clock.run_for(1_000)
    await chat.sees("Je schreef: terug")
    assert await said(chat) == ["terug", "Je schreef: terug"]


async def test_without_storage_it_still_works(context: BrowserContext, server: ChatServer) -> None:
    await context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
        }"""
    )
    chat = await Chat(await context.new_page()).open(server.url)
    await chat.say("zonder bewaren")
    await chat.sees("Je schreef: zonder bewaren")
    assert chat.faults == []
