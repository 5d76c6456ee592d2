"""The week as bits."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import moments
from bot.catalogue.model import Moment, Part, Schedule, Weekday

EVENING, DAY = (time(18, 30), time(21, 30)), (time(9), time(12))
names = st.sets(st.sampled_from([*Part, *Weekday]))


def lesson(weekday: Weekday, hours: tuple[time, time]) -> Moment:
    return Moment(weekday=weekday, start=hours[0], end=hours[1])


def suits(schedule: Schedule, *wish: str) -> bool:
    return not moments.of_schedule(schedule) & ~moments.of_wish(wish)


MONDAY_EVENING = Schedule(moments=(lesson(Weekday.MONDAY, EVENING),))
SATURDAY = Schedule(moments=(lesson(Weekday.SATURDAY, DAY),))
MIXED = Schedule(moments=(lesson(Weekday.MONDAY, EVENING), lesson(Weekday.SATURDAY, DAY)))


@pytest.mark.parametrize(
    ("schedule", "wish", "fits"),
    [
        (MONDAY_EVENING, ("evening",), True),
        (MONDAY_EVENING, ("monday",), True),
        (MONDAY_EVENING, ("monday", "evening"), True),
        (MONDAY_EVENING, ("tuesday", "evening"), False),
        (MONDAY_EVENING, ("monday", "day"), False),
        (MONDAY_EVENING, ("day",), False),
        (MONDAY_EVENING, ("weekend",), False),
        (SATURDAY, ("weekend",), True),
        (SATURDAY, ("saturday",), True),
        (SATURDAY, ("sunday",), False),
        (SATURDAY, ("day",), False),
        (SATURDAY, ("evening", "saturday"), True),
        (MIXED, ("evening",), False),
        (MIXED, ("evening", "weekend"), True),
        (MIXED, ("evening", "saturday"), True),
        (Schedule(parts=(Part.EVENING,)), ("evening",), True),
        (Schedule(parts=(Part.EVENING,)), ("monday",), False),
        (Schedule(), ("evening",), True),
    ],
)
def test_a_course_suits_when_all_its_lessons_do(schedule: Schedule, wish: tuple[str, ...], fits: bool) -> None:
    assert suits(schedule, *wish) is fits


def test_the_parts_follow_from_the_lessons() -> None:
    assert MIXED.parts == (Part.EVENING, Part.WEEKEND)


@given(names)
def test_a_wish_is_never_empty(wish: set[str]) -> None:
    assert 0 < moments.of_wish(wish) <= moments.ALL


def test_no_wish_is_every_moment() -> None:
    assert moments.of_wish(()) == moments.ALL


def test_a_word_that_is_no_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="schedule: 'nacht'"):
        moments.of_wish({"nacht"})
