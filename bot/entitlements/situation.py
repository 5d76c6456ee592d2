"""The facts that follow from what is known elsewhere: where somebody lives or works, and a course of the catalogue.

Of a course only what the catalogue surely says becomes a fact: a mark that is absent may just be missing.
"""

from __future__ import annotations

from bot.catalogue.model import DeliveryMode, FreePrice, Incentive, Offering, Part, ProviderKind, TariffPrice
from bot.entitlements.facts import Facts, FactValue
from bot.places import Place

_BRUSSELS = "Brussel"
_WEEKS_IN_YEAR = 52
_MARKS = {
    Incentive.TRAINING_LEAVE: "course_leave",
    Incentive.TRAINING_VOUCHERS: "course_vouchers",
    Incentive.TRAINING_CREDIT: "course_credit",
}
_NOT_HIGHER = frozenset({ProviderKind.LIGO, ProviderKind.SYNTRA, ProviderKind.VDAB})


def region_of(place: Place) -> str:
    """The region of a place, as facts name it: the gazetteer holds Flanders and Brussels alone."""
    return "brussels" if _BRUSSELS in place.region else "flanders"


def facts_of(offering: Offering, facts: Facts) -> dict[str, FactValue]:
    """What the catalogue says of a course."""
    found: dict[str, FactValue] = {"course_provider": offering.provider.kind.value}
    found |= {_MARKS[incentive]: True for incentive in offering.recognised_for if incentive in _MARKS}
    found |= _size(offering)
    if offering.provider.kind is ProviderKind.HIGHER_EDUCATION:
        found["course_higher"] = True
    elif offering.provider.kind in _NOT_HIGHER:
        found["course_higher"] = False
    if offering.delivery_mode is not DeliveryMode.ONLINE:
        found["course_self_study"] = False
    if offering.schedule.parts:
        daytime = Part.DAY in offering.schedule.parts
        if not daytime or offering.schedule.parts == (Part.DAY,):
            found["course_daytime"] = daytime
    if offering.shortage:
        found["course_shortage"] = True
    if isinstance(offering.price, FreePrice) and offering.price.audience == "job_seekers":
        found["course_vdab"] = True
    if isinstance(offering.price, TariffPrice):
        tariff = next((c for c in facts["course_tariff"].values if c.figure == offering.price.figure), None)
        if tariff:
            found["course_tariff"] = tariff.id
    if offering.provider.kind is ProviderKind.LIGO:
        found["course_basic"] = True
    return {
        name: min(value, facts[name].maximum) if isinstance(value, float) else value for name, value in found.items()
    }


def _size(offering: Offering) -> dict[str, FactValue]:
    """How long and how heavy it is, as far as the catalogue says."""
    found: dict[str, FactValue] = {}
    size = float(offering.hours) if offering.hours else None
    credits = offering.hours_unit == "studiepunt"
    if size is not None:
        found["course_credits" if credits else "course_hours"] = size
    if offering.start and offering.end and offering.end > offering.start:
        weeks = ((offering.end - offering.start).days + 1) / 7
        found["course_weeks"] = float(round(weeks))
        if size is not None:
            years = max(1.0, weeks / _WEEKS_IN_YEAR)
            found["course_credits_per_year" if credits else "course_hours_per_year"] = size / years
            if not credits:
                found["course_hours_per_week"] = size / weeks
    return found
