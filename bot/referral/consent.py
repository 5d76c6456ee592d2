"""What someone consents to before anything goes to an organisation: the text, in versions that are kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationInfo, field_validator

from bot.knowledge.datafile import DataError, read_entries

_FILE = "consent.yml"
_PLACEHOLDERS = {
    "text": ({"organisation", "contact"}, set()),
    "fallback_text": ({"fallback"}, set()),
    # `way` stands in texts of before `when` was known.
    "acknowledgement": ({"organisation", "reference"}, {"way", "when"}),
}
"""What each text must hold, and what it may."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Way(StrEnum):
    """How the person and an organisation get in touch."""

    CHAT = "chat"
    """A talk in the conversation, now."""
    CALL = "call"
    MAIL = "mail"
    ADDRESS = "address"
    """The person goes there; nothing is sent, so there is no referral."""

    @property
    def words(self) -> str:
        """In Dutch: "per telefoon"."""
        return _WORDS[self]


_WORDS: Mapping[Way, str] = {
    Way.CHAT: "hier in dit gesprek",
    Way.CALL: "per telefoon",
    Way.MAIL: "per e-mail",
    Way.ADDRESS: "op het adres",
}


class ConsentText(BaseModel):
    """One version of the text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    """The version, kept with every referral."""
    valid_from: date
    text: Text
    fallback_text: Text | None = None
    """Added when another organisation may get it too."""
    acknowledgement: Text

    @field_validator("text", "fallback_text", "acknowledgement")
    @classmethod
    def _placeholders(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is None:
            return None
        wanted, allowed = _PLACEHOLDERS[info.field_name or ""]
        try:
            found = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise ValueError(f"a brace that stands alone: {error}") from error
        if not wanted <= found or not found <= wanted | allowed:
            raise ValueError(f"must hold exactly {', '.join(f'{{{name}}}' for name in sorted(wanted))}")
        return text

    def question(self, organisation: str, contact: str, fallback: str | None = None) -> str:
        """What is asked: an organisation's name, and the contact detail in words ("je telefoonnummer 0470 12 34 56").

        Word for word what is stored. It says that the conversation goes along unless the person leaves it out, so that
        it is the same text whatever they choose; the choice is stored beside it.
        """
        asked = self.text.format(organisation=organisation, contact=contact)
        if fallback and self.fallback_text:
            asked = f"{asked}\n{self.fallback_text.format(fallback=fallback)}"
        return asked

    def acknowledge(self, organisation: str, reference: str, way: Way, when: str) -> str:
        """The one acknowledgement of a referral: who, how, when."""
        return self.acknowledgement.format(organisation=organisation, reference=reference, way=way.words, when=when)


class Consent:
    """Every version of the text."""

    def __init__(self, versions: list[ConsentText]) -> None:
        self._versions = sorted(versions, key=lambda version: version.valid_from)

    def version(self, on: date) -> ConsentText:
        """The version in force on a day. Raises `LookupError` before the first."""
        in_force = [version for version in self._versions if version.valid_from <= on]
        if not in_force:
            raise LookupError(f"no consent text is in force on {on.isoformat()}")
        return in_force[-1]

    def get(self, identifier: str) -> ConsentText | None:
        """The version with that id, in force or not."""
        return next((version for version in self._versions if version.id == identifier), None)


def load_consent(directory: Path) -> Consent:
    """The consent texts of `data/referral`. Raises `DataError` naming file, entry and field."""
    versions = read_entries(directory / _FILE, "versions", ConsentText)
    days = [version.valid_from for version in versions]
    for version in versions:
        if days.count(version.valid_from) > 1:
            raise DataError(_FILE, "another version begins on the same day", entry=version.id, field="valid_from")
    return Consent(versions)
