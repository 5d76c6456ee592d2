"""Dutch words reduced to what counts when a search is compared with a catalogue: folded, split, stemmed."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"[^\W_](?:[^\W_]|[#+'])*")
_PLURAL_S = re.compile(r"'s$")
_DIMINUTIVE = re.compile(r"(?:etjes?|tjes?|pjes?|kjes?|jes?)$")
_DOUBLE_VOWEL = re.compile(r"([aeou])\1")
_DOUBLE_END = re.compile(r"([bdfgklmnprst])\1$")


def fold(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded; `c#`, `c++` and `auto's` stay whole, other punctuation separates."""
    found = (match.strip("'") for match in _TOKEN.findall(fold(text).replace(".net", "dotnet")))
    return tuple(word for word in found if word)


def stem(word: str) -> str:
    """A word without plural, diminutive and inflection: "taartjes", "taarten" and "taart" give the same.

    Light on purpose: two words that differ in meaning should seldom meet. The result is not a word to show.
    """
    word = _PLURAL_S.sub("", word)
    if len(word) > 5 and _DIMINUTIVE.search(word):
        root = re.sub(r"jes?$", "", word)
        # taart-jes, dier-tjes, boom-pjes, bloem-etjes, konin-kjes
        for ending in ("et", "t", "p", "k"):
            if root.endswith(ending) and len(root) - len(ending) >= 3 and _linking(root, ending):
                root = root[: -len(ending)]
                break
        word = root
    elif len(word) > 4 and word.endswith("en"):
        word = word[:-2]
    elif len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 4 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    word = _DOUBLE_END.sub(r"\1", word)
    word = _DOUBLE_VOWEL.sub(r"\1", word)
    if word.endswith("v"):
        return word[:-1] + "f"
    if word.endswith("z"):
        return word[:-1] + "s"
    return word


def begin_alike(one: str, other: str) -> int:
    """With how many letters two words begin alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _linking(root: str, ending: str) -> bool:
    """Whether the last letters of a diminutive's root belong to the ending and not to the word (dier-t, not taart)."""
    before = root[: -len(ending)]
    if ending == "et":
        return before.endswith(("m", "n", "ng", "l", "r"))
    if ending == "p":
        return before.endswith("m")
    if ending == "k":
        return before.endswith("n")
    return before.endswith(("l", "n", "r", "w", "a", "e", "i", "o", "u", "ij")) and not before.endswith(
        ("aar", "ort", "and")
    )
