"""How intents read as buttons, when the person is asked what they meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.knowledge.datafile import DataError, read_entries
from bot.knowledge.vocabulary import INTENTS


class Meaning(BaseModel):
    """One intent and its title, short enough for a button on every channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str = Field(min_length=1, max_length=20)


def load_meanings(directory: Path) -> Mapping[str, str]:
    """The title of each intent in `data/knowledge/meanings.yml`. Raises `DataError` naming file, entry and field."""
    entries = read_entries(directory / "meanings.yml", "meanings", Meaning)
    for entry in entries:
        if entry.id not in INTENTS:
            raise DataError("meanings.yml", "is no intent", entry=entry.id, field="id")
    return {entry.id: entry.title for entry in entries}
