"""A text as the sentence encoder is given it, in training and in use."""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST = 1_500
"""Characters read of a text: of a longer one the first and the last half of that. The meaning of a story stands in its
first or last sentence, and time grows with length."""


def readable(text: str) -> str:
    """The text as the encoder is given it: lower case, nothing its engine cannot take, at most `LONGEST` long.

    NFKC first, in Python: the engine does the same, but has too little room for the characters that become many.

    >>> readable("Één ﬁets\\x00!")
    'één fiets !'
    """
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    if len(whole) > LONGEST:
        whole = f"{whole[: LONGEST // 2]} {whole[-LONGEST // 2 :]}"
    return unicodedata.normalize("NFKC", whole).lower()


def key(text: str) -> bytes:
    """What the vector of a text is kept under."""
    return hashlib.sha256(readable(text).encode()).digest()
