"""The lessons of a week as bits, two a day (daytime and evening): "only in the evening" is then one comparison."""

from __future__ import annotations

from collections.abc import Iterable

from bot.catalogue.model import EVENING_FROM, Part, Schedule, Weekday

_WORKDAYS = range(5)
_WEEKEND = (5, 6)
_DAYTIME = sum(1 << (2 * day) for day in _WORKDAYS)
_EVENINGS = sum(2 << (2 * day) for day in _WORKDAYS)
_PARTS = {Part.DAY: _DAYTIME, Part.EVENING: _EVENINGS, Part.WEEKEND: sum(3 << (2 * day) for day in _WEEKEND)}
ALL = _DAYTIME | _EVENINGS | _PARTS[Part.WEEKEND]
"""Every moment of the week."""


def of_schedule(schedule: Schedule) -> int:
    """The moments at which there may be a lesson; 0 when nothing is known or one studies when one likes."""
    bits = 0
    for moment in schedule.moments:
        late = moment.start >= EVENING_FROM
        bits |= (2 if late else 1) << (2 * moment.weekday.number)
    if bits:
        return bits
    for part in schedule.parts:
        bits |= _PARTS[part]
    return bits


def of_wish(names: Iterable[str]) -> int:
    """The moments that suit somebody who named these parts and days; all of them when nothing was named.

    A working day and a part narrow each other: monday with evening is Monday evening. Several parts or several days
    widen, and so does the weekend: evening with saturday is every weekday evening or Saturday. Raises `ValueError` for
    a name that is neither a part nor a weekday.
    """
    parts, days = 0, 0
    for name in names:
        if name in Part.__members__.values():
            parts |= _PARTS[Part(name)]
        elif name in Weekday.__members__.values():
            days |= 3 << (2 * Weekday(name).number)
        else:
            raise ValueError(f"schedule: {name!r} is neither day, evening, weekend nor a weekday")
    weekend = (parts | days) & _PARTS[Part.WEEKEND]
    part_of_week, named_days = parts & ~_PARTS[Part.WEEKEND], days & ~_PARTS[Part.WEEKEND]
    week = part_of_week & named_days if part_of_week and named_days else part_of_week or named_days
    return week | weekend or ALL


def names_days(names: Iterable[str]) -> bool:
    """Whether somebody named days of the week, and not only parts of it."""
    return any(name in Weekday.__members__.values() for name in names)
