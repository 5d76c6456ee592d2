"""Where somebody lives and where they work, when a message tells one or both: "ik woon in Brussel en werk in Zaventem"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_HOME = re.compile(r"\b(?:woon\w*|wonen|thuis|gedomicilieerd|afkomstig|van afkomst)\b", re.IGNORECASE)
_WORK = re.compile(r"\b(?:werk|werkt|werkte|werken|werkplaats|werkplek|job|kantoor)\b", re.IGNORECASE)
_SEEKS = re.compile(r"\b(?:zoek|vind|wil|zou)\w*\b", re.IGNORECASE)
"""Before "werk" it is no work that somebody has."""
_EMPLOYED_IN = re.compile(
    r"\b(?:bediende|arbeid(?:er|ster)|werknemer|ambtenaar|uitzendkracht)\b[^.,;:!?\n]*\bin\s+$", re.IGNORECASE
)
"""Before a place it is where somebody works, who may live there too."""
_BOTH = re.compile(r"\bwo(?:on|nen)\s+en\s+werk|\bwerk(?:en)?\s+en\s+wo(?:on|nen)\b", re.IGNORECASE)
_BORDER = re.compile(r"[.,;:!?\n]+|\b(?:en|maar|doch|terwijl)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The names of places, as they were written; empty where nothing was told."""

    home: str = ""
    work: str = ""
    neither: str = ""
    """A place of which it is not said what it is."""


def whereabouts(text: str, places: Iterable[tuple[int, str]]) -> Whereabouts:
    """What a text tells of the places in it, each with where it begins. Of several of a kind the first counts."""
    found: dict[str, str] = {}
    for start, name in places:
        if _BOTH.search(text):
            kinds: tuple[str, ...] = ("home", "work")
        elif (kind := _kind(text, start)) == "neither" and _EMPLOYED_IN.search(text[:start]):
            kinds = ("neither", "work")
        else:
            kinds = (kind,)
        for kind in kinds:
            found.setdefault(kind, name)
    return Whereabouts(**found)


def _kind(text: str, start: int) -> str:
    before = [match.end() for match in _BORDER.finditer(text, 0, start)]
    after = _BORDER.search(text, start)
    begin, end = before[-1] if before else 0, after.start() if after else len(text)
    for part in (text[begin:start], text[start:end]):  # what is said before it in its clause, else after it
        cues = [(match.start(), "home") for match in _HOME.finditer(part)]
        cues += [(m.start(), "work") for m in _WORK.finditer(part) if not _SEEKS.search(part, 0, m.start())]
        if cues:
            return max(cues)[1]
    return "neither"
