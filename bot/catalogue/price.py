"""What a course costs, line by line, from the figures of the knowledge base: no amount stands here.

A figure that is out of date, unchecked or out of force is never quoted: its line says that the price must be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from bot.catalogue.lists import parse, read_yaml
from bot.catalogue.model import AskPrice, FixedPrice, FreePrice, Offering, TariffPrice
from bot.knowledge.figures import Unit, format_amount

QUOTED = frozenset({"zeker", "vermoedelijk"})
"""The certainties with which an amount may be told to a citizen."""
_CERTAIN = "zeker"


class Figure(Protocol):
    """An amount of the knowledge base with its source; `bot.knowledge.figures.Figure` is one."""

    @property
    def id(self) -> str: ...
    @property
    def amount(self) -> Decimal | None: ...
    @property
    def reduced(self) -> Decimal | None: ...
    @property
    def certainty(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def source_url(self) -> str | None: ...
    @property
    def source_title(self) -> str: ...
    @property
    def checked(self) -> date: ...


class LineKind(StrEnum):
    """What a line of a price is about."""

    ENROLMENT = "enrolment"
    """Inschrijvingsgeld or cursusgeld."""
    REDUCED = "reduced"
    """The same for those who get a reduction or pay nothing."""
    MATERIAL = "material"
    """Cursusmateriaal."""
    SUPPORT = "support"
    """What somebody else pays: vouchers."""
    TOTAL = "total"
    """What this person pays in the end, as far as known."""
    ASK = "ask"
    """Something that only the provider can say."""


@dataclass(frozen=True, slots=True)
class PriceSource:
    """Where an amount comes from and when somebody last checked it."""

    title: str
    url: str | None
    checked: date


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line, in Dutch, with its amount in euro where there is one."""

    kind: LineKind
    text: str
    amount: Decimal | None = None
    certain: bool = True
    """False for what is only likely (vermoedelijk), and for an estimate."""
    source: PriceSource | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one course."""

    lines: tuple[PriceLine, ...]
    short: str
    """The enrolment in a few Dutch words, for a card."""
    enrolment: Decimal | None
    """In euro, without reductions; none when it must be asked, or when it hangs on who pays."""
    reduced: Decimal | None
    """In euro, for those who get the reduction; none when there is no reduction."""
    total: Decimal | None
    """Enrolment and material as far as known; none when the enrolment is not known."""

    @property
    def sources(self) -> tuple[PriceSource, ...]:
        """The sources of all lines, each once."""
        return tuple(dict.fromkeys(line.source for line in self.lines if line.source))


class Reduction(BaseModel):
    """Who probably pays less, for some tariffs: an entry of data/catalogue/reductions.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figures: tuple[str, ...] = Field(min_length=1)
    groups: tuple[str, ...] = Field(min_length=1)
    certainty: str
    note: str = ""
    source_title: str
    source_url: str | None = None
    checked: date


def load_reductions(folder: Path) -> tuple[Reduction, ...]:
    """The reductions of a folder like data/catalogue. Raises `CatalogueDataError` naming file, entry and field."""
    entries = read_yaml(folder / "reductions.yml").get("reductions", ())
    return tuple(parse(Reduction, entry, "reductions.yml") for entry in entries)


def quotable(figure: Figure | None, on: date) -> bool:
    """Whether the amount of a figure may be named on a day."""
    if figure is None or figure.certainty not in QUOTED or figure.amount is None or figure.amount < 0:
        return False
    begun = figure.valid_from is None or figure.valid_from <= on
    return begun and (figure.valid_until is None or on <= figure.valid_until)


def enrolment_cents(kind: str, figure: Figure | None, hours: int | None, cents: int | None, on: date) -> int | None:
    """The enrolment in cents from the bare facts of an offering, for filtering; none when it is not known.

    `kind` is that of the price basis. What is free counts as 0 for everybody: the lines of `price_of` say for whom.
    """
    if kind == "fixed":
        return cents
    if figure is None:
        return 0 if kind == "free" else None
    if not quotable(figure, on) or figure.amount is None:
        return None
    if kind == "free":
        return 0
    return int(figure.amount * hours * 100) if kind == "tariff" and hours else None


def price_of(
    offering: Offering, figures: Mapping[str, Figure], on: date, reductions: Sequence[Reduction] = ()
) -> Price:
    """The price of an offering on a day, from the figures in force then. Never an amount that may not be quoted."""
    basis = offering.price
    if isinstance(basis, FixedPrice):
        price = _fixed(offering, basis)
    elif isinstance(basis, TariffPrice):
        price = _tariff(offering, basis, figures, on, reductions)
    elif isinstance(basis, FreePrice):
        price = _free(offering, basis, figures, on)
    else:
        price = _ask(offering, basis)
    return _with_material(price, offering)


def euro(amount: Decimal) -> str:
    """An amount as Flemings write it: "135 euro", "3,60 euro"."""
    return format_amount(amount, Unit.EURO)


def _fixed(offering: Offering, basis: FixedPrice) -> Price:
    short = "gratis" if basis.amount == 0 else euro(basis.amount)
    invented = " (verzonnen bedrag van dit voorbeeld)" if offering.example else ""
    line = PriceLine(LineKind.ENROLMENT, f"Cursusgeld: {short}{invented}", basis.amount)
    return Price((line,), short, basis.amount, None, basis.amount)


def _tariff(
    offering: Offering,
    basis: TariffPrice,
    figures: Mapping[str, Figure],
    on: date,
    reductions: Iterable[Reduction],
) -> Price:
    figure, hours = figures.get(basis.figure), offering.hours
    if figure is None or not quotable(figure, on) or figure.amount is None or hours is None:
        return _ask(offering, AskPrice(figure=basis.figure))
    certain = figure.certainty == _CERTAIN
    source = _source(figure)
    full = figure.amount * hours
    lines = [PriceLine(LineKind.ENROLMENT, _product("Inschrijving", hours, figure.amount, full), full, certain, source)]
    short = euro(full)
    reduced = None
    if figure.reduced is not None and 0 <= figure.reduced < figure.amount:
        reduced = figure.reduced * hours
        text = _product("Met vermindering", hours, figure.reduced, reduced)
        lines.append(PriceLine(LineKind.REDUCED, text, reduced, certain, source))
        lines += [_who(reduction) for reduction in reductions if figure.id in reduction.figures and _shown(reduction)]
        short += f", met vermindering {'gratis' if reduced == 0 else euro(reduced)}"
    return Price(tuple(lines), short, full, reduced, full)


def _free(offering: Offering, basis: FreePrice, figures: Mapping[str, Figure], on: date) -> Price:
    figure = figures.get(basis.figure) if basis.figure else None
    if basis.figure and not quotable(figure, on):
        return _ask(offering, AskPrice(figure=basis.figure))
    certain = figure is None or figure.certainty == _CERTAIN
    source = _source(figure) if figure else None
    nothing = Decimal(0)
    ask = f"Vraag het aan {offering.provider.name}."
    if basis.audience == "everyone":
        line = PriceLine(LineKind.ENROLMENT, "Inschrijving: gratis", nothing, certain, source)
        return Price((line,), "gratis", nothing, None, nothing)
    if basis.audience == "most":
        lines = (
            PriceLine(LineKind.REDUCED, "Inschrijving: meestal gratis", nothing, False, source),
            PriceLine(LineKind.ASK, f"Niet iedereen volgt gratis. {ask}"),
        )
        return Price(lines, "meestal gratis", None, nothing, None)
    lines = (
        PriceLine(LineKind.REDUCED, "Inschrijving: gratis voor werkzoekenden", nothing, certain, source),
        PriceLine(LineKind.ASK, f"Ben je geen werkzoekende? {ask}"),
    )
    return Price(lines, "gratis voor werkzoekenden", None, nothing, None)


def _ask(offering: Offering, _basis: AskPrice) -> Price:
    line = PriceLine(LineKind.ASK, f"De prijs is niet zeker. Vraag hem aan {offering.provider.name}.")
    return Price((line,), "vraag de prijs aan het centrum", None, None, None)


def _with_material(price: Price, offering: Offering) -> Price:
    cost = offering.material_cost
    if cost is None:
        line = PriceLine(LineKind.MATERIAL, "Cursusmateriaal: niet bekend. Vraag het aan het centrum.", certain=False)
    elif cost == 0:
        line = PriceLine(LineKind.MATERIAL, "Cursusmateriaal: niets te betalen", cost)
    else:
        line = PriceLine(LineKind.MATERIAL, f"Cursusmateriaal: ongeveer {euro(cost)}", cost, certain=False)
    total = price.total + (cost or 0) if price.total is not None else None
    return Price((*price.lines, line), price.short, price.enrolment, price.reduced, total)


def _product(label: str, hours: int, amount: Decimal, total: Decimal) -> str:
    count = "1 lestijd" if hours == 1 else f"{hours} lestijden"
    return f"{label}: {count} × {euro(amount)} = {'gratis' if total == 0 else euro(total)}"


def _shown(reduction: Reduction) -> bool:
    return reduction.certainty in QUOTED


def _who(reduction: Reduction) -> PriceLine:
    certain = reduction.certainty == _CERTAIN
    said = "Vermindering is er" if certain else "Vermindering is er wellicht"
    text = f"{said} voor: {', '.join(reduction.groups)}. Je hebt een attest nodig."
    return PriceLine(
        LineKind.REDUCED,
        text,
        None,
        certain,
        PriceSource(reduction.source_title, reduction.source_url, reduction.checked),
    )


def _source(figure: Figure) -> PriceSource:
    return PriceSource(figure.source_title, figure.source_url, figure.checked)
