"""What an organisation sees of its referrals: the list, sorted by who needs attention, and how much of a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.conversation.model import Line
from bot.referral import life
from bot.referral.consent import Way
from bot.referral.life import Event, State, What
from bot.referral.reference import parse_reference
from bot.storage.referral_tables import bookings, referrals
from bot.storage.tables import conversations, deliveries, inbox, outbox

SOON = timedelta(minutes=30)
"""How long before an agreed call a referral rises in the list."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One referral in the list: nothing personal."""

    id: int
    reference: str
    conversation_id: str
    status: State
    way: Way
    need: str
    channel: str
    created_at: datetime
    claim_by: datetime | None
    calls_at: datetime | None
    """When the person is to be called."""
    counsellor_id: str | None
    answered: bool
    """Whether the person heard from a counsellor."""
    unread: int
    """Messages of the person that no counsellor saw."""
    last_inbound_at: datetime | None
    overdue: bool
    """Whether a promise to the person is broken, or will be without anybody acting now."""
    outcome: str | None


def listed(
    connection: sa.engine.Connection, organisation: str, now: datetime, *, ended: bool = False, limit: int = 200
) -> list[Listed]:
    """The open referrals of an organisation, who needs attention most first; or those that ended, the latest first."""
    unread = (
        sa.select(sa.func.count())
        .where(
            inbox.c.conversation_id == referrals.c.conversation_id,
            inbox.c.seq > referrals.c.seen_seq,
            inbox.c.received_at >= referrals.c.created_at,
            inbox.c.status == "held",
        )
        .scalar_subquery()
    )
    last = (
        sa.select(sa.func.max(inbox.c.received_at))
        .where(inbox.c.conversation_id == referrals.c.conversation_id)
        .scalar_subquery()
    )
    states = life.ENDED if ended else life.OPEN
    rows = connection.execute(
        sa.select(referrals, bookings.c.starts_at, unread.label("unread"), last.label("last_inbound_at"))
        .outerjoin(bookings, bookings.c.referral_id == referrals.c.id)
        .where(referrals.c.organisation == organisation, referrals.c.status.in_([state.value for state in states]))
        .order_by(referrals.c.changed_at.desc() if ended else referrals.c.created_at)
        .limit(limit)
    )
    found = [
        Listed(
            id=row.id,
            reference=row.reference,
            conversation_id=row.conversation_id,
            status=State(row.status),
            way=Way(row.way),
            need=row.need,
            channel=row.channel,
            created_at=row.created_at,
            claim_by=row.claim_by,
            calls_at=row.starts_at,
            counsellor_id=row.counsellor_id,
            answered=row.first_reply_at is not None,
            unread=row.unread if State(row.status) in (State.WAITING, State.LIVE, State.ESCALATED) else 0,
            last_inbound_at=row.last_inbound_at,
            overdue=_overdue(row, now),
            outcome=row.outcome,
        )
        for row in rows
    ]
    return found if ended else sorted(found, key=lambda one: (_urgency(one, now), one.claim_by or one.created_at))


def _overdue(row: sa.engine.Row, now: datetime) -> bool:
    if State(row.status) in life.ENDED or row.first_reply_at is not None:
        return False
    promised = row.starts_at or row.claim_by
    return State(row.status) is State.ESCALATED or (promised is not None and promised <= now)


def _urgency(one: Listed, now: datetime) -> int:
    """Somebody who waits in the conversation comes first, then broken promises, then agreed calls, then the rest."""
    if one.status is State.LIVE and one.unread:
        return 0
    if one.status is State.WAITING:
        return 1
    if one.overdue:
        return 2
    if one.calls_at is not None and not one.answered and one.calls_at - SOON <= now:
        return 3
    if one.status in life.UNCLAIMED:
        return 4
    return 5


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a conversation that the organisation may read; None is without end."""

    begins: datetime | None
    ends: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether something said at that moment is in it."""
        return (self.begins is None or self.begins <= moment) and (self.ends is None or moment <= self.ends)


_IN_TALK = (State.WAITING, State.LIVE)
_ELSEWHERE = life.ENDED | {State.REQUESTED, State.CALL_BACK_BOOKED, State.MESSAGE_LEFT}


def windows(history: Sequence[Event], created_at: datetime, with_transcript: bool) -> list[Window]:
    """What of a conversation goes with a referral: all before it, if the person consented to that; what they wrote while
    waiting for a counsellor, and what was said with one. What they say to the assistant afterwards is not shown.
    """
    found = [Window(None, created_at)] if with_transcript else []
    opened: datetime | None = None
    for event in history:
        if event.after in _IN_TALK:
            opened = opened or event.at
        elif opened is not None and (event.what is What.TALK_ENDED or event.after in _ELSEWHERE):
            found.append(Window(opened, event.at))
            opened = None
    return [*found, Window(opened, None)] if opened is not None else found


def shown(lines: Sequence[Line], parts: Sequence[Window]) -> list[Line]:
    """The lines that fall in one of the parts."""
    return [line for line in lines if any(part.holds(line.at) for part in parts)]


def pulse(connection: sa.engine.Connection, organisation: str) -> tuple[int, ...]:
    """Numbers, one of which changes when the list of an organisation does: by a step in a referral, by what a person
    writes, by what a counsellor sees of that."""
    row = connection.execute(_WRITTEN_AND_SEEN, {"of_organisation": organisation}).one()
    return life.last_change(connection, organisation), int(row.written or 0), int(row.seen or 0)


_WRITTEN_AND_SEEN = sa.select(
    sa.func.sum(
        sa.select(sa.func.max(inbox.c.seq))
        .where(inbox.c.conversation_id == referrals.c.conversation_id)
        .scalar_subquery()
    ).label("written"),
    sa.func.sum(referrals.c.seen_seq).label("seen"),
).where(
    referrals.c.organisation == sa.bindparam("of_organisation"),
    referrals.c.status.in_(sorted(state.value for state in life.OPEN)),
)


@dataclass(frozen=True, slots=True)
class Glance:
    """What tells a page that shows a referral whether there is news, for the price of two small queries."""

    reference: str
    conversation_id: str
    version: int
    last_seq: int
    """The number of the last line of its conversation; 0 when that was erased."""
    pushed: bool
    """Whether a provider brings what is said, and tells what became of it."""
    read_seq: int
    """The number of the last line that the person read, on a channel without a provider."""
    told: tuple[object, ...]
    """Changes when a provider takes a line, or says what became of one; always the same without a provider."""


def glance(
    connection: sa.engine.Connection, reference: str, organisation: str, pushes: Callable[[str], bool]
) -> Glance:
    """A look at one referral of an organisation. Raises `UnknownReferral`."""
    row = _find(connection, reference, organisation)
    if row is None:
        raise life.UnknownReferral(reference)
    told: tuple[object, ...] = ()
    pushed = pushes(row.channel)
    if pushed:
        told = tuple(
            connection.execute(query, {"of_conversation": row.conversation_id}).first() for query in (_WAITS, _TOLD)
        )
    return Glance(row.reference, row.conversation_id, row.version, row.seq, pushed, row.read_seq, told)


def _find(connection: sa.engine.Connection, reference: str, organisation: str) -> sa.engine.Row | None:
    values = {"of_reference": parse_reference(reference) or "", "of_organisation": organisation}
    return connection.execute(_GLANCE, values).first()


def conversation_of(connection: sa.engine.Connection, reference: str, organisation: str) -> str:
    """The conversation of a referral of an organisation. Raises `UnknownReferral`."""
    found = _find(connection, reference, organisation)
    if found is None:
        raise life.UnknownReferral(reference)
    return str(found.conversation_id)


def parts(connection: sa.engine.Connection, reference: str) -> list[Window]:
    """What of its conversation goes with a referral, whose summary and contact are not read for it."""
    row = connection.execute(_PARTS, {"of_reference": reference}).one()
    return windows(life.events(connection, row.id), row.created_at, row.with_transcript)


_PARTS = sa.select(referrals.c.id, referrals.c.created_at, referrals.c.with_transcript).where(
    referrals.c.reference == sa.bindparam("of_reference")
)


_GLANCE = (
    sa.select(
        referrals.c.reference,
        referrals.c.conversation_id,
        referrals.c.version,
        conversations.c.seq,
        conversations.c.read_seq,
        conversations.c.channel,
    )
    .join(conversations, conversations.c.id == referrals.c.conversation_id)
    .where(
        referrals.c.reference == sa.bindparam("of_reference"),
        referrals.c.organisation == sa.bindparam("of_organisation"),
    )
)
_WAITS = sa.select(sa.func.count(), sa.func.sum(outbox.c.seq)).where(
    outbox.c.conversation_id == sa.bindparam("of_conversation"), outbox.c.status != "sent"
)
_TOLD = (
    sa.select(sa.func.count(), sa.func.max(deliveries.c.at))
    .join(outbox, outbox.c.id == deliveries.c.outbox_id)
    .where(outbox.c.conversation_id == sa.bindparam("of_conversation"))
)
