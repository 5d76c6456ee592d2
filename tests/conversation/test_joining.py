"""Short messages in a row are read as one turn on channels that ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from support.people import QUICK, eventually, message
from support.provider import Provider, ProviderSender
from support.rasa_server import Fault, RasaServer

from bot.assistant.remote import RemoteAssistant
from bot.conversation.message import MAX_TEXT
from bot.conversation.service import Conversations
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import inbox

QUIET = 0.4
LONG = 60.0
"""A quiet that no test sits out: what is answered all the same did not wait for it."""


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    await provider.start()
    yield provider
    await provider.stop()


@asynccontextmanager
async def a_chat(
    database: Database, assistant: RemoteAssistant, provider: Provider, quiet: float
) -> AsyncIterator[Conversations]:
    conversations = Conversations(database, assistant, Settings(_env_file=None), QUICK)
    conversations.register("phone", ProviderSender(provider.url), quiet=quiet)
    await conversations.start()
    yield conversations
    await conversations.stop()


@pytest.fixture
async def chatting(database: Database, assistant: RemoteAssistant, provider: Provider) -> AsyncIterator[Conversations]:
    """Conversations with a channel on which people chat."""
    async with a_chat(database, assistant, provider, QUIET) as conversations:
        yield conversations


@pytest.fixture
async def patient(database: Database, assistant: RemoteAssistant, provider: Provider) -> AsyncIterator[Conversations]:
    """As `chatting`, with a `LONG` quiet."""
    async with a_chat(database, assistant, provider, LONG) as conversations:
        yield conversations


async def say(conversations: Conversations, *texts: str, channel: str = "phone") -> None:
    for text in texts:
        await conversations.accept(message(text, channel=channel))


def rows(database: Database) -> list[sa.engine.Row]:
    with database.read() as connection:
        return list(connection.execute(sa.select(inbox).order_by(inbox.c.id)))


async def test_half_sentences_are_one_turn(
    chatting: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    await say(chatting, "hoi", "ik zoek", "een cursus lassen")
    await asyncio.sleep(QUIET / 2)
    assert rasa_server.turns == []
    await eventually(lambda: [turn.text for turn in rasa_server.turns] == ["hoi\nik zoek\neen cursus lassen"])
    await eventually(lambda: {row.status for row in rows(database)} == {"done"})
    first, *others = rows(database)
    assert (first.joined, first.intent) == (None, "inform")
    assert [row.joined for row in others] == [first.id, first.id]


@pytest.mark.parametrize("whole", ["wat kost dat?", "x" * 121])
async def test_a_question_or_a_long_text_is_answered_at_once(
    patient: Conversations, rasa_server: RasaServer, whole: str
) -> None:
    await say(patient, "hoi", whole)
    await eventually(lambda: [turn.text for turn in rasa_server.turns] == [f"hoi\n{whole}"])


async def test_a_button_is_not_joined_and_is_not_waited_for(patient: Conversations, rasa_server: RasaServer) -> None:
    await say(patient, "hoi")
    await patient.accept(message(channel="phone", unreadable="foto"))
    await eventually(lambda: [turn.text for turn in rasa_server.turns] == ["hoi", "foto"])


async def test_who_never_stops_is_answered_all_the_same(chatting: Conversations, rasa_server: RasaServer) -> None:
    texts = [f"{n}" for n in range(12)]
    for text in texts:
        await say(chatting, text)
        await asyncio.sleep(QUIET / 3)
    await eventually(lambda: "\n".join(turn.text for turn in rasa_server.turns).split("\n") == texts)
    assert 2 <= len(rasa_server.turns) <= 6


async def test_joined_texts_are_no_longer_than_one_may_be(chatting: Conversations, rasa_server: RasaServer) -> None:
    await say(chatting, "a" * (MAX_TEXT - 10), "b" * 30)
    await eventually(lambda: [len(turn.text) for turn in rasa_server.turns] == [MAX_TEXT - 10, 30])


async def test_where_nobody_chats_each_message_is_a_turn(patient: Conversations, rasa_server: RasaServer) -> None:
    await say(patient, "een", "twee", channel="web")
    await eventually(lambda: [turn.text for turn in rasa_server.turns] == ["een", "twee"])


async def test_a_turn_that_goes_wrong_is_tried_again_with_what_came_meanwhile(
    chatting: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    rasa_server.faults.append(Fault.ERROR)
    await say(chatting, "hoi", "ik zoek een cursus?")
    await eventually(lambda: {row.status for row in rows(database)} == {"done"})
    assert [turn.text for turn in rasa_server.turns] == ["hoi\nik zoek een cursus?"] * 2


async def test_a_turn_that_is_given_up_is_given_up_as_a_whole(
    chatting: Conversations, rasa_server: RasaServer, database: Database, provider: Provider
) -> None:
    rasa_server.fault_of = lambda turn: Fault.ERROR
    await say(chatting, "hoi", "ik zoek een cursus?")
    await eventually(lambda: [row.status for row in rows(database)] == ["failed", "failed"])
    await eventually(lambda: len(provider.taken) == 1)
