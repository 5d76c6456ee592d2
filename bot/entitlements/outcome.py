"""What comes out of an evaluation: plain values, safe to keep, to show and to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.entitlements.logic import Truth
from bot.knowledge.figures import Certainty


class Outcome(StrEnum):
    """Whether somebody is entitled to something."""

    YES = "yes"
    """All conditions are met, by a rule that is certain, and nobody still decides."""
    PROBABLY = "probably"
    """All conditions are met, but the rule is only likely, a proviso remains, or a body still decides."""
    UNKNOWN = "unknown"
    """A deciding fact is missing, or the rule itself is out of date or unchecked."""
    PROBABLY_NOT = "probably_not"
    """A condition is not met, by a rule that is only likely."""
    NO = "no"
    """A condition is not met, by a rule that is certain."""

    @property
    def label(self) -> str:
        """In Dutch."""
        return _LABELS[self]


_LABELS = {
    Outcome.YES: "Ja",
    Outcome.PROBABLY: "Vermoedelijk wel",
    Outcome.UNKNOWN: "Dat weet ik nog niet",
    Outcome.PROBABLY_NOT: "Vermoedelijk niet",
    Outcome.NO: "Nee",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition of a rule: how it reads, and whether it is met (None: not known, or only assumed)."""

    text: str
    met: Truth
    certainty: Certainty
    facts: tuple[str, ...] = ()
    """Ids of the facts that it rests on."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A page on which a rule rests."""

    title: str
    url: str | None
    date: str
    """Of the page itself, in words: "2025", "zonder datum"."""


@dataclass(frozen=True, slots=True)
class Result:
    """Whether somebody is entitled to one measure, and why."""

    measure: str
    """Its id."""
    name: str
    what: str
    """What the measure is, in one or two plain sentences."""
    outcome: Outcome
    reasons: tuple[Reason, ...]
    """What decides, what is met, what is open; never empty."""
    deciding: Reason
    """The one condition that makes the outcome what it is."""
    provisos: tuple[str, ...]
    """What must hold besides, worded as "als je …"; it was not asked."""
    needed: tuple[str, ...]
    """Ids of the facts that would help to decide, the most telling first. Empty once decided."""
    gives: str
    """What one gets, with amounts; only for yes and probably."""
    figure: str
    """Id of the figure of what one gets, where the price of a course is worked out from it."""
    next_step: str
    apply: str
    """Where to apply."""
    apply_url: str | None
    decides: str
    """The body that decides in the end; empty when the rule alone does."""
    legal: str
    """Legal basis and conditions, for professionals."""
    certainty: Certainty
    sources: tuple[Reference, ...]
    checked: date
    check_again: date
    valid_from: date | None
    valid_until: date | None
    in_force: bool = True
    """False when no version of the rule holds on the day asked for."""
    successor: str = ""
    """Id of the measure that comes after this one."""
    hinges_on_course: bool = False
    """Whether the person meets the conditions, and only facts about the course are missing."""
