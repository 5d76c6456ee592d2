"""Which value of the contract words mean that the tagger marked: "uitkerings geregtigt" is a job seeker, "tweedde" is 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.assistant.nlu.numbers import number
from bot.assistant.nlu.text import Token, key
from bot.assistant.nlu.wordlists import WordIndex

_SHORTEST_WORD = 4


class ValueFinder:
    """Looks words up in the word lists and in what the training examples were annotated with."""

    def __init__(self, indexes: Mapping[str, WordIndex]) -> None:
        """`indexes`: for each type of entity its words with their values."""
        self._indexes = indexes

    def find(self, entity: str, text: str, tokens: Sequence[Token]) -> str | None:
        """The value of a text for a type of entity, or None when nothing known is near it.

        As written, else nearest in spelling, else by the longest part that is known, else by the word nearest to a known one.
        """
        if entity in ("age", "ordinal") and (value := _number(text)) is not None:
            return str(value)
        index = self._indexes.get(entity)
        if index is None:
            return None
        if entries := index.lookup(text):
            return entries[0].value
        if near := index.closest(key(text), loose=True):
            return near[1][0].value
        return _by_part(index, tokens) or _by_word(index, tokens)


def _number(text: str) -> int | None:
    said = key(text)
    value = number(said)
    digits = "".join(char for char in said if char.isascii() and char.isdigit())
    return int(digits) if value is None and 0 < len(digits) <= 4 else value


def _by_part(index: WordIndex, tokens: Sequence[Token]) -> str | None:
    for size in range(len(tokens) - 1, 0, -1):
        for at in range(len(tokens) - size + 1):
            joined = "".join(token.key for token in tokens[at : at + size])
            if joined and (entries := index.lookup(joined)):
                return entries[0].value
    return None


def _by_word(index: WordIndex, tokens: Sequence[Token]) -> str | None:
    for token in sorted(tokens, key=lambda token: -len(token.key)):
        if len(token.key) >= _SHORTEST_WORD and (near := index.closest(token.key, loose=True)):
            return near[1][0].value
    return None
