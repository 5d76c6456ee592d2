"""The price of courses for one person, in words: of one line by line, of several a line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from actions.answers import PERSON
from actions.base import Turn
from actions.situation import known_person, price_for_person, vouchers_for
from bot.catalogue.model import Offering
from bot.catalogue.presenting import price_in_short
from bot.catalogue.price import LineKind, PriceLine, euro
from bot.conversation.message import Button, Source
from bot.entitlements import FactValue
from bot.entitlements.personal_price import PersonalPrice, in_short

DISCOUNT = Button(title="Minder betalen", payload="/ask_discount")


def tell_price(turn: Turn, offering: Offering) -> None:
    """The price of one course for this person, line by line, with where it comes from."""
    price = price_for_person(turn, offering)
    lines = "\n".join(f"• {line.text}" for line in price.lines)
    buttons = [DISCOUNT, PERSON]
    if price.missing:
        buttons.insert(0, _own_price(offering))
    turn.say(f"**{offering.title}** bij {offering.provider.name}:\n{lines}", buttons, sources=_sources(price.lines))


def tell_prices(
    turn: Turn,
    offerings: list[Offering],
    opening: str = "",
    *,
    person: Mapping[str, FactValue] | None = None,
    closing: str = "",
) -> None:
    """The price of each course, one line each, with what this person pays (or `person`, when it is about another), and the
    sources once."""
    lines: list[str] = [opening] if opening else []
    sources: dict[str, Source] = {}
    shown: list[str] = turn.slot("shown") or []
    numbered = [(shown.index(offering.id) + 1, offering) for offering in offerings if offering.id in shown]
    theirs = known_person(turn) if person is None else person
    for number, offering in numbered:
        price = price_for_person(turn, offering, theirs)
        whose = "Voor jou" if person is None else "Dan"
        lines.append(
            f"{number}. {offering.title}, {offering.provider.name}: {_for_all(price, theirs)}{_for_whom(price, whose)}"
        )
        sources |= {source.title: source for source in _sources(price.lines)}
    buttons = [
        Button(title=f"Meer over nummer {number}"[:20], payload=f'/ask_cost{{"offering":"{offering.id}"}}')
        for number, offering in numbered
    ]
    text = "\n".join([*lines, *([f"\n{closing}"] if closing else [])])
    turn.say(text, [*buttons, DISCOUNT], sources=list(sources.values()))


def tell_with_vouchers(turn: Turn, offerings: list[Offering]) -> None:
    """What each course costs with vouchers, as far as they may be there for this person, and what that hangs on."""
    lines: list[str] = []
    sources: dict[str, Source] = {}
    told = ""
    for offering in offerings:
        price = price_for_person(turn, offering)
        found = vouchers_for(turn, offering, price)
        name = f"**{offering.title}**, {offering.provider.name}"
        lines.append(f"• {name}: {_with_vouchers(price, found.pays, found.sure)}")
        told = told or found.told
        sources |= {source.title: source for source in (*_sources(price.lines), *found.sources)}
    buttons = [_own_price(offerings[0])] if len(offerings) == 1 and price_for_person(turn, offerings[0]).missing else []
    turn.say("\n".join([*lines, "", told]).rstrip(), [*buttons, DISCOUNT, PERSON], sources=list(sources.values()))


def _with_vouchers(price: PersonalPrice, pays: object, sure: bool) -> str:
    if price.price.enrolment is None:
        return price.price.short
    full = f"{euro(price.price.enrolment)} inschrijving"
    if pays is None:
        return f"{full}, zonder opleidingscheques"
    return f"{full}. Met opleidingscheques betaal je {'vermoedelijk' if sure else 'dan misschien'} {pays}"


def _for_all(price: PersonalPrice, person: Mapping[str, FactValue]) -> str:
    """The price for everybody; without the reduction for who is known and to whom nothing gives it."""
    known = "employment_status" in person
    lowered = price.personal and not any(line.kind is LineKind.SUPPORT for line in price.lines)
    if not known or lowered or price.price.enrolment is None or price.price.reduced is None:
        return price_in_short(price.price)
    doubtful = any(not line.certain for line in price.price.lines if line.kind is LineKind.ENROLMENT)
    return f"{euro(price.price.enrolment)}{' (vermoedelijk)' if doubtful else ''}"


def _for_whom(price: PersonalPrice, whose: str) -> str:
    """What this person pays, as the end of a line."""
    if short := in_short(price):
        return f". {whose}: {short}"
    support = next((line for line in price.lines if line.kind is LineKind.SUPPORT), None)
    if support and price.pays is not None:
        return f". {support.text}. {whose}: vermoedelijk {euro(price.pays)}"
    if price.with_vouchers is not None:
        return f". Met opleidingscheques misschien {euro(price.with_vouchers)}"
    return ""


def _own_price(offering: Offering) -> Button:
    return Button(title="Wat betaal ik?", payload=f'/ask_entitlements{{"offering":"{offering.id}"}}')


def _sources(lines: Iterable[PriceLine]) -> list[Source]:
    found = dict.fromkeys(line.source for line in lines if line.source)
    return [Source(title=one.title, url=one.url, checked=one.checked.isoformat()) for one in found]
