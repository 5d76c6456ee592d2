"""A live talk as the person sees it, hears it, and goes through it with the keyboard alone."""

from __future__ import annotations

from typing import Any

import httpx
from playwright.async_api import expect
from support.axe import violations
from support.browser import Chat, ChatServer


class Els:
    """A counsellor at her desk."""

    def __init__(self, server: ChatServer) -> None:
        self._url = server.url
        self._known: dict[str, Any] = {}

    async def do(self, what: str, **more: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{self._url}/_els/{what}", json=self._known | more)
        assert answer.status_code == 200, answer.text
        if what == "wait":
            self._known = answer.json()


async def test_a_talk_from_waiting_to_the_return(chat: Chat, server: ChatServer) -> None:
    els = Els(server)
    page = chat.page
    live = page.locator("leerwijzer-chat .live")
    await expect(page.locator("leerwijzer-chat .is")).to_have_text("Digitale assistent")
    await els.do("wait")
    await expect(live).to_contain_text("Je wacht op een medewerker.")
    await expect(live).to_have_role("status")
    assert await violations(page) == []
    await els.do("claim")
    await expect(live).to_contain_text("Els leest je vraag en komt zo bij je.")
    await els.do("say", text="Dag, ik ben Els.")
    await expect(page.locator("leerwijzer-chat .is")).to_have_text("Je praat met Els, een mens")
    await expect(page.get_by_text("Je praat nu met een mens.")).to_be_visible()
    await expect(live).to_have_text("")
    await expect(page.locator("leerwijzer-chat .counsellor .name")).to_have_text("Els, een mens")
    await chat.say("dag Els")
    receipt = page.locator("leerwijzer-chat .receipt")
    await expect(receipt).to_have_text("afgeleverd")
    await expect(page.locator("leerwijzer-chat .typing")).to_have_text("")  # the assistant seeks no answer
    await els.do("see")
    await expect(receipt).to_have_text("gelezen")
    await els.do("type")
    await expect(page.locator("leerwijzer-chat .typing")).to_have_text("Els is aan het typen")
    assert await violations(page) == []
    await els.do("end")
    await expect(page.locator("leerwijzer-chat .is")).to_have_text("Digitale assistent")
    await chat.sees("Je praat nu weer met de digitale assistent")
    await expect(page.locator("leerwijzer-chat .typing")).to_have_text("")
    await expect(receipt).to_have_count(0)
    await chat.say("nog iets")
    await chat.sees("Je schreef: nog iets")
    before = await chat.lines.all_inner_texts()
    await page.reload()
    await chat.sees("Je schreef: nog iets")
    assert await chat.lines.all_inner_texts() == before
    assert await violations(page) == []


async def test_a_talk_with_the_keyboard_alone_and_as_a_screen_reader_meets_it(chat: Chat, server: ChatServer) -> None:
    els = Els(server)
    page = chat.page
    await page.evaluate(
        """() => {
            const root = document.querySelector("leerwijzer-chat").shadowRoot;
            window.spoken = [];
            new MutationObserver((changes) => {
                const added = changes.flatMap((change) => [...change.addedNodes]);
                window.spoken.push(...added.map((node) => node.textContent));
            }).observe(root.querySelector(".voice"), { childList: true });
        }"""
    )
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # to the conversation
    while not await chat.input.evaluate("(e) => e.getRootNode().activeElement === e"):
        await page.keyboard.press("Tab")
    await page.keyboard.type("ik wil een mens")
    await page.keyboard.press("Enter")
    await chat.sees("Je schreef: ik wil een mens")
    await els.do("wait")
    await els.do("say", text="Dag, hoe kan ik helpen?")
    await chat.sees("Dag, hoe kan ik helpen?")
    await expect(chat.input).to_be_focused()  # whatever comes, the focus stays
    await page.keyboard.type("ik kies moeilijk")
    await page.keyboard.press("Enter")
    await els.do("see")
    await els.do("end")
    await chat.sees("Het gesprek met Els is afgelopen")
    spoken = await page.evaluate("() => window.spoken")
    assert "Els, een mens: Dag, hoe kan ik helpen?" in spoken
    assert any("Het gesprek met Els is afgelopen" in text and "Keuzes: Ja, Een beetje, Nee." in text for text in spoken)
    assert len(spoken) == len(set(spoken))  # nothing is said twice
    await expect(chat.log).to_match_aria_snapshot(
        """
        - log "Gesprek":
          - paragraph: /Jij/
          - paragraph: ik wil een mens
          - paragraph: /Leerwijzer, digitale assistent/
          - paragraph: "Je schreef: ik wil een mens"
          - paragraph: /Melding/
          - paragraph: /Je praat nu met Els/
          - paragraph: /Els, een mens/
          - paragraph: Dag, hoe kan ik helpen?
          - paragraph: /Jij/
          - paragraph: ik kies moeilijk
          - paragraph: /Melding/
          - paragraph: /Het gesprek met Els is afgelopen/
          - group "Kies een antwoord, of typ zelf":
            - button "Ja"
            - button "Een beetje"
            - button "Nee"
        """
    )
    await page.keyboard.press("Shift+Tab")
    for _ in range(12):
        name = await page.evaluate(
            "() => document.querySelector('leerwijzer-chat').shadowRoot.activeElement?.dataset.title ?? ''"
        )
        if name == "Ja":
            break
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await chat.sees("Je koos Ja")


async def test_a_counsellor_sees_that_the_person_types(chat: Chat, server: ChatServer) -> None:
    els = Els(server)
    told: list[str] = []
    chat.page.on("request", lambda request: told.append(request.url) if request.url.endswith("/web/typing") else None)
    await chat.input.press_sequentially("met de assistent")
    assert told == []
    await chat.input.fill("")
    await els.do("wait")
    await els.do("say", text="Daar ben ik.")
    await chat.sees("Daar ben ik.")
    await chat.input.press_sequentially("ik typ nu een lange zin")
    await chat.page.wait_for_timeout(300)
    assert len(told) == 1  # once in a while, not at every key
