"""Sentences with one meaning whatever the model took them for: "ik wil begeleiding" is no wish for a course."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.knowledge.datafile import DataError, read_entries
from bot.knowledge.vocabulary import INTENTS
from bot.remembered import remembered

_FILE = "sentences.yml"
_MORE = frozenset({"nlu_fallback", "keep_course", "ask_overview"})
"""What a text may be taken for besides the intents of the vocabulary."""


class _Sentence(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    instead_of: tuple[str, ...] = Field(min_length=1)
    says: tuple[str, ...] = Field(min_length=1)

    @field_validator("says")
    @classmethod
    def _patterns(cls, says: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in says:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"'{pattern}' is no pattern: {error}") from error
        return says


@dataclass(frozen=True, slots=True)
class Plain:
    """The sentences of one intent, and the intents that they are mistaken for."""

    intent: str
    instead_of: frozenset[str]
    says: re.Pattern[str]


def _load(directory: Path) -> tuple[Plain, ...]:
    found = []
    for entry in read_entries(directory / _FILE, "sentences", _Sentence):
        if unknown := {entry.id, *entry.instead_of} - INTENTS - _MORE:
            raise DataError(_FILE, f"no intent: {', '.join(sorted(unknown))}", entry=entry.id)
        says = re.compile("|".join(f"(?:{pattern})" for pattern in entry.says), re.IGNORECASE)
        found.append(Plain(entry.id, frozenset(entry.instead_of), says))
    return tuple(found)


load_plain = remembered(_load)
"""The sentences of a folder like data/knowledge. Raises `DataError` naming file and entry."""


def reread(parsed: Mapping[str, Any], text: str, plain: tuple[Plain, ...]) -> dict[str, Any]:
    """What a pipeline made of a text, with the intent that its words plainly say."""
    name = parsed["intent"].get("name")
    for one in plain:
        if name in one.instead_of and one.says.search(text):
            intent = {"name": one.intent, "confidence": 1.0}
            others = [entry for entry in parsed.get("intent_ranking") or () if entry["name"] != one.intent]
            return {**parsed, "intent": intent, "intent_ranking": [intent, *others]}
    return dict(parsed)
