"""Whether somebody asks as a professional, who wants the rule and its legal basis beside the plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from bot.knowledge.datafile import DataError, read_mapping

_KEYS = ("roles", "phrases", "back")


class Audience(StrEnum):
    """For whom an answer is worded."""

    CITIZEN = "citizen"
    PROFESSIONAL = "professional"


class Professionals:
    """The words by which professionals make themselves known."""

    def __init__(self, roles: Iterable[str], phrases: Iterable[str], back: Iterable[str]) -> None:
        named = _one_of(roles)
        self._is = re.compile(
            rf"\b(ik ben|wij zijn|we zijn|ik werk als|wij werken als|als)\s+(?:een |ne |nen )?(?:[\w-]+ )?({named})\b"
            rf"|\b({_one_of(phrases)})\b",
            re.IGNORECASE,
        )
        self._not = re.compile(
            rf"\b({_one_of(back)})\b|\b(geen|wil|word|worden|was)\s+(?:een )?({named})\b", re.IGNORECASE
        )
        self._back = re.compile(rf"\b({_one_of(back)})\b", re.IGNORECASE)
        self._becoming = re.compile(rf"\b({named})\s+(worden|te worden|studeren|wil)\b", re.IGNORECASE)

    def audience(self, text: str) -> Audience | None:
        """What a text says about who asks; None when it says nothing."""
        if self._back.search(text):
            return Audience.CITIZEN
        if self._is.search(text) and not self._not.search(text) and not self._becoming.search(text):
            return Audience.PROFESSIONAL
        return None


def _one_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def load_professionals(folder: Path) -> Professionals:
    """The words of a folder like data/entitlements. Raises `DataError` naming file and field."""
    path = folder / "professionals.yml"
    content = read_mapping(path)
    for name in {*content, *_KEYS}:
        words = content.get(name)
        if name not in _KEYS:
            raise DataError(path.name, "unknown key", field=str(name))
        if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
            raise DataError(path.name, "must be a list of words", field=name)
    return Professionals(*(content[name] for name in _KEYS))
