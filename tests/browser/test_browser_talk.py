"""A whole conversation in a real browser: text, buttons, cards, sources, and never markup from anybody's words."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, expect
from support.browser import Chat, ChatServer
from support.rasa_server import RasaServer
from support.script import MARKUP


async def test_the_opening_says_what_it_is(chat: Chat) -> None:
    await chat.sees("Ik ben geen mens")
    assert await chat.lines.count() == 1
    assert await chat.lines.locator("strong").inner_text() == "Leerwijzer"
    assert await chat.page.get_by_role("button", name="Ik zoek een cursus").is_visible()
    assert await chat.page.locator("leerwijzer-chat").get_by_text("Je praat met een computer").is_visible()
    assert await chat.page.get_by_text("JavaScript").is_hidden()


async def test_ask_and_get_an_answer(chat: Chat) -> None:
    await chat.say("Hoe gaat het?")
    await chat.sees("Je schreef: Hoe gaat het?")
    assert (await chat.bubbles())[1:] == ["Hoe gaat het?", "Je schreef: Hoe gaat het?"]
    assert await chat.input.input_value() == ""
    assert await chat.pending() == 0
    names = await chat.page.locator("leerwijzer-chat .name").all_inner_texts()
    assert names == ["Leerwijzer, digitale assistent", "Jij", "Leerwijzer, digitale assistent"]


async def test_send_with_the_button_and_keep_line_breaks(chat: Chat) -> None:
    await chat.input.fill("eerste regel")
    await chat.input.press("Shift+Enter")
    await chat.input.press_sequentially("tweede regel")
    await chat.page.get_by_role("button", name="Stuur").click()
    await chat.sees("Je schreef: eerste regel")
    assert (await chat.bubbles())[1] == "eerste regel\ntweede regel"


async def test_press_a_button(chat: Chat) -> None:
    await chat.page.get_by_role("button", name="Wat kost een cursus?").click()
    await chat.sees("Je koos Wat kost een cursus? (/ask_price)")
    assert (await chat.bubbles())[1] == "Wat kost een cursus?"
    group = chat.page.get_by_role("group", name="Kies een antwoord, of typ zelf").first
    chosen = group.get_by_role("button", name="Wat kost een cursus? gekozen")
    await expect(chosen).to_have_attribute("aria-disabled", "true")
    other = group.get_by_role("button", name="Ik zoek een cursus")
    await expect(other).to_have_attribute("aria-disabled", "true")
    await other.click(force=True)  # it says no more
    await chat.say("verder")
    await chat.sees("Je schreef: verder")
    assert "Ik zoek een cursus" not in await chat.bubbles()


async def test_cards(chat: Chat) -> None:
    await chat.say("lassen in Gent")
    card = chat.page.get_by_role("article", name="Lassen: basis")
    await card.wait_for()
    await chat.sees("Lassen: TIG en MIG")
    assert await card.get_by_role("heading", level=3).inner_text() == "Lassen: basis"
    assert await card.get_by_text("voorbeeldaanbod").is_visible()
    assert await card.locator("dt").all_inner_texts() == ["Start", "Lesuren", "Prijs"]
    assert await card.locator("dd").nth(2).inner_text() == "180 euro, voor jou vermoedelijk minder"
    link = card.get_by_role("link", name=re.compile("Meer info over Lassen: basis"))
    assert await link.get_attribute("href") == "https://voorbeeld.example/lassen"
    assert await link.get_attribute("rel") == "noopener noreferrer"
    await card.get_by_role("group", name="Wat wil je met Lassen: basis?").get_by_role("button", name="Details").click()
    await chat.sees("Je koos Details (/show_details)")
    await expect(card.get_by_role("button", name="Wat kost dit?")).not_to_have_attribute("aria-disabled", "true")
    await card.get_by_role("button", name="Wat kost dit?").click()
    await chat.sees("Je koos Wat kost dit? (/ask_price)")


async def test_sources_and_links(chat: Chat) -> None:
    await chat.say("kost dat iets?")
    await chat.sees("nagekeken op 23 november 2026")
    source = chat.page.locator("leerwijzer-chat .sources")
    assert " ".join((await source.text_content() or "").split()) == (
        "Bron: Prijzen (nieuw venster) · nagekeken op 23 november 2026"
    )
    link = chat.lines.last.locator(".bubble").get_by_role("link")
    assert await link.get_attribute("href") == "https://voorbeeld.example/prijs"  # without the full stop


async def test_nothing_that_anybody_writes_becomes_markup(chat: Chat) -> None:
    title = await chat.page.title()
    await chat.say(MARKUP)
    await chat.sees("Je schreef: <img")
    await chat.say("stout")
    await chat.page.get_by_role("article").wait_for()
    await chat.page.get_by_role("button", name="<img").click()
    await chat.sees("Je koos <img")
    assert await chat.page.title() == title
    shadow = chat.page.locator("leerwijzer-chat")
    assert await shadow.locator(".lines img, .lines script").count() == 0
    assert await shadow.locator(".lines a").count() == 0
    assert (await chat.bubbles())[1] == MARKUP


@pytest.mark.parametrize("text", ["/restart", '/request_human{"x":"y"}', "🙂🙂", "**geen vet** http://x", "مرحبا"])
async def test_what_is_typed_is_shown_as_it_was(chat: Chat, text: str) -> None:
    await chat.say(text)
    await chat.sees("Je schreef:")
    assert (await chat.bubbles())[1] == text
    assert await chat.lines.nth(1).locator("strong, a").count() == 0


async def test_an_empty_or_long_message_is_explained_near_the_input(chat: Chat) -> None:
    await chat.say("   ")
    await expect(chat.error).to_have_text("Typ eerst je vraag.")
    await expect(chat.input).to_have_attribute("aria-invalid", "true")
    await expect(chat.input).to_be_focused()
    long = "a" * 3001
    await chat.say(long)
    await expect(chat.error).to_contain_text("te lang")
    assert await chat.input.input_value() == long  # nothing is lost
    await expect(chat.page.locator("leerwijzer-chat .count")).to_have_text("1 tekens te veel")
    await chat.input.press("Backspace")
    await expect(chat.error).to_have_text("")
    await expect(chat.page.locator("leerwijzer-chat .count")).to_have_text("Nog 0 tekens")
    await chat.input.press("Enter")
    await chat.sees("Je schreef: aaa")


async def test_what_the_server_refuses_comes_back_in_the_input(chat: Chat) -> None:
    await chat.say("\u200b\u200b")  # looks like something to the widget, and is nothing
    await expect(chat.error).to_contain_text("leeg")
    assert await chat.pending() == 0
    await chat.say("hallo")
    await chat.sees("Je schreef: hallo")
    await expect(chat.error).to_have_text("")


async def test_it_shows_that_it_is_busy(chat: Chat, rasa: RasaServer) -> None:
    rasa.delay = 1.5
    try:
        await chat.say("even denken")
        status = chat.page.locator("leerwijzer-chat .typing")
        await expect(status).to_have_text("Leerwijzer zoekt een antwoord")
        await expect(status).to_have_role("status")
        await chat.sees("Je schreef: even denken")
        await expect(status).to_have_text("")
    finally:
        rasa.delay = 0.0


async def test_a_long_answer_is_shown_from_its_beginning(chat: Chat) -> None:
    await chat.say("lang")
    await chat.sees("Alinea 8")
    await chat.page.wait_for_timeout(800)
    await expect(chat.log.get_by_text("Alinea 1.")).to_be_in_viewport()
    await chat.say("en nu?")
    await chat.sees("Je schreef: en nu?")
    await expect(chat.log.get_by_text("Je schreef: en nu?")).to_be_in_viewport()


async def test_who_reads_back_is_left_there_and_told_of_a_new_message(chat: Chat, rasa: RasaServer) -> None:
    await chat.say("lang")
    await chat.sees("Alinea 8")
    rasa.delay = 4.0
    try:
        await chat.say("straks")
        await expect(chat.page.locator("leerwijzer-chat .typing")).not_to_be_empty()
        await chat.page.wait_for_timeout(500)
        await chat.log.hover()
        await chat.page.mouse.wheel(0, -5000)
        await chat.page.get_by_role("button", name="Nieuw bericht").wait_for()
    finally:
        rasa.delay = 0.0
    await expect(chat.log.get_by_text("Ik ben geen mens")).to_be_in_viewport()
    await chat.page.get_by_role("button", name="Nieuw bericht").click()
    await expect(chat.log.get_by_text("Je schreef: straks")).to_be_in_viewport()
    await expect(chat.page.get_by_role("button", name="Nieuw bericht")).to_be_hidden()


async def test_the_way_in_of_the_address_is_kept(context: BrowserContext, server: ChatServer) -> None:
    page = await context.new_page()
    async with page.expect_request("**/web/session") as asked:
        await page.goto(f"{server.url}/?via=ocmw-gent")
    assert (await asked.value).post_data_json == {"entry": "ocmw-gent"}


async def test_a_bad_way_in_is_left_out(context: BrowserContext, server: ChatServer) -> None:
    page = await context.new_page()
    async with page.expect_request("**/web/session") as asked:
        await page.goto(f"{server.url}/?via=<script>")
    assert (await asked.value).post_data_json == {}


async def test_nothing_is_asked_of_another_host_and_no_cookie_is_set(
    context: BrowserContext, server: ChatServer
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    chat = await Chat(await context.new_page()).open(server.url)
    await chat.say("hallo")
    await chat.sees("Je schreef: hallo")
    await chat.page.goto(f"{server.url}/privacy")
    await chat.page.goto(f"{server.url}/docs")
    await chat.page.get_by_text("/webhooks/rest/webhook").wait_for()
    assert all(url.startswith((server.url, "data:")) for url in asked)
    assert not any("token" in url or "Bearer" in url for url in asked)
    assert await context.cookies() == []
    assert chat.faults == []


async def test_without_javascript_the_page_helps(
    browser_without_javascript: BrowserContext, server: ChatServer
) -> None:
    page = await browser_without_javascript.new_page()
    await page.goto(server.url)
    await expect(page.get_by_text("De chat start niet?")).to_be_visible()
    await expect(page.get_by_role("link", name="1700").first).to_be_visible()
