"""What somebody says in the questions about support that is no answer: that they want no questions, that something told before
is wrong, what they only suppose, or how it is for somebody else."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn
from actions.entitlement_cards import headline
from actions.situation import SLOT_FACTS, about_another, known_facts, person_asked_about, professional, rules_of
from bot.entitlements import FactValue

_REFUSES = re.compile(
    r"\bgeen\s+(?:zin\s+in|vragen|vraagjes)\b|\b(?:te veel|zoveel)\s+vragen\b|\bzonder\s+(?:al\s+)?(?:die\s+)?vragen\b"
    r"|\b(?:dat?|dit)\s+(?:doe|wil|vul|zeg)\s+(?:ik|'k|k)\w*\s+(?:\w+\s+)?(?:niet|nie|ni)\b"
    r"|\b(?:zeg|toon|geef|vertel|laat)\b[^.?!]*\bgewoon\b|\bgewoon\b[^.?!]*\b(?:zeggen|tonen|geven|weten)\b",
    re.IGNORECASE,
)
_MISTAKEN = re.compile(
    r"\b(?:vergis\w*|verkeerd|fout\w*|mis|bedoel\w*|eigenlijk|correctie|verbeter\w*|toch|sorry)\b|\bik\s+(?:ben|heb)\b",
    re.IGNORECASE,
)
_LESS_THAN = {("education_level", "higher"): "upper_secondary"}
"""What holds at least of whom a value does not: without a bachelor a diploma of secondary school is supposed."""
OF_ANOTHER = (
    "Dezelfde regels gelden voor iemand anders. Het hangt wel af van zijn of haar situatie. "
    "Deze vragen gaan over jou, dus dat reken ik niet mee."
)


def refuses(turn: Turn) -> bool:
    """Whether somebody wants no more questions."""
    return _REFUSES.search(look.text(turn.tracker)) is not None


def of_another(turn: Turn) -> bool:
    """Says that the questions are about who writes, when the message tells or asks of somebody else; false for any other."""
    if professional(turn) or not about_another(turn) or any(entity.told for entity in look.entities(turn.tracker)):
        return False
    turn.say(OF_ANOTHER)
    return True


def tell_supposed(turn: Turn, scope: list[str] | None) -> bool:
    """What there would be in a situation that is only supposed; nothing of it is kept. False when nothing is supposed."""
    if not any(entity.supposed for entity in look.entities(turn.tracker)):
        return False
    facts = turn.services.rules.facts
    supposed: dict[str, FactValue] = {**known_facts(turn), **person_asked_about(turn)}
    for entity in look.entities(turn.tracker):
        if entity.supposed and entity.negated and (instead := _LESS_THAN.get((entity.kind, entity.value))):
            supposed[entity.kind] = instead
    results = turn.services.rules.assess(supposed, rules_of(turn), scope).overview
    labels = [choice.label for name, value in supposed.items() if (choice := facts[name].choice(value))]
    lines = [f"• **{result.name}**: {headline(result).lower()}. {result.deciding.text}" for result in results]
    nothing = ["Dan vind ik geen steun die ik zeker ken."]
    turn.say("\n".join([f"In dat geval ga ik uit van: {', '.join(dict.fromkeys(labels))}.", *(lines or nothing)]))
    return True


def corrected_facts(turn: Turn) -> dict[str, Any]:
    """The slots of what was told before and is now told otherwise, or denied; empty when the message corrects nothing."""
    if not _MISTAKEN.search(look.text(turn.tracker)):
        return {}
    changed: dict[str, Any] = {}
    for entity in look.entities(turn.tracker):
        known = turn.slot(entity.kind) if entity.kind in SLOT_FACTS else None
        if known is None or entity.supposed or entity.of_other:
            continue
        if entity.negated and entity.value == known:
            changed[entity.kind] = None
        elif entity.told and entity.value != known:
            changed[entity.kind] = entity.value
    return changed


def tell_what_there_is(turn: Turn) -> list[Event]:
    """Which support there is at all, for who wants no questions and of whom nothing is known."""
    lines = [f"• {result.name}" for result in turn.services.rules.assess({}, rules_of(turn)).results]
    turn.say("\n".join(["Dit bestaat er. Of jij het krijgt, hangt af van je situatie.", *lines]))
    return [SlotSet("entitlements", None)]
