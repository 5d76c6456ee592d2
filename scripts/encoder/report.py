"""The figures of `measure` as the Dutch tables of docs/understanding.md."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

STYLES = {
    "standard": "standaard", "tussentaal": "tussentaal", "misspelt": "spelfouten", "learner": "anderstalig",
    "short": "heel kort",
    "story": "lang verhaal", "mixed": "talen gemengd", "adversarial": "misleidend", "all": "**alles**",
}  # fmt: skip

Count = tuple[int, int]
Goal = tuple[str, str, Count]
"""What, the aim, what was measured."""


def percent(count: Count) -> str:
    """A share as people read it, `-` of nothing.

    >>> percent((1, 3))
    '33,3 %'
    """
    return f"{100 * count[0] / count[1]:.1f} %".replace(".", ",") if count[1] else "-"


def counted(count: Count) -> str:
    return f"{percent(count)} ({count[0]} van {count[1]})"


def number(value: float, decimals: int = 1) -> str:
    return f"{value:.{decimals}f}".replace(".", ",")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def styles(pipelines: Mapping[str, Mapping[str, Count]]) -> str:
    """A row for each pipeline, a column for each style."""
    present = [style for style in STYLES if any(style in row for row in pipelines.values())]
    total = next(iter(pipelines.values()))
    head = ["", *(f"{STYLES[style]} ({total[style][1]})" for style in present)]
    return table(head, [[name, *(percent(row[style]) for style in present)] for name, row in pipelines.items()])


def goals(found: Sequence[Goal]) -> str:
    """What was aimed at, and what was measured."""
    return table(["wat", "doel", "gehaald"], [[what, aim, counted(count)] for what, aim, count in found])


def certainty(sets: Mapping[str, Mapping[str, Any]]) -> str:
    """A column for each set, a row for each figure of `measure.calibration`."""
    rows = [
        ["zeker genoeg om meteen te antwoorden", *(counted(found["sure"]) for found in sets.values())],
        ["daarvan juist", *(counted(found["right_where_sure"]) for found in sets.values())],
        ["vraagt terug", *(counted(found["asked"]) for found in sets.values())],
        [
            "wat bedoeld was staat dan bij de drie knoppen",
            *(counted(found["meant_among_three"]) for found in sets.values()),
        ],
        [
            "ECE (verschil tussen kans en werkelijkheid)",
            *(number(100 * found["ece"]) + " %" for found in sets.values()),
        ],
    ]
    return table(["", *sets], rows)


def fill(document: Path, parts: Mapping[str, str]) -> None:
    """Puts each part between its marks `<!-- begin: NAME -->` and `<!-- end: NAME -->`. A missing mark is an error."""
    text = document.read_text(encoding="utf-8")
    for name, part in parts.items():
        pattern = re.compile(rf"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"{document}: has no marks for {name}")
        text = pattern.sub(lambda match, part=part: f"{match[1]}{part}\n{match[2]}", text)
    document.write_text(text, encoding="utf-8")
