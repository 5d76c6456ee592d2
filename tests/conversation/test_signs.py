"""Signs that pass: typing, and what arrived."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.conversation import signs as module
from bot.conversation.message import Author
from bot.conversation.service import Conversations
from bot.conversation.signs import Signs
from bot.conversation.wakeups import Wakeups

ONE, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def signs() -> Signs:
    return Signs(Wakeups())


def test_typing_is_of_one_side_of_one_conversation(signs: Signs) -> None:
    signs.types(ONE, Author.CITIZEN)
    assert signs.typing(ONE, Author.CITIZEN)
    assert not signs.typing(ONE, Author.COUNSELLOR)
    assert not signs.typing(OTHER, Author.CITIZEN)
    signs.types(ONE, Author.CITIZEN, still=False)
    assert not signs.typing(ONE, Author.CITIZEN)


def test_typing_ends_by_itself(signs: Signs, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    signs.types(ONE, Author.CITIZEN)
    now += module.TYPING - 0.1
    assert signs.typing(ONE, Author.CITIZEN)
    now += 0.2
    assert not signs.typing(ONE, Author.CITIZEN)


def test_what_arrived_never_goes_back(signs: Signs) -> None:
    signs.got(ONE, Author.CITIZEN, 7)
    signs.got(ONE, Author.CITIZEN, 5)
    assert signs.arrived(ONE, Author.CITIZEN) == 7
    assert signs.arrived(OTHER, Author.CITIZEN) == 0


def test_memory_is_bounded(signs: Signs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 3)
    for number in range(10):
        signs.got(f"{number:032}", Author.CITIZEN, 1)
    assert sum(signs.arrived(f"{number:032}", Author.CITIZEN) for number in range(10)) == 3


async def test_a_sign_wakes_who_waits_for_the_conversation() -> None:
    wakeups = Wakeups()
    signs = Signs(wakeups)
    looks = 0

    async def look() -> bool | None:
        nonlocal looks
        looks += 1
        return signs.typing(ONE, Author.COUNSELLOR) or None

    waiting = asyncio.create_task(wakeups.until(ONE, look, 5))
    await asyncio.sleep(0)
    signs.types(OTHER, Author.COUNSELLOR)
    signs.types(ONE, Author.COUNSELLOR)
    assert await asyncio.wait_for(waiting, 1)
    assert looks == 2


async def test_who_only_glances_at_signs_is_not_sent_to_the_tables() -> None:
    wakeups = Wakeups()
    signs = Signs(wakeups)
    looks: list[str] = []

    async def look() -> str | None:
        looks.append("look")
        return None

    def glance() -> str | None:
        looks.append("glance")
        return "typing" if signs.typing(ONE, Author.COUNSELLOR) else None

    waiting = asyncio.create_task(wakeups.until(ONE, look, 5, glance))
    for wake in (lambda: signs.got(ONE, Author.CITIZEN, 3), lambda: wakeups.notify(ONE)):
        await asyncio.sleep(0.01)
        wake()
    await asyncio.sleep(0.01)
    wakeups.notify(ONE)  # a sign at the same time takes no commit away
    signs.got(ONE, Author.CITIZEN, 4)
    await asyncio.sleep(0.01)
    assert looks == ["look", "glance", "look", "look"]
    signs.types(ONE, Author.COUNSELLOR)
    assert await asyncio.wait_for(waiting, 1) == "typing"
    assert await wakeups.until(ONE, look, 0.01, glance) is None
    assert looks[-1] == "look"  # after a silence the tables are asked: a word may be lost


async def test_signs_reach_another_process(
    make_conversations: Callable[..., Awaitable[Conversations]], redis_url: str, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has one process")
    here, there = await make_conversations(redis_url=redis_url), await make_conversations(redis_url=redis_url)
    async with asyncio.timeout(5):
        while not there.signs.typing(ONE, Author.CITIZEN):  # until its listener has subscribed
            here.signs.types(ONE, Author.CITIZEN)
            await asyncio.sleep(0.05)
