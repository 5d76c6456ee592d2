"""The measure of entity recognition itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.nlu.scoring import ALL, Score, macro_f1, matches, pair, score, score_entities, total


def entity(kind: str, start: int, end: int, value: str = "") -> dict[str, Any]:
    return {"entity": kind, "start": start, "end": end, "value": value}


@pytest.mark.parametrize(
    ("wanted", "given_", "right"),
    [
        (entity("location", 0, 4), entity("location", 0, 4), True),
        (entity("location", 0, 4, "Gent"), entity("location", 2, 9, "gent"), True),
        (entity("location", 0, 4, "gent"), entity("location", 0, 4, "Gent (stad)"), True),
        (entity("location", 0, 4), entity("location", 4, 8), False),
        (entity("location", 0, 4), entity("provider", 0, 4), False),
        (entity("schedule", 0, 4, "evening"), entity("schedule", 0, 4, "day"), False),
        (entity("schedule", 0, 4, "evening"), entity("schedule", 1, 3, "Evening "), True),
        (entity("age", 0, 2, "34"), entity("age", 0, 2, 34), True),
        (entity("ordinal", 0, 2, "2"), entity("ordinal", 0, 2, "last"), False),
    ],
)
def test_matches(wanted: dict[str, Any], given_: dict[str, Any], right: bool) -> None:
    assert matches(wanted, given_) is right


def test_one_wanted_entity_answers_for_one_given() -> None:
    wanted = [entity("location", 0, 10)]
    given_ = [entity("location", 0, 4), entity("location", 5, 10)]
    assert len(pair(wanted, given_)) == 1
    assert score([(wanted, given_)]) == {"location": Score(right=1, given=2, wanted=1)}


def test_pairs_are_as_many_as_can_be() -> None:
    wanted = [entity("location", 0, 10), entity("location", 8, 12)]
    given_ = [entity("location", 8, 10), entity("location", 0, 4)]
    assert pair(wanted, given_) == [(0, 1), (1, 0)]


def test_counts_over_examples() -> None:
    scores = score(
        [
            ([entity("age", 0, 2, "34")], [entity("age", 0, 2, "34"), entity("language", 3, 5)]),
            ([entity("age", 0, 2, "20")], []),
            ([], []),
        ]
    )
    assert scores["age"] == Score(1, 1, 2)
    assert (scores["age"].precision, scores["age"].recall, scores["age"].f1) == (1.0, 0.5, pytest.approx(2 / 3))
    assert scores["language"] == Score(0, 1, 0)
    assert total(scores) == Score(1, 2, 2)
    assert macro_f1(scores) == pytest.approx(2 / 3)


def test_plain_numbers_end_with_all_together() -> None:
    lines = score_entities([([entity("age", 0, 2, "34")], [entity("age", 0, 2, "34")])])
    assert list(lines) == ["age", ALL]
    assert lines[ALL] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "right": 1, "given": 1, "wanted": 1}
    assert score_entities([([], [])]) == {}


spans = st.lists(
    st.builds(
        lambda kind, start, length: entity(kind, start, start + length, "x"),
        st.sampled_from(["location", "age"]),
        st.integers(0, 20),
        st.integers(1, 6),
    ),
    max_size=6,
)


@given(spans, spans)
def test_counts_are_possible_and_symmetric(wanted: list[dict[str, Any]], given_: list[dict[str, Any]]) -> None:
    one, other = total(score([(wanted, given_)])), total(score([(given_, wanted)]))
    assert one.right <= min(one.given, one.wanted)
    assert (one.right, one.given, one.wanted) == (other.right, other.wanted, other.given)
    assert total(score([(wanted, wanted)])).f1 == 1.0
