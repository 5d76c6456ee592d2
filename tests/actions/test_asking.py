"""Which question about a course is which, and what makes courses on buttons differ."""

from __future__ import annotations

from datetime import date, time
from types import SimpleNamespace
from typing import Any

import pytest

from actions.asking import QUESTIONS
from actions.courses import told_apart
from bot.catalogue.model import LanguageLevel, Moment, Schedule, Weekday


def lesson(weekday: Weekday) -> Moment:
    return Moment(weekday=weekday, start=time(9), end=time(12))


def course(**facts: Any) -> Any:
    known = {
        "places_left": 4,
        "language_level": LanguageLevel.B1,
        "shortage": True,
        "certificate": "attest",
        "schedule": Schedule(moments=(lesson(Weekday.MONDAY), lesson(Weekday.FRIDAY))),
        "entry_conditions": "wie kan lassen",
        "place_name": "Gent",
        "provider": SimpleNamespace(name="CVO"),
        "start": None,
        "title": "Lassen",
    }
    return SimpleNamespace(**known | facts)


def answer(text: str, offering: Any) -> str | None:
    return next((say(offering) for pattern, say in QUESTIONS if pattern.search(text)), None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is er daar nog een plaats", "nog 4 plaatsen"),
        ("hoe goed moet mijn Nederlands zijn", "niveau B1"),
        ("is dat een knelpuntberoep", "Ja."),
        ("hoeveel uur per week is dat", "Dat is 6 uur per week."),
        ("heb ik een diploma nodig", "wie kan lassen"),
        ("krijk ik daar een getuichschrift van", "attest"),
    ],
)
def test_a_question_is_answered_from_the_course(text: str, expected: str) -> None:
    found = answer(text, course())
    assert found is not None and expected in found


def test_what_the_course_does_not_say_is_not_made_up() -> None:
    assert answer("zijn er nog plaatsen vrij", course(places_left=None)) == ""
    assert answer("zijn er nog plaatsen vrij", course(places_left=0)) == "De cursus is volzet."
    assert answer("welk niveau", course(language_level=None)) == ""


def test_another_question_is_none() -> None:
    assert answer("vertel er wat meer over", course()) is None


def test_courses_on_buttons_differ() -> None:
    assert told_apart([course(), course(place_name="Aalst")]) == ["Gent", "Aalst"]
    assert told_apart([course(), course(provider=SimpleNamespace(name="Syntra"))]) == ["CVO", "Syntra"]
    assert told_apart([course(), course(title="Lassen TIG")]) == ["Lassen", "Lassen TIG"]
    three = [
        course(start=date(2027, 1, 19)),
        course(start=date(2027, 2, 6)),
        course(start=date(2027, 2, 6), place_name="Sint-Lievens-Houtem"),
    ]
    assert told_apart(three) == ["Gent, 19/1", "Gent, 6/2", "Sint-Lievens, 6/2"]
