"""Promises to people, kept on time: not taken up → somebody else is asked and the person told; nobody at all → told too;
a reminder of an agreed call; the question afterwards. Each happens once, whatever process looks, however often.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.conversation import outbox
from bot.conversation.change import Change
from bot.conversation.message import Author, Card
from bot.conversation.model import Floor
from bot.referral import call_backs, hours, life, notices, wording
from bot.referral.consent import Way
from bot.referral.directory import Directory
from bot.referral.handling import queue_of
from bot.referral.life import SYSTEM, State, What
from bot.referral.making import Made, promise_until
from bot.referral.notices import Notice
from bot.referral.organisations import Organisation
from bot.referral.referrals import Referral, get
from bot.settings import Settings
from bot.storage.referral_tables import bookings, referrals
from bot.storage.tables import conversations

IDLE = timedelta(hours=2)
"""A talk in which nobody said anything for so long has ended: the person must not be left with a silent assistant."""
_QUEUED = [State.REQUESTED, State.WAITING, State.CALL_BACK_BOOKED, State.MESSAGE_LEFT]
_LIMIT = 500


def due(connection: sa.engine.Connection, now: datetime, settings: Settings) -> list[tuple[int, str]]:
    """Referrals of which a promise is due, each with its conversation."""
    r = referrals.c
    late_talk = now - timedelta(minutes=settings.chat_minutes)
    rows = connection.execute(
        sa.select(r.id, r.conversation_id)
        .outerjoin(bookings, bookings.c.referral_id == r.id)
        .join(conversations, conversations.c.id == r.conversation_id)
        .where(
            sa.or_(
                sa.and_(r.status.in_([state.value for state in _QUEUED]), r.claim_by <= now),
                sa.and_(r.status.in_([state.value for state in life.UNCLAIMED]), r.expires_at <= now),
                sa.and_(
                    r.status == State.CLAIMED.value,
                    r.way == Way.CHAT.value,
                    r.first_reply_at.is_(None),
                    r.claimed_at <= late_talk,
                ),
                sa.and_(r.status == State.CLOSED.value, r.follow_up_at <= now, r.followed_up_at.is_(None)),
                sa.and_(
                    r.status.in_([state.value for state in life.OPEN]),
                    bookings.c.reminded_at.is_(None),
                    bookings.c.starts_at <= now + call_backs.REMIND_BEFORE,
                    bookings.c.starts_at > now,
                ),
                sa.and_(
                    r.status == State.LIVE.value,
                    r.changed_at <= now - IDLE,
                    sa.or_(conversations.c.last_inbound_at.is_(None), conversations.c.last_inbound_at <= now - IDLE),
                ),
            )
        )
        .order_by(r.id)
        .limit(_LIMIT)
    )
    return [(row.id, row.conversation_id) for row in rows]


@dataclass(frozen=True)
class Promises:
    """Keeps what is due of one referral."""

    directory: Directory
    settings: Settings

    def keep(self, change: Change, referral_id: int) -> Referral:
        """Does what is due now, in the order in which it may fall due together."""
        found = get(change.connection, referral_id)
        now = change.now
        if found.status is State.LIVE and self._is_idle(change, found):
            found = self._end_idle(change, found)
        if self._claimed_and_silent(found, now):
            found = self._release(change, found)
        if found.status in life.UNCLAIMED and found.expires_at is not None and found.expires_at <= now:
            return self._expire(change, found)
        if found.status in _QUEUED and found.claim_by is not None and found.claim_by <= now:
            # At most once: a referral that was given back after its escalation runs to its end.
            return self._escalate(change, found) if found.escalated_at is None else self._expire(change, found)
        if found.status is State.CLOSED:
            return self._follow_up(change, found)
        return self._remind(change, found)

    # -- Not taken up

    def _claimed_and_silent(self, found: Referral, now: datetime) -> bool:
        """Somebody took the talk and said nothing: taking is not answering."""
        return (
            found.status is State.CLAIMED
            and found.way is Way.CHAT
            and found.first_reply_at is None
            and found.claimed_at is not None
            and found.claimed_at + timedelta(minutes=self.settings.chat_minutes) <= now
        )

    def _release(self, change: Change, found: Referral) -> Referral:
        to = queue_of(change.connection, found)
        values = {"counsellor_id": None, "claimed_at": None}
        life.move(
            change.connection, found.id, What.RELEASED, to, SYSTEM, change.now,
            key=f"silent:{found.version}", values=values,
        )  # fmt: skip
        return get(change.connection, found.id)

    def _escalate(self, change: Change, found: Referral) -> Referral:
        connection, now = change.connection, change.now
        fallback = self._fallback(connection, found)
        organisation = fallback or self.directory.get(found.organisation)
        values: dict[str, object] = {
            "escalated_at": now,
            "expires_at": self._expires(connection, found, organisation, now),
        }
        if fallback is not None:
            values["organisation"] = fallback.id
            values["fallback"] = None
            call_backs.free(connection, found.id)
            if organisation is not None:
                values["claim_by"] = promise_until(connection, organisation, found.way, now, self.settings)
        moved = life.move(
            connection, found.id, What.ESCALATED, State.ESCALATED, SYSTEM, now,
            key="escalated", detail=fallback.id if fallback else None, values=values,
        )  # fmt: skip
        after = get(connection, found.id)
        if not moved.changed:
            return after
        notices.tell(connection, after, Notice.ESCALATED, self.settings, now)
        name, other = self.name_of(found.organisation), fallback.name if fallback else None
        reply = (
            wording.escalated_talk(name, other)
            if found.way is Way.CHAT
            else wording.escalated(name, other, Made(after, None).promise(), self._card(found.organisation))
        )
        change.say(Author.SYSTEM, reply, key=f"{found.reference}:escalated")
        return after

    def _fallback(self, connection: sa.engine.Connection, found: Referral) -> Organisation | None:
        """The organisation that the consent names, if it can take a referral."""
        fallback = self.directory.get(found.fallback or "")
        if fallback is None or not fallback.accepts_referral or fallback.id not in notices.staffed(connection):
            return None
        return fallback

    def _expires(
        self, connection: sa.engine.Connection, found: Referral, organisation: Organisation | None, now: datetime
    ) -> datetime:
        if found.way is Way.CHAT:
            return now + timedelta(minutes=self.settings.chat_minutes)
        its = hours.of_organisation(connection, organisation) if organisation else hours.Hours()
        return its.deadline(now, self.settings.expiry_days)

    def _expire(self, change: Change, found: Referral) -> Referral:
        moved = life.move(
            change.connection, found.id, What.EXPIRED, State.EXPIRED, SYSTEM, change.now,
            key="expired", values={"closed_at": change.now},
        )  # fmt: skip
        if moved.changed:
            call_backs.free(change.connection, found.id)
            talk = found.way is Way.CHAT and change.conversation.floor is Floor.COUNSELLOR
            name = self.name_of(found.organisation)
            reply = wording.expired(name, self._card(found.organisation), talk)
            change.say(Author.SYSTEM, reply, key=f"{found.reference}:expired")
            if talk:
                change.give_floor(Floor.ASSISTANT)
        return get(change.connection, found.id)

    # -- A talk that fell silent

    def _is_idle(self, change: Change, found: Referral) -> bool:
        said = outbox.last_said_at(change.connection, found.conversation_id)
        heard = change.conversation.last_inbound_at
        return all(moment is None or moment <= change.now - IDLE for moment in (said, heard, found.changed_at))

    def _end_idle(self, change: Change, found: Referral) -> Referral:
        life.move(
            change.connection, found.id, What.TALK_ENDED, State.CLAIMED, SYSTEM, change.now, key=f"idle:{found.version}"
        )
        change.say(Author.SYSTEM, wording.IDLE, key=f"{found.reference}:idle:{found.version}")
        change.give_floor(Floor.ASSISTANT)
        return get(change.connection, found.id)

    # -- Reminders and the question afterwards

    def _remind(self, change: Change, found: Referral) -> Referral:
        booking = call_backs.of_referral(change.connection, found.id)
        near = booking is not None and change.now < booking.starts_at <= change.now + call_backs.REMIND_BEFORE
        if booking is None or not near or found.status not in life.OPEN:
            return found
        reminded = change.connection.execute(
            sa.update(bookings)
            .where(bookings.c.referral_id == found.id, bookings.c.reminded_at.is_(None))
            .values(reminded_at=change.now)
        ).rowcount
        if reminded:
            if change.conversation.floor is Floor.ASSISTANT:
                reply = wording.reminder(self.name_of(found.organisation), hours.at_time(booking.starts_at))
                change.say(Author.SYSTEM, reply, key=f"{found.reference}:reminder:{booking.starts_at.isoformat()}")
            notices.tell(change.connection, found, Notice.REMINDER, self.settings, change.now)
        return found

    def _follow_up(self, change: Change, found: Referral) -> Referral:
        if found.follow_up_at is None or found.follow_up_at > change.now or found.followed_up_at is not None:
            return found
        asked = change.connection.execute(
            sa.update(referrals)
            .where(referrals.c.id == found.id, referrals.c.followed_up_at.is_(None))
            .values(followed_up_at=change.now)
        ).rowcount
        if asked:
            reply = wording.follow_up(self.name_of(found.organisation), found.reference)
            change.say(Author.SYSTEM, reply, key=f"{found.reference}:follow_up")
            notices.tell(change.connection, found, Notice.FOLLOW_UP, self.settings, change.now)
        return get(change.connection, found.id)

    # -- Words

    def name_of(self, organisation: str) -> str:
        """The name of an organisation as people know it."""
        found = self.directory.get(organisation)
        return found.name if found else organisation

    def _card(self, organisation: str) -> Card | None:
        found = self.directory.get(organisation)
        return self.directory.card(found) if found else None
