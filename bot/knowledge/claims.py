"""Claims that stand everywhere and are no longer true: no text for citizens may make one.

`data/knowledge/claims.yml` holds them, as patterns over one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from bot.knowledge.datafile import read_entries
from bot.knowledge.figures import Identifier, Line

_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n\n")
_BROKEN_LINE = re.compile(r"(?<!\n)\n(?!\n)")


class Claim(BaseModel):
    """One claim: a sentence that matches `wrong` makes it, unless it also matches `right`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    truth: Line
    """What holds now, for the editor who made the claim."""
    wrong: str
    right: str = ""

    @field_validator("wrong", "right")
    @classmethod
    def _pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return pattern

    def made_in(self, sentence: str) -> bool:
        """Whether a sentence makes it."""
        if not re.search(self.wrong, sentence, re.IGNORECASE):
            return False
        return not (self.right and re.search(self.right, sentence, re.IGNORECASE))


def load_claims(directory: Path) -> tuple[Claim, ...]:
    """The claims of `data/knowledge`. Raises `DataError` naming file, entry and field."""
    return tuple(read_entries(directory / "claims.yml", "claims", Claim))


def made(text: str, claims: Iterable[Claim]) -> Iterator[tuple[Claim, str]]:
    """Each claim that a text makes, with the sentence."""
    for sentence in _SENTENCES.split(_BROKEN_LINE.sub(" ", text)):
        yield from ((claim, sentence) for claim in claims if claim.made_in(sentence))
