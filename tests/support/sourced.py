"""Which amounts in what the assistant says have no source: each must be a figure of the data, shown with its source.

An amount is also right when it follows from others in the same reply (lessons × rate), when it is written in an article whose
sources are shown, or when it belongs to a course that the reply names: then the catalogue is the source.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from bot.catalogue.model import Offering
from bot.catalogue.presenting import hours_a_week
from bot.catalogue.price import Reduction, price_of
from bot.catalogue.search import today_in_belgium
from bot.knowledge.articles import Library
from bot.knowledge.figures import Figures
from bot.referral.organisations import Organisation

UNITS = {
    "euro": "euro", "€": "euro", "procent": "procent", "%": "procent", "uur": "uur", "uren": "uur", "dag": "dag", "dagen": "dag",
    "week": "week", "weken": "week", "maand": "maand", "maanden": "maand", "jaar": "jaar", "studiepunt": "studiepunt",
    "studiepunten": "studiepunt", "lestijd": "lestijd", "lestijden": "lestijd",
}  # fmt: skip
_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
_AMOUNT = re.compile(
    rf"(?<![\d.,])(?P<number>{_NUMBER})\s*(?P<unit>{'|'.join(map(re.escape, UNITS))})(?![a-z])|€\s*(?P<euro>{_NUMBER})"
)
_SPELLED = dict(zip("twee drie vier vijf zes zeven acht negen tien elf twaalf".split(), range(2, 13), strict=True))
_WRITTEN_OUT = re.compile(
    rf"\b({'|'.join(_SPELLED)})(?= (?:{'|'.join(unit for unit in UNITS if unit.isalpha())})\b)", re.IGNORECASE
)
_CLOCK = re.compile(
    r"\b\d{1,2}(?:\.\d{2})?\s*(?:uur\s*)?(?:tot|en|-)\s*\d{1,2}(?:\.\d{2})?\s*uur\b|\b\d{1,2}\.\d{2}\s*uur\b"
    r"|\b(?:om|voor|tegen) \d{1,2}\s*uur\b"
)

Amount = tuple[Decimal, str]


def amounts(text: str) -> list[Amount]:
    """The amounts in a text, with their unit, also when written out in letters; times of day are none.

    >>> amounts("Dat kost 1.234,50 euro voor 60 lestijden, van 18.30 tot 21 uur, zes weken.")
    [(Decimal('1234.50'), 'euro'), (Decimal('60'), 'lestijd'), (Decimal('6'), 'week')]
    """
    text = _WRITTEN_OUT.sub(lambda match: str(_SPELLED[match[1].casefold()]), text)
    return [
        (number(match["number"] or match["euro"]), UNITS[match["unit"]] if match["unit"] else "euro")
        for match in _AMOUNT.finditer(_CLOCK.sub(" ", text))
    ]


def number(written: str) -> Decimal:
    """A number as Flemings write it."""
    return Decimal(written.replace(".", "").replace(",", "."))


@dataclass(frozen=True)
class Ledger:
    """What may be said: figures and articles with their sources, courses with their prices."""

    figures: Figures
    library: Library
    offerings: Mapping[str, list[Offering]]
    """By title."""
    reductions: Sequence[Reduction] = ()
    organisations: Sequence[Organisation] = ()
    terms: Collection[Amount] = ()
    """What the settings promise, like how long things are kept."""

    def unsourced(self, replies: Iterable[Mapping[str, Any]], said: str = "") -> list[str]:
        """The amounts of one turn that nothing accounts for, each with the words around it.

        `said` is what the person wrote before: to repeat their own number is no claim.
        """
        listed = list(replies)
        custom = [reply.get("custom") or {} for reply in listed]
        shown = {source["title"] for one in custom for source in one.get("sources") or ()}
        texts = [reply.get("text") or "" for reply in listed]
        for card in (card for one in custom for card in one.get("cards") or ()):
            facts = "\n".join(f"{fact['label']}: {fact['value']}" for fact in card.get("facts") or ())
            texts.append("\n".join([card["title"], card.get("subtitle") or "", facts]))
        whole = "\n".join(texts)
        known = (
            set(self.terms)
            | self._organisations(whole)
            | self._figures(shown)
            | self._written(shown)
            | self._courses(whole)
            | self._with_vouchers(whole, shown)
        )
        own = {number(written) for written in re.findall(_NUMBER, said)}
        known |= _products(known, amounts(whole))
        known |= _totals(known, amounts(whole))
        return [
            f"{found} {unit} in {_around(whole, found)!r}"
            for found, unit in amounts(whole)
            if (found, unit) not in known and found not in own
        ]

    def _figures(self, shown: Collection[str]) -> set[Amount]:
        return {
            (quantity[0], quantity[1].value)
            for figure in self.figures.values()
            if any(source.title in shown for source in figure.references)
            for part in ("", "reduced", *figure.parts)
            if (quantity := figure.quantity(part))
        }

    def _written(self, shown: Collection[str]) -> set[Amount]:
        groups = {
            amount
            for reduction in self.reductions
            if reduction.source_title in shown
            for amount in amounts("\n".join(reduction.groups))
        }
        return groups | {
            amount
            for article in self.library
            if all(self.figures.sources[source].title in shown for source in article.sources)
            for text in article.texts().values()
            for amount in amounts(re.sub(r"\{[^}]*\}", " ", text))
        }

    def _organisations(self, text: str) -> set[Amount]:
        """What the directory says of an organisation that the reply names: it has its source there."""
        return {
            amount
            for one in self.organisations
            if one.name in text
            for amount in amounts(f"{one.does} {one.access} {one.cost} {one.hours_text() or ''}")
        }

    def _courses(self, text: str) -> set[Amount]:
        found: set[Amount] = set()
        for title, offerings in self.offerings.items():
            if title not in text:
                continue
            for offering in offerings:
                price = price_of(offering, self.figures, today_in_belgium())
                lines = [line.amount for line in price.lines] + [price.total, offering.material_cost]
                if price.reduced is not None and offering.material_cost:
                    lines.append(price.reduced + offering.material_cost)
                found |= {(Decimal(amount), "euro") for amount in lines if amount is not None}
                if offering.hours:
                    found.add((Decimal(offering.hours), offering.hours_unit))
                found |= set(amounts(hours_a_week(offering.schedule)))
        return found

    def _with_vouchers(self, text: str, shown: Collection[str]) -> set[Amount]:
        """What vouchers pay of a course that the reply names, and what they leave, where their source is shown."""
        voucher = self.figures["opleidingscheque-250"]
        if voucher.amount is None or not any(source.title in shown for source in voucher.references):
            return set()
        share = voucher.amount / voucher.parts["voucher"].amount
        prices = [price for price, unit in self._courses(text) if unit == "euro"]
        paid = [(price, min(price * share, voucher.amount)) for price in prices]
        return {(amount, "euro") for price, support in paid for amount in (support, price - support)}


def _totals(known: set[Amount], said: Iterable[Amount]) -> set[Amount]:
    """What is the total of two amounts in euro that are said too, like an enrolment and its material."""
    euros = {amount for amount, unit in said if unit == "euro" and (amount, unit) in known}
    return {(one + other, "euro") for one in euros for other in euros if one != other}


def _products(known: set[Amount], said: Iterable[Amount]) -> set[Amount]:
    """What lessons at a rate come to, for lessons that are said."""
    rates = [amount for amount, unit in known if unit == "euro"]
    counts = [amount for amount, unit in said if unit == "lestijd"]
    return {(rate * count, "euro") for rate, count in product(rates, counts)}


def _around(text: str, found: Decimal) -> str:
    written = f"{found}".replace(".", ",")
    at = max(text.find(written), 0)
    return re.sub(r"\s+", " ", text[max(0, at - 30) : at + 40]).strip()
