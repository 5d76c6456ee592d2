"""Ways to rewrite a text before its n-grams are taken, to see whether that helps: lemmas, spelling by sound, dialect.

What is kept of them stands in docs/understanding.md; nothing of this is used by the assistant.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from scripts.encoder import augment

_SOUNDS = [
    ("dt", "t"), ("ei", "y"), ("ij", "y"), ("ou", "au"), ("ch", "g"), ("ck", "k"), ("c", "k"), ("x", "ks"), ("ph", "f"),
    ("v", "f"), ("z", "s"), ("ie", "i"), ("oe", "u"), ("th", "t"),
]  # fmt: skip
"""Letters that are heard alike, and the one that stands for both."""

_DIALECT = {
    "'k": "ik", "k": "ik", "kik": "ik", "ekik": "ik", "ge": "je", "gij": "jij", "gulle": "jullie", "gullie": "jullie",
    "u": "je", "uw": "je", "da": "dat", "wa": "wat", "ni": "niet", "nie": "niet", "ies": "iets", "iet": "iets",
    "nen": "een", "ne": "een", "den": "de", "'t": "het", "t": "het", "me": "met", "kem": "ik heb", "kweet": "ik weet",
    "kwil": "ik wil", "kzou": "ik zou", "kben": "ik ben", "zijde": "ben je", "hebde": "heb je", "kunde": "kan je",
    "kunt": "kan", "zijt": "bent", "goe": "goed", "ekskeer": "eens", "oek": "ook", "vo": "voor", "veu": "voor",
    "efkes": "even", "amai": "", "zulle": "", "hé": "",
}  # fmt: skip
"""What is said in Flanders, as it is written in a book."""

_WORD = re.compile(r"'?\w+")


def by_sound(text: str) -> str:
    """One spelling for what is heard alike, double letters once."""
    text = text.lower()
    for heard, written in _SOUNDS:
        text = text.replace(heard, written)
    return re.sub(r"(\w)\1", r"\1", text)


def in_standard_dutch(text: str) -> str:
    """The commonest words of dialect in their standard form."""
    return _WORD.sub(lambda match: _DIALECT.get(match[0], match[0]), text.lower())


@cache
def _lemmatiser() -> Any:
    import spacy

    pipeline = spacy.blank("nl")
    pipeline.add_pipe("lemmatizer", config={"mode": "lookup"})
    pipeline.initialize()
    return pipeline


def lemmas(text: str) -> str:
    """Each word as spaCy's Dutch list has it in a dictionary."""
    return " ".join(token.lemma_ for token in _lemmatiser()(text.lower()))


def mistyped(text: str) -> str:
    """The same text with typing errors, seeded by its words."""
    return augment.mistyped(text.lower(), random.Random(text), 1 + len(text) // 40)


REWRITES: dict[str, Callable[[str], str]] = {"sounds": by_sound, "dialect": in_standard_dutch, "lemmas": lemmas}
