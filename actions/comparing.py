"""The courses that were shown beside each other: which costs least, and how they differ."""

from __future__ import annotations

import re

from actions import tracker as look
from actions.answers import PERSON
from actions.base import Event, Turn
from actions.cards import details_card, keep_button, more_button, price_for
from actions.pointing import amount_of, cheapest, named, ordinals, shown_last
from bot.catalogue.model import Offering
from bot.catalogue.presenting import price_in_short
from bot.conversation.message import Button, Fact

_COMPARES = re.compile(r"\bverschil\w*\b|\bvergelijk\w*\b|\bnaast elkaar\b", re.IGNORECASE)
_CHEAPER = re.compile(
    r"\bgoedkoper\b|\bgoedkoopste?\b|\b(?:niet|minder|minst) (?:te |zo )?du(?:ur|re)\b", re.IGNORECASE
)
_AMOUNT = re.compile(r"\d")
_NUMBER = re.compile(r"\b[1-9]\b")
MOST = 3
"""Courses beside each other, as many as fit on a phone."""


def tell_comparison(turn: Turn) -> list[Event] | None:
    """How courses that were shown differ, or which of them costs least; None when the message asks neither."""
    words = look.text(turn.tracker)
    compares = bool(_COMPARES.search(words))
    cheaper = (
        bool(_CHEAPER.search(words)) and not _AMOUNT.search(words) and not look.value(turn.tracker, "course_topic")
    )
    if not (compares or cheaper) or len(shown := shown_last(turn)) < 2:
        return None
    if compares:
        tell_differences(turn, _compared(turn))
    else:
        tell_cheapest(turn, shown)
    return []


def tell_differences(turn: Turn, offerings: list[Offering]) -> None:
    """A card for each course with what differs from the others; what is the same is left out."""
    shown: list[str] = turn.slot("shown")
    details = [details_card(turn, offering) for offering in offerings]
    facts = [{fact.label: fact.value for fact in card.facts} for card in details]
    labels = dict.fromkeys(label for known in facts for label in known)
    differing = [label for label in labels if len({known.get(label) for known in facts}) > 1]
    cards = [
        card.model_copy(
            update={
                "title": f"{shown.index(offering.id) + 1}. {card.title}",
                "facts": tuple(Fact(label=label, value=known.get(label, "niet bekend")) for label in differing),
                "buttons": (more_button(offering), keep_button(offering)),
            }
        )
        for offering, card, known in zip(offerings, details, facts, strict=True)
    ]
    turn.say("Dit verschilt:" if differing else "Ik zie geen verschil op de kaarten.", [PERSON], cards)


def tell_cheapest(turn: Turn, offerings: list[Offering]) -> None:
    """Which of the courses shown costs least, and of which the price is not known."""
    shown: list[str] = turn.slot("shown")
    least = cheapest(turn, offerings)
    numbers = [shown.index(offering.id) + 1 for offering in least]
    if least:
        opening = "De goedkoopste van deze cursussen:" if len(least) == 1 else "Deze kosten het minst, en evenveel:"
        lines = [
            opening,
            *(
                f"• {n}. {o.title}, {o.provider.name}: {price_in_short(price_for(turn, o))}"
                for n, o in zip(numbers, least, strict=True)
            ),
        ]
    else:
        lines = ["Van deze cursussen ken ik de prijs niet."]
    unknown = [shown.index(o.id) + 1 for o in offerings if amount_of(turn, o) is None]
    if least and unknown:
        lines.append(f"Van nummer {' en '.join(map(str, unknown))} ken ik de prijs niet zeker.")
    lines.append("Zoek je nog goedkoper? Zeg me hoeveel het hoogstens mag kosten.")
    turn.say("\n".join(lines), [*_details(least, numbers), PERSON])


def _compared(turn: Turn) -> list[Offering]:
    """The courses to compare: those named by number, or all that were shown last."""
    pointed = named(turn) if ordinals(turn) else []
    if len(pointed) < 2:
        shown: list[str] = turn.slot("shown")
        asked = [int(number) - 1 for number in _NUMBER.findall(look.text(turn.tracker))]
        found = [turn.services.catalogue.get(shown[at]) for at in asked if at < len(shown)]
        pointed = [offering for offering in found if offering]
    return (pointed if len(pointed) > 1 else shown_last(turn))[:MOST]


def _details(offerings: list[Offering], numbers: list[int]) -> list[Button]:
    return [
        Button(title=f"Meer over nummer {number}", payload=f'/course_details{{"offering":"{offering.id}"}}')
        for number, offering in zip(numbers, offerings, strict=True)
    ]
