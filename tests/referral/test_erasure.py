"""A person has everything erased: afterwards zero rows and zero log lines of them, with a receipt; and each night what is
too old goes by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from pydantic import SecretStr
from support.logs import logs_as_shipped
from support.people import ask, eventually
from support.rasa_server import RasaServer
from support.referrals import BRAM, ELS, ORGANISATION, new

from bot.assistant.interface import Answer
from bot.conversation import erasure, retention
from bot.conversation.message import Button, Reply
from bot.conversation.retention import RECEIPT_STAYS, Terms
from bot.conversation.service import Conversations
from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.referral.consent import Way
from bot.referral.desk import Desk
from bot.referral.handling import ClosingOutcome
from bot.referral.life import State
from bot.referral.making import make
from bot.referral.referrals import Referral, find_by_reference
from bot.settings import Settings
from bot.storage.columns import utcnow
from bot.storage.database import Database
from bot.storage.tables import metadata

CANARY = "kanariepiet"
SENDER = "kanarie-zelf"
Talks = tuple[Conversations, Desk]
SMTP = SecretStr("smtp://127.0.0.1:9")
TERMS = Terms(timedelta(days=30), timedelta(days=90), timedelta(days=365))


def everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table, Rasa's included, as the program reads it."""
    found: dict[str, list[str]] = {}
    with database.read() as connection:
        for table in metadata.sorted_tables:
            if rows := [str(tuple(row)) for row in connection.execute(sa.select(table))]:
                found[table.name] = rows
        there = sa.inspect(connection).has_table("events")
        if there and (rows := [str(row) for row in connection.exec_driver_sql("SELECT * FROM events")]):
            found["events"] = rows
    return found


def make_events(database: Database) -> None:
    """The table of Rasa's tracker store, as it ships, in this database."""
    from bot.assistant.tracker_store import DatabaseTrackerStore

    DatabaseTrackerStore.SQLEvent.__table__.create(database.engine)


async def somebody(
    talks: Talks, database: Database, rasa_server: RasaServer, directory: Any, settings: Settings
) -> tuple[str, Referral]:
    """Somebody who said a lot, and asked an organisation for help."""
    conversations, _ = talks
    with database.begin() as connection:
        accounts.add(connection, "els@voorbeeld.be", "Els", Role.COUNSELLOR, ORGANISATION)
    rasa_server.answer = lambda turn: Answer(
        replies=(Reply(text=f"{CANARY}?", buttons=(Button(title=CANARY, payload=f"/x{CANARY}"),)),)
    )
    for text in (f"ik ben {CANARY}", f"mijn nummer is 0470 12 34 56, {CANARY}"):
        await ask(conversations, text, SENDER)
    conversation = await conversations.find("web", SENDER)
    assert conversation is not None
    asked = new(
        conversation_id=conversation.id, way=Way.MAIL, contact=f"{CANARY}@voorbeeld.be", summary=CANARY,
        consent_text=CANARY,
    )  # fmt: skip
    organisation = directory.get(ORGANISATION)
    with database.begin() as connection:
        referral = make(connection, asked, organisation, settings, utcnow()).referral
        events = sa.text("INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (:s, 'user', 1.0, :d)")
        connection.execute(events, {"s": conversation.id, "d": f'{{"text": "{CANARY}"}}'})
    return conversation.id, referral


def ask_to_erase(database: Database, conversation_id: str) -> None:
    with database.begin() as connection:
        erasure.ask(connection, conversation_id, f"{conversation_id}:1", utcnow())


async def test_afterwards_there_is_no_row_and_no_log_line(
    talks: Talks, database: Database, rasa_server: RasaServer, directory: Any, make_settings: Callable[..., Settings],
    capfd: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    with logs_as_shipped():
        await _erase_and_look(talks, database, rasa_server, directory, make_settings(smtp_url=SMTP))
    logged = capfd.readouterr()
    assert "erasure.done" in logged.out + logged.err  # something was logged
    for personal in (CANARY, SENDER, "0470 12", "12 34 56"):
        assert personal not in logged.out + logged.err
    if database.is_sqlite:
        assert not [path for path in tmp_path.glob("test.db*") if CANARY.encode() in path.read_bytes()]  # noqa: ASYNC240


async def _erase_and_look(
    talks: Talks, database: Database, rasa_server: RasaServer, directory: Any, settings: Settings
) -> None:
    conversations, _ = talks
    make_events(database)
    conversation_id, _referral = await somebody(talks, database, rasa_server, directory, settings)
    before = everything(database)
    for table in ("inbox", "outbox", "buttons", "referrals", "referral_consents", "referral_events", "events", "mails"):
        assert before[table], table
    ask_to_erase(database, conversation_id)
    await eventually(lambda: not _has(database, conversation_id), 10.0)
    await eventually(lambda: conversation_id in rasa_server.forgotten)
    # The receipt, in a conversation of its own, says what went.
    receipt = None
    while receipt is None:
        receipt = await conversations.find("web", SENDER)
    (line,) = await conversations.lines(receipt.id)
    for words in ("gewist", "2 berichten van jou", "2 antwoorden aan jou", "1 aanvraag aan een organisatie", "1 stap"):
        assert words in line.text
    later = utcnow() + RECEIPT_STAYS + timedelta(minutes=1)
    with database.begin() as connection:
        assert retention.expire(connection, later, TERMS) == 1
    left = everything(database)
    assert set(left) <= {"counsellors", "mails"}  # of the organisation, which was told of a number
    assert CANARY not in str(left) and SENDER not in str(left) and conversation_id not in str(left)


def _has(database: Database, conversation_id: str) -> bool:
    return conversation_id in str(everything(database))


async def test_what_an_organisation_read_is_withdrawn_and_emptied_and_the_receipt_says_who_read_it(
    talks: Talks, database: Database, rasa_server: RasaServer, directory: Any, make_settings: Callable[..., Settings]
) -> None:
    conversations, desk = talks
    make_events(database)
    conversation_id, referral = await somebody(talks, database, rasa_server, directory, make_settings(smtp_url=SMTP))
    await desk.opened(referral.reference, ELS)
    ask_to_erase(database, conversation_id)

    def withdrawn() -> bool:
        with database.read() as connection:
            found = find_by_reference(connection, referral.reference)
        return found is not None and found.status is State.CANCELLED

    await eventually(withdrawn, 10.0)
    receipt = None
    while receipt is None:
        receipt = await conversations.find("web", SENDER)
    (line,) = await conversations.lines(receipt.id)
    assert "Leerwinkel Brussel las je aanvraag al." in line.text
    left = everything(database)
    assert CANARY not in str(left)
    # Who read what stays known, without content.
    assert left["referral_reads"] and left["referral_events"]
    opened = await desk.opened(referral.reference, BRAM)
    assert (opened.conversation, opened.lines, opened.referral.summary) == (None, [], "")
    assert any("Ingetrokken" in row for row in left["mails"])


async def test_an_erasure_waits_for_the_turn_that_asked_for_it(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, _ = talks
    rasa_server.delay = 0.8

    def answer(turn: Any) -> Answer:
        ask_to_erase(database, turn.conversation_id)
        return Answer(replies=(Reply(text="Goed, ik wis alles."),))

    rasa_server.answer = answer
    replies = await ask(conversations, "ja, wis alles", SENDER)
    assert [reply.text for reply in replies] == ["Goed, ik wis alles."]
    first = await conversations.find("web", SENDER)
    assert first is not None
    await eventually(lambda: not _has(database, first.id), 10.0)


async def test_what_was_asked_is_erased_before_the_next_message(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, _ = talks
    await ask(conversations, CANARY, SENDER)
    before = await conversations.find("web", SENDER)
    assert before is not None
    ask_to_erase(database, before.id)
    await ask(conversations, "wat weet je van mij", SENDER)
    after = await conversations.find("web", SENDER)
    assert after is not None and after.id != before.id
    assert not _has(database, before.id)


async def test_a_message_is_not_lost_when_what_was_asked_cannot_be_erased(
    talks: Talks, database: Database, rasa_server: RasaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations, _ = talks
    await ask(conversations, "hallo", SENDER)
    before = await conversations.find("web", SENDER)
    assert before is not None

    def fails(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(erasure, "due_of", fails)
    assert len(await ask(conversations, "nog iets", SENDER)) == 1


def test_asking_twice_is_asking_once(database: Database) -> None:
    ask_to_erase(database, "c" * 32)
    ask_to_erase(database, "c" * 32)
    with database.begin() as connection:
        assert erasure.due(connection, utcnow()) == ["c" * 32]
        erasure.drop(connection, "c" * 32)
        assert erasure.due(connection, utcnow()) == []


async def test_each_night_what_is_too_old_goes(
    talks: Talks, database: Database, rasa_server: RasaServer, directory: Any, make_settings: Callable[..., Settings]
) -> None:
    conversations, desk = talks
    make_events(database)
    _, referral = await somebody(talks, database, rasa_server, directory, make_settings(smtp_url=SMTP))
    await ask(conversations, "hallo", "bo")
    await desk.claim(referral.reference, ELS)
    now = utcnow()

    def night(days: float) -> int:
        count = 0
        with database.begin() as connection:
            while batch := retention.expire(connection, now + timedelta(days=days), TERMS):
                count += batch
        return count

    assert night(29) == 0
    assert night(31) == 1 + 1  # the conversation of Bo, and the mail to the organisation
    assert await conversations.find("web", "bo") is None
    assert await conversations.find("web", SENDER) is not None  # a referral is open
    await desk.close(referral.reference, ELS, ClosingOutcome.REACHED)
    assert night(89) == 0
    assert night(91) == 2  # the referral, and then its conversation
    assert await conversations.find("web", SENDER) is None
    assert CANARY not in str(everything(database))


async def test_the_nights_work_is_done_once_a_night_at_three(
    database: Database, rasa_server: RasaServer, assistant: Any, make_settings: Callable[..., Settings], directory: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from support.people import QUICK

    from bot.referral.reception import Reception

    runs: list[datetime] = []
    monkeypatch.setattr(retention, "expire", lambda connection, now, terms: runs.append(now) or 0)
    settings = make_settings(conversation_days=7)
    for hour, expected in ((1, 0), (2, 1)):  # 2 and 3 uur in Belgium, in winter
        with time_machine.travel(datetime(2026, 12, 1, hour, 30, tzinfo=UTC), tick=True):
            conversations = Conversations(database, assistant, settings, QUICK)
            conversations.attend(Reception(conversations, directory, settings))
            await conversations.start()
            if expected:
                await eventually(lambda: len(runs) == 1)
            await conversations.stop()
    assert len(runs) == 1
