"""When a found article answers, and that the documentation says so."""

from __future__ import annotations

import pytest

from bot.knowledge import deciding
from bot.settings import ROOT

ROWS = [
    line for line in (ROOT / "docs" / "kennis.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")
]


@pytest.mark.parametrize(
    ("row", "threshold"),
    [
        ("| niets zeker |", deciding.ANSWER),
        ("| een informatieve intentie |", deciding.BETTER),
        ("| een informatieve intentie, artikel voor een situatie die niemand noemde |", deciding.SUPPOSED),
        ("| niets voor ons,", deciding.STRANGER),
        ("| een andere wens,", deciding.TAKEN),
        ('| "leg uit",', deciding.SURE),
    ],
)
def test_the_documentation_says_the_thresholds(row: str, threshold: float) -> None:
    first = next(line for line in ROWS if line.startswith(row))
    assert f"| {threshold:.2f} of meer".replace(".", ",") in first
