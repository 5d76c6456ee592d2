"""What one person pays: by hand from the tariffs, and never less than nothing or more than the price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue.model import (
    FixedPrice,
    FreePrice,
    Incentive,
    Location,
    Offering,
    PriceBasis,
    Provider,
    ProviderKind,
    TariffPrice,
)
from bot.catalogue.price import LineKind
from bot.entitlements import Rules, load_rules
from bot.entitlements.facts import Kind
from bot.entitlements.personal_price import PersonalPrice, in_short, personal_price
from bot.settings import ROOT

DAY = date(2026, 11, 26)
RULES = load_rules(ROOT / "data")
STANDARD, SHORTAGE = TariffPrice(figure="cvo-standaard-2025"), TariffPrice(figure="cvo-knelpunt-2025")
LANGUAGE, DUTCH = TariffPrice(figure="cvo-verhoogd-2025"), TariffPrice(figure="cvo-nt2-2025")
GENERAL = TariffPrice(figure="cvo-aav-2025")
FREE = FreePrice(figure="vdab-erkend-gratis", audience="job_seekers")
EMPLOYEE = {"employment_status": "employee", "home_region": "flanders", "education_level": "upper_secondary"}
JOB_SEEKER = {"employment_status": "job_seeker", "registered_with": "vdab", "home_region": "flanders"}


def course(
    price: PriceBasis, hours: int = 60, kind: ProviderKind = ProviderKind.CVO, material: str | None = None, **more: Any
) -> Offering:
    return Offering(
        id="example:1",
        source="example",
        title="Lassen",
        provider=Provider(id="p", name="CVO Voorbeeld", kind=kind),
        location=Location(
            id="l", name="Campus", place_id="44021", municipality_id="44021", place="Gent", latitude=51, longitude=3.7
        ),
        price=price,
        hours=hours,
        hours_unit="lestijd",
        material_cost=Decimal(material) if material is not None else None,
        **more,
    )


def pay(offering: Offering, person: dict[str, Any]) -> PersonalPrice:
    return personal_price(offering, person, RULES, DAY)


def said(price: PersonalPrice) -> str:
    return "\n".join(line.text for line in price.lines)


def test_without_knowing_anybody_it_is_the_price_for_everybody() -> None:
    """60 lestijden x 2,25 = 135 euro, verminderd 60 (feiten.md 2.1, rekenvoorbeelden)."""
    price = pay(course(STANDARD), {})
    assert price.pays == Decimal("135.00")
    assert not price.personal
    assert "employment_status" in price.missing
    assert "135 euro" in said(price) and "60 euro" in said(price)


@pytest.mark.parametrize(
    ("price", "person", "pays"),
    [
        pytest.param(STANDARD, JOB_SEEKER, "60.00", id="werkzoekende: 60 x 1"),
        pytest.param(STANDARD, {"employment_status": "living_wage"}, "60.00", id="leefloon: 60 x 1"),
        pytest.param(SHORTAGE, {"employment_status": "living_wage"}, "0.00", id="leefloon, knelpunt: 0"),
        pytest.param(SHORTAGE, EMPLOYEE, "60.00", id="bediende, knelpunt: 60 x 1"),
        pytest.param(LANGUAGE, JOB_SEEKER, "240.00", id="taal kent geen korting: 60 x 4"),
        pytest.param(STANDARD, EMPLOYEE, "135.00", id="bediende zonder cheques: 60 x 2,25"),
        pytest.param(
            GENERAL, {"employment_status": "living_wage"}, "1.80", id="tweedekans kent geen korting: 60 x 0,03"
        ),
        pytest.param(
            STANDARD,
            {"employment_status": "job_seeker", "registered_with": "nobody", "unemployment_benefit": False},
            "135.00",
            id="werkzoekende zonder attest: 60 x 2,25",
        ),
    ],
)
def test_by_tariff_and_person(price: PriceBasis, person: dict[str, Any], pays: str) -> None:
    assert pay(course(price), person).pays == Decimal(pays)


def test_a_reduction_is_said_with_its_proviso() -> None:
    """Werkzoekenden tonen een attest (feiten.md 2.1)."""
    untold = said(pay(course(STANDARD), {"employment_status": "job_seeker"}))
    assert "met korting: vermoedelijk 60 euro, als je als werkzoekende ingeschreven bent" in untold
    assert "als je als werkzoekende" not in said(pay(course(STANDARD), JOB_SEEKER))


def test_second_chance_has_no_reduction_to_tell() -> None:
    """0,03 euro per lestijd, voor iedereen (cvo-aav-2025)."""
    price = pay(course(GENERAL), {"employment_status": "living_wage"})
    assert not price.personal and "korting" not in said(price)


def test_vouchers_pay_half_and_are_said_to_be_likely_with_their_proviso() -> None:
    """De helft van 135 euro is 67,50 (opleidingscheque-250)."""
    price = pay(course(STANDARD, recognised_for=(Incentive.TRAINING_VOUCHERS,)), EMPLOYEE)
    assert price.pays == Decimal("67.50")
    assert not price.certain
    assert "als je de cursus zelf betaalt" in said(price)
    assert "Jij betaalt vermoedelijk 67,50 euro." in said(price)
    assert {line.source.title for line in price.lines if line.source} >= {
        "Vlaanderen.be: opleidingscheques voor werknemers"
    }


def test_vouchers_pay_no_more_than_their_most() -> None:
    """120 lestijden taal = 480 euro; de tussenkomst is hoogstens 125 euro."""
    price = pay(course(LANGUAGE, hours=120, recognised_for=(Incentive.TRAINING_VOUCHERS,)), EMPLOYEE)
    assert price.pays == Decimal("355.00")


def test_vouchers_pay_more_for_higher_education() -> None:
    offering = course(
        FixedPrice(amount=Decimal(480)),
        kind=ProviderKind.HIGHER_EDUCATION,
        recognised_for=(Incentive.TRAINING_VOUCHERS,),
    )
    assert pay(offering, EMPLOYEE).pays == Decimal("240.00")


BUSINESS = {"employment_status": "self_employed", "business_region": "flanders"}


@pytest.mark.parametrize(
    ("amount", "size", "pays"),
    [
        pytest.param("400", "small", "280.00", id="klein: 30 procent van 400 is 120"),
        pytest.param("400", "medium", "320.00", id="middelgroot: 20 procent van 400 is 80"),
        pytest.param("30000", "small", "22500.00", id="hoogstens 7500 per jaar"),
    ],
)
def test_the_sme_wallet_pays_a_share_of_a_course_that_counts(amount: str, size: str, pays: str) -> None:
    """kmo-portefeuille: 30 of 20 procent, hoogstens 7.500 euro (VLAIO 01-2026)."""
    offering = course(FixedPrice(amount=Decimal(amount)), kind=ProviderKind.SYNTRA)
    price = pay(offering, {**BUSINESS, "business_size": size, "course_sme": True})
    assert price.pays == Decimal(pays) and price.certain
    assert "De kmo-portefeuille betaalt" in said(price)
    assert any(line.source and "kmo" in line.source.title.casefold() for line in price.lines)


def test_the_sme_wallet_is_only_possible_while_the_course_or_the_size_is_not_known() -> None:
    offering = course(FixedPrice(amount=Decimal(400)), kind=ProviderKind.SYNTRA)
    for known in ({}, {"course_sme": True}):
        price = pay(offering, {**BUSINESS, **known})
        assert price.pays == Decimal(400) and not price.personal
        assert "Kmo-portefeuille: misschien" in said(price)
    assert "30 procent" in said(price) and "20 procent" in said(price)


@pytest.mark.parametrize(
    "person", [EMPLOYEE, JOB_SEEKER, {**BUSINESS, "business_region": "brussels"}, {**BUSINESS, "course_sme": False}]
)
def test_the_sme_wallet_is_not_named_to_whom_it_is_not_for(person: dict[str, Any]) -> None:
    assert "mo-portefeuille" not in said(pay(course(STANDARD), person))


def test_material_comes_with_it_and_makes_it_about() -> None:
    price = pay(course(STANDARD, material="45"), JOB_SEEKER)
    assert price.pays == Decimal("105.00")
    assert "ongeveer 105 euro" in said(price)


def test_vouchers_that_hang_on_the_course_are_said_to_be_possible_without_an_amount() -> None:
    price = pay(course(STANDARD), EMPLOYEE)
    assert "Opleidingscheques: misschien" in said(price)
    assert "125" not in said(price)


def test_a_vdab_course_is_free_for_who_is_registered_and_not_for_others() -> None:
    offering = course(FREE, kind=ProviderKind.VDAB, material="30")
    free = pay(offering, JOB_SEEKER)
    assert (free.pays, free.certain) == (Decimal("0.00"), True)
    assert "Jij betaalt niets." in said(free)
    other = pay(offering, EMPLOYEE | {"registered_with": "nobody"})
    assert other.pays is None
    assert "Jij betaalt" not in said(other)
    unknown = pay(offering, {})
    assert unknown.pays is None
    assert "registered_with" in unknown.missing


@pytest.mark.parametrize(
    ("offering", "person", "short"),
    [
        pytest.param(course(STANDARD), JOB_SEEKER, "vermoedelijk 60 euro", id="korting"),
        pytest.param(
            course(STANDARD, material="45"), JOB_SEEKER, "vermoedelijk 105 euro, met materiaal", id="materiaal"
        ),
        pytest.param(course(FREE, kind=ProviderKind.VDAB), JOB_SEEKER, "gratis", id="gratis via VDAB"),
        pytest.param(course(STANDARD), EMPLOYEE, "", id="zelfde prijs als iedereen"),
        pytest.param(course(STANDARD), {}, "", id="niets bekend"),
        pytest.param(
            course(STANDARD, recognised_for=(Incentive.TRAINING_VOUCHERS,)), EMPLOYEE, "", id="cheques vragen uitleg"
        ),
    ],
)
def test_on_a_card(offering: Offering, person: dict[str, Any], short: str) -> None:
    assert in_short(pay(offering, person)) == short


def test_dutch_has_no_amount_at_all() -> None:
    price = pay(course(DUTCH), JOB_SEEKER)
    assert price.pays is None
    assert "1,50" not in said(price) and "0,60" not in said(price)


def values(fact: str) -> st.SearchStrategy[Any]:
    one = RULES.facts[fact]
    if one.kind is Kind.YES_NO:
        return st.booleans()
    if one.kind is Kind.CHOICE:
        return st.sampled_from([choice.id for choice in one.values])
    return st.floats(min_value=one.minimum, max_value=one.maximum, allow_nan=False)


people = st.fixed_dictionaries(
    {}, optional={fact: values(fact) for fact in RULES.facts if not fact.startswith("course_")}
)
prices = st.one_of(
    st.sampled_from([STANDARD, SHORTAGE, LANGUAGE, DUTCH, FREE, FreePrice(figure="cbe-gratis", audience="most")]),
    st.decimals(min_value=0, max_value=9999, places=2).map(lambda amount: FixedPrice(amount=amount)),
)


@settings(deadline=None)
@given(
    people,
    prices,
    st.integers(1, 3000),
    st.sampled_from(ProviderKind),
    st.none() | st.decimals(min_value=0, max_value=500, places=2).map(str),
    st.sets(st.sampled_from(Incentive)),
)
def test_an_amount_is_never_below_nothing_nor_above_the_price(
    person: dict[str, Any],
    price: PriceBasis,
    hours: int,
    kind: ProviderKind,
    material: str | None,
    recognised: set[Incentive],
) -> None:
    offering = course(price, hours, kind, material, recognised_for=tuple(recognised))
    paid = pay(offering, person)
    assert all(line.amount is None or line.amount >= 0 for line in paid.lines)
    if paid.pays is not None:
        assert paid.pays >= 0
        if paid.price.total is not None:
            assert paid.pays <= paid.price.total
            assert all(line.amount <= paid.price.total for line in paid.lines if line.amount is not None)
    support = [line for line in paid.lines if line.kind is LineKind.SUPPORT]
    assert len(support) <= 1


def test_the_rules_that_lower_a_price_are_named(rules: Rules) -> None:
    assert set(rules.lowering) == {"training-vouchers", "vdab-free-training", "cvo-reduction", "sme-wallet"}
