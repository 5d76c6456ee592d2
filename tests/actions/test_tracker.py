"""What a message tells of who writes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions import tracker as look


def heard(text: str, kind: str, said: str) -> list[str]:
    """The values of one kind in a text where `said` is an entity of that kind."""
    found = {"entity": kind, "value": said, "start": text.index(said), "end": text.index(said) + len(said)}
    tracker: Any = SimpleNamespace(latest_message={"text": text, "entities": [found]})
    return look.values(tracker, kind)


@pytest.mark.parametrize(
    ("text", "said", "counts"),
    [
        ("ik ben 34 en werk in Gent", "34", True),
        ("ik werk al 15 jaar", "15", False),
        ("ik ben arbeider en werk 15 jaar", "15", False),
        ("mijn zoon van 17", "17", False),
        ("ik heb een dochter van 12 en ben 40", "40", True),
    ],
)
def test_an_age_is_that_of_who_writes(text: str, said: str, counts: bool) -> None:
    assert bool(heard(text, "age", said)) is counts


def test_a_wish_is_a_wish_for_whomever() -> None:
    assert heard("mijn zoon wil lassen leren", "course_topic", "lassen") == ["lassen"]


def user(intent: str) -> dict[str, Any]:
    return {"event": "user", "parse_data": {"intent": {"name": intent}}}


ACTION = {"event": "action", "name": "action_digress"}
ASKED = {"event": "action", "name": "entitlements_form"}


@pytest.mark.parametrize(
    ("events", "count", "before"),
    [
        ([user("inform"), ASKED], 0, 0),
        ([user("ask_cost"), ACTION, ASKED], 1, 0),
        ([user("ask_cost"), ACTION, ASKED, user("greet"), ACTION], 2, 1),
        ([user("ask_cost"), ACTION, ASKED, user("inform"), ASKED, user("greet"), ACTION], 1, 0),
        ([user("inform"), ASKED, user("thank"), ACTION], 2, 0),
        ([user("thank"), ACTION, ASKED, user("affirm")], 0, 2),
    ],
)
def test_digressions_are_counted_in_a_row(events: list[dict[str, Any]], count: int, before: int) -> None:
    tracker: Any = SimpleNamespace(events=events)
    assert (look.digressions(tracker), look.digressions(tracker, before=True)) == (count, before)
