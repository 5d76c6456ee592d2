"""What makes it easy: options that are remembered, simpler words, thumbs, a voice, taking it home, starting again, erasing."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import BrowserContext, Route, expect
from support.browser import Chat, ChatServer
from support.rasa_server import RasaServer

SPEECH = """() => {
    window.heard = [];
    Object.defineProperty(window, "speechSynthesis", { configurable: true, value: {
        speaking: false, cancel() {}, getVoices: () => [], speak: (one) => window.heard.push([one.text.trim(), one.lang]) } });
    class Ear {
        start() { setTimeout(() => { this.onresult({ results: [[{ transcript: "cursus lassen" }]] }); this.onend(); }, 50); }
        stop() {}
    }
    window.SpeechRecognition = Ear;
}"""
"""The browser's own voice and ear, at their edge: Chromium without sound has neither."""


async def options(chat: Chat) -> None:
    await chat.page.get_by_role("button", name="Opties").click()
    await expect(chat.page.get_by_role("heading", name="Opties")).to_be_focused()


async def back(chat: Chat) -> None:
    await chat.page.keyboard.press("Escape")
    await expect(chat.page.get_by_role("button", name="Opties")).to_be_focused()


async def test_larger_letters_and_colours_are_remembered(chat: Chat) -> None:
    await options(chat)
    await chat.page.get_by_role("button", name="Grootst").click()
    await chat.page.get_by_role("button", name="Hoog contrast").click()
    await back(chat)
    for _ in range(2):
        bubble = chat.page.locator("leerwijzer-chat .bubble").first
        assert await bubble.evaluate("(e) => getComputedStyle(e).fontSize") == "23.2px"
        assert await bubble.evaluate("(e) => getComputedStyle(e).backgroundColor") == "rgb(0, 0, 0)"
        await chat.page.reload()
        await chat.sees("Ik ben geen mens")


async def test_simple_words_are_asked_and_remembered(chat: Chat, rasa: RasaServer, server: ChatServer) -> None:
    await options(chat)
    switch = chat.page.get_by_role("switch", name="Eenvoudige woorden")
    await expect(switch).to_have_attribute("aria-checked", "false")
    async with chat.page.expect_response("**/web/simple") as answer:
        await switch.click()
    assert (await answer.value).status == 200
    await back(chat)
    await chat.say("eenvoudig graag")
    await chat.sees("Je schreef: eenvoudig graag")
    assert [turn.simple for turn in rasa.turns if turn.text == "eenvoudig graag"] == [True]
    await expect(chat.page.get_by_role("button", name="Eenvoudiger")).to_have_count(0)  # it is simple already
    await chat.page.reload()
    await options(chat)
    await expect(switch).to_have_attribute("aria-checked", "true")
    await chat.page.get_by_role("button", name="Begin opnieuw").click()
    await chat.page.get_by_role("button", name="Ja, begin opnieuw").click()
    await expect(chat.lines).to_have_count(1)
    await chat.say("ook in het nieuwe")
    await chat.sees("Je schreef: ook in het nieuwe")
    assert [turn.simple for turn in rasa.turns if turn.text == "ook in het nieuwe"] == [True]


async def test_simpler_is_under_every_answer(chat: Chat) -> None:
    await expect(chat.page.get_by_role("button", name="Eenvoudiger")).to_have_count(0)  # not under the opening
    await chat.say("lassen")
    await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
    await expect(chat.page.get_by_role("button", name="Eenvoudiger")).to_have_count(1)  # once for two lines
    await chat.page.get_by_role("button", name="Eenvoudiger").click()
    await chat.sees("Je schreef: Kan je dat eenvoudiger uitleggen?")
    await chat.say("moeilijk")
    await chat.sees("Een moeilijk antwoord")
    await chat.page.get_by_role("button", name="Eenvoudiger").last.click()
    await chat.sees('Je koos Eenvoudiger (/ask_simpler{"article":"vov"})')


async def test_a_thumb_with_a_reason_is_kept(chat: Chat) -> None:
    await chat.say("hallo")
    await chat.sees("Je schreef: hallo")
    down = chat.page.get_by_role("button", name="Geen goed antwoord")
    async with chat.page.expect_response("**/web/votes") as first:
        await down.click()
    assert (await first.value).request.post_data_json == {"seq": 3, "value": "down"}
    await expect(down).to_have_attribute("aria-pressed", "true")
    async with chat.page.expect_response("**/web/votes") as second:
        await chat.page.get_by_role("button", name="Te moeilijk").click()
    assert (await second.value).request.post_data_json == {"seq": 3, "value": "down", "reason": "hard"}
    assert (await second.value).status == 200
    await expect(chat.page.locator("leerwijzer-chat .reasons")).to_have_text("Dank je, dat helpt ons.")
    await chat.page.reload()
    await chat.sees("Je schreef: hallo")
    await expect(down).to_have_attribute("aria-pressed", "true")


async def test_a_thumb_that_could_not_be_kept_is_said(chat: Chat) -> None:
    await chat.say("hallo")
    await chat.sees("Je schreef: hallo")
    await chat.page.route("**/web/votes", lambda route: route.abort())
    await chat.page.get_by_role("button", name="Goed antwoord", exact=True).click()
    await expect(chat.error).to_contain_text("konden we niet bewaren")
    await expect(chat.page.get_by_role("button", name="Goed antwoord", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )


async def test_it_reads_aloud_when_asked(context: BrowserContext, server: ChatServer) -> None:
    await context.add_init_script(f"({SPEECH})()")
    chat = await Chat(await context.new_page()).open(server.url)
    await chat.say("kost het?")
    await chat.sees("nagekeken op")
    assert await chat.page.evaluate("() => window.heard") == []  # off until somebody asks
    await chat.page.get_by_role("button", name="Lees dit antwoord voor").click()
    heard = await chat.page.evaluate("() => window.heard")
    assert heard[0] == ["De cursus kost 180 euro.", "nl-BE"]
    await options(chat)
    await chat.page.get_by_role("switch", name="Lees antwoorden voor").click()
    await back(chat)
    await chat.say("hardop")
    await chat.sees("Je schreef: hardop")
    assert ["Je schreef: hardop", "nl-BE"] in await chat.page.evaluate("() => window.heard")


async def test_speaking_instead_of_typing(context: BrowserContext, server: ChatServer) -> None:
    await context.add_init_script(f"({SPEECH})()")
    chat = await Chat(await context.new_page()).open(server.url)
    ear = chat.page.get_by_role("button", name="Spreek je vraag in")
    await expect(ear).to_be_hidden()
    await options(chat)
    await expect(chat.page.get_by_text("je browser kan je stem naar zijn maker sturen")).to_be_visible()
    await chat.page.get_by_role("switch", name="Spreken in plaats van typen").click()
    await back(chat)
    await ear.click()
    await expect(chat.input).to_have_value("cursus lassen")
    await expect(chat.input).to_be_focused()  # nothing is sent before the person has seen it
    await expect(ear).to_have_attribute("aria-pressed", "false")


async def test_the_conversation_is_taken_home(chat: Chat, context: BrowserContext, tmp_path: Path) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await chat.say("lassen")
    await chat.page.get_by_role("article", name="Lassen: basis").wait_for()
    await options(chat)
    await chat.page.get_by_role("button", name="Kopieer").click()
    await expect(chat.page.get_by_text("Je gesprek is gekopieerd.")).to_be_visible()
    copied = (await chat.page.evaluate("() => navigator.clipboard.readText()")).rstrip()
    for text in ("Gesprek met Leerwijzer", "Jij (", "lassen", "* Lassen: basis", "  Prijs: 180 euro, voor jou"):
        assert text in copied
    async with chat.page.expect_download() as download:
        await chat.page.get_by_role("button", name="Download").click()
    file = await download.value
    assert file.suggested_filename == "gesprek-leerwijzer.txt"
    await file.save_as(tmp_path / "gesprek.txt")
    assert (tmp_path / "gesprek.txt").read_text(encoding="utf-8").rstrip() == copied
    await context.add_init_script("window.print = () => { window.printed = true; }")
    async with context.expect_page() as page:
        await chat.page.get_by_role("button", name="Druk af").click()
    paper = await page.value
    assert (await paper.locator("body").inner_text()).rstrip() == copied
    assert await paper.title() == "Gesprek met Leerwijzer"


async def test_a_mail_opens_with_the_conversation(chat: Chat) -> None:
    await chat.say("hallo")
    await chat.sees("Je schreef: hallo")
    await chat.page.evaluate(
        "() => { HTMLAnchorElement.prototype.click = function () { window.opened = this.href; }; }"
    )
    await options(chat)
    await chat.page.get_by_role("button", name="Mail").click()
    opened = await chat.page.evaluate("() => window.opened")
    assert opened.startswith("mailto:?subject=Mijn%20gesprek")
    assert "Je%20schreef%3A%20hallo" in opened


async def test_the_overview_is_asked_in_words(chat: Chat) -> None:
    await options(chat)
    await chat.page.get_by_role("button", name="Mijn overzicht").click()
    await chat.sees("Je schreef: Mijn overzicht")


async def test_starting_again_needs_a_yes_and_leaves_nothing_behind(chat: Chat, context: BrowserContext) -> None:
    other = Chat(await context.new_page())
    await other.page.goto(chat.page.url)
    await chat.say("oud gesprek")
    await other.sees("Je schreef: oud gesprek")
    await options(chat)
    await chat.page.get_by_role("button", name="Begin opnieuw").click()
    await chat.page.get_by_role("button", name="Nee").click()
    await expect(chat.page.get_by_role("button", name="Begin opnieuw")).to_be_focused()
    await chat.page.get_by_role("button", name="Begin opnieuw").click()
    await chat.page.get_by_role("button", name="Ja, begin opnieuw").click()
    for one in (chat, other):
        await expect(one.lines).to_have_count(1)
    await chat.say("nieuw gesprek")
    await other.sees("Je schreef: nieuw gesprek")


async def test_erasing_gives_a_receipt(chat: Chat, server: ChatServer) -> None:
    await chat.say("dit moet weg")
    await chat.sees("Je schreef: dit moet weg")
    await chat.input.fill("en dit ook")
    await options(chat)
    await chat.page.get_by_role("button", name="Wis mijn gesprek").click()
    await chat.page.get_by_role("button", name="Ja, wis alles").click()
    await expect(chat.page.get_by_role("status").filter(has_text="Gewist: alles van dit gesprek")).to_be_visible()
    await back(chat)
    await expect(chat.lines).to_have_count(1)
    await expect(chat.input).to_have_value("")
    await chat.page.reload()
    await chat.sees("Ik ben geen mens")
    await expect(chat.log.get_by_text("dit moet weg")).to_have_count(0)


async def test_erasing_without_a_connection_is_said(chat: Chat) -> None:
    await chat.page.route("**/web/erase", lambda route: route.abort())
    await options(chat)
    await chat.page.get_by_role("button", name="Wis mijn gesprek").click()
    await chat.page.get_by_role("button", name="Ja, wis alles").click()
    await expect(chat.page.get_by_text("Wissen lukt nu niet")).to_be_visible()


async def test_a_file_is_refused_kindly(chat: Chat) -> None:
    await chat.page.evaluate(
        """() => {
            const input = document.querySelector("leerwijzer-chat").shadowRoot.querySelector("textarea");
            const data = new DataTransfer();
            data.items.add(new File(["x"], "foto.png", { type: "image/png" }));
            input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    await expect(chat.error).to_have_text("Ik kan alleen tekst lezen. Een bestand of foto kan je hier niet sturen.")
    await expect(chat.page.locator("leerwijzer-chat input[type=file]")).to_have_count(0)


async def test_what_was_not_sent_is_marked_and_sent_again_or_left(chat: Chat) -> None:
    tried: list[str] = []

    async def lose(route: Route) -> None:
        tried.append(route.request.post_data or "")
        await route.abort()

    await chat.page.route("**/web/messages", lose)
    await chat.say("in de tunnel")
    await chat.say("laat maar")
    pending = chat.page.locator("leerwijzer-chat .pending")
    await expect(pending.first).to_contain_text("nog niet verstuurd")
    while len(tried) < 5:  # by then it waits some seconds between two attempts
        await chat.page.wait_for_timeout(100)
    await chat.page.unroute("**/web/messages")
    await pending.nth(0).get_by_role("button", name="Stuur opnieuw").click()
    await chat.sees("Je schreef: in de tunnel")
    await chat.sees("Je schreef: laat maar")
    assert await chat.pending() == 0


async def test_what_was_not_sent_can_be_left(chat: Chat, context: BrowserContext) -> None:
    await context.set_offline(True)
    await chat.say("in de tunnel")
    await chat.say("laat maar")
    pending = chat.page.locator("leerwijzer-chat .pending")
    await pending.nth(1).get_by_role("button", name="Verwijder").click()
    await expect(pending).to_have_count(1)
    await context.set_offline(False)
    await chat.sees("Je schreef: in de tunnel")
    assert (await chat.bubbles())[1:] == ["in de tunnel", "Je schreef: in de tunnel"]
