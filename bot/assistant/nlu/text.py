"""A text as words with their places in it: what every part of entity recognition works on."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.places.spelling import sound as sound_of_name

MAX_TOKENS = 400
"""Words looked at in one message; what follows is left alone, so that a message costs a bounded time."""

# A word, with hyphens and apostrophes inside it; the Dutch clitics ('s, 't, 'k) with their apostrophe; any other sign alone.
_TOKEN = re.compile(r"['’‘`´](?:s|t|k|n|m|ns)\b|[^\W_]+(?:[-'’‘`´][^\W_]+)*|[^\w\s]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign of a text: `text == whole[start:end]`."""

    text: str
    start: int
    end: int
    key: str
    """Lower case, letters and digits only, no accents; empty for a sign."""

    @property
    def sound(self) -> str:
        """The key as it is pronounced: common misspellings give the same."""
        return sound(self.key)


def key(text: str) -> str:
    """What two spellings are compared by: lower-case letters and digits, no accents, spaces, hyphens or apostrophes.

    >>> key("Één 's-avonds")
    'eensavonds'
    """
    if text.isascii():
        return "".join(char for char in text.lower() if char.isalnum())
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if char.isalnum())


@lru_cache(maxsize=16384)
def sound(word: str) -> str:
    """A key as it is pronounced: as names are, and without the n of "lassen" that nobody says.

    >>> sound("metselen") == sound("metsele"), sound("opleiding") == sound("oplijding")
    (True, True)
    """
    heard = sound_of_name(word)
    return heard[:-1] if len(heard) > 4 and heard.endswith("en") else heard


def tokenise(text: str) -> list[Token]:
    """The words and signs of a text, in order, at most `MAX_TOKENS`.

    >>> [token.text for token in tokenise("'s avonds in Sint-Niklaas?")]
    ["'s", 'avonds', 'in', 'Sint-Niklaas', '?']
    """
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        tokens.append(Token(match.group(), match.start(), match.end(), key(match.group())))
        if len(tokens) == MAX_TOKENS:
            break
    return tokens
