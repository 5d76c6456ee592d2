"""The menu: commands in Dutch, each with what the assistant is asked by it. Telegram shows them; WhatsApp reads them too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Command:
    """An entry of the menu. `name` is what Telegram takes: small letters, digits, underscores."""

    name: str
    description: str
    intent: str | None
    """Of domain.yml; None for what the conversation itself answers to the bare name."""


START: Final = Command("start", "Begin opnieuw", "greet")
MENU: Final = (
    START,
    Command("zoek", "Zoek een cursus", "search_course"),
    Command("steun", "Welke steun krijg je?", "ask_entitlements"),
    Command("mens", "Spreek met een mens", "request_human"),
    Command("hulp", "Wat kan je vragen?", "help"),
    Command("stop", "Stop met deze vraag", "cancel"),
    Command("code", "Ga verder op een ander kanaal", None),
    Command("privacy", "Wat gebeurt er met je gesprek?", "ask_privacy"),
    Command("wis", "Wis je gegevens", "delete_my_data"),
)
_ALSO: Final = {"help": "hulp", "gegevens": "privacy"}
"""Other names: /help is what every bot knows."""
_BY_NAME: Final = {command.name: command for command in MENU}


def find(name: str) -> Command | None:
    """The command with this name, whatever its case."""
    name = name.lower()
    return _BY_NAME.get(_ALSO.get(name, name))
