"""Prices: worked out from the figures, never more sure than they are."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.lists import CatalogueDataError
from bot.catalogue.model import (
    AskPrice,
    FixedPrice,
    FreePrice,
    Location,
    Offering,
    PriceBasis,
    Provider,
    ProviderKind,
    TariffPrice,
)
from bot.catalogue.price import LineKind, enrolment_cents, euro, load_reductions, price_of
from bot.knowledge.figures import Figures
from bot.settings import ROOT

ON = date(2026, 11, 23)


@dataclass(frozen=True)
class Amount:
    """A figure of the test."""

    id: str = "tarief"
    amount: Decimal | None = Decimal("2.25")
    reduced: Decimal | None = Decimal("1.00")
    certainty: str = "vermoedelijk"
    valid_from: date | None = date(2025, 9, 1)
    valid_until: date | None = None
    source_url: str | None = "https://example.org/tarief"
    source_title: str = "Bron"
    checked: date = ON


def course(price: PriceBasis, hours: int | None = 120, material: Decimal | None = None, **values: Any) -> Offering:
    return Offering(
        id="example:1",
        source="example",
        title="Lassen",
        provider=Provider(id="p", name="CVO Voorbeeld", kind=ProviderKind.CVO),
        location=Location(
            id="l",
            name="Campus",
            place_id="44021",
            municipality_id="44021",
            place="Gent",
            latitude=51.05,
            longitude=3.72,
        ),
        price=price,
        hours=hours,
        hours_unit="lestijd",
        material_cost=material,
        **values,
    )


TARIFF = TariffPrice(figure="tarief")
amounts = st.decimals(min_value=0, max_value=100, places=2)
hours = st.integers(min_value=1, max_value=5000)
certainties = st.sampled_from(["zeker", "vermoedelijk", "verouderd?", "na te kijken", "onzin"])
figures_of_any_sort = st.builds(
    Amount,
    amount=amounts | st.none() | st.just(Decimal("-1")),
    reduced=amounts | st.none() | st.just(Decimal("-1")),
    certainty=certainties,
    valid_until=st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 1, 1)) | st.none(),
)


@given(figures_of_any_sort, hours, amounts | st.none())
def test_no_amount_is_negative_and_the_sum_is_right(figure: Amount, count: int, material: Decimal | None) -> None:
    price = price_of(course(TARIFF, count, material), {"tarief": figure}, ON)
    assert all(line.amount is None or line.amount >= 0 for line in price.lines)
    if price.enrolment is not None:
        assert figure.amount is not None
        assert price.enrolment == figure.amount * count
        assert price.total == price.enrolment + (material or 0)
        assert price.reduced is None or price.reduced < price.enrolment
    else:
        assert price.total is None


@given(figures_of_any_sort.filter(lambda f: f.certainty not in ("zeker", "vermoedelijk")), hours)
def test_what_is_not_sure_is_never_quoted(figure: Amount, count: int) -> None:
    price = price_of(course(TARIFF, count), {"tarief": figure}, ON)
    assert (price.enrolment, price.reduced, price.total) == (None, None, None)
    assert [line.kind for line in price.lines if line.amount is not None] == []
    assert not any(re.search(r"\d", line.text) for line in price.lines)
    assert not re.search(r"\d", price.short)


@given(amounts, hours)
def test_an_exact_sum(amount: Decimal, count: int) -> None:
    figure = Amount(amount=amount, reduced=None)
    price = price_of(course(TARIFF, count), {"tarief": figure}, ON)
    assert price.enrolment == sum([amount] * count, Decimal(0))
    assert enrolment_cents("tariff", figure, count, None, ON) == int(price.enrolment * 100)


def test_the_lines_of_a_tariff() -> None:
    price = price_of(course(TARIFF, 60, Decimal(25)), {"tarief": Amount()}, ON)
    assert [(line.kind, line.text, line.amount) for line in price.lines] == [
        (LineKind.ENROLMENT, "Inschrijving: 60 lestijden × 2,25 euro = 135 euro", Decimal("135.00")),
        (LineKind.REDUCED, "Met vermindering: 60 lestijden × 1 euro = 60 euro", Decimal("60.00")),
        (LineKind.MATERIAL, "Cursusmateriaal: ongeveer 25 euro", Decimal(25)),
    ]
    assert (price.short, price.total) == ("135 euro, met vermindering 60 euro", Decimal("160.00"))
    assert not price.lines[0].certain
    assert price.lines[0].source is not None
    assert (price.lines[0].source.title, price.lines[0].source.checked) == ("Bron", ON)
    assert len(price.sources) == 1


@pytest.mark.parametrize(
    "figure",
    [
        Amount(valid_until=date(2026, 8, 31)),
        Amount(valid_from=date(2027, 1, 1)),
        Amount(amount=None),
        Amount(amount=Decimal(-1)),
        Amount(certainty="verouderd?"),
        Amount(certainty="na te kijken"),
    ],
)
def test_a_figure_out_of_force_must_be_asked(figure: Amount) -> None:
    price = price_of(course(TARIFF), {"tarief": figure}, ON)
    assert price.lines[0].kind is LineKind.ASK
    assert "Vraag hem aan CVO Voorbeeld" in price.lines[0].text
    assert enrolment_cents("tariff", figure, 120, None, ON) is None


def test_an_unknown_figure_must_be_asked() -> None:
    assert price_of(course(TARIFF), {}, ON).short == "vraag de prijs aan het centrum"
    assert price_of(course(AskPrice(figure="studiegeld-ho")), {"studiegeld-ho": Amount()}, ON).enrolment is None


@pytest.mark.parametrize(
    ("basis", "short", "enrolment", "reduced"),
    [
        (FreePrice(), "gratis", Decimal(0), None),
        (FreePrice(figure="vrij"), "gratis", Decimal(0), None),
        (FreePrice(figure="vrij", audience="most"), "meestal gratis", None, Decimal(0)),
        (FreePrice(figure="vrij", audience="job_seekers"), "gratis voor werkzoekenden", None, Decimal(0)),
        (FixedPrice(amount=Decimal("790.00")), "790 euro", Decimal("790.00"), None),
        (FixedPrice(amount=Decimal(0)), "gratis", Decimal(0), None),
    ],
)
def test_what_is_free_or_fixed(
    basis: PriceBasis, short: str, enrolment: Decimal | None, reduced: Decimal | None
) -> None:
    free = Amount(id="vrij", amount=Decimal(0), reduced=None, certainty="zeker")
    price = price_of(course(basis), {"vrij": free}, ON)
    assert (price.short, price.enrolment, price.reduced) == (short, enrolment, reduced)


def test_free_by_a_doubtful_rule_must_be_asked() -> None:
    doubtful = Amount(id="vrij", amount=Decimal(0), certainty="verouderd?")
    price = price_of(course(FreePrice(figure="vrij", audience="most")), {"vrij": doubtful}, ON)
    assert price.lines[0].kind is LineKind.ASK


def test_an_invented_price_says_so() -> None:
    lines = price_of(course(FixedPrice(amount=Decimal(790)), example=True), {}, ON).lines
    assert lines[0].text == "Cursusgeld: 790 euro (verzonnen bedrag van dit voorbeeld)"


def test_unknown_material_is_said_to_be_unknown() -> None:
    price = price_of(course(TARIFF), {"tarief": Amount()}, ON)
    assert price.lines[-1].text.startswith("Cursusmateriaal: niet bekend")


def test_amounts_read_as_flemings_write_them() -> None:
    assert [euro(Decimal(text)) for text in ("135.00", "3.6", "1290", "0.03")] == [
        "135 euro",
        "3,60 euro",
        "1.290 euro",
        "0,03 euro",
    ]


@pytest.mark.parametrize(
    ("figure", "count", "short"),
    [
        ("cvo-standaard-2025", 60, "135 euro, met vermindering 60 euro"),
        ("cvo-knelpunt-2025", 120, "120 euro, met vermindering gratis"),
        ("cvo-verhoogd-2025", 120, "480 euro"),
        ("cvo-aav-2025", 120, "3,60 euro"),
        ("cvo-nt2-2025", 120, "vraag de prijs aan het centrum"),
    ],
)
def test_the_tariffs_of_the_knowledge_base(figures: Figures, figure: str, count: int, short: str) -> None:
    """The worked examples of the facts; NT2 is not sure and is not quoted."""
    assert price_of(course(TariffPrice(figure=figure), count), figures, ON).short == short


def test_who_gets_the_reduction_is_only_probable(figures: Figures) -> None:
    reductions = load_reductions(ROOT / "data" / "catalogue")
    lines = price_of(course(TariffPrice(figure="cvo-standaard-2025")), figures, ON, reductions).lines
    who = [line for line in lines if line.kind is LineKind.REDUCED and line.amount is None]
    assert len(who) == 1
    assert who[0].text.startswith("Vermindering is er wellicht voor: ")
    assert not who[0].certain
    assert who[0].source is not None
    language = price_of(course(TariffPrice(figure="cvo-verhoogd-2025")), figures, ON, reductions).lines
    assert not [line for line in language if line.kind is LineKind.REDUCED]
    doubtful = [reduction.model_copy(update={"certainty": "na te kijken"}) for reduction in reductions]
    lines = price_of(course(TariffPrice(figure="cvo-standaard-2025")), figures, ON, doubtful).lines
    assert not [line for line in lines if "wellicht" in line.text]


def test_a_mistake_in_the_reductions_is_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / "data" / "catalogue" / "reductions.yml", tmp_path)
    path = tmp_path / "reductions.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("checked: 2026-11-23", "checked: gisteren"), encoding="utf-8"
    )
    with pytest.raises(CatalogueDataError, match=r"reductions\.yml, .*checked: "):
        load_reductions(tmp_path)


def test_a_filter_knows_what_it_cannot_know() -> None:
    sure = Amount()
    assert enrolment_cents("fixed", None, 10, 12_000, ON) == 12_000
    assert enrolment_cents("tariff", sure, 100, None, ON) == 22_500
    assert enrolment_cents("tariff", None, 100, None, ON) is None
    assert enrolment_cents("free", None, None, None, ON) == 0
    assert enrolment_cents("free", replace(sure, certainty="verouderd?"), None, None, ON) is None
    assert enrolment_cents("ask", None, None, None, ON) is None
