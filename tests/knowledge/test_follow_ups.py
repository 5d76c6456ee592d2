"""Which messages go on with what was said last, and refusing wrong lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.datafile import DataError
from bot.knowledge.follow_ups import FILE, load_follow_ups
from bot.settings import ROOT

FOLLOW_UPS = load_follow_ups(ROOT / "data" / "knowledge")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("wat kost dat eigenlijk?", ["cost"]),
        ("Is dat gratis voor mij", ["cost"]),
        ("hoeveel", ["amount", "cost"]),
        ("en hoeveel krijg ik dan", ["amount"]),
        ("hoeveel procent is dat", ["amount"]),
        ("hoe vraag ik dat aan?", ["apply"]),
        ("waar moet ik dat aanvragen", ["apply"]),
        ("krijg ik dan mijn gewone loon", ["pay"]),
        ("hoeveel verdien ik dan", ["pay", "amount"]),
        ("krijg ik dan een premie", ["amount"]),
        ("en krijg ik daar geld voor?", ["amount"]),
        ("hoeveel per km?", ["amount"]),
        ("tot wanneer moet ik dat aanvragen", ["deadline"]),
        ("wie beslist daarover?", ["decides"]),
        ("tot welke leeftijd?", ["age"]),
        ("hoe lang duurt dat", ["duration"]),
        ("krijg ik een premie voor lassen", []),
        ("wat kost een cursus lassen", []),
        ("hoe vraag ik tijdskrediet aan", []),
        ("ik heb een vraag", []),
        ("dat is goed", []),
        ("", []),
    ],
)
def test_a_question_that_names_nothing_itself(text: str, kinds: list[str]) -> None:
    assert FOLLOW_UPS.kinds(text) == kinds


def test_nothing_but_small_words() -> None:
    assert FOLLOW_UPS.bare("en voor de tweede?", {"tweede"})
    assert not FOLLOW_UPS.bare("en voor de tweede?")
    assert not FOLLOW_UPS.bare("bewaar de tweede", {"tweede"})


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("small: [dat]\nfollow_ups: [{id: cost, asks: [kost]}]", "small"),
        ("small: dat\nfollow_ups: []", "follow_ups"),
        ("small: dat\nfollow_ups: [{id: cost, asks: [kost]}]", "follow_ups"),
        ("small: dat\nfollow_ups: [{id: cost}]", "asks"),
        ("small: dat\nmore: dat\nfollow_ups: [{id: cost, asks: [kost]}]", "more"),
    ],
)
def test_a_wrong_list_is_refused(text: str, field: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as error:
        load_follow_ups(tmp_path)
    assert error.value.field == field
