"""Seeded variation of an utterance: other names in it, typing errors, accents and punctuation dropped."""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from scripts.encoder.examples import Example

SWAPPED = frozenset({"location", "course_topic", "provider", "age"})
"""Entities of which one may stand for another without changing what is meant, within one intent."""

_ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn")  # the Belgian keyboard
_NEAR = {
    character: {row[index - 1 : index] or row[index + 1], row[index + 1 : index + 2] or row[index - 1]}
    for row in _ROWS
    for index, character in enumerate(row)
}
_HEARD = [
    ("ij", "ei"), ("ei", "ij"), ("ij", "y"), ("ou", "au"), ("au", "ou"), ("dt", "d"), ("dt", "t"),
    ("ch", "g"), ("g", "ch"), ("s", "z"), ("z", "s"), ("f", "v"), ("v", "f"), ("oe", "u"), ("ie", "i"),
    ("uu", "u"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("c", "k"), ("ks", "x"), ("en ", "e "), ("d", "t"),
    ("ng", "n"), ("tt", "t"), ("nn", "n"), ("ll", "l"),
]  # fmt: skip


class Names:
    """The names that stand in for one another: what was found of each entity in each intent."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self._found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for example in examples:
            for begin, end, name in example.entities:
                if name in SWAPPED:
                    self._found[self._group(example.intent, name)].add(example.text[begin:end])
        self._lists = {group: sorted(names) for group, names in self._found.items()}

    @staticmethod
    def _group(intent: str, name: str) -> tuple[str, str]:
        # What is to be learnt says which intent it is (reading and writing, or welding); a place says nothing.
        return (intent if name == "course_topic" else "", name)

    def swapped(self, example: Example, chance: random.Random, share: float) -> str:
        """The text, each name in it replaced with probability `share`."""
        text = example.text
        for begin, end, name in sorted(example.entities, reverse=True):
            if name in SWAPPED and chance.random() < share:
                text = text[:begin] + chance.choice(self._lists[self._group(example.intent, name)]) + text[end:]
        return text


def mistyped(text: str, chance: random.Random, errors: int) -> str:
    """The text with so many slips of the finger or the ear. Texts under four characters stay as they are."""
    for _ in range(errors):
        if len(text) < 4:
            break
        place = chance.randrange(1, len(text) - 1)
        kind = chance.randrange(6)
        if kind == 0:
            text = text[:place] + text[place + 1 :]
        elif kind == 1:
            text = text[:place] + text[place] + text[place:]
        elif kind == 2:
            text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        elif kind == 3:
            near = sorted(_NEAR.get(text[place], ()))
            text = text[:place] + (chance.choice(near) if near else text[place]) + text[place + 1 :]
        else:
            heard, written = chance.choice(_HEARD)
            places = [index for index in range(len(text)) if text.startswith(heard, index)]
            if places:
                at = chance.choice(places)
                text = text[:at] + written + text[at + len(heard) :]
    return text


def roughened(text: str, chance: random.Random) -> str:
    """As typed in haste: some typing errors, perhaps without accents, punctuation or spaces between all words."""
    if chance.random() < 0.35:
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    if chance.random() < 0.5:
        text = " ".join("".join(c if c.isalnum() or c in " '-@€+" else " " for c in text).split()) or text
    elif chance.random() < 0.2:
        text += chance.choice(["?", "??", "!", "...", " aub", " a.u.b.", " svp", " ?"])
    if chance.random() < 0.6:
        text = mistyped(
            text, chance, 1 + int(len(text) > 30) * chance.randrange(2) + int(len(text) > 80) * chance.randrange(3)
        )
    if chance.random() < 0.08 and text.count(" ") > 2:
        spaces = [index for index, character in enumerate(text) if character == " "]
        at = chance.choice(spaces)
        text = text[:at] + text[at + 1 :]
    return text


def gibberish(chance: random.Random) -> str:
    """Keys hit at random, words of no language."""
    if chance.random() < 0.4:
        return "".join(chance.choice(chance.choice(_ROWS)) for _ in range(chance.randint(4, 18)))
    words = []
    for _ in range(chance.randint(1, 6)):
        words.append(
            "".join(chance.choice("bcdfghjklmnprstvwxz") + chance.choice("aeiouy") for _ in range(chance.randint(1, 4)))
        )
        if chance.random() < 0.4:
            words[-1] += chance.choice("bcdfgklmnprstxz")
    return " ".join(words)
