"""The figures: loaded with their sources, quoted only while sure and in force, written as Flemings write them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.datafile import DataError
from bot.knowledge.figures import Certainty, Figure, Unit, format_amount, load_figures, quotable, render_figure
from bot.settings import ROOT

DATA = ROOT / "data" / "knowledge"
DAY = date(2026, 11, 23)
FIGURES = load_figures(DATA)

# What the facts of 23 November 2026 allow to be named, and what they do not: id, amount, reduced amount.
MAY_BE_NAMED = [
    ("vov-doelgroep-2025", "125", None),
    ("vov-forfait-werkgever", "14.91", None),
    ("opleidingscheque-250", "125", None),
    ("opleidingscheque-500", "250", None),
    ("loopbaankrediet-plan", "6", None),
    ("tijdskrediet-opleiding", "36", None),
    ("vdab-erkend-gratis", "0", None),
    ("vdab-kilometer", "0.17", None),
    ("werkloosheid-beperking-knelpunt", "5", None),
    ("actiris-opleidingscheque", "2250", None),
    ("cvo-standaard-2025", "2.25", "1.00"),
    ("cvo-knelpunt-2025", "1.00", "0.00"),
    ("cvo-verhoogd-2025", "4.00", None),
    ("cvo-aav-2025", "0.03", None),
    ("cvo-korting-graad", "66", None),
    ("cbe-gratis", "0", None),
    ("inburgering-brussel", "0", None),
]
MAY_NOT_BE_NAMED = [
    "vov-loongrens",  # of 2025-2026
    "vov-initiatief-werkgever",
    "opleidingscheque-100procent",
    "loopbaankrediet-2027",  # planned
    "opleidingskrediet",
    "premie-eerste-diploma-so",
    "vdab-stimulanspremie-afgeschaft",
    "vrijstelling-beschikbaarheid-niet-erkend",
    "actiris-taalcheque-matching",
    "leefloon-student",
    "cvo-nt2-2025",
    "cvo-plafond-oud",
    "cvo-vrijstelling-groepen",
    "cvo-vierde-inschrijving",
    "nt2-brussel-gratis",
    "studiegeld-ho",
    "evc-beroepskwalificatie",
    "evc-onderwijs",
    "naric",
]


@pytest.mark.parametrize(("identifier", "amount", "reduced"), MAY_BE_NAMED)
def test_amounts_are_those_of_the_facts(identifier: str, amount: str, reduced: str | None) -> None:
    figure = FIGURES[identifier]
    assert figure.amount == Decimal(amount)
    assert figure.reduced == (Decimal(reduced) if reduced else None)
    assert quotable(figure, DAY)


@pytest.mark.parametrize("identifier", MAY_NOT_BE_NAMED)
def test_outdated_and_unchecked_figures_are_not_quotable(identifier: str) -> None:
    assert not quotable(FIGURES[identifier], DAY)


def test_every_figure_has_a_source_with_an_address_and_a_check_date() -> None:
    assert len(FIGURES) == 50
    for figure in FIGURES.values():
        assert figure.source_title
        assert figure.source_url and figure.source_url.startswith("http")
        assert figure.checked < figure.check_again


@pytest.mark.parametrize("certainty", list(Certainty))
def test_only_certain_and_likely_figures_are_quotable(certainty: Certainty) -> None:
    figure = FIGURES["cvo-standaard-2025"].model_copy(update={"certainty": certainty})
    assert quotable(figure, DAY) == (certainty in (Certainty.CERTAIN, Certainty.LIKELY))


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (None, None, True),
        (date(2026, 11, 23), None, True),
        (date(2026, 11, 24), None, False),
        (None, date(2026, 11, 23), True),
        (None, date(2026, 11, 22), False),
        (date(2026, 1, 1), date(2026, 12, 31), True),
    ],
)
def test_a_figure_is_quotable_from_its_first_to_its_last_day(
    begin: date | None, end: date | None, expected: bool
) -> None:
    figure = FIGURES["cvo-standaard-2025"].model_copy(update={"valid_from": begin, "valid_until": end})
    assert quotable(figure, DAY) == expected


def test_the_career_voucher_ends_where_its_successor_begins() -> None:
    old, new = FIGURES["loopbaancheque-tijdelijk-2025"], FIGURES["loopbaankrediet-2027"]
    plan = FIGURES["loopbaankrediet-plan"]
    assert [quotable(old, day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [True, False]
    assert [quotable(new, day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [False, True]
    assert [quotable(plan, day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [True, False]
    assert (plan.amount, plan.parts) == (new.amount, new.parts)


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        ("1234.5", Unit.EURO, "1.234,50 euro"),
        ("2.25", Unit.EURO, "2,25 euro"),
        ("1.00", Unit.EURO, "1 euro"),
        ("3714", Unit.EURO, "3.714 euro"),
        ("0", Unit.EURO, "0 euro"),
        ("0.1769", Unit.EURO, "0,1769 euro"),
        ("125", Unit.HOUR, "125 uur"),
        ("17.5", Unit.HOUR, "17,5 uur"),
        ("1", Unit.MONTH, "1 maand"),
        ("36", Unit.MONTH, "36 maanden"),
        ("2555", Unit.DAY, "2.555 dagen"),
        ("7", Unit.YEAR, "7 jaar"),
        ("4", Unit.WEEK, "4 weken"),
        ("80", Unit.PERCENT, "80 procent"),
        ("27", Unit.CREDIT, "27 studiepunten"),
        ("40", Unit.LESSON, "40 lestijden"),
    ],
)
def test_amounts_are_written_as_flemings_do(amount: str, unit: Unit, text: str) -> None:
    assert format_amount(Decimal(amount), unit) == text


@given(st.decimals(min_value=0, max_value=10**9, places=4), st.sampled_from(list(Unit)))
def test_a_written_amount_reads_back_as_itself(amount: Decimal, unit: Unit) -> None:
    text = format_amount(amount, unit)
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{3})*(?:,\d+)?) ([a-z]+)", text)
    assert match, text
    assert Decimal(match[1].replace(".", "").replace(",", ".")) == amount
    decimals = match[1].partition(",")[2]
    assert len(decimals) != 1 or unit is not Unit.EURO
    assert decimals == "" or set(decimals) != {"0"}


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_what_is_no_number_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_amount(Decimal(amount), Unit.EURO)


def test_a_figure_reads_as_its_amount_its_reduction_or_a_part() -> None:
    assert render_figure(FIGURES["cvo-standaard-2025"]) == "2,25 euro"
    assert render_figure(FIGURES["cvo-standaard-2025"], "reduced") == "1 euro"
    assert render_figure(FIGURES["cvo-knelpunt-2025"], "reduced") == "gratis"
    assert render_figure(FIGURES["vov-doelgroep-2025"], "hours-per-week") == "28 uur"


@pytest.mark.parametrize(
    ("identifier", "part"), [("bev-brussel", ""), ("cvo-verhoogd-2025", "reduced"), ("cvo-aav-2025", "x")]
)
def test_an_amount_that_is_not_known_is_not_made_up(identifier: str, part: str) -> None:
    with pytest.raises(KeyError):
        render_figure(FIGURES[identifier], part)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of the data in which one piece of a file is replaced."""

    def edit(file: str, old: str, new: str) -> Path:
        shutil.copytree(DATA, tmp_path / "knowledge")
        path = tmp_path / "knowledge" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path / "knowledge"

    return edit


STANDARD = "    amount: 2.25\n    reduced: 1.00\n    unit: euro\n"


@pytest.mark.parametrize(
    ("old", "new", "entry", "field", "message"),
    [
        (STANDARD, STANDARD.replace("2.25", "veel"), "cvo-standaard-2025", "amount", "decimal"),
        (STANDARD, STANDARD.replace("2.25", "-1"), "cvo-standaard-2025", "amount", "greater than or equal to 0"),
        (STANDARD, STANDARD.replace("1.00", "9"), "cvo-standaard-2025", "", "reduced is more than amount"),
        (STANDARD, STANDARD.replace("euro", "null"), "cvo-standaard-2025", "", "an amount needs a unit"),
        (STANDARD, STANDARD.replace("euro", "frank"), "cvo-standaard-2025", "unit", "'euro'"),
        (STANDARD, STANDARD + "    prijs: 3\n", "cvo-standaard-2025", "prijs", "not permitted"),
        ("- id: cvo-standaard-2025", "- id: cvo-aav-2025", "cvo-aav-2025", "id", "stands twice"),
        (
            "[edukempen-kostprijs-2025, go-pro-2025, brussels-times-2025-najaar]",
            "[bakker]",
            "cvo-standaard-2025",
            "sources",
            "unknown source 'bakker'",
        ),
        (
            "certainty: zeker\n    sources: [vlaio",
            "certainty: misschien\n    sources: [vlaio",
            "kmo-portefeuille",
            "certainty",
            "'zeker'",
        ),
        ("valid_until: 2026-08-31", "valid_until: 2025-08-31", "vov-loongrens", "", "before valid_from"),
        ("valid_until: 2026-12-31", "valid_until: morgen", "loopbaancheque-tijdelijk-2025", "valid_until", "date"),
    ],
)
def test_a_wrong_figure_is_named_with_file_entry_and_field(
    edited: Callable[[str, str, str], Path], old: str, new: str, entry: str, field: str, message: str
) -> None:
    with pytest.raises(DataError, match=re.escape(message)) as raised:
        load_figures(edited("figures.yml", old, new))
    assert (raised.value.file, raised.value.entry, raised.value.field) == ("figures.yml", entry, field)
    assert "figures.yml" in str(raised.value) and entry in str(raised.value)


def test_figures_are_values() -> None:
    figure: Figure = FIGURES["cbe-gratis"]
    with pytest.raises(ValueError, match="frozen"):
        figure.amount = Decimal(3)  # type: ignore[misc]


def test_the_worked_examples_follow_from_the_rates() -> None:
    example = FIGURES["cvo-rekenvoorbeeld"]

    def part(name: str) -> Decimal:
        return example.parts[name].amount

    def rate(identifier: str, name: str = "") -> Decimal:
        quantity = FIGURES[identifier].quantity(name)
        assert quantity is not None
        return quantity[0]

    assert part("standard") == part("lessons") * rate("cvo-standaard-2025")
    assert part("standard-reduced") == part("lessons") * rate("cvo-standaard-2025", "reduced")
    assert part("language") == part("lessons-long") * rate("cvo-verhoogd-2025")
    assert part("general") == part("lessons-long") * rate("cvo-aav-2025")
