"""From what somebody types to the value of a fact that was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from bot.assistant.nlu.numbers import numbers
from bot.assistant.nlu.text import tokenise
from bot.entitlements.facts import Fact, FactError, FactValue, Kind
from bot.entitlements.situation import region_of
from bot.places import Gazetteer

SKIP = "skip"
"""The value of the button with which a question is left."""
_ALIKE = 85.0
"""From this likeness (of 100) a short answer is a misspelling of a known word."""
_FEW_WORDS = 6
REGIONS = frozenset({"home_region", "work_region", "business_region"})
"""Facts that a place answers."""
_SKIPS = re.compile(
    r"weet (ik )?(het )?(niet|nie|ni)\b|geen idee|sla .*over|overslaan|\bskip\b|liever niet|zeg ik niet|geen antwoord|^pas$"
)
_YES = re.compile(r"^(ja|jawel|jep|yes|zeker|klopt|inderdaad|joa|jaa|natuurlijk)\b")
_NO = re.compile(r"^(nee|neen|nope|no|nee?n?t|nooit|toch niet|niet echt)\b")
_BARE_NUMBER = re.compile(r"(ongeveer |al |zo'n )?\d{1,4}([.,]\d{1,2})?\s*(jaar|jaren|uur|uren|%|procent|j|u)?\.?")
_BARE_YES_NO = re.compile(r"(ja|jawel|jep|yes|joa|jaa|nee|neen|nope|no|toch niet|niet echt)[\w ]{0,12}[.!]?")
_DENYING = frozenset("geen gene genen gin niet nie ni nooit zonder noch".split())
_OWN_JOB = re.compile(r"^(?!.*\bzoek).*\bwerk\b", re.IGNORECASE | re.DOTALL)
"""Somebody's own work, and not that of "mijn man werkt" or work that is looked for."""
_DECIMAL = re.compile(r"(?<![\d.,])(\d{1,4})[.,](\d{1,2})(?![\d.,])")
_FRACTIONS = {"4/5": 80.0, "3/4": 75.0, "1/2": 50.0, "9/10": 90.0, "3/5": 60.0}
_SHARES = ((re.compile(r"voltijds|full ?time"), 100.0), (re.compile(r"halftijds|half ?time"), 50.0))


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: its words, and what was understood in them."""

    text: str = ""
    intent: str = ""
    entities: Mapping[str, str] = field(default_factory=dict)
    """Kind to value, of what is not denied."""


def skipped(said: Said) -> bool:
    """Whether the person would rather not answer, or does not know."""
    return bool(_SKIPS.search(said.text.casefold()))


def plainly_answers(fact: Fact, said: Said) -> bool:
    """Whether a message is nothing but an answer to a question: its words, a number, yes, no, or that one does not know."""
    text = said.text.strip().casefold()
    if not text or "?" in text or len(text.split()) > _FEW_WORDS:
        return False
    if skipped(said):
        return True
    if fact.kind is Kind.NUMBER:
        return bool(_BARE_NUMBER.fullmatch(text)) or (fact.id == "job_share" and _number(fact, said) is not None)
    if fact.kind is Kind.YES_NO:
        return bool(_BARE_YES_NO.fullmatch(text))
    return _worded(fact, text) is not None


def read_answer(fact: Fact, said: Said, places: Gazetteer) -> FactValue | None:
    """The value that an answer gives a fact; None when it says nothing that fits."""
    if chosen := said.entities.get("answer"):
        return _of_button(fact, chosen)
    if fact.kind is Kind.YES_NO:
        return _yes_no(said)
    if fact.kind is Kind.NUMBER:
        return _checked(fact, _number(fact, said))
    if (known := said.entities.get(fact.id)) and fact.choice(known):
        return known
    if (worded := _worded(fact, said.text)) is not None:
        return worded
    if fact.id in REGIONS:
        place = places.resolve(said.entities.get("location") or said.text).place
        return region_of(place) if place else None
    return None


def said_yes(fact: Fact, text: str) -> int | None:
    """Where the words begin with which somebody says unasked that a yes-or-no fact is so; None when they do not."""
    if not fact.words:
        return None
    words = "|".join(re.escape(word) for word in fact.words)
    found = re.search(rf"(?<!\bgeen )(?<!\bniet )(?<!\bzonder )\b(?:{words})\b", text, re.IGNORECASE)
    return found.start() if found else None


def told_status(status: Fact, text: str) -> str | None:
    """The status that somebody says to have: "ik ben ziek, krijg ik een premie". None when they say none."""
    for choice in status.values:
        words = "|".join(re.escape(word) for word in choice.words)
        if re.search(rf"\bik\s+ben\s+(?!niet\b|geen\b|nooit\b)(?:\w+\s+)?(?:{words})\b", text, re.IGNORECASE):
            return choice.id
    return None


def employer(sector: Fact, text: str) -> str | None:
    """The sector of whom somebody says to work for: "als ik bij de gemeente werk". None when they say no such thing."""
    if not _OWN_JOB.search(text) or _DENYING & set(text.casefold().split()):
        return None
    for choice in sector.values:
        words = "|".join(re.escape(word) for word in choice.words)
        if re.search(rf"\b(?:bij|voor)\s+(?:(?:de|het|een|'t|nen?)\s+)?(?:{words})\b", text, re.IGNORECASE):
            return choice.id
    return None


def _of_button(fact: Fact, chosen: str) -> FactValue | None:
    if fact.kind is Kind.YES_NO:
        return {"yes": True, "no": False}.get(chosen)
    if fact.kind is Kind.NUMBER:
        try:
            return _checked(fact, float(chosen))
        except ValueError:
            return None
    return _checked(fact, chosen)


def _checked(fact: Fact, value: FactValue | None) -> FactValue | None:
    try:
        return None if value is None else fact.check(value)
    except FactError:
        return None


def _yes_no(said: Said) -> bool | None:
    text = said.text.strip().casefold()
    if _YES.match(text) or (said.intent == "affirm" and not _NO.match(text)):
        return True
    if _NO.match(text) or said.intent == "deny":
        return False
    return None


def _number(fact: Fact, said: Said) -> float | None:
    text = said.text.casefold()
    if fact.id == "job_share":
        for fraction, share in _FRACTIONS.items():
            if fraction in text:
                return share
        for pattern, share in _SHARES:
            if pattern.search(text):
                return share
    if fact.id == "age" and said.entities.get("age", "").isdecimal():
        return float(said.entities["age"])
    if decimal := _DECIMAL.search(text):
        return float(f"{decimal[1]}.{decimal[2]}")
    found = [number.value for number in numbers(tokenise(text))]
    return float(found[0]) if len(found) == 1 else None


def _worded(fact: Fact, text: str) -> str | None:
    """The value whose words stand in a text; none when they point to several."""
    said = " ".join(token.key for token in tokenise(text) if token.key)
    names = [
        (" ".join(token.key for token in tokenise(word) if token.key), choice.id)
        for choice in fact.values
        for word in (choice.title, choice.label, *choice.words)
        if word
    ]
    for word, value in names:
        if word == said:
            return value
    inside = [(word, value) for word, value in names if f" {word} " in f" {said} "]
    inside = [
        (word, value)
        for word, value in inside
        if not any(word != other and f" {word} " in f" {other} " for other, _ in inside)
    ]
    known = {part for word, _ in inside for part in word.split()}
    if inside and _DENYING & set(said.split()) - known:
        return None  # "ik werk niet": not what the word says, and not surely what else
    found = {value for _, value in inside}
    if not found and said and len(said.split()) <= _FEW_WORDS:
        found = {value for word, value in names if len(word) >= 4 and fuzz.ratio(word, said) >= _ALIKE}
    return found.pop() if len(found) == 1 else None
