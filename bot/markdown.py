"""Tables in documents that a command fills in, between `<!-- begin: NAME -->` and `<!-- end: NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path


class NoPlace(ValueError):
    """The document has no place for this table."""


def table(rows: Iterable[Sequence[object]], heading: Sequence[str]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def fill(path: Path, name: str, rows: Iterable[Sequence[object]], heading: Sequence[str]) -> None:
    """Puts a table between the two marks of that name. Raises `NoPlace` when they do not stand there."""
    text = path.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- begin: {re.escape(name)} -->\n).*?(<!-- end: {re.escape(name)} -->)", re.DOTALL)
    if not place.search(text):
        raise NoPlace(f"{path}: there is no <!-- begin: {name} --> … <!-- end: {name} -->")
    made = table(rows, heading)
    path.write_text(place.sub(lambda match: f"{match[1]}{made}\n{match[2]}", text, count=1), encoding="utf-8")
