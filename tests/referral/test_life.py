"""The state machine: what may follow what, once, with a record of it; and of two who claim, one wins."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa
from support.referrals import BRAM, ELS, NOW, STRANGER, add_conversation, make

from bot.referral import handling, life
from bot.referral.consent import Way
from bot.referral.handling import AlreadyClaimed, ClosingOutcome
from bot.referral.life import CITIZEN, SYSTEM, NotPossible, State, UnknownReferral, What, move
from bot.referral.referrals import Referral, get
from bot.storage.database import Database
from bot.storage.referral_tables import referrals


@pytest.fixture(autouse=True)
def conversation(database: Database) -> str:
    return add_conversation(database)


def put(database: Database, referral: Referral, state: State) -> None:
    """Puts a referral in a state, past the machine."""
    with database.begin() as connection:
        connection.execute(sa.update(referrals).where(referrals.c.id == referral.id).values(status=state.value))


def test_every_transition_is_allowed_or_refused_as_the_table_says(database: Database) -> None:
    referral = make(database)
    for number, (before, after) in enumerate(product(State, State)):
        put(database, referral, before)
        with database.begin() as connection:
            if after in life.TRANSITIONS[before]:
                moved = move(connection, referral.id, What.QUEUED, after, SYSTEM, NOW, key=str(number))
                assert (moved.state, moved.changed) == (after, True)
                assert get(connection, referral.id).status is after
            else:
                with pytest.raises(NotPossible) as refused:
                    move(connection, referral.id, What.QUEUED, after, SYSTEM, NOW, key=str(number))
                assert refused.value.state is before
                assert get(connection, referral.id).status is before


def test_what_has_ended_stays_ended() -> None:
    assert {state for state in State if not life.TRANSITIONS[state]} == life.ENDED
    assert {State.CLOSED, State.CANCELLED, State.EXPIRED} == life.ENDED


def test_the_same_key_happens_once_and_is_recorded_once(database: Database) -> None:
    referral = make(database)
    later = NOW + timedelta(minutes=3)
    with database.begin() as connection:
        first = move(connection, referral.id, What.ESCALATED, State.ESCALATED, SYSTEM, later, key="escalated")
        again = move(connection, referral.id, What.ESCALATED, State.ESCALATED, SYSTEM, later, key="escalated")
        assert (first.changed, again.changed) == (True, False)
        history = life.events(connection, referral.id)
        assert get(connection, referral.id).version == 1
    assert [(event.what, event.before, event.after) for event in history] == [
        (What.CREATED, None, State.REQUESTED),
        (What.ESCALATED, State.REQUESTED, State.ESCALATED),
    ]
    assert [(event.at, event.party, event.who) for event in history] == [
        (NOW, CITIZEN.party, None),
        (later, SYSTEM.party, None),
    ]


def test_a_refused_transition_leaves_the_transaction_of_the_caller_whole(database: Database) -> None:
    referral = make(database)
    with database.begin() as connection:
        with pytest.raises(NotPossible):
            move(connection, referral.id, What.CLOSED, State.CLOSED, SYSTEM, NOW, key="x")
        move(connection, referral.id, What.EXPIRED, State.EXPIRED, SYSTEM, NOW, key="y")
    with database.read() as connection:
        assert get(connection, referral.id).status is State.EXPIRED
    with database.begin() as connection, pytest.raises(UnknownReferral):
        move(connection, 10_000, What.CLOSED, State.CLOSED, SYSTEM, NOW, key="x")


def test_a_referral_by_mail_waits_as_a_message_that_was_left(database: Database) -> None:
    assert make(database, way=Way.MAIL).status is State.MESSAGE_LEFT
    assert make(database, way=Way.CALL).status is State.REQUESTED
    assert make(database, way=Way.CHAT).status is State.REQUESTED  # until the person read that they wait


def test_of_many_who_claim_at_once_one_wins_and_the_others_hear_who(database: Database) -> None:
    referral = make(database)
    people = [life.Counsellor(str(number), ELS.organisation, f"N{number}") for number in range(6)]
    won: list[str] = []
    lost: list[str] = []
    barrier = threading.Barrier(len(people))

    def try_it(who: life.Counsellor) -> None:
        barrier.wait()
        try:
            with database.begin() as connection:
                handling.claim(connection, referral.reference, who, NOW)
            won.append(who.id)
        except AlreadyClaimed as error:
            lost.append(error.counsellor_id)

    threads = [threading.Thread(target=try_it, args=[who]) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert lost == won * (len(people) - 1)
    with database.read() as connection:
        claimed = [one for one in life.events(connection, referral.id) if one.what is What.CLAIMED]
    assert [one.who for one in claimed] == won


def test_claiming_again_changes_nothing(database: Database) -> None:
    referral = make(database)
    with database.begin() as connection:
        first = handling.claim(connection, referral.reference, ELS, NOW)
        assert handling.claim(connection, referral.reference, ELS, NOW + timedelta(hours=1)) == first


def test_nobody_of_another_organisation_can_touch_or_see_it(database: Database) -> None:
    referral = make(database)
    with database.begin() as connection:
        for attempt in (handling.claim, handling.answer, handling.mine):
            arguments = () if attempt is handling.mine else (NOW,)
            with pytest.raises(UnknownReferral):
                attempt(connection, referral.reference, STRANGER, *arguments)  # type: ignore[operator]
        with pytest.raises(UnknownReferral):
            handling.claim(connection, "' OR 1=1", ELS, NOW)


def test_the_way_of_a_referral_through_the_desk(database: Database) -> None:
    reference = make(database, way=Way.CHAT).reference
    with database.begin() as connection:
        talk, begins = handling.answer(connection, reference, ELS, NOW)
        assert (talk.status, talk.first_reply_at, talk.claimed_at, begins) == (State.LIVE, NOW, NOW, True)
        assert handling.answer(connection, reference, ELS, NOW)[1] is False
        with pytest.raises(AlreadyClaimed):
            handling.answer(connection, reference, BRAM, NOW)
        handed = handling.hand_on(connection, reference, ELS, BRAM.id, NOW)
        assert (handed.counsellor_id, handed.status) == (BRAM.id, State.LIVE)
        with pytest.raises(AlreadyClaimed):
            handling.end_talk(connection, reference, ELS, NOW)
        back, ended = handling.end_talk(connection, reference, BRAM, NOW)
        assert (back.status, ended) == (State.CLAIMED, True)
        assert handling.end_talk(connection, reference, BRAM, NOW) == (back, False)
        proposed = handling.propose(connection, reference, BRAM, handling.Asked("vdab", "1", "Mag dit?"), NOW)
        assert (proposed.organisation, proposed.handover_to) == (ELS.organisation, "vdab")
        closed = handling.close(connection, reference, BRAM, ClosingOutcome.ENROLLED, NOW, follow_up_days=14)
        assert (closed.status, closed.outcome) == (State.CLOSED, "enrolled")
        assert closed.follow_up_at == NOW + timedelta(days=14)
        assert handling.close(connection, reference, BRAM, ClosingOutcome.ENROLLED, NOW, follow_up_days=14) == closed
        with pytest.raises(NotPossible):
            handling.release(connection, reference, BRAM, NOW)


def test_given_back_it_waits_as_before_and_can_be_claimed_again(database: Database) -> None:
    for way, state in ((Way.CALL, State.REQUESTED), (Way.MAIL, State.MESSAGE_LEFT), (Way.CHAT, State.WAITING)):
        reference = make(database, way=way).reference
        with database.begin() as connection:
            for who in (ELS, BRAM, ELS):
                handling.claim(connection, reference, who, NOW)
                released = handling.release(connection, reference, who, NOW)
                assert (released.status, released.counsellor_id) == (state, None)


def test_who_reached_the_person_by_telephone_answered(database: Database) -> None:
    reference = make(database).reference
    with database.begin() as connection:
        handling.claim(connection, reference, ELS, NOW)
        answered = handling.contacted(connection, reference, ELS, NOW + timedelta(minutes=1))
        assert (answered.status, answered.first_reply_at) == (State.CLAIMED, NOW + timedelta(minutes=1))
        assert handling.contacted(connection, reference, ELS, NOW + timedelta(minutes=9)) == answered
