"""Making a referral whole: the row, its consent, the agreed time, the promise, and the word to the organisation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.referral import call_backs, hours, life, notices
from bot.referral.call_backs import Booking
from bot.referral.consent import Way
from bot.referral.life import CITIZEN, State, What
from bot.referral.notices import Notice
from bot.referral.organisations import Organisation
from bot.referral.referrals import NewReferral, Referral, create, get
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Made:
    """A referral, with the call that was agreed if one was."""

    referral: Referral
    booking: Booking | None

    def promise(self) -> str:
        """Who, when and how, in Dutch, to stand after "Je aanvraag …". Names no contact detail."""
        referral = self.referral
        if referral.way is Way.CHAT:
            until = hours.at_time(referral.claim_by).rpartition(" om ")[2] if referral.claim_by else ""
            return f"Er komt zo iemand bij je in dit gesprek. Lukt dat niet voor {until}, dan hoor je dat hier."
        if self.booking is not None:
            return f"Iemand belt je op {hours.at_time(self.booking.starts_at)}."
        until = f" uiterlijk op {hours.on_day(referral.claim_by)}" if referral.claim_by else ""
        return f"Iemand belt je{until}." if referral.way is Way.CALL else f"Je krijgt{until} een mail."


def promise_until(
    connection: sa.engine.Connection, organisation: Organisation, way: Way, now: datetime, settings: Settings
) -> datetime:
    """Until when an organisation is to take a referral up."""
    if way is Way.CHAT:
        return now + timedelta(minutes=settings.chat_minutes)
    return hours.of_organisation(connection, organisation).deadline(now, settings.claim_days)


def make(
    connection: sa.engine.Connection,
    new: NewReferral,
    organisation: Organisation,
    settings: Settings,
    now: datetime,
    *,
    calls_at: datetime | None = None,
) -> Made:
    """Makes a referral, or gives the one that the same message made. Raises `SlotTaken`; then nothing was made.

    Raises as `create` does.
    """
    with connection.begin_nested():
        until = calls_at or promise_until(connection, organisation, new.way, now, settings)
        referral = create(connection, replace(new, claim_by=until), now=now)
        booking = call_backs.of_referral(connection, referral.id)
        if calls_at is not None and booking is None and referral.status is State.REQUESTED:
            booking = call_backs.book(connection, referral.id, organisation, calls_at, now)
            life.move(connection, referral.id, What.QUEUED, State.CALL_BACK_BOOKED, CITIZEN, now, key="queued")
            referral = get(connection, referral.id)
        notices.tell(connection, referral, Notice.NEW, settings, now)
    return Made(referral, booking)
