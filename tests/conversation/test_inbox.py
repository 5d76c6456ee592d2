"""Messages come in: once each, cleaned, or refused with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from support.people import QUICK, answered, ask, eventually, message
from support.rasa_server import RasaServer

from bot.conversation.message import MAX_TEXT, Author, InboundMessage, Kind
from bot.conversation.service import Conversations, InvalidMessage
from bot.storage.database import Database
from bot.storage.tables import inbox, utcnow


async def test_a_message_is_answered(conversations: Conversations, database: Database) -> None:
    accepted = await conversations.accept(message("een cursus lassen"))
    assert accepted.new
    assert await answered(conversations, accepted) == ["antwoord op een cursus lassen"]
    with database.read() as connection:
        row = connection.execute(sa.select(inbox)).one()
    assert (row.status, row.intent, row.confidence, row.attempts) == ("done", "inform", 0.9, 1)
    assert row.done_at - row.received_at < timedelta(seconds=5)


async def test_what_the_assistant_is_told(conversations: Conversations, rasa_server: RasaServer) -> None:
    accepted = await conversations.accept(message(" hoi\x00 ", channel="rest"))
    await conversations.replies_to(accepted, 10.0)
    (turn,) = rasa_server.turns
    assert turn.text == "hoi"
    assert turn.kind is Kind.TEXT
    assert turn.payload is None
    assert turn.channel == "rest"
    assert turn.conversation_id == accepted.conversation_id
    assert turn.message_key == f"{accepted.conversation_id}:{accepted.inbox_id}"
    assert not turn.retried


async def test_the_same_message_is_handled_once(conversations: Conversations, rasa_server: RasaServer) -> None:
    rasa_server.delay = 0.05
    same = message("hallo")
    accepted = await asyncio.gather(*(conversations.accept(same) for _ in range(5)))
    assert len({(a.conversation_id, a.inbox_id, a.seq) for a in accepted}) == 1
    assert sum(a.new for a in accepted) == 1
    replies = await asyncio.gather(*(conversations.replies_to(a, 10.0) for a in accepted))
    assert all(r == replies[0] for r in replies)
    again = await conversations.accept(same)
    assert not again.new
    assert await conversations.replies_to(again, 10.0) == replies[0]
    assert len(rasa_server.turns) == 1
    assert [line.seq for line in await conversations.lines(again.conversation_id)] == [1, 2]


async def test_message_ids_are_of_their_conversation(conversations: Conversations, rasa_server: RasaServer) -> None:
    first = await conversations.accept(message("van an", "an", message_id="1"))
    second = await conversations.accept(message("van bo", "bo", message_id="1"))
    third = await conversations.accept(message("an elders", "an", channel="rest", message_id="1"))
    assert len({a.conversation_id for a in (first, second, third)}) == 3
    assert all(a.new for a in (first, second, third))
    assert await answered(conversations, second) == ["antwoord op van bo"]


async def test_first_messages_at_once_make_one_conversation(conversations: Conversations) -> None:
    accepted = await asyncio.gather(*(conversations.accept(message(f"nr {n}")) for n in range(8)))
    assert len({a.conversation_id for a in accepted}) == 1
    assert len({a.seq for a in accepted}) == 8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("\x00\x07\x1b", "empty"),
        ("\u200b\u202e\ufeff", "empty"),
        ("\u3164\u2800", "empty"),
        ("a" * (MAX_TEXT + 1), "too_long"),
        ("a" * 1_000_000, "too_long"),
    ],
)
async def test_what_cannot_be_a_message(conversations: Conversations, text: str, code: str) -> None:
    with pytest.raises(InvalidMessage) as refused:
        await conversations.accept(message(text))
    assert refused.value.code == code
    assert str(refused.value).startswith("Je bericht is")
    assert await conversations.find("web", "an") is None


@pytest.mark.parametrize(
    "text", ["\U0001f600\U0001f389", "?", "/restart", '/request_human{"x":"y"}', "b_" + "x" * 22, "ﷺ"]
)
async def test_odd_text_is_plain_text(conversations: Conversations, rasa_server: RasaServer, text: str) -> None:
    await ask(conversations, text)
    (turn,) = rasa_server.turns
    assert (turn.kind, turn.text, turn.payload) == (Kind.TEXT, text, None)


async def test_the_longest_message_is_taken_whole(conversations: Conversations, rasa_server: RasaServer) -> None:
    await ask(conversations, "é" * MAX_TEXT)
    assert rasa_server.turns[0].text == "é" * MAX_TEXT


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"sender": "a\x00b"}, "bad_sender"),
        ({"sender": "\ud800"}, "bad_sender"),
        ({"sender": "s" * 256}, "bad_sender"),
        ({"sender": ""}, "bad_sender"),
        ({"sender": "erased:0123"}, "bad_sender"),
        ({"message_id": "1\n"}, "bad_message_id"),
        ({"message_id": "1" * 256}, "bad_message_id"),
        ({"channel": "WEB"}, "bad_channel"),
        ({"channel": "c" * 21}, "bad_channel"),
    ],
)
async def test_ids_that_cannot_be(conversations: Conversations, wrong: dict[str, str], code: str) -> None:
    values = {"channel": "web", "sender": "an", "message_id": "1", "text": "hallo", "button": None, "unreadable": None}
    with pytest.raises(InvalidMessage) as refused:
        # As from a channel that did not validate.
        await conversations.accept(InboundMessage.model_construct(**(values | wrong)))
    assert refused.value.code == code


async def test_the_longest_ids_are_taken(conversations: Conversations) -> None:
    replies = await ask(conversations, "hallo", "s" * 255, message_id="m" * 255)
    assert [reply.text for reply in replies] == ["antwoord op hallo"]


@pytest.mark.parametrize(
    ("what", "payload"),
    [
        ("foto", '/unreadable{"what": "foto"}'),
        ('"}\n/restart', '/unreadable{"what": "\\"} /restart"}'),
        ("\x00", '/unreadable{"what": "bestand"}'),
        ("x" * 100, '/unreadable{"what": "' + "x" * 40 + '"}'),
    ],
)
async def test_what_cannot_be_read(
    conversations: Conversations, rasa_server: RasaServer, what: str, payload: str
) -> None:
    await ask(conversations, "telt niet", unreadable=what)
    (turn,) = rasa_server.turns
    assert (turn.kind, turn.payload) == (Kind.UNREADABLE, payload)


async def test_the_way_in_is_kept_with_a_new_conversation(conversations: Conversations) -> None:
    await ask(conversations, "hallo", entry="ocmw-gent")
    await ask(conversations, "nog iets", entry="vakbond")
    conversation = await conversations.find("web", "an")
    assert conversation is not None
    assert conversation.entry == "ocmw-gent"
    assert (await conversations.open("web", "bo", "x" * 100 + "\x00")).entry == "x" * 64
    assert (await conversations.open("web", "cy", "\x00")).entry is None


async def test_when_a_message_was_received(conversations: Conversations) -> None:
    earlier = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    first = await conversations.accept(message("vroeger", received_at=earlier))
    later = utcnow() + timedelta(hours=1)
    await conversations.accept(message("uit de toekomst", received_at=later))
    lines = [line for line in await conversations.lines(first.conversation_id) if line.author is Author.CITIZEN]
    assert lines[0].at == earlier
    assert lines[1].at < utcnow()
    conversation = await conversations.get(first.conversation_id)
    assert conversation is not None
    assert conversation.last_inbound_at == lines[1].at


async def test_nothing_is_taken_outside_start_and_stop(conversations: Conversations) -> None:
    await conversations.stop()
    with pytest.raises(RuntimeError, match="not started"):
        await conversations.accept(message())


async def test_a_caller_who_hangs_up_does_not_undo_his_message(
    make_conversations: Callable[..., Awaitable[Conversations]], rasa_server: RasaServer
) -> None:
    conversations = await make_conversations(timing=replace(QUICK, sweep=60.0))  # only a wake-up helps
    for number in range(1, 6):
        call = asyncio.create_task(conversations.accept(message("hallo", f"s{number}")))
        for _ in range(number):
            await asyncio.sleep(0)
        call.cancel()
        assert isinstance((await asyncio.gather(call, return_exceptions=True))[0], asyncio.CancelledError)
    await eventually(lambda: rasa_server.arrived("hallo") >= 4)
    for number in range(2, 6):  # the first one may not even have begun
        conversation = await conversations.find("web", f"s{number}")
        assert conversation is not None
        assert await conversations.wait_for_lines(conversation.id, 1, 5.0)
