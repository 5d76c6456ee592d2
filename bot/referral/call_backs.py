"""Call-backs at an agreed time: which times are free, booking one, and its calendar file.

Every counsellor who calls at a time is one place; a place is booked by one insert that the table keeps unique.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar
import sqlalchemy as sa

from bot.referral import hours
from bot.referral.callers import Caller, callers
from bot.referral.hours import BELGIUM, Hours, Span
from bot.referral.organisations import Organisation
from bot.storage.referral_tables import bookings

LENGTH = timedelta(minutes=30)
LEAD = timedelta(hours=1)
"""From now to the first time that can be booked."""
HORIZON = 14
"""Days in which times are offered."""
REMIND_BEFORE = timedelta(hours=2)


class SlotTaken(Exception):
    """Somebody else booked the last place at this time, or nobody calls then."""


@dataclass(frozen=True, slots=True)
class Booking:
    """An agreed call."""

    referral_id: int
    organisation: str
    starts_at: datetime
    ends_at: datetime
    token: str
    """Opens the calendar file of the person; cannot be guessed."""


def _places(crew: Sequence[Caller], its: Hours, slot: Span) -> int:
    """How many counsellors can call then."""
    day = slot.begins.astimezone(BELGIUM).date()
    return sum(
        any(span.begins <= slot.begins and slot.ends <= span.ends for span in one.spans(its, day)) for one in crew
    )


def _day(crew: Sequence[Caller], its: Hours, number: int, now: datetime) -> list[Span]:
    """The pieces of a day in which somebody can call, from `LEAD` after now."""
    day = now.astimezone(BELGIUM).date() + timedelta(days=number)
    spans = [span for one in crew for span in one.spans(its, day)]
    found = {piece.begins: piece for span in spans for piece in hours.pieces(span, LENGTH)}
    return [found[begins] for begins in sorted(found) if begins >= now + LEAD]


def free_slots(
    connection: sa.engine.Connection, organisation: Organisation, now: datetime, *, a_day: int = 2, most: int = 6
) -> list[Span]:
    """The next times at which somebody can call, at most `a_day` of one day, spread over it; empty when none is known."""
    its = hours.of_organisation(connection, organisation)
    crew = callers(connection, organisation.id)
    taken = _taken(connection, organisation.id, now)
    found: list[Span] = []
    for number in range(HORIZON):
        free = [slot for slot in _day(crew, its, number, now) if taken.get(slot.begins, 0) < _places(crew, its, slot)]
        found += _spread(free, a_day)
        if len(found) >= most:
            break
    return found[:most]


def _spread(slots: list[Span], count: int) -> list[Span]:
    if len(slots) <= count:
        return slots
    return [slots[position * len(slots) // count] for position in range(count)]


def _taken(connection: sa.engine.Connection, organisation: str, now: datetime) -> dict[datetime, int]:
    rows = connection.execute(
        sa.select(bookings.c.starts_at, sa.func.count())
        .where(bookings.c.organisation == organisation, bookings.c.starts_at >= now)
        .group_by(bookings.c.starts_at)
    )
    return {row[0]: row[1] for row in rows}


def book(
    connection: sa.engine.Connection, referral_id: int, organisation: Organisation, starts_at: datetime, now: datetime
) -> Booking:
    """Books a time for a referral; booked before, it gives that booking. Raises `SlotTaken`."""
    earlier = of_referral(connection, referral_id)
    if earlier is not None and earlier.organisation == organisation.id:
        return earlier
    its = hours.of_organisation(connection, organisation)
    crew = callers(connection, organisation.id)
    slot = Span(starts_at, starts_at + LENGTH)
    if starts_at < now or slot.begins not in {
        span.begins for span in _day(crew, its, _days_until(starts_at, now), now - LEAD)
    }:
        raise SlotTaken
    for place in range(_places(crew, its, slot)):
        values = {
            "referral_id": referral_id,
            "organisation": organisation.id,
            "starts_at": starts_at,
            "ends_at": slot.ends,
            "place": place,
            "token": secrets.token_urlsafe(24),
        }
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(bookings).values(**values))
        except sa.exc.IntegrityError:
            continue
        return Booking(referral_id, organisation.id, starts_at, slot.ends, str(values["token"]))
    raise SlotTaken


def _days_until(moment: datetime, now: datetime) -> int:
    return (moment.astimezone(BELGIUM).date() - now.astimezone(BELGIUM).date()).days


def free(connection: sa.engine.Connection, referral_id: int) -> None:
    """Gives the time of a referral free."""
    connection.execute(sa.delete(bookings).where(bookings.c.referral_id == referral_id))


def of_referral(connection: sa.engine.Connection, referral_id: int) -> Booking | None:
    """The booking of a referral."""
    return _one(connection, bookings.c.referral_id == referral_id)


def by_token(connection: sa.engine.Connection, token: str) -> Booking | None:
    """The booking that this token opens."""
    return _one(connection, bookings.c.token == token)


def _one(connection: sa.engine.Connection, condition: object) -> Booking | None:
    row = connection.execute(sa.select(bookings).where(condition)).first()
    if row is None:
        return None
    return Booking(row.referral_id, row.organisation, row.starts_at, row.ends_at, row.token)


def calendar(booking: Booking, title: str, lines: Iterable[str], now: datetime, *, url: str = "") -> bytes:
    """The call as a calendar file (RFC 5545) that warns a quarter of an hour before. Holds nothing but what is given."""
    event = icalendar.Event()
    event.add("uid", f"{booking.token[:12]}@leerwijzer")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", booking.starts_at.astimezone(UTC))
    event.add("dtend", booking.ends_at.astimezone(UTC))
    event.add("summary", title)
    event.add("description", "\n".join(lines))
    if url:
        event.add("url", url)
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(minutes=-15))
    event.add_component(alarm)
    whole = icalendar.Calendar()
    whole.add("prodid", "-//Leerwijzer//NL")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add_component(event)
    return bytes(whole.to_ical())
