"""What is found in a text, and which values the contract of the assistant allows (docs/understanding.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.knowledge.vocabulary import EDUCATION_LEVELS, EMPLOYMENT_STATUSES, INCENTIVES

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

VALUES: dict[str, frozenset[str]] = {
    "schedule": frozenset({"day", "evening", "weekend", *WEEKDAYS}),
    "delivery_mode": frozenset({"online", "classroom", "blended"}),
    "employment_status": EMPLOYMENT_STATUSES,
    "education_level": EDUCATION_LEVELS,
    "incentive": INCENTIVES,
}
"""Entities with a closed set of values."""

FREE = frozenset({"course_topic", "location", "provider", "language", "phone_number", "email"})
"""Entities whose value is a name or the words themselves."""

TYPES = frozenset(VALUES) | FREE | {"age", "ordinal"}

MIN_AGE, MAX_AGE = 3, 110


def allowed(entity: str, value: str) -> bool:
    """Whether the contract allows a value for an entity."""
    if entity in VALUES:
        return value in VALUES[entity]
    if entity == "age":
        return value.isascii() and value.isdigit() and MIN_AGE <= int(value) <= MAX_AGE
    if entity == "ordinal":
        return value == "last" or (value.isascii() and value.isdigit() and 1 <= int(value) <= 99)
    return entity in FREE and bool(value.strip())


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of text that names something: `text[start:end]`."""

    entity: str
    start: int
    end: int
    value: str
    source: str
    """What found it: pattern, words, misspelt, tagger."""
    sure: bool = True
    """Whether it counts on its own, without the tagger's consent."""
    confidence: float = 1.0
    more: dict[str, Any] = field(default_factory=dict, compare=False)
    """What else is known: the id of a place, candidates, the part of the day beside a weekday."""

    def overlaps(self, other: Mention) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end
