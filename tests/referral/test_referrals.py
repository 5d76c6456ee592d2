"""Referrals in the database, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.referral import referrals as module
from bot.referral.contact import ContactError
from bot.referral.referrals import (
    MAX_SUMMARY,
    NewReferral,
    Referral,
    State,
    Way,
    create,
    find_by_conversation,
    find_by_reference,
    latest_of,
    withdraw,
)
from bot.storage.database import Database
from bot.storage.tables import conversations
from bot.storage.tables import referrals as table

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
ME, OTHER = "a" * 32, "b" * 32


@pytest.fixture(autouse=True)
def two_conversations(database: Database) -> None:
    """The conversations that referrals belong to."""
    with database.begin() as connection:
        for identifier in (ME, OTHER):
            connection.execute(
                sa.insert(conversations).values(id=identifier, channel="web", sender=identifier, created_at=NOW)
            )


def new(**changes: Any) -> NewReferral:
    """A referral as the assistant asks for it."""
    values: dict[str, Any] = {
        "conversation_id": ME,
        "message_key": "message-1",
        "organisation": "leerwinkel-brussel",
        "way": Way.CALL,
        "contact": "0470/12 34 56",
        "summary": "Vraag: hulp bij het kiezen",
        "with_transcript": True,
        "consent_version": "2026-11",
        "consent_text": "Mag ik dit doorsturen, met je telefoonnummer 0470 12 34 56?",
        "channel": "web",
    }
    return NewReferral(**values | changes)


def make(database: Database, **changes: Any) -> Referral:
    with database.begin() as connection:
        return create(connection, new(**changes), now=NOW)


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_referral_is_stored_with_what_was_consented_to(database: Database) -> None:
    made = make(database)
    assert made.contact == "+32470123456"
    assert (made.status, made.way, made.with_transcript) == (State.REQUESTED, Way.CALL, True)
    assert (made.consent_version, made.consented_at, made.created_at) == ("2026-11", NOW, NOW)
    with database.read() as connection:
        assert find_by_reference(connection, f"mijn nummer is {made.reference.lower()}") == made
        assert find_by_conversation(connection, ME) == [made]
        assert latest_of(connection, ME) == made
        assert latest_of(connection, OTHER) is None
        assert find_by_reference(connection, "LW-222222") is None
        assert find_by_reference(connection, "geen nummer") is None


def test_the_same_message_makes_one_referral(database: Database) -> None:
    first = make(database)
    again = make(database, summary="iets anders", contact="0486 00 00 00")
    assert again == first
    assert count(database) == 1
    assert make(database, message_key="message-2") != first
    with database.read() as connection:
        assert [one.message_key for one in find_by_conversation(connection, ME)] == ["message-2", "message-1"]


def test_the_same_message_handled_by_several_processes_at_once_makes_one_referral(database: Database) -> None:
    made: list[Referral] = []
    barrier = threading.Barrier(4)

    def handle() -> None:
        barrier.wait()
        made.append(make(database))

    threads = [threading.Thread(target=handle) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4 and len({one.reference for one in made}) == 1
    assert count(database) == 1


def test_a_reference_that_is_taken_is_replaced(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["LW-222222", "LW-222222", "LW-333333"])
    monkeypatch.setattr(module, "new_reference", lambda: next(drawn))
    with database.begin() as connection:
        assert create(connection, new()).reference == "LW-222222"
        assert create(connection, new(message_key="message-2")).reference == "LW-333333"
        # What the caller did before and does after in the transaction is not lost.
        assert len(find_by_conversation(connection, ME)) == 2
    assert count(database) == 2


def test_when_no_reference_is_free_that_is_an_error(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "new_reference", lambda: "LW-222222")
    make(database)
    with pytest.raises(sa.exc.IntegrityError):
        make(database, message_key="message-2")
    assert count(database) == 1


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"contact": "jan@voorbeeld.be"}, ContactError, "telefoonnummer"),
        ({"way": Way.MAIL}, ContactError, "e-mailadres"),
        ({"way": Way.ADDRESS}, ValueError, "not referred"),
        ({"summary": "  "}, ValueError, "1 to 4000"),
        ({"summary": "x" * (MAX_SUMMARY + 1)}, ValueError, "1 to 4000"),
        ({"conversation_id": "c" * 32}, sa.exc.IntegrityError, "(?i)foreign key"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_stored(
    database: Database, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make(database, **changes)
    assert count(database) == 0


def test_the_message_of_another_conversation_gives_nothing_away(database: Database) -> None:
    make(database)
    with pytest.raises(ValueError, match="another conversation"):
        make(database, conversation_id=OTHER)
    assert count(database) == 1


def test_withdrawn_consent_erases_what_is_personal(database: Database) -> None:
    made = make(database, way=Way.MAIL, contact="jan@voorbeeld.be")
    with database.begin() as connection:
        gone = withdraw(connection, made.reference, ME)
        assert gone is not None and gone.status is State.CANCELLED
        assert (gone.contact, gone.summary, gone.consent_text) == ("", "", "")
        assert gone.consent_version == "2026-11"
        assert withdraw(connection, made.reference, ME) == gone
    with database.read() as connection:
        row = connection.execute(sa.select(table)).mappings().one()
        assert not any("voorbeeld" in str(value) for value in row.values())


def test_only_the_person_withdraws(database: Database) -> None:
    made = make(database)
    with database.begin() as connection:
        assert withdraw(connection, made.reference, OTHER) is None
        assert withdraw(connection, "LW-222222", ME) is None
        assert withdraw(connection, "stop", ME) is None
        assert find_by_reference(connection, made.reference) == made


def test_the_status_is_told_in_dutch_without_details(database: Database) -> None:
    made = make(database)
    text = made.status_text("Leerwinkel Brussel")
    assert text == (
        f"Je aanvraag **{made.reference}** voor Leerwinkel Brussel is van 23 november 2026 om 14.05 uur. "
        "Nog niemand heeft ze opgenomen. Iemand neemt contact met je op per telefoon."
    )
    with database.begin() as connection:
        gone = withdraw(connection, made.reference, ME)
    assert gone is not None and gone.status_text("GTB").endswith("Je gegevens en je samenvatting zijn gewist.")


def test_where_nobody_reads_no_date_is_promised(database: Database) -> None:
    made = make(database, claim_by=NOW + timedelta(days=2))
    assert "uiterlijk" in made.status_text("VDAB")
    text = made.status_text("VDAB", unread=True)
    assert "leest nog niemand je aanvraag" in text and "uiterlijk" not in text
    with database.begin() as connection:
        gone = withdraw(connection, made.reference, ME)
    assert gone is not None and "leest" not in gone.status_text("VDAB", unread=True)


def test_printing_a_referral_shows_nothing_personal(database: Database) -> None:
    shown = repr(make(database)) + repr(new())
    assert "LW-" in shown
    for secret in ("0470", "+32", "kiezen", "doorsturen"):
        assert secret not in shown
