"""The life of a referral: one state machine.

Every change of a referral's state goes through `move`: one conditional update, and one row of `referral_events` that says
who did what, when. What is asked twice under one key happens once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bot.storage.referral_tables import referral_events, referrals


class State(StrEnum):
    """How a referral stands."""

    REQUESTED = "requested"
    """Asked for with consent; nobody has taken it up."""
    WAITING = "waiting"
    """The person waits in the conversation for somebody to talk to now."""
    CLAIMED = "claimed"
    """A counsellor has taken it up."""
    LIVE = "live"
    """A counsellor and the person talk in the conversation; the assistant is silent."""
    CALL_BACK_BOOKED = "call_back_booked"
    """The person is called at an agreed time; nobody has taken it up."""
    MESSAGE_LEFT = "message_left"
    """The person is answered by mail; nobody has taken it up."""
    CLOSED = "closed"
    """Ended by a counsellor, with an outcome."""
    CANCELLED = "cancelled"
    """The person withdrew their consent; what was personal in it is gone."""
    ESCALATED = "escalated"
    """Not taken up in the promised time; somebody else was asked, and the person was told."""
    EXPIRED = "expired"
    """Nobody took it up, not after the escalation either; the person was told."""


UNCLAIMED = frozenset({State.REQUESTED, State.WAITING, State.CALL_BACK_BOOKED, State.MESSAGE_LEFT, State.ESCALATED})
"""Somebody of the organisation must still take it up."""
TAKEN = frozenset({State.CLAIMED, State.LIVE})
OPEN = UNCLAIMED | TAKEN
ENDED = frozenset(State) - OPEN

_QUEUES = frozenset({State.REQUESTED, State.WAITING, State.CALL_BACK_BOOKED, State.MESSAGE_LEFT})
TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        **{
            state: (_QUEUES | {State.CLAIMED, State.LIVE, State.CANCELLED, State.ESCALATED, State.EXPIRED}) - {state}
            for state in _QUEUES
        },
        # Escalated once: a second time it can only be taken up, moved to another way, or come to its end.
        State.ESCALATED: _QUEUES | {State.CLAIMED, State.LIVE, State.CANCELLED, State.EXPIRED},
        State.CLAIMED: _QUEUES | {State.CLAIMED, State.LIVE, State.CLOSED, State.CANCELLED},
        State.LIVE: _QUEUES | {State.CLAIMED, State.LIVE, State.CLOSED, State.CANCELLED},
        State.CLOSED: frozenset(),
        State.CANCELLED: frozenset(),
        State.EXPIRED: frozenset(),
    }
)
"""From each state, the states that may follow."""


class Party(StrEnum):
    """Who acts."""

    CITIZEN = "citizen"
    COUNSELLOR = "counsellor"
    SYSTEM = "system"


class What(StrEnum):
    """What happened, as `referral_events` names it."""

    CREATED = "created"
    QUEUED = "queued"
    """It waits for the organisation, in the way the person chose."""
    CLAIMED = "claimed"
    RELEASED = "released"
    """The counsellor gave it back to their organisation."""
    ANSWERED = "answered"
    """The counsellor writes to the person: a talk begins."""
    TALK_ENDED = "talk_ended"
    HANDED_ON = "handed_on"
    """To a colleague, who is the detail."""
    PROPOSED = "proposed"
    """Another organisation, the detail; the person decides."""
    REFUSED = "refused"
    """The person does not want to go to the organisation that was proposed."""
    TRANSFERRED = "transferred"
    """To another organisation, with new consent."""
    ESCALATED = "escalated"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something; `id` is a counsellor's."""

    party: Party
    id: str | None = None


CITIZEN = Actor(Party.CITIZEN)
SYSTEM = Actor(Party.SYSTEM)


@dataclass(frozen=True, slots=True)
class Counsellor:
    """Somebody at the desk of an organisation. `name` is what the citizen sees."""

    id: str
    organisation: str
    name: str

    @property
    def actor(self) -> Actor:
        """As the one who acts."""
        return Actor(Party.COUNSELLOR, self.id)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a referral."""

    id: int
    at: datetime
    party: Party
    who: str | None
    what: What
    before: State | None
    after: State
    organisation: str
    detail: str | None


class NotPossible(Exception):
    """This cannot be done with a referral in its state. `state` says how it stands."""

    def __init__(self, state: State) -> None:
        super().__init__(f"not possible: the referral is {state}")
        self.state = state


class UnknownReferral(LookupError):
    """There is no such referral, or it is of another organisation."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How a referral stands after `move`. `changed` is False when it happened before, under the same key."""

    state: State
    changed: bool


def move(
    connection: sa.engine.Connection,
    referral_id: int,
    what: What,
    to: State | None,
    actor: Actor,
    now: datetime,
    *,
    key: str,
    when: Sequence[Any] = (),
    detail: str | None = None,
    values: Mapping[str, Any] = MappingProxyType({}),
) -> Moved:
    """Brings a referral to a state (None: it stays in its own), sets `values`, and records it; all of it or nothing.

    `when` are further conditions on the row. Raises `NotPossible` when the state does not allow it or a condition does
    not hold, `UnknownReferral` when there is no such row. The caller's transaction may go on after either.
    """
    row = connection.execute(
        sa.select(referrals.c.status, referrals.c.organisation).where(referrals.c.id == referral_id).with_for_update()
    ).first()
    if row is None:
        raise UnknownReferral(referral_id)
    before = State(row.status)
    if already(connection, referral_id, key):
        return Moved(before, changed=False)
    after = before if to is None else to
    allowed = [before] if to is None else [state for state in State if to in TRANSITIONS[state]]
    changed = connection.execute(
        sa.update(referrals)
        .where(referrals.c.id == referral_id, referrals.c.status.in_([state.value for state in allowed]), *when)
        .values(status=after.value, version=referrals.c.version + 1, changed_at=now, **values)
    ).rowcount
    if changed != 1:
        raise NotPossible(before)
    record(
        connection,
        referral_id,
        what,
        actor,
        now,
        key=key,
        before=before,
        after=after,
        organisation=values.get("organisation", row.organisation),
        detail=detail,
    )
    return Moved(after, changed=True)


def record(
    connection: sa.engine.Connection,
    referral_id: int,
    what: What,
    actor: Actor,
    now: datetime,
    *,
    key: str,
    before: State | None,
    after: State,
    organisation: str,
    detail: str | None = None,
) -> None:
    """Writes one row of `referral_events`."""
    connection.execute(
        sa.insert(referral_events).values(
            referral_id=referral_id,
            at=now,
            actor=actor.party.value,
            who=actor.id,
            what=what.value,
            from_status=before.value if before else None,
            to_status=after.value,
            organisation=organisation,
            detail=detail,
            key=key,
        )
    )


def already(connection: sa.engine.Connection, referral_id: int, key: str) -> bool:
    """Whether what this key asks for has happened."""
    found = sa.select(referral_events.c.id).where(
        referral_events.c.referral_id == referral_id, referral_events.c.key == key
    )
    return connection.execute(found).first() is not None


def events(connection: sa.engine.Connection, referral_id: int) -> list[Event]:
    """What happened to a referral, oldest first."""
    rows = connection.execute(_EVENTS, {"of_referral": referral_id})
    return [
        Event(
            id=row.id,
            at=row.at,
            party=Party(row.actor),
            who=row.who,
            what=What(row.what),
            before=State(row.from_status) if row.from_status else None,
            after=State(row.to_status),
            organisation=row.organisation,
            detail=row.detail,
        )
        for row in rows
    ]


def last_change(connection: sa.engine.Connection, organisation: str) -> int:
    """The number of the last thing that happened to a referral of an organisation; 0 when nothing did."""
    return int(connection.execute(_LAST_CHANGE, {"of_organisation": organisation}).scalar() or 0)


_EVENTS = (
    sa.select(referral_events)
    .where(referral_events.c.referral_id == sa.bindparam("of_referral"))
    .order_by(referral_events.c.id)
)
_LAST_CHANGE = sa.select(sa.func.max(referral_events.c.id)).where(
    referral_events.c.organisation == sa.bindparam("of_organisation")
)
