"""Questions that name nothing themselves and go on with what was said last: "wat kost dat", "hoe vraag ik dat aan"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.knowledge.datafile import DataError, parse, read_mapping, unique
from bot.knowledge.figures import Line
from bot.knowledge.vocabulary import FOLLOW_UPS

FILE = "follow_ups.yml"
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class FollowUp(BaseModel):
    """One kind of question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    asks: tuple[Line, ...] = Field(min_length=1)
    """Words of which one must be said; of several in one entry, all."""


@dataclass(frozen=True, slots=True)
class FollowUps:
    """The kinds of questions, and the words that may stand beside those that ask."""

    small: frozenset[str]
    asks: Mapping[str, tuple[frozenset[str], ...]]

    def kinds(self, text: str) -> list[str]:
        """What a message asks of what was said last; nothing when any of its words says more than that."""
        said = words(text)
        return [
            kind
            for kind, asks in self.asks.items()
            if any(one <= said for one in asks) and said <= self.small.union(*asks)
        ]

    def bare(self, text: str, beside: Iterable[str] = ()) -> bool:
        """Whether a message holds nothing but small words, apart from those named."""
        return words(text) <= self.small.union(beside)


def words(text: str) -> set[str]:
    """The words of a text in lower case."""
    return set(_WORD.findall(text.casefold().replace("’", "'")))


def load_follow_ups(directory: Path) -> FollowUps:
    """What `data/knowledge/follow_ups.yml` says. Raises `DataError` naming file, entry and field."""
    content = read_mapping(directory / FILE)
    if unknown := content.keys() - {"small", "follow_ups"}:
        raise DataError(FILE, "unknown key", field=str(min(unknown)))
    small, entries = content.get("small"), content.get("follow_ups")
    if not isinstance(small, str):
        raise DataError(FILE, "must be a text with words", field="small")
    if not isinstance(entries, list) or not entries:
        raise DataError(FILE, "must be a list with at least one entry", field="follow_ups")
    found = [parse(FollowUp, entry, file=FILE, position=number) for number, entry in enumerate(entries, start=1)]
    unique((one.id for one in found), file=FILE)
    if {one.id for one in found} != FOLLOW_UPS:
        raise DataError(FILE, f"must be of {', '.join(sorted(FOLLOW_UPS))}", field="follow_ups")
    return FollowUps(
        frozenset(small.casefold().split()),
        {one.id: tuple(frozenset(words(entry)) for entry in one.asks) for one in found},
    )
