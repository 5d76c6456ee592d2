"""A referral as a person makes it in the widget, with the trained model and without a mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import BrowserContext, expect
from support.axe import violations
from support.browser import Chat
from support.keyboard import Keyboard
from support.live import Live, live_application


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The application with the trained model; nobody is at a desk."""
    with live_application(tmp_path_factory.mktemp("referral")) as live:
        yield live


@pytest.fixture
async def chat(context: BrowserContext, application: Live) -> AsyncIterator[Chat]:
    """The page of that application, instead of the one that answers by a script."""
    chat = Chat(await context.new_page())
    await chat.page.goto(application.url)
    await chat.sees("Ik ben Leerwijzer")
    yield chat


async def test_from_the_wish_to_the_reference_with_the_keyboard_alone(chat: Chat) -> None:
    keys = Keyboard(chat.page)

    async def in_input() -> bool:
        return bool(await chat.input.evaluate("(e) => e.getRootNode().activeElement === e"))

    async def write(text: str) -> None:
        while not await in_input():
            await chat.page.keyboard.press("Tab")
        await chat.page.keyboard.type(text)
        await chat.page.keyboard.press("Enter")

    async def choose(button: str) -> None:
        await expect(chat.log.get_by_role("button", name=button, exact=True).last).to_be_visible()
        await keys.tab_to(button, "Shift+Tab" if await in_input() else "Tab")  # what is new comes after what was chosen
        await chat.page.keyboard.press("Enter")

    await write("kan ik iemand spreken?")
    await chat.sees("In welke gemeente")
    await write("Gent")
    await choose("De Stap")
    await choose("Bel mij")
    await expect(chat.log).to_contain_text("Op welk nummer")
    await write("12")
    await chat.sees("Dat is geen geldig telefoonnummer")
    await write("0470 12 34 56")
    await chat.sees("Dit lezen ze")
    assert await violations(chat.page) == []
    await choose("Zo is het goed")
    await choose("Ja, stuur door")
    await expect(chat.log).to_contain_text(r"LW-")
    assert await violations(chat.page) == []
    said = await chat.lines.all_inner_texts()
    assert sum("LW-" in line for line in said) == 1, "one acknowledgement, no more"
