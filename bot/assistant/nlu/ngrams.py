"""Character n-grams: the spelling half of understanding. Counting needs no library, so loading a model stays quick."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_NOT_WORD = re.compile(r"[^\w€?]+")


def fold(text: str) -> str:
    """Lower case, accents and punctuation gone, blanks single: what spelling is compared by.

    >>> fold("Één  vraag: wat kóst dat?")
    'een vraag wat kost dat?'
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    return _NOT_WORD.sub(" ", "".join(char for char in plain if not unicodedata.combining(char))).strip()


def ngrams(text: str, shortest: int = 2, longest: int = 5) -> Counter[str]:
    """How often each n-gram occurs within the words of the folded text, with word borders, and the words themselves.

    >>> sorted(ngrams("ja", 2, 3))
    [' j', ' ja', 'a ', 'ja', 'ja ', '{ja}']
    """
    counts: Counter[str] = Counter()
    words = fold(text).split()
    for word in words:
        padded = f" {word} "
        for size in range(shortest, longest + 1):
            for start in range(len(padded) - size + 1):
                counts[padded[start : start + size]] += 1
        counts[f"{{{word}}}"] += 1
    for first, second in zip(words, words[1:], strict=False):
        counts[f"{{{first} {second}}}"] += 1
    return counts
