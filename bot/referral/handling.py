"""What a counsellor does with a referral. Each step is one transition, asked for by somebody of the organisation alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bot.referral import life
from bot.referral.consent import Way
from bot.referral.life import SYSTEM, NotPossible, State, UnknownReferral, What
from bot.referral.life import Counsellor as Counsellor
from bot.referral.reference import parse_reference
from bot.referral.referrals import Referral, find_by_reference, get
from bot.storage.referral_tables import bookings, referral_consents, referral_reads, referrals
from bot.storage.tables import conversations


class ClosingOutcome(StrEnum):
    """How a referral ended."""

    REACHED = "reached"
    APPOINTMENT = "appointment"
    ENROLLED = "enrolled"
    NO_ANSWER = "no_answer"
    OTHER = "other"


class Read(StrEnum):
    """What of a referral somebody read."""

    SUMMARY = "summary"
    CONTACT = "contact"
    TRANSCRIPT = "transcript"


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent that is asked for another organisation: which version, and word for word."""

    organisation: str
    version: str
    text: str


class AlreadyClaimed(Exception):
    """Somebody else was first: `counsellor_id`, at `at`."""

    def __init__(self, counsellor_id: str, at: datetime | None) -> None:
        super().__init__("another counsellor has this referral")
        self.counsellor_id = counsellor_id
        self.at = at


def of_organisation(connection: sa.engine.Connection, reference: str, organisation: str) -> Referral:
    """The referral with this reference, if the organisation has it now. Raises `UnknownReferral`."""
    found = find_by_reference(connection, reference) if parse_reference(reference) else None
    if found is None or found.organisation != organisation:
        raise UnknownReferral(reference)
    return found


def claim(connection: sa.engine.Connection, reference: str, who: Counsellor, now: datetime) -> Referral:
    """Takes a referral up. Of several who try at once one succeeds, and asking again changes nothing.

    Raises `AlreadyClaimed` with who has it, `NotPossible` when it has ended, `UnknownReferral`.
    """
    found = of_organisation(connection, reference, who.organisation)
    if found.counsellor_id == who.id and found.status in life.TAKEN:
        return found
    try:
        _move(
            connection, found, What.CLAIMED, State.CLAIMED, who, now,
            when=[referrals.c.counsellor_id.is_(None), referrals.c.organisation == who.organisation],
            values={"counsellor_id": who.id, "claimed_at": now},
        )  # fmt: skip
    except NotPossible:
        now_is = get(connection, found.id)
        if now_is.counsellor_id == who.id and now_is.status in life.TAKEN:
            return now_is
        if now_is.counsellor_id is not None:
            raise AlreadyClaimed(now_is.counsellor_id, now_is.claimed_at) from None
        raise
    return get(connection, found.id)


def mine(connection: sa.engine.Connection, reference: str, who: Counsellor) -> Referral:
    """The referral, if this counsellor has taken it up. Raises `AlreadyClaimed`, `NotPossible` or `UnknownReferral`."""
    found = of_organisation(connection, reference, who.organisation)
    if found.status not in life.TAKEN:
        raise NotPossible(found.status)
    if found.counsellor_id != who.id:
        raise AlreadyClaimed(found.counsellor_id or "", found.claimed_at)
    return found


def answer(connection: sa.engine.Connection, reference: str, who: Counsellor, now: datetime) -> tuple[Referral, bool]:
    """The counsellor writes to the person: a talk begins, if none goes on, and the referral is theirs if nobody's.

    Also says whether the talk begins now.
    """
    found = claim(connection, reference, who, now)
    if found.status is State.LIVE:
        return found, False
    values: dict[str, Any] = {} if found.first_reply_at else {"first_reply_at": now}
    _move(connection, found, What.ANSWERED, State.LIVE, who, now, when=_theirs(who), values=values)
    return get(connection, found.id), True


def end_talk(connection: sa.engine.Connection, reference: str, who: Counsellor, now: datetime) -> tuple[Referral, bool]:
    """Ends the talk; the referral stays with the counsellor. Also says whether there was one to end."""
    found = mine(connection, reference, who)
    if found.status is not State.LIVE:
        return found, False
    _move(connection, found, What.TALK_ENDED, State.CLAIMED, who, now, when=_theirs(who))
    return get(connection, found.id), True


def contacted(connection: sa.engine.Connection, reference: str, who: Counsellor, now: datetime) -> Referral:
    """The counsellor reached the person outside the conversation (by telephone, by mail)."""
    found = mine(connection, reference, who)
    if found.first_reply_at is None:
        _move(
            connection, found, What.ANSWERED, None, who, now, when=_theirs(who), detail=found.way.value,
            values={"first_reply_at": now},
        )  # fmt: skip
    return get(connection, found.id)


def release(connection: sa.engine.Connection, reference: str, who: Counsellor, now: datetime) -> Referral:
    """Gives a referral back to the organisation, to wait as it did before."""
    found = mine(connection, reference, who)
    _move(
        connection, found, What.RELEASED, queue_of(connection, found), who, now, when=_theirs(who),
        values={"counsellor_id": None, "claimed_at": None},
    )  # fmt: skip
    return get(connection, found.id)


def hand_on(
    connection: sa.engine.Connection, reference: str, who: Counsellor, colleague_id: str, now: datetime
) -> Referral:
    """Hands a referral on to a colleague of the same organisation; a talk goes on with them."""
    found = mine(connection, reference, who)
    _move(
        connection, found, What.HANDED_ON, None, who, now, when=_theirs(who), detail=colleague_id,
        values={"counsellor_id": colleague_id, "claimed_at": now},
    )  # fmt: skip
    return get(connection, found.id)


def propose(connection: sa.engine.Connection, reference: str, who: Counsellor, asked: Asked, now: datetime) -> Referral:
    """Proposes another organisation. Nothing goes there before the person consents (`transfer`)."""
    found = mine(connection, reference, who)
    if asked.organisation == found.organisation:
        raise ValueError("it is with that organisation already")
    _move(
        connection, found, What.PROPOSED, None, who, now, when=_theirs(who), detail=asked.organisation,
        values={"handover_to": asked.organisation},
    )  # fmt: skip
    connection.execute(
        sa.insert(referral_consents).values(
            referral_id=found.id,
            organisation=asked.organisation,
            version=asked.version,
            text=asked.text,
            with_transcript=False,
            channel=found.channel,
        )
    )
    return get(connection, found.id)


def transfer(
    connection: sa.engine.Connection,
    found: Referral,
    consent: bool,
    with_transcript: bool,
    claim_by: datetime,
    now: datetime,
) -> Referral:
    """The person's answer to a proposal: with consent it waits for the other organisation, else it stays.

    Answering again changes nothing. `claim_by` is until when the other organisation is to take it up.
    """
    pending = connection.execute(
        sa.select(referral_consents)
        .where(
            referral_consents.c.referral_id == found.id,
            referral_consents.c.organisation == (found.handover_to or ""),
            referral_consents.c.given_at.is_(None),
        )
        .order_by(referral_consents.c.id.desc())
    ).first()
    if found.handover_to is None or pending is None:
        return found
    one = referral_consents.c.id == pending.id
    if not consent:
        life.move(
            connection, found.id, What.REFUSED, None, life.CITIZEN, now, key=f"refused:{pending.id}",
            detail=found.handover_to, values={"handover_to": None},
        )  # fmt: skip
        connection.execute(sa.delete(referral_consents).where(one))
        return get(connection, found.id)
    connection.execute(sa.delete(bookings).where(bookings.c.referral_id == found.id))
    to = queue_of(connection, found)
    values = {
        "organisation": found.handover_to, "handover_to": None, "counsellor_id": None, "claimed_at": None,
        "first_reply_at": None, "escalated_at": None, "expires_at": None, "fallback": None, "claim_by": claim_by,
        "with_transcript": with_transcript, "consent_version": pending.version, "consent_text": pending.text,
        "consented_at": now,
    }  # fmt: skip
    life.move(
        connection, found.id, What.TRANSFERRED, to, life.CITIZEN, now, key=f"transferred:{pending.id}",
        detail=found.organisation, values=values,
    )  # fmt: skip
    connection.execute(sa.update(referral_consents).where(one).values(given_at=now, with_transcript=with_transcript))
    return get(connection, found.id)


def close(
    connection: sa.engine.Connection,
    reference: str,
    who: Counsellor,
    outcome: ClosingOutcome,
    now: datetime,
    *,
    follow_up_days: int,
) -> Referral:
    """Closes a referral with its outcome; the person is asked how it went after `follow_up_days`, 0 for never.

    Closing it again with the same outcome changes nothing.
    """
    found = of_organisation(connection, reference, who.organisation)
    if found.status is State.CLOSED and found.counsellor_id == who.id and found.outcome == outcome.value:
        return found
    found = mine(connection, reference, who)
    follow_up = now + timedelta(days=follow_up_days) if follow_up_days else None
    _move(
        connection, found, What.CLOSED, State.CLOSED, who, now, when=_theirs(who), detail=outcome.value,
        values={"outcome": outcome.value, "closed_at": now, "follow_up_at": follow_up, "handover_to": None},
    )  # fmt: skip
    return get(connection, found.id)


def queue_of(connection: sa.engine.Connection, referral: Referral) -> State:
    """Where a referral waits while nobody has it."""
    if referral.way is Way.CHAT:
        return State.WAITING
    if referral.way is Way.MAIL:
        return State.MESSAGE_LEFT
    booked = connection.execute(sa.select(bookings.c.referral_id).where(bookings.c.referral_id == referral.id)).first()
    return State.CALL_BACK_BOOKED if booked else State.REQUESTED


def log_read(connection: sa.engine.Connection, referral: Referral, who: Counsellor, what: Read, now: datetime) -> None:
    """Keeps that somebody read something of a referral."""
    connection.execute(
        sa.insert(referral_reads).values(referral_id=referral.id, counsellor_id=who.id, at=now, what=what.value)
    )


def seen(connection: sa.engine.Connection, reference: str, seq: int) -> bool:
    """The counsellors saw the conversation up to a line; never backwards. False when that is no news."""
    return bool(connection.execute(_SEEN, {"of_reference": parse_reference(reference), "to": seq}).rowcount)


_SEEN = (
    sa.update(referrals)
    .where(
        referrals.c.reference == sa.bindparam("of_reference"),
        referrals.c.seen_seq < sa.bindparam("to"),
        sa.select(conversations.c.seq).where(conversations.c.id == referrals.c.conversation_id).scalar_subquery()
        >= sa.bindparam("to"),
    )
    .values(seen_seq=sa.bindparam("to"))
)


def _theirs(who: Counsellor) -> list[Any]:
    return [referrals.c.counsellor_id == who.id]


def _move(
    connection: sa.engine.Connection,
    found: Referral,
    what: What,
    to: State | None,
    who: Counsellor | None,
    now: datetime,
    **more: Any,
) -> None:
    """A transition out of the version that was read: done twice at once, by a double click, it happens once."""
    actor = who.actor if who else SYSTEM
    key = f"{what.value}:{found.version}:{actor.id or actor.party.value}"
    life.move(connection, found.id, what, to, actor, now, key=key, **more)
