"""The check of amounts itself: it must find one that has no source."""

from __future__ import annotations

from typing import Any

import pytest
from support.sourced import Ledger, amounts

from bot.knowledge.articles import load_library
from bot.knowledge.figures import load_figures
from bot.settings import ROOT

FIGURES = load_figures(ROOT / "data" / "knowledge")
LEDGER = Ledger(FIGURES, load_library(ROOT / "data" / "knowledge" / "articles", FIGURES), {})
FEE = "CVO EduKempen: kostprijs vanaf 2025-2026"
"""The source of the price per lesson."""


def reply(text: str, *sources: str) -> dict[str, Any]:
    return {"text": text, "custom": {"sources": [{"title": source, "checked": "2026-11-23"} for source in sources]}}


def test_an_amount_of_the_data_with_its_source_is_right() -> None:
    assert LEDGER.unsourced([reply("Dat kost 2,25 euro per lestijd.", FEE)]) == []


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("Dat kost 2,25 euro per lestijd.", ()),
        ("Dat kost 2,25 euro per lestijd.", ("Actiris",)),
        ("Dat kost 2,35 euro per lestijd.", (FEE,)),
        ("Je krijgt 100 euro per maand.", (FEE,)),
        ("Je krijgt 40% terug.", (FEE,)),
        ("Het kost € 12.", (FEE,)),
        ("Je hebt recht op 180 uur.", (FEE,)),
        ("Dat duurt zes maanden.", (FEE,)),
    ],
)
def test_an_amount_without_its_source_or_of_nowhere_is_found(text: str, sources: tuple[str, ...]) -> None:
    assert len(LEDGER.unsourced([reply(text, *sources)])) >= 1


def test_what_lessons_at_a_rate_come_to_is_right_and_another_sum_is_not() -> None:
    right = "Inschrijving: 40 lestijden × 2,25 euro = 90 euro"
    found = LEDGER.unsourced([reply(right, FEE)])
    assert [one for one in found if "euro" in one.split(" in ")[0]] == []
    assert any(one.startswith("95 euro") for one in LEDGER.unsourced([reply(right.replace("90", "95"), FEE)]))


def test_amounts_on_cards_count_too() -> None:
    card = {"title": "Lassen", "facts": [{"label": "Prijs", "value": "999 euro"}]}
    assert len(LEDGER.unsourced([{"text": "", "custom": {"cards": [card]}}])) == 1


@pytest.mark.parametrize(
    "text", ["Van 18.30 tot 21.30 uur.", "Bel van 8 tot 16.30 uur.", "Op 2 februari 2027.", "9300 Aalst"]
)
def test_times_days_and_postcodes_are_no_amounts(text: str) -> None:
    assert amounts(text) == []


def test_the_persons_own_number_may_be_repeated() -> None:
    assert len(LEDGER.unsourced([reply("Leeftijd: 34 jaar")])) == 1
    assert LEDGER.unsourced([reply("Leeftijd: 34 jaar")], "ik ben 34") == []
