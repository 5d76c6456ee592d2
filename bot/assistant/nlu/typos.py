"""Seeded typing errors in training examples, so that the tagger has seen words that are written wrong."""

from __future__ import annotations

import random
import re

_WORD = re.compile(r"[^\W\d_]{5,}")
_SLIPS = "aeiouskndtr"


def misspell(
    text: str, spans: list[tuple[int, int]], chance: random.Random, share: float
) -> tuple[str, list[tuple[int, int]]]:
    """The text with an error in about `share` of its words of five letters or more, and where the spans are then.

    An error leaves out, doubles, swaps or replaces one letter, never the first; none, where a span would be
    left with nothing. The spans may not overlap.
    """
    edits: list[tuple[int, int, str]] = []
    for match in _WORD.finditer(text):
        if chance.random() < share:
            at = match.start() + chance.randrange(1, len(match.group()) - 1)
            edits.append(_slip(text, at, chance))
    borders = [border for span in spans for border in span]
    moved = [border + sum(len(new) - (end - start) for start, end, new in edits if end <= border) for border in borders]
    still = list(zip(moved[::2], moved[1::2], strict=True))
    if any(start == end for start, end in still):  # a span of one letter, which is gone
        return text, spans
    for start, end, new in reversed(edits):
        text = text[:start] + new + text[end:]
    return text, still


def _slip(text: str, at: int, chance: random.Random) -> tuple[int, int, str]:
    """An edit (start, end, what comes there) of the letter at a place, inside its word."""
    kind = chance.random()
    if kind < 0.35:
        return at, at + 1, ""
    if kind < 0.6:
        return at, at + 1, text[at] * 2
    if kind < 0.8:
        return at, at + 2, text[at + 1] + text[at]
    return at, at + 1, chance.choice(_SLIPS)
