"""What a text turns out to be about, and how that was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How a subject was found in the text, from sure to unsure."""

    EXACT = "exact"
    STEM = "stem"
    COMPOUND = "compound"
    SPELLING = "spelling"
    DOMAIN = "domain"
    INSIDE = "inside"
    """By words that are part of what the subject is called."""
    DESCRIBED = "described"
    """By one word of what is done with the subject, which alone is not enough."""
    MEANING = "meaning"
    """By what the text means, not by its words."""


@dataclass(frozen=True, slots=True)
class SubjectMatch:
    """One subject a text is about, and the words that said so."""

    subject_id: str
    how: How
    words: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text is about: subjects, and content words that belong to none of them."""

    matches: tuple[SubjectMatch, ...] = ()
    rest: tuple[str, ...] = ()

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """The subjects, surest first."""
        return tuple(match.subject_id for match in self.matches)
