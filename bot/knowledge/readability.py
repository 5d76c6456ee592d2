"""How readable a Dutch text is: the measure of Flesch as Douma fitted it to Dutch, 0 (hard) to 100 (easy) and beyond.

`206.84 - 0.77 × syllables per 100 words - 0.93 × words per sentence` (W.H. Douma, De leesbaarheid van landbouwbladen, 1960).
A formula measures words and sentences, not whether somebody understands: it is kept beside the rules of
`bot.knowledge.language`, not in their place.
"""

from __future__ import annotations

import re
from functools import lru_cache

import pyphen

from bot.knowledge.language import sentences, words

_VOWELS = re.compile(r"ieuw|aai|ooi|oei|eeu|ieu|eau|aa|ee|oo|uu|oe|ie|eu|ui|ou|au|ei|ij|[aeiouyáéíóúàèêûëïöü]")
_LETTERS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1)
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="nl_NL", left=1, right=1)


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """The syllables of a word, at least 1.

    The larger of two counts, for each misses some: places to break a line leave out a single first letter ("avond"), and
    groups of vowels run together over a border ("beantwoorden"). A number counts as one word of one syllable.
    """
    counted = 0
    for part in _LETTERS.findall(word.lower()):
        breaks = len(_hyphens().positions(part)) + 1
        counted += max(breaks, len(_VOWELS.findall(part)), 1)
    return max(counted, 1)


def flesch_douma(text: str) -> float:
    """The readability of a text; 100 for one without words."""
    listed = [word for sentence in sentences(text) for word in words(sentence)]
    if not listed:
        return 100.0
    count = len(listed)
    return 206.84 - 77 * sum(syllables(word) for word in listed) / count - 0.93 * count / len(sentences(text))


def described(score: float) -> str:
    """What a score means, in Dutch."""
    scale = ((80, "heel makkelijk"), (70, "makkelijk"), (60, "gewoon"), (50, "vrij moeilijk"), (30, "moeilijk"))
    return next((name for least, name in scale if score >= least), "heel moeilijk")
