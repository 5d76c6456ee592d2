"""The rules of plain language that every text for citizens keeps, as pure functions.

From the Flemish guides for clear language: sentences of 15 words on average and 20 at most, 13 at most in the simple
version, everyday words, "je" and never "u", one question at a time, every abbreviation explained, short buttons. What
is found wrong is worded in Dutch, for editors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.knowledge.articles import MAX_BUTTON_TITLE, Level


@dataclass(frozen=True)
class Limits:
    """What a text may be at most."""

    average: float
    """Words in a sentence, on average."""
    longest: int
    """Words in one sentence."""
    words: int
    """Words in the whole text."""


LIMITS = {
    Level.PLAIN: Limits(average=15, longest=20, words=80),
    Level.SIMPLE: Limits(average=10, longest=13, words=60),
    Level.PROFESSIONAL: Limits(average=25, longest=40, words=240),
}

BANNED = {
    "indien": "als",
    "dienen te": "moeten",
    "dient te": "moet",
    "gelieve": "wil je",
    "teneinde": "om",
    "vermits": "omdat",
    "tevens": "ook",
    "slechts": "alleen maar",
}
"""Words of the administration, with the everyday word."""

NAMES = frozenset({"VDAB", "OCMW", "GTB", "NARIC", "IN-Gent", "A2", "B1"})
"""Names in capitals that people know by that name: no explanation needed."""

_LABEL = re.compile(r"\*\*[^*]+:\*\*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[\w€%][\w'’.,/-]*")
_ABBREVIATION = re.compile(r"\b[A-Z][A-Z0-9]+\b(?:-\w+)*")
_FORMAL = re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE)
_HEDGE = re.compile(
    r"vermoedelijk|waarschijnlijk|misschien|meestal|wellicht|niet (helemaal )?zeker|weet ik niet|ken ik niet"
    r"|\bvraag\b.*\b(na|of|aan|eerst)\b|\bkijk\b.*\bna\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Measure:
    """The size of a text."""

    words: int
    sentences: int
    longest: int

    @property
    def average(self) -> float:
        """Words in a sentence."""
        return self.words / self.sentences if self.sentences else 0.0


def sentences(text: str) -> list[str]:
    """The sentences of a text. A line of a list is one; a label in bold with a colon belongs to none."""
    plain = _LABEL.sub("", text).replace("**", "")
    return [part for part in (piece.strip(" \t-•") for piece in _SENTENCE.split(plain)) if _WORD.search(part)]


def words(text: str) -> list[str]:
    """The words of a text; an amount like "2,25" is one word."""
    return _WORD.findall(text)


def measure(text: str) -> Measure:
    """How many words and sentences a text has, and its longest sentence in words."""
    counts = [len(words(sentence)) for sentence in sentences(text)]
    return Measure(words=sum(counts), sentences=len(counts), longest=max(counts, default=0))


def banned_words(text: str) -> list[str]:
    """The banned words in a text."""
    return [word for word in BANNED if re.search(rf"\b{word}\b", text, re.IGNORECASE)]


def unexplained_abbreviations(text: str) -> list[str]:
    """Abbreviations that are no known name and have no explanation in brackets, or in front of them."""
    found = []
    for abbreviation in dict.fromkeys(_ABBREVIATION.findall(text)):
        explained = re.search(rf"\({abbreviation}\)|\b{abbreviation}(?:['’]s)?\s*\(", text)
        if abbreviation not in NAMES and not explained:
            found.append(abbreviation)
    return found


def hedged(text: str) -> bool:
    """Whether a text says that what it tells is not certain, or where to check it."""
    return _HEDGE.search(text) is not None


def button_problem(title: str) -> str | None:
    """What is wrong with the title of a button."""
    if not title.strip():
        return "knop zonder tekst"
    if len(title) > MAX_BUTTON_TITLE:
        return f"knop '{title}' telt {len(title)} tekens, hoogstens {MAX_BUTTON_TITLE}"
    return None


def problems(text: str, level: Level) -> list[str]:
    """What is wrong with a text of a level, in Dutch; empty when nothing is."""
    limits, size, found = LIMITS[level], measure(text), []
    if size.words == 0:
        return ["lege tekst"]
    if size.words > limits.words:
        found.append(f"{size.words} woorden, hoogstens {limits.words}")
    if size.average > limits.average:
        found.append(f"gemiddeld {size.average:.1f} woorden per zin, hoogstens {limits.average:g}")
    found.extend(
        f"zin van {count} woorden, hoogstens {limits.longest}: {sentence}"
        for sentence in sentences(text)
        if (count := len(words(sentence))) > limits.longest
    )
    if text.count("?") > 1:
        found.append("meer dan één vraag")
    found.extend(f"'{word}': schrijf '{BANNED[word]}'" for word in banned_words(text))
    if _FORMAL.search(text):
        found.append("'u' in plaats van 'je'")
    if level is not Level.PROFESSIONAL:
        found.extend(f"'{word}' is niet uitgelegd" for word in unexplained_abbreviations(text))
    return found
