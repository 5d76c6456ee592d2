"""What a course costs one person: the price for everybody, with what lowers it for them, and what stays uncertain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from bot.catalogue.model import FixedPrice, FreePrice, Offering, TariffPrice
from bot.catalogue.price import LineKind, Price, PriceLine, PriceSource, Reduction, euro, price_of
from bot.entitlements.facts import FactValue
from bot.entitlements.outcome import Outcome, Result
from bot.entitlements.rules import Assessment, Rules
from bot.entitlements.situation import facts_of
from bot.entitlements.wording import split_reference

_CENT = Decimal("0.01")
_GETS = frozenset({Outcome.YES, Outcome.PROBABLY})
_REGISTERED = "als je bij VDAB ingeschreven bent"
_LOWERED = {"reduced": "Voor jou, met korting", "free": "Inschrijving en leermateriaal voor jou"}


@dataclass(frozen=True, slots=True)
class PersonalPrice:
    """The price of one course for one person."""

    price: Price
    """For everybody."""
    lines: tuple[PriceLine, ...]
    """Line by line for this person."""
    pays: Decimal | None
    """In euro, what they pay in the end as far as known; none when it must be asked."""
    certain: bool
    """Whether nothing about `pays` is only likely."""
    personal: bool
    """Whether anything known about the person changed the price."""
    missing: tuple[str, ...]
    """Ids of facts that could still change it, the most telling first; only those that can be asked."""
    with_vouchers: Decimal | None = None
    """In euro, what is left to pay if vouchers that are still open for this person turn out to be there."""


def personal_price(
    offering: Offering, person: Mapping[str, FactValue], rules: Rules, on: date, reductions: Sequence[Reduction] = ()
) -> PersonalPrice:
    """The price of an offering for somebody, by the rules and figures of a day.

    Never less than nothing, nor more than the price for everybody. Raises `FactError` for a fact that cannot be.
    """
    price = price_of(offering, rules.figures, on, reductions)
    facts = {**facts_of(offering, rules.facts), **person}
    assessment = rules.assess(facts, on, lowering(offering, rules))
    by_way: dict[str, Result] = {rules.measures[result.measure].lowers: result for result in assessment.results}
    if free := _once_registered(by_way.get("free"), facts, rules, on):
        by_way["free"] = free
    lines = list(price.lines)
    enrolment, sure = price.enrolment, all(line.certain for line in lines if line.kind is LineKind.ENROLMENT)
    material = offering.material_cost or Decimal(0)
    lowered = _lowered(by_way, price)
    if lowered:
        way, result = lowered
        enrolment = price.reduced if way == "reduced" else Decimal(0)
        sure = result.outcome is Outcome.YES
        dropped = {LineKind.REDUCED, LineKind.ASK} | ({LineKind.MATERIAL} if way == "free" else set())
        material = Decimal(0) if way == "free" else material
        lines = [line for line in lines if line.kind not in dropped]
        lines.insert(_after_enrolment(lines), _for_you(_LOWERED[way], enrolment, result))
    elif (refused := by_way.get("reduced")) and refused.outcome in (Outcome.NO, Outcome.PROBABLY_NOT):
        lines = [line for line in lines if line.kind is not LineKind.REDUCED or price.enrolment is None]
    base = None if enrolment is None else enrolment + material
    support, with_vouchers = Decimal(0), None
    vouchers = by_way.get("voucher")
    if vouchers and base and vouchers.outcome in _GETS:
        support = support_of(base, vouchers, rules)
        lines.append(_support_line(support, vouchers))
        sure = sure and vouchers.outcome is Outcome.YES
    elif vouchers and base and _may_still(assessment, vouchers):
        if supposed := vouchers_if(facts, rules, on):
            with_vouchers = base - support_of(base, supposed, rules)
        then = f" Je betaalt dan vermoedelijk {euro(with_vouchers)}." if with_vouchers is not None else ""
        text = f"Opleidingscheques: misschien.{then} {vouchers.deciding.text}"
        lines.append(PriceLine(LineKind.ASK, text, with_vouchers, certain=False))
    share = by_way.get("share")
    if share and enrolment and not support:  # not for a course that is paid with vouchers
        if share.outcome in _GETS and share.figure:
            support = _shared(enrolment, share, rules)
            lines.append(_share_line(support, share))
            sure = sure and share.outcome is Outcome.YES
        elif share.outcome in _GETS or _may_still(assessment, share):
            text = share.gives if share.outcome in _GETS else share.deciding.text
            lines.append(PriceLine(LineKind.ASK, f"{share.name}: misschien. {text}", certain=False))
    pays = None if base is None else (base - support).quantize(_CENT, ROUND_HALF_UP)
    personal = bool(lowered or support)
    if pays is not None and personal:
        about = "ongeveer " if material else ""
        likely = "" if sure else "vermoedelijk "
        amount = "niets" if pays == 0 else f"{about}{euro(pays)}"
        lines.append(PriceLine(LineKind.TOTAL, f"Jij betaalt {likely}{amount}.", pays, sure and not material))
    return PersonalPrice(price, tuple(lines), pays, sure, personal, assessment.questions(), with_vouchers)


def vouchers_of(rules: Rules) -> tuple[str, ...]:
    """The measures that lower a price by a voucher."""
    return tuple(name for name in rules.lowering if rules.measures[name].lowers == "voucher")


def vouchers_if(facts: Mapping[str, FactValue], rules: Rules, on: date) -> Result | None:
    """What vouchers would give if everything that is not known were as they ask; None when they are not for this person."""
    supposed: dict[str, FactValue] = {
        "course_vouchers": True,
        "home_region": "flanders",
        "education_level": "upper_secondary",
    }
    if "employment_status" not in facts:
        supposed["employment_status"] = "employee"
    found = rules.assess({**supposed, **facts}, on, vouchers_of(rules)).results
    return next((result for result in found if result.outcome in _GETS), None)


def _once_registered(free: Result | None, facts: Mapping[str, FactValue], rules: Rules, on: date) -> Result | None:
    """What is free for who looks for work, provided that they are registered; None when that is not what is open."""
    if free is None or free.outcome is not Outcome.UNKNOWN or "registered_with" in facts:
        return None
    if facts.get("employment_status") != "job_seeker":
        return None
    found = rules.assess({**facts, "registered_with": "vdab"}, on, (free.measure,)).results[0]
    return replace(found, outcome=Outcome.PROBABLY, provisos=(_REGISTERED,)) if found.outcome in _GETS else None


def in_short(price: PersonalPrice) -> str:
    """What this person pays, for a card; empty when nothing makes it another price, or when vouchers would have to be told."""
    vouchers = any(line.kind is LineKind.SUPPORT for line in price.lines)
    if not price.personal or price.pays is None or vouchers:
        return ""
    amount = "gratis" if price.pays == 0 else euro(price.pays)
    with_material = any(line.kind is LineKind.MATERIAL and line.amount for line in price.lines)
    return f"{'' if price.certain else 'vermoedelijk '}{amount}{', met materiaal' if with_material else ''}"


def lowering(offering: Offering, rules: Rules) -> tuple[str, ...]:
    """The measures that may lower the price of an offering, by what that price is."""
    if isinstance(offering.price, FreePrice):
        ways = {"free"} if offering.price.audience == "job_seekers" else set()
    elif isinstance(offering.price, TariffPrice):
        ways = {"reduced", "voucher", "share"}
    else:
        ways = {"voucher", "share"} if isinstance(offering.price, FixedPrice) else set()
    return tuple(name for name in rules.lowering if rules.measures[name].lowers in ways)


def _lowered(by_way: Mapping[str, Result], price: Price) -> tuple[str, Result] | None:
    """What brings the enrolment down, the most first."""
    if (free := by_way.get("free")) and free.outcome in _GETS and price.enrolment is None and price.reduced == 0:
        return "free", free
    reduced = by_way.get("reduced")
    if reduced and reduced.outcome in _GETS and price.enrolment is not None and price.reduced is not None:
        return "reduced", reduced
    return None


def support_of(base: Decimal, vouchers: Result, rules: Rules) -> Decimal:
    """What vouchers pay: the same share of the price as of a full voucher, and never more than that."""
    figure = rules.figures[vouchers.figure]
    most, full = figure.amount or Decimal(0), figure.parts["voucher"].amount
    return min((base * most / full).quantize(_CENT, ROUND_HALF_UP), most, base)


def _support_line(support: Decimal, vouchers: Result) -> PriceLine:
    text = f"Opleidingscheques betalen vermoedelijk {euro(support)}{_proviso(vouchers)}"
    return PriceLine(LineKind.SUPPORT, text, support, vouchers.outcome is Outcome.YES, _source(vouchers))


def _shared(enrolment: Decimal, share: Result, rules: Rules) -> Decimal:
    """What is paid of the enrolment by a share of it: never more than the most that is paid in a year."""
    name, part = split_reference(share.figure)
    figure = rules.figures[name]
    percent, most = figure.parts[part].amount, figure.parts["maximum"].amount
    return min((enrolment * percent / 100).quantize(_CENT, ROUND_HALF_UP), most)


def _share_line(support: Decimal, share: Result) -> PriceLine:
    likely = "" if share.outcome is Outcome.YES else "vermoedelijk "
    text = f"De {share.name[0].lower()}{share.name[1:]} betaalt {likely}{euro(support)}"
    return PriceLine(LineKind.SUPPORT, text, support, share.outcome is Outcome.YES, _source(share))


def _for_you(label: str, amount: Decimal | None, result: Result) -> PriceLine:
    likely = "" if result.outcome is Outcome.YES else "vermoedelijk "
    shown = "gratis" if not amount else euro(amount)
    text = f"{label}: {likely}{shown}{_proviso(result)}"
    return PriceLine(LineKind.REDUCED, text, amount, result.outcome is Outcome.YES, _source(result))


def _proviso(result: Result) -> str:
    """What must hold besides, as the end of a line."""
    return f", {' en '.join(result.provisos)}" if result.provisos else ""


def _may_still(assessment: Assessment, result: Result) -> bool:
    """Whether a measure is open for somebody whom it concerns."""
    concerned = [one.concerns for one in assessment.evaluated if one.result.measure == result.measure]
    return result.outcome is Outcome.UNKNOWN and concerned == [True]


def _after_enrolment(lines: Iterable[PriceLine]) -> int:
    return sum(line.kind is LineKind.ENROLMENT for line in lines)


def _source(result: Result) -> PriceSource:
    first = result.sources[0]
    return PriceSource(first.title, first.url, result.checked)
