"""Readers of a conversation: every line once, in order, as soon as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from support.people import QUICK, ask, message
from support.rasa_server import RasaServer

from bot.assistant.remote import RemoteAssistant
from bot.conversation.message import Author, Reply
from bot.conversation.redis_link import RedisLink
from bot.conversation.service import Conversations, Floor
from bot.conversation.wakeups import Wakeups
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import migrate

PROMPT = 4.0
"""Seconds: less than `Wakeups` waits before it looks again unasked, so that who is there sooner was told."""


async def test_lines_of_everybody_in_order(conversations: Conversations) -> None:
    await ask(conversations, "een", message_id="m1")
    conversation = await conversations.find("web", "an")
    assert conversation is not None
    await conversations.say(conversation.id, Author.SYSTEM, Reply(text="Els komt erbij."))
    await conversations.say(conversation.id, Author.COUNSELLOR, Reply(text="Dag, ik ben Els."))
    await ask(conversations, "twee", message_id="m2")
    lines = await conversations.lines(conversation.id)
    assert [(line.seq, line.author, line.text, line.message_id) for line in lines] == [
        (1, Author.CITIZEN, "een", "m1"),
        (2, Author.ASSISTANT, "antwoord op een", None),
        (3, Author.SYSTEM, "Els komt erbij.", None),
        (4, Author.COUNSELLOR, "Dag, ik ben Els.", None),
        (5, Author.CITIZEN, "twee", "m2"),
    ]
    assert [line.reply.text if line.reply else None for line in lines[1:4]] == [line.text for line in lines[1:4]]
    assert all(line.at.tzinfo is not None for line in lines)


async def test_lines_can_be_read_in_parts(conversations: Conversations) -> None:
    for number in range(4):
        await ask(conversations, f"nr {number}")
    conversation = await conversations.find("web", "an")
    assert conversation is not None
    everything = await conversations.lines(conversation.id)
    assert len(everything) == 8
    assert await conversations.lines(conversation.id, after=3) == everything[3:]
    assert await conversations.lines(conversation.id, after=3, limit=2) == everything[3:5]
    assert await conversations.lines(conversation.id, after=8) == []


async def test_readers_who_wait_miss_nothing(conversations: Conversations, rasa_server: RasaServer) -> None:
    conversation = await conversations.open("web", "an")
    total = 40

    async def reader() -> list[int]:
        seen: list[int] = []
        while len(seen) < total:
            assert await conversations.wait_for_lines(conversation.id, seen[-1] if seen else 0, 10.0)
            seen += [line.seq for line in await conversations.lines(conversation.id, seen[-1] if seen else 0)]
        return seen

    readers = [asyncio.create_task(reader()) for _ in range(3)]
    for number in range(total // 2):
        await conversations.accept(message(f"nr {number}"))
    for seen in await asyncio.gather(*readers):
        assert seen == list(range(1, total + 1))


async def test_waiting_ends_in_time(conversations: Conversations) -> None:
    await ask(conversations)
    conversation = await conversations.find("web", "an")
    assert conversation is not None
    async with asyncio.timeout(PROMPT):
        assert await conversations.wait_for_lines(conversation.id, 1, 60.0)
    assert not await conversations.wait_for_lines(conversation.id, 2, 0.1)
    assert not await conversations.wait_for_lines("nope", 0, 0.0)


async def test_a_line_wakes_its_reader_at_once(conversations: Conversations) -> None:
    conversation = await conversations.open("web", "an")
    waiting = asyncio.create_task(conversations.wait_for_lines(conversation.id, 0, 60.0))
    await asyncio.sleep(0.05)
    await conversations.say(conversation.id, Author.SYSTEM, Reply(text="hallo"))
    async with asyncio.timeout(PROMPT):
        assert await waiting


async def _from_one_process_to_another(url: str, assistant: RemoteAssistant, settings: Settings, rounds: int) -> None:
    migrate(url)
    databases = [Database(url), Database(url)]
    here, there = (Conversations(database, assistant, settings, QUICK) for database in databases)
    await here.start()
    await there.start()
    await asyncio.sleep(0.2)
    conversation = await here.open("web", "an")
    for number in range(rounds):
        waiting = asyncio.create_task(there.wait_for_lines(conversation.id, number, 60.0))
        await asyncio.sleep(0.1)
        await here.say(conversation.id, Author.SYSTEM, Reply(text="hallo"))
        async with asyncio.timeout(PROMPT):
            assert await waiting
    # The other way round, and for who waits for replies.
    accepted = await there.accept(message("hallo"))
    assert len(await here.replies_to(accepted, 5.0)) == 1
    assert await there.give_floor(conversation.id, Floor.COUNSELLOR, 0) == 1
    for conversations, database in zip((here, there), databases, strict=True):
        await conversations.stop()
        database.close()


async def test_a_line_of_another_process_is_told_by_redis(
    postgres_url: str, redis_url: str, assistant: RemoteAssistant, make_settings: Callable[..., Settings]
) -> None:
    await _from_one_process_to_another(postgres_url, assistant, make_settings(redis_url=redis_url), 3)


async def test_without_redis_a_line_of_another_process_is_found(
    postgres_url: str, assistant: RemoteAssistant, make_settings: Callable[..., Settings]
) -> None:
    await _from_one_process_to_another(postgres_url, assistant, make_settings(), 2)


async def test_with_redis_away_everybody_looks_again() -> None:
    wakeups = Wakeups(RedisLink("redis://127.0.0.1:1/0"), recheck=0.1)
    wakeups.start()
    looks = 0

    async def look() -> int | None:
        nonlocal looks
        looks += 1
        return looks if looks == 3 else None

    wakeups.notify("c")  # nobody hears it, and nothing breaks
    assert await wakeups.until("c", look, 10.0) == 3
    await wakeups.stop()
