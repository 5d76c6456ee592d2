"""The figures: every amount that an answer may name, once, with its source, its certainty and the day it was checked.

`data/knowledge/figures.yml` holds them, `data/knowledge/sources.yml` the sources they and the articles share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.knowledge.datafile import DataError, read_entries

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]


class Certainty(StrEnum):
    """How sure a fact is; the words of the facts. Only the first two may be quoted as an amount."""

    CERTAIN = "zeker"
    LIKELY = "vermoedelijk"
    DATED = "verouderd?"
    UNCHECKED = "na te kijken"

    @property
    def usable(self) -> bool:
        """Whether an amount with this certainty may be told to a citizen."""
        return self in (Certainty.CERTAIN, Certainty.LIKELY)


class Unit(StrEnum):
    """What an amount counts, in the singular."""

    EURO = "euro"
    HOUR = "uur"
    PERCENT = "procent"
    DAY = "dag"
    WEEK = "week"
    MONTH = "maand"
    YEAR = "jaar"
    CREDIT = "studiepunt"
    LESSON = "lestijd"


_PLURALS = {
    Unit.DAY: "dagen",
    Unit.WEEK: "weken",
    Unit.MONTH: "maanden",
    Unit.CREDIT: "studiepunten",
    Unit.LESSON: "lestijden",
}
"""The units that change after a number: "36 maanden", but "125 uur" and "7 jaar"."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceEntry(_Entry):
    """A page or text on which facts rest."""

    id: Identifier
    title: Line
    url: WebAddress | None = None
    date: Line
    """Date of the source in words: "2025-04-25", "2025", "zonder datum"."""


class Part(_Entry):
    """A further number of a figure, like the hours a week that its rule asks for."""

    amount: Decimal = Field(ge=0)
    unit: Unit


class FigureEntry(_Entry):
    """A figure as it stands in figures.yml, its sources by id."""

    id: Identifier
    name: Line
    amount: Decimal | None = Field(ge=0)
    reduced: Decimal | None = Field(default=None, ge=0)
    unit: Unit | None
    basis: str = ""
    """What the amount is for: "per lestijd", "per schooljaar"."""
    parts: dict[Identifier, Part] = Field(default_factory=dict)
    valid_from: date | None
    valid_until: date | None
    certainty: Certainty
    sources: tuple[Identifier, ...] = Field(min_length=1)
    contradicted_by: tuple[Identifier, ...] = ()
    """Sources that say something else. Such a figure is not certain enough to be named."""
    note: str = ""
    checked: date
    check_again: date

    @model_validator(mode="after")
    def _consistent(self) -> FigureEntry:
        if (self.amount is not None or self.reduced is not None) and self.unit is None:
            raise ValueError("an amount needs a unit")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        if self.check_again <= self.checked:
            raise ValueError("check_again must be after checked")
        if self.reduced is not None and self.amount is not None and self.reduced > self.amount:
            raise ValueError("reduced is more than amount")
        if "reduced" in self.parts:
            raise ValueError("a part may not be called 'reduced'")
        return self


class Figure(FigureEntry):
    """One figure with its sources."""

    references: tuple[SourceEntry, ...] = Field(min_length=1)

    @property
    def source_title(self) -> str:
        """The title of its first source."""
        return self.references[0].title

    @property
    def source_url(self) -> str | None:
        """The address of its first source."""
        return self.references[0].url

    def quantity(self, part: str = "") -> tuple[Decimal, Unit] | None:
        """The amount, the reduced amount (`reduced`) or a named part, with its unit; None when it is not known."""
        if part in self.parts:
            return self.parts[part].amount, self.parts[part].unit
        amount = {"": self.amount, "reduced": self.reduced}.get(part)
        return (amount, self.unit) if amount is not None and self.unit is not None else None


class Figures(Mapping[str, Figure]):
    """Every figure by its id, and every source by its id."""

    def __init__(self, figures: Mapping[str, Figure], sources: Mapping[str, SourceEntry]) -> None:
        self._figures = dict(figures)
        self.sources = dict(sources)

    def __getitem__(self, key: str) -> Figure:
        return self._figures[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)


def load_figures(directory: Path) -> Figures:
    """The figures and sources of `data/knowledge`. Raises `DataError` naming file, entry and field."""
    sources = {source.id: source for source in read_entries(directory / "sources.yml", "sources", SourceEntry)}
    figures = {}
    for entry in read_entries(directory / "figures.yml", "figures", FigureEntry):
        for field in ("sources", "contradicted_by"):
            for source in getattr(entry, field):
                if source not in sources:
                    raise DataError("figures.yml", f"unknown source '{source}'", entry=entry.id, field=field)
        references = tuple(sources[source] for source in entry.sources)
        figures[entry.id] = Figure.model_validate({**entry.model_dump(), "references": references})
    return Figures(figures, sources)


def quotable(figure: Figure, on: date) -> bool:
    """Whether its amounts may be named on that day: certain or likely, and in force."""
    if not figure.certainty.usable:
        return False
    begun = figure.valid_from is None or figure.valid_from <= on
    return begun and (figure.valid_until is None or on <= figure.valid_until)


def format_amount(amount: Decimal, unit: Unit) -> str:
    """An amount as Flemings write it: "1.234,50 euro", "2,25 euro", "125 uur", "36 maanden".

    Whole amounts have no decimals; euros have two, or more when the amount has more. Raises `ValueError` for an amount
    that is no number.
    """
    if not amount.is_finite():
        raise ValueError("an amount must be a finite number")
    plain = amount.normalize()
    exponent = plain.as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    if unit is Unit.EURO and decimals == 1:
        decimals = 2
    number = f"{plain:,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    word = unit.value if plain == 1 else _PLURALS.get(unit, unit.value)
    return f"{number} {word}"


def render_figure(figure: Figure, part: str = "") -> str:
    """The figure or one of its parts as it reads in a sentence: nothing to pay is "gratis".

    Raises `KeyError` when the figure has no such amount.
    """
    quantity = figure.quantity(part)
    if quantity is None:
        raise KeyError(f"{figure.id}:{part}" if part else figure.id)
    amount, unit = quantity
    return "gratis" if unit is Unit.EURO and amount == 0 else format_amount(amount, unit)
