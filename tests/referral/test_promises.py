"""Promises kept on time, once, with the person told: at a clock that the tests set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from support.referrals import BRAM, ELS, NOW, ORGANISATION, add_conversation, new

from bot.conversation import change as changes
from bot.conversation import floor as floors
from bot.conversation import transcript
from bot.conversation.model import Floor
from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.referral import afterwards, call_backs, handling, life, promises
from bot.referral.consent import Way
from bot.referral.directory import Directory
from bot.referral.handling import ClosingOutcome
from bot.referral.hours import BELGIUM
from bot.referral.life import CITIZEN, Party, State, What
from bot.referral.making import make
from bot.referral.promises import IDLE, Promises
from bot.referral.referrals import Referral, get
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.referral_tables import mails

FALLBACK = "vdab-brussel"


class Clock:
    """One referral at a clock that only moves when told."""

    def __init__(self, database: Database, directory: Directory, settings: Settings) -> None:
        self.database = database
        self.settings = settings
        self.promises = Promises(directory, settings)
        self.directory = directory
        self.now = NOW
        self.conversation = add_conversation(database)

    def make(self, calls_at: datetime | None = None, **values: Any) -> Referral:
        organisation = self.directory.get(values.get("organisation", ORGANISATION))
        assert organisation is not None
        with self.database.begin() as connection:
            made = make(connection, new(**values), organisation, self.settings, self.now, calls_at=calls_at).referral
            if made.way is Way.CHAT:
                life.move(connection, made.id, What.QUEUED, State.WAITING, CITIZEN, self.now, key="queued")
                floors.give_floor(connection, self.conversation, Floor.COUNSELLOR, 0)
        return made

    def until(self, **delta: float) -> list[str]:
        """Lets time pass, keeps what is due twice over, and gives what the person newly heard."""
        before = self.said()
        self.now += timedelta(**delta)
        for _ in range(2):
            with self.database.read() as connection:
                found = promises.due(connection, self.now, self.settings)
            for identifier, conversation in found:
                with self.database.begin() as connection:
                    begun = changes.begin(connection, conversation, self.now, lambda channel: False)
                    self.promises.keep(begun, identifier)
        return self.said()[len(before) :]

    def said(self) -> list[str]:
        with self.database.read() as connection:
            return [line.text for line in transcript.lines(connection, self.conversation, 0, 100)]

    def get(self, referral: Referral) -> Referral:
        with self.database.read() as connection:
            return get(connection, referral.id)

    def floor(self) -> Floor:
        with self.database.read() as connection:
            return floors.floor_of(connection, self.conversation)[0]

    def mails(self) -> list[tuple[str, str]]:
        with self.database.read() as connection:
            rows = connection.execute(sa.select(mails.c.recipient, mails.c.subject).order_by(mails.c.id))
            return [(row.recipient, row.subject.partition(" (")[0]) for row in rows]


@pytest.fixture
def clock(database: Database, directory: Directory, make_settings: Callable[..., Settings]) -> Clock:
    with database.begin() as connection:
        for number, organisation in enumerate((ORGANISATION, FALLBACK)):
            accounts.add(connection, f"n{number}@voorbeeld.be", f"N{number}", Role.COUNSELLOR, organisation, now=NOW)
    return Clock(database, directory, make_settings(smtp_url=SecretStr("smtp://127.0.0.1:9")))


def test_in_time_nothing_happens(clock: Clock) -> None:
    made = clock.make()
    assert made.claim_by == datetime(2026, 11, 25, 17, tzinfo=BELGIUM)
    assert clock.until(days=1) == []
    assert clock.get(made).status is State.REQUESTED
    assert clock.mails() == [("n0@voorbeeld.be", "Nieuwe vraag")]


def test_taken_up_in_time_it_is_never_escalated(clock: Clock) -> None:
    made = clock.make()
    with clock.database.begin() as connection:
        handling.claim(connection, made.reference, ELS, clock.now)
    assert clock.until(days=30) == []
    assert clock.get(made).status is State.CLAIMED


def test_not_taken_up_it_goes_to_the_organisation_that_the_consent_names_and_the_person_hears_it_once(
    clock: Clock,
) -> None:
    made = clock.make(fallback=FALLBACK)
    (said,) = clock.until(days=3)
    assert said.startswith("Leerwinkel Brussel nam je vraag niet op tijd op.")
    assert "VDAB Brussel" in said and "maandag 30 november" in said
    now_is = clock.get(made)
    assert (now_is.status, now_is.organisation, now_is.first_organisation) == (State.ESCALATED, FALLBACK, ORGANISATION)
    assert clock.mails()[1:] == [("n1@voorbeeld.be", "Dringend: niemand nam deze vraag op")]
    assert clock.until(hours=1) == []
    with clock.database.begin() as connection:
        with pytest.raises(life.UnknownReferral):  # it is theirs no more
            handling.claim(connection, made.reference, ELS, clock.now)
        handling.claim(connection, made.reference, life.Counsellor("3", FALLBACK, "Mo"), clock.now)
    assert clock.until(days=30) == []


def test_without_consent_for_another_it_stays_and_is_urgent(clock: Clock) -> None:
    made = clock.make()
    (said,) = clock.until(days=3)
    assert "nog eens, nu dringend" in said
    now_is = clock.get(made)
    assert (now_is.status, now_is.organisation) == (State.ESCALATED, ORGANISATION)


def test_a_fallback_without_anybody_at_the_desk_gets_nothing(clock: Clock) -> None:
    made = clock.make(fallback="gtb")
    clock.until(days=3)
    assert clock.get(made).organisation == ORGANISATION


def test_when_nobody_comes_at_all_the_person_hears_that_too(clock: Clock) -> None:
    made = clock.make()
    clock.until(days=3)
    (said,) = clock.until(days=9)
    assert said.startswith("Sorry, bij Leerwinkel Brussel nam niemand je vraag op.")
    assert clock.get(made).status is State.EXPIRED
    assert clock.until(days=30) == []


def test_who_waits_in_the_conversation_gets_the_assistant_back_in_the_end(clock: Clock) -> None:
    made = clock.make(way=Way.CHAT)
    assert clock.until(minutes=9) == []
    (said,) = clock.until(minutes=2)
    assert said.startswith("Bij Leerwinkel Brussel is nog niemand vrij.")
    assert clock.floor() is Floor.COUNSELLOR
    (said,) = clock.until(minutes=11)
    assert "Je praat nu weer met de digitale assistent." in said
    assert clock.floor() is Floor.ASSISTANT
    assert clock.get(made).status is State.EXPIRED


def test_taking_a_talk_is_not_answering_it(clock: Clock) -> None:
    made = clock.make(way=Way.CHAT)
    with clock.database.begin() as connection:
        handling.claim(connection, made.reference, ELS, clock.now)
    (said,) = clock.until(minutes=11)
    assert said.startswith("Bij Leerwinkel Brussel is nog niemand vrij.")
    now_is = clock.get(made)
    assert (now_is.status, now_is.counsellor_id) == (State.ESCALATED, None)
    with clock.database.begin() as connection:
        handling.answer(connection, made.reference, BRAM, clock.now)
    assert clock.until(minutes=30) == []
    assert clock.get(made).status is State.LIVE


def test_escalated_and_given_back_it_is_not_escalated_again(clock: Clock) -> None:
    made = clock.make(fallback=FALLBACK)
    clock.until(days=3)
    mo = life.Counsellor("3", FALLBACK, "Mo")
    with clock.database.begin() as connection:
        handling.claim(connection, made.reference, mo, clock.now)
        handling.release(connection, made.reference, mo, clock.now)
    clock.until(days=30)
    with clock.database.read() as connection:
        history = [event.what for event in life.events(connection, made.id)]
    assert history.count(What.ESCALATED) == 1
    assert clock.get(made).status is State.EXPIRED


def test_a_talk_in_which_nobody_speaks_ends(clock: Clock) -> None:
    made = clock.make(way=Way.CHAT)
    with clock.database.begin() as connection:
        handling.answer(connection, made.reference, ELS, clock.now)
    assert clock.until(minutes=100) == []
    (said,) = clock.until(seconds=IDLE.total_seconds())
    assert said.startswith("Het gesprek ligt al een tijd stil.")
    assert (clock.get(made).status, clock.floor()) == (State.CLAIMED, Floor.ASSISTANT)


def test_an_agreed_call_is_reminded_of_once_and_broken_it_is_escalated(clock: Clock) -> None:
    calls_at = datetime(2026, 11, 24, 10, tzinfo=BELGIUM)
    with clock.database.begin() as connection:
        accounts.add(connection, "v@voorbeeld.be", "V", Role.COUNSELLOR, "vdab", now=NOW)
    made = clock.make(calls_at=calls_at, organisation="vdab")
    assert (made.status, made.claim_by) == (State.CALL_BACK_BOOKED, calls_at)
    assert clock.until(hours=10) == []
    clock.now = calls_at - timedelta(minutes=119)
    assert clock.until(minutes=1) == [
        "Nog even en VDAB belt je: dinsdag 24 november om 10 uur. Hou je telefoon bij de hand."
    ]
    assert clock.until(minutes=1) == []
    assert clock.mails()[-1] == ("v@voorbeeld.be", "Straks terugbellen")
    (said,) = clock.until(hours=3)
    assert said.startswith("VDAB nam je vraag niet op tijd op.")


def test_an_agreed_call_that_somebody_took_is_not_broken(clock: Clock) -> None:
    with clock.database.begin() as connection:
        accounts.add(connection, "v@voorbeeld.be", "V", Role.COUNSELLOR, "vdab", now=NOW)
    made = clock.make(calls_at=datetime(2026, 11, 24, 10, tzinfo=BELGIUM), organisation="vdab")
    with clock.database.begin() as connection:
        handling.claim(connection, made.reference, life.Counsellor("1", "vdab", "V"), clock.now)
    assert [text[:8] for text in clock.until(hours=19, minutes=30)] == ["Nog even"]
    assert clock.until(days=5) == []


def test_after_the_agreed_days_one_question_to_both_and_the_answers_are_kept(clock: Clock) -> None:
    made = clock.make()
    with clock.database.begin() as connection:
        handling.claim(connection, made.reference, ELS, clock.now)
        handling.close(connection, made.reference, ELS, ClosingOutcome.REACHED, clock.now, follow_up_days=14)
    assert clock.until(days=13) == []
    (said,) = clock.until(days=2)
    assert said == f"Een tijdje geleden vroeg je hulp aan Leerwinkel Brussel ({made.reference}). Ben je geholpen?"
    assert clock.mails()[-1] == ("n0@voorbeeld.be", "Hoe liep het af?")
    assert clock.until(days=30) == []
    with clock.database.begin() as connection:
        assert afterwards.answer(connection, clock.conversation, "onzin", clock.now) is None
        for said, question in (("partly", "helped"), ("helped", "helped"), ("enrolled", "did")):
            assert afterwards.answer(connection, clock.conversation, said, clock.now) == question
        afterwards.keep(connection, made.id, Party.COUNSELLOR, afterwards.Question.HELPED, "helped", clock.now)
        assert afterwards.of_referral(connection, made.id) == {
            (Party.CITIZEN, afterwards.Question.HELPED): "helped",
            (Party.CITIZEN, afterwards.Question.DID): "enrolled",
            (Party.COUNSELLOR, afterwards.Question.HELPED): "helped",
        }


def test_freed_times_can_be_booked_again_after_the_end(clock: Clock) -> None:
    calls_at = datetime(2026, 11, 24, 10, tzinfo=BELGIUM)
    with clock.database.begin() as connection:
        accounts.add(connection, "v@voorbeeld.be", "V", Role.COUNSELLOR, "vdab", now=NOW)
    made = clock.make(calls_at=calls_at, organisation="vdab")
    with clock.database.begin() as connection:
        from bot.referral.referrals import withdraw

        withdraw(connection, made.reference, clock.conversation, now=NOW)
        assert call_backs.of_referral(connection, made.id) is None
    assert clock.make(calls_at=calls_at, organisation="vdab").status is State.CALL_BACK_BOOKED
