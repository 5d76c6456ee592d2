"""How a place name is written, reduced to what counts when two spellings are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TOKEN = re.compile(r"[a-z0-9']+")
_ABBREVIATIONS = {"st": ("sint",), "olv": ("onze", "lieve", "vrouw"), "prov": ("provincie",), "vl": ("vlaams",)}
_WRITTEN_SHORT = (
    (re.compile(r"\bo/d\b"), "op den"),
    (re.compile(r"\ba/d\b"), "aan de"),
    (re.compile(r"\bo\.?l\.?v\.?\b"), "olv"),
)
# What the ear does not tell apart, old spellings included (Aelst, Cortrijk, Sint-Truyden, Gendt, Zint-Niklaas).
_SOUNDS = (
    ("ae", "aa"), ("ck", "k"), ("qu", "kw"), ("gh", "g"), ("th", "t"), ("dt", "t"), ("ph", "f"), ("ij", "y"),
    ("ei", "y"), ("uy", "ui"), ("ch", "g"), ("ce", "se"), ("ci", "si"), ("c", "k"), ("x", "ks"), ("z", "s"), ("v", "f"),
    ("ou", "au"),
)  # fmt: skip
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: its letters and digits, lower case without accents, and whether it began with a capital."""

    text: str
    capital: bool


def fold(text: str) -> str:
    """Lower case without accents; the length may change."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").replace("`", "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words(text: str) -> tuple[Word, ...]:
    """The words of a text, abbreviations written out ("St-Niklaas" gives sint, niklaas), apostrophes left out."""
    found: list[Word] = []
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.replace("’", "'")) if not unicodedata.combining(c))
    lowered = plain.lower()
    if len(lowered) != len(plain):  # a letter that changes length in lower case: capitals can no longer be told
        plain = lowered
    for pattern, full in _WRITTEN_SHORT:
        if pattern.search(lowered):
            lowered = plain = pattern.sub(full, lowered)
    for match in _TOKEN.finditer(lowered):
        letters = match.group().replace("'", "")
        if not letters:
            continue
        capital = any(c.isupper() for c in plain[match.start() : match.end()][:3])
        found += [Word(part, capital) for part in _ABBREVIATIONS.get(letters, (letters,))]
    return tuple(found)


def key(text: str) -> str:
    """All words of a name as one string: case, accents, hyphens and spaces no longer count."""
    return "".join(word.text for word in words(text))


def sound(joined: str) -> str:
    """A key as it sounds: spellings that are pronounced alike become equal."""
    for written, heard in _SOUNDS:
        joined = joined.replace(written, heard)
    joined = _DOUBLED.sub(r"\1", joined)
    return joined[:-1] + "t" if joined.endswith("d") else joined
