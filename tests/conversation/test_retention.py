"""Erasing: afterwards nothing of the person is left, not even in the bytes of the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.people import ask, eventually, message
from support.rasa_server import Fault, RasaServer

from bot.assistant.interface import Answer, Turn
from bot.conversation.message import Author, Button, Reply
from bot.conversation.rewind import forget, has_events, rewind
from bot.conversation.service import Conversations, UnknownConversation
from bot.storage.database import Database
from bot.storage.tables import conversations as conversation_rows
from bot.storage.tables import metadata, referrals, utcnow

CANARY = "kanariepiet"


def make_events(database: Database) -> None:
    """The table of Rasa's SQLTrackerStore."""
    events = sa.Table(
        "events",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sender_id", sa.String(255), nullable=False, index=True),
        sa.Column("type_name", sa.String(255), nullable=False),
        sa.Column("timestamp", sa.Float),
        sa.Column("intent_name", sa.String(255)),
        sa.Column("action_name", sa.String(255)),
        sa.Column("data", sa.Text),
    )
    events.create(database.engine)


def add_events(database: Database, sender_id: str, *message_keys: str) -> None:
    """What Rasa keeps of turns: for each message the session or action before it, the message, and the answer."""
    with database.begin() as connection:
        for key in message_keys:
            for kind, data in (
                ("action", {"event": "action", "name": "action_listen"}),
                ("user", {"event": "user", "text": f"{CANARY} {key}", "message_id": key, "metadata": {"met": key}}),
                ("bot", {"event": "bot", "text": f"{CANARY} bij {key}"}),
            ):
                connection.execute(
                    sa.text("INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (:s, :t, 1.0, :d)"),
                    {"s": sender_id, "t": kind, "d": json.dumps(data)},
                )


def events_of(database: Database, sender_id: str) -> list[str]:
    """The kinds of the events of a conversation."""
    with database.read() as connection:
        rows = connection.execute(
            sa.text("SELECT type_name FROM events WHERE sender_id = :s ORDER BY id"), {"s": sender_id}
        )
        return [row.type_name for row in rows]


def add_referral(database: Database, conversation_id: str, number: int, status: str) -> None:
    with database.begin() as connection:
        connection.execute(
            sa.insert(referrals).values(
                reference=f"R{number}",
                conversation_id=conversation_id,
                message_key=f"{conversation_id}:{number}",
                organisation="leerwinkel",
                first_organisation="leerwinkel",
                need="inform",
                way="call",
                contact=CANARY,
                summary=CANARY,
                with_transcript=False,
                consent_version="1",
                consent_text="ja",
                consented_at=utcnow(),
                channel="web",
                status=status,
                created_at=utcnow(),
                changed_at=utcnow(),
            )
        )


async def test_everything_of_a_conversation_goes_and_of_no_other(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    make_events(database)
    rasa_server.answer = lambda turn: Answer(
        replies=(Reply(text=CANARY, buttons=(Button(title=CANARY, payload=f'/x{{"y":"{CANARY}"}}'),)),)
    )
    ids = {}
    for sender in ("an", "bo"):
        await ask(conversations, f"{CANARY} vraagt", sender, entry="ocmw")
        await ask(conversations, f"{CANARY} vraagt nog", sender)
        conversation = await conversations.find("web", sender)
        assert conversation is not None
        ids[sender] = conversation.id
        add_events(database, conversation.id, f"{conversation.id}:1", f"{conversation.id}:2")
    add_referral(database, ids["an"], 1, "requested")
    counts = await conversations.erase(ids["an"])
    erased = {table: count for table, count in counts.items() if count}
    assert erased == {"buttons": 2, "outbox": 2, "inbox": 2, "referrals": 1, "conversations": 1, "events": 6}
    assert await conversations.find("web", "an") is None
    assert await conversations.lines(ids["an"]) == []
    with pytest.raises(UnknownConversation):
        await conversations.erase(ids["an"])
    assert len(await conversations.lines(ids["bo"])) == 4
    assert events_of(database, ids["bo"]) == ["action", "user", "bot"] * 2
    # The same person begins anew.
    assert len(await ask(conversations, "hallo")) == 1
    again = await conversations.find("web", "an")
    assert again is not None
    assert again.id != ids["an"]


async def test_no_byte_is_left_in_the_file(
    conversations: Conversations, rasa_server: RasaServer, database: Database, tmp_path: Path
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL empties its pages itself, in time")
    make_events(database)
    long = f"{CANARY} " * 200
    accepted = await conversations.accept(message(long, CANARY, entry=CANARY))
    await conversations.replies_to(accepted, 10.0)
    add_events(database, accepted.conversation_id, f"{accepted.conversation_id}:{accepted.inbox_id}")

    def found() -> list[str]:
        return [path.name for path in tmp_path.iterdir() if CANARY.encode() in path.read_bytes()]

    assert found()
    await conversations.erase(accepted.conversation_id)
    assert found() == []


async def test_a_referral_that_was_handed_over_stays_and_says_nothing_of_the_conversation(
    conversations: Conversations, database: Database
) -> None:
    await ask(conversations, "hallo", entry="ocmw")
    conversation = await conversations.find("web", "an")
    assert conversation is not None
    add_referral(database, conversation.id, 1, "requested")
    add_referral(database, conversation.id, 2, "claimed")
    with database.begin() as connection:
        connection.execute(sa.update(referrals).where(referrals.c.reference == "R2").values(claimed_at=utcnow()))
    counts = await conversations.erase(conversation.id)
    assert counts["referrals"] == 1
    with database.read() as connection:
        (kept,) = connection.execute(sa.select(referrals))
        (row,) = connection.execute(sa.select(conversation_rows))
    # What was personal in it is gone, and the counsellor sees that it is withdrawn.
    assert (kept.reference, kept.status, kept.contact, kept.summary) == ("R2", "cancelled", "", "")
    assert row.sender == f"erased:{conversation.id}"
    assert (row.entry, row.last_inbound_at, row.lease_owner) == (None, None, None)
    # To everybody else it is gone, and it cannot be written to by naming it.
    assert await conversations.get(conversation.id) is None
    assert await conversations.find("web", f"erased:{conversation.id}") is None
    with pytest.raises(UnknownConversation):
        await conversations.floor(conversation.id)
    with pytest.raises(UnknownConversation):
        await conversations.say(conversation.id, Author.COUNSELLOR, Reply(text="hallo"))
    with pytest.raises(UnknownConversation):
        await conversations.erase(conversation.id)


async def test_an_answer_under_way_while_erasing_is_not_kept(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    make_events(database)
    rasa_server.delay = 0.3
    accepted = await conversations.accept(message("hallo"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    await conversations.erase(accepted.conversation_id)
    assert await conversations.replies_to(accepted, 1.0) == []
    add_events(database, accepted.conversation_id, f"{accepted.conversation_id}:{accepted.inbox_id}")  # Rasa saves late
    await eventually(lambda: events_of(database, accepted.conversation_id) == [])
    with database.read() as connection:
        for table in metadata.sorted_tables:
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0, table.name


def test_rewinding_deletes_from_the_message_on(database: Database) -> None:
    with database.begin() as connection:
        assert not has_events(connection)
        assert rewind(connection, "c", "c:1") == 0
        assert forget(connection, "c") == 0
    make_events(database)
    add_events(database, "c", "c:1", "c:2", "c:21", "c:3")
    add_events(database, "d", "d:1", "c:2")
    with database.begin() as connection:
        assert rewind(connection, "c", "c:4") == 0
        assert rewind(connection, "c", "c:2") == 8
    assert events_of(database, "c") == ["action", "user", "bot", "action"]
    assert events_of(database, "d") == ["action", "user", "bot"] * 2
    with database.begin() as connection:
        assert rewind(connection, "c", "c:2") == 0
        assert rewind(connection, "c", "c:1") == 3
        assert forget(connection, "d") == 6


async def test_before_a_turn_is_tried_again_its_traces_in_rasa_are_gone(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    make_events(database)
    seen: list[list[str]] = []

    def fault_of(turn: Turn) -> Fault | None:
        seen.append(events_of(database, turn.conversation_id))
        add_events(database, turn.conversation_id, turn.message_key)  # Rasa saves what it did, and then it goes wrong
        return None if turn.retried else Fault.ERROR

    rasa_server.fault_of = fault_of
    await ask(conversations, "eerst")
    await ask(conversations, "dan")
    first = ["action", "action", "user", "bot"]
    assert seen == [[], ["action"], first, [*first, "action"]]


async def test_what_rasa_did_with_a_message_that_a_counsellor_took_is_undone(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    make_events(database)
    rasa_server.delay = 0.2
    accepted = await conversations.accept(message("hallo"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    add_events(database, accepted.conversation_id, f"{accepted.conversation_id}:{accepted.inbox_id}")
    await conversations.say(accepted.conversation_id, Author.COUNSELLOR, Reply(text="Dag, ik ben Els."))
    assert await conversations.replies_to(accepted, 5.0) == []
    assert events_of(database, accepted.conversation_id) == ["action"]
