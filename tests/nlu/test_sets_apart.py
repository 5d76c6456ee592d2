"""No utterance stands in two of the sets: what is trained on, developed on, and tested on stays apart."""

from __future__ import annotations

import unicodedata
from itertools import combinations
from pathlib import Path

import pytest

from bot.settings import ROOT
from scripts.encoder import examples

SETS = {
    "training": ROOT / "data" / "nlu",
    **{path.stem: path for path in sorted((ROOT / "tests" / "nlu").glob("*.yml"))},
}
TOO_SHORT = 12
"""Folded texts shorter than this ("ja", "hallo daar", "9300") may stand in several sets."""


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join(
        "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char)).split()
    )


def utterances(path: Path) -> set[str]:
    return {folded(example.text) for example in examples.read(path)}


@pytest.mark.parametrize(("one", "other"), list(combinations(SETS, 2)))
def test_no_utterance_stands_in_both(one: str, other: str) -> None:
    both = sorted(text for text in utterances(SETS[one]) & utterances(SETS[other]) if len(text) >= TOO_SHORT)
    assert not both, f"in both {SETS[one]} and {SETS[other]}: {both[:20]}"


def test_sets_hold_utterances() -> None:
    assert {"training", "development", "foreign", "distress"} <= set(SETS)
    assert all(utterances(path) for path in SETS.values())


def test_reading_takes_marks_away() -> None:
    found = examples.read(ROOT / "data" / "nlu") + examples.read(ROOT / "tests" / "nlu" / "development.yml")
    for example in found:
        assert "](" not in example.text and "]{" not in example.text, example.text
        for begin, end, name in example.entities:
            assert example.text[begin:end].strip() and name.isidentifier()
