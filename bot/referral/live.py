"""How a conversation stands for the person in it: who has the floor, what to expect while waiting, what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from babel.dates import format_datetime

from bot.conversation import records
from bot.conversation.model import Floor
from bot.referral.consent import Way
from bot.referral.life import OPEN, State
from bot.storage.counsellor_tables import counsellors
from bot.storage.referral_tables import referrals
from bot.storage.tables import conversations

_BELGIUM = ZoneInfo("Europe/Brussels")

_STATE = (
    sa.select(
        conversations.c.floor,
        conversations.c.seq,
        referrals.c.status,
        referrals.c.way,
        referrals.c.claim_by,
        referrals.c.seen_seq,
        counsellors.c.name,
    )
    .select_from(
        conversations.outerjoin(
            referrals,
            sa.and_(
                referrals.c.conversation_id == conversations.c.id,
                referrals.c.status.in_(sorted(state.value for state in OPEN)),
            ),
        ).outerjoin(counsellors, sa.cast(counsellors.c.id, sa.String) == referrals.c.counsellor_id)
    )
    .where(conversations.c.id == sa.bindparam("conversation"), records.NOT_ERASED)
    .order_by(referrals.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class LiveState:
    """How a conversation stands for the person in it."""

    floor: Floor = Floor.ASSISTANT
    name: str = ""
    """Of the counsellor who has taken it up, while a counsellor has the floor; empty when nobody has."""
    waiting: str = ""
    """While the person waits for a counsellor: what to expect, as Dutch sentences. Empty otherwise."""
    typing: bool = False
    """Whether the counsellor is typing."""
    read: int = 0
    """The number of the last line that a counsellor saw."""


def state_of(
    connection: sa.engine.Connection, conversation_id: str, *, typing: bool = False
) -> tuple[LiveState, int] | None:
    """How a conversation stands, with the number of its last line; None when it was erased.

    `typing` is what the signs say of the counsellor.
    """
    rows = connection.execute(_STATE, {"conversation": conversation_id}).all()
    return (_state(rows, typing), int(rows[0].seq)) if rows else None


def _state(rows: Sequence[sa.engine.Row], typing: bool) -> LiveState:
    if Floor(rows[0].floor) is Floor.ASSISTANT:
        return LiveState()
    talk = [row for row in rows if row.status == State.LIVE.value]
    waits = [row for row in rows if row.way == Way.CHAT.value and row.status != State.LIVE.value]
    read = max((row.seen_seq or 0 for row in (*talk, *waits)), default=0)
    if talk or not waits:
        return LiveState(Floor.COUNSELLOR, talk[0].name or "" if talk else "", "", typing, read)
    return LiveState(Floor.COUNSELLOR, waits[0].name or "", _expectation(waits[0]), typing, read)


def _expectation(row: sa.engine.Row) -> str:
    if row.name:
        return f"{row.name} leest je vraag en komt zo bij je."
    if row.claim_by is None:
        return "Blijf gerust op deze pagina. Wat je schrijft, leest de begeleider straks."
    moment = format_datetime(row.claim_by.astimezone(_BELGIUM), "H.mm 'uur'", locale="nl_BE")
    return f"Je krijgt antwoord voor {moment}. Wat je schrijft, leest de begeleider straks."
