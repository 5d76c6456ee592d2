"""What travels between a person and the assistant, on every channel.

An `InboundMessage` is what a channel hands to the inbox; a `Reply` is one message back, that every channel renders in its
own way. Both are plain immutable values that go to and from JSON unchanged.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

MAX_TEXT = 3000
"""Characters in one message of a citizen; longer is refused at the door (channels.md, 6.3)."""


class Kind(StrEnum):
    """What a citizen sent."""

    TEXT = "text"
    BUTTON = "button"
    EXPIRED_BUTTON = "expired_button"
    """A button that is not, or no longer, valid in this conversation."""
    UNREADABLE = "unreadable"
    """A photo, voice message, sticker, file, location: `text` then names the sort in Dutch."""


class Author(StrEnum):
    """Who wrote a line of the transcript."""

    CITIZEN = "citizen"
    ASSISTANT = "assistant"
    COUNSELLOR = "counsellor"
    SYSTEM = "system"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InboundMessage(_Value):
    """One message of a person, already checked by its channel (signature, secret, session)."""

    channel: str
    sender: str = Field(min_length=1, max_length=255)
    """The channel's own stable id of the person's conversation; never a phone number."""
    message_id: str = Field(min_length=1, max_length=255)
    """The provider's id of the message: the same id twice is the same message."""
    text: str = ""
    button: str | None = None
    """The opaque id of a pressed button; then `text` is ignored."""
    unreadable: str | None = None
    """Dutch name of what cannot be read ("foto", "spraakbericht"); then `text` is ignored."""
    command: str | None = None
    """An intent that the channel itself offers (an entry of its menu), whose title is `text`. Never what a person typed."""
    entry: str | None = None
    """The way in (a link or QR code of an OCMW, a union, an employer), kept with a new conversation."""
    received_at: datetime | None = None
    """When the provider got it; now when unknown. Aware, UTC."""


class Button(_Value):
    """A choice. `payload` is Rasa's on the way out of the assistant, an opaque id once the reply is in the outbox."""

    title: str
    payload: str


class Fact(_Value):
    """One labelled line of a card: "Start", "2 februari 2027"."""

    label: str
    value: str


class Card(_Value):
    """One course or organisation, shown as a card where the channel can, as text where it cannot."""

    title: str
    subtitle: str = ""
    facts: tuple[Fact, ...] = ()
    notice: str = ""
    """A mark the reader must not miss, like "voorbeeldaanbod"."""
    url: str | None = None
    buttons: tuple[Button, ...] = ()


class Source(_Value):
    """Where an answer comes from and when somebody last checked it."""

    title: str
    url: str | None = None
    checked: str
    """ISO date of the last check."""


class Reply(_Value):
    """One message to the person. Text may hold `**bold**` and line breaks, no other markup."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    sources: tuple[Source, ...] = ()
    tools: tuple[Button, ...] = ()
    """What can be done with this very answer ("Eenvoudiger"), shown small by a channel that has room for it."""
    speaker: str = ""
    """The name of the counsellor who says it; empty for everybody else."""

    def all_buttons(self) -> tuple[Button, ...]:
        """Every button of the reply, those on its cards and its tools included."""
        return self.buttons + tuple(button for card in self.cards for button in card.buttons) + self.tools


def reply_from_rasa(message: dict[str, Any]) -> Reply:
    """A `Reply` from a message as Rasa's output channels produce it (text, buttons, custom)."""
    custom = message.get("custom") or {}
    return Reply.model_validate(
        {
            "text": message.get("text") or "",
            "buttons": [{"title": b["title"], "payload": b["payload"]} for b in message.get("buttons") or ()],
            "cards": custom.get("cards") or (),
            "sources": custom.get("sources") or (),
            "tools": custom.get("tools") or (),
        }
    )
