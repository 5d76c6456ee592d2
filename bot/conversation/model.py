"""What the conversation service gives and asks: plain values, errors, and the `Sender` a push channel brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from bot.conversation.message import Author, Kind, Reply

if TYPE_CHECKING:
    from bot.conversation.change import Change


class Floor(StrEnum):
    """Who answers the citizen now."""

    ASSISTANT = "assistant"
    COUNSELLOR = "counsellor"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person on one channel."""

    id: str
    """32 hexadecimal digits; also Rasa's sender id."""
    channel: str
    sender: str
    """The channel's own stable id of the person."""
    entry: str | None
    """The way in (a link or QR code), when there was one."""
    created_at: datetime
    last_inbound_at: datetime | None
    floor: Floor
    floor_version: int
    simple: bool = False
    """Whether the person asked for simple words, always."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is stored and will be answered."""

    conversation_id: str
    inbox_id: int
    seq: int
    """The number of the message's line in the transcript."""
    new: bool
    """False when the same message id was accepted before."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript."""

    seq: int
    """Rises within the conversation: the cursor of readers. Numbers may be skipped, never reused."""
    author: Author
    at: datetime
    text: str
    """What the citizen wrote or pressed, or the text of the reply."""
    reply: Reply | None
    """The whole reply; None for a line of the citizen. Its buttons hold opaque ids."""
    message_id: str | None
    """The provider's id of a citizen's message; None for a reply."""
    kind: Kind | None = None
    """What the citizen sent; None for a reply."""


class InvalidMessage(ValueError):
    """A message that cannot be accepted. `code` is for programs, `str()` is a Dutch sentence for the person.

    Codes: `empty`, `too_long`, `bad_sender`, `bad_message_id`, `bad_channel`.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class UnknownConversation(LookupError):
    """No conversation has this id (any more)."""


class FloorTaken(Exception):
    """Somebody changed who has the floor meanwhile. `floor` and `version` say how it stands now."""

    def __init__(self, floor: Floor, version: int) -> None:
        super().__init__(f"the floor is with the {floor} (version {version})")
        self.floor = floor
        self.version = version


class Undeliverable(Exception):
    """The provider will never take this reply. `reason` is for operators and holds no word of the citizen."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RetryLater(Exception):
    """The provider cannot take it now; `seconds` is when it said to try again, None when it did not say."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__(f"again in {seconds} s" if seconds is not None else "again later")
        self.seconds = seconds


class Sender(Protocol):
    """Brings replies to the people of one push channel."""

    async def send(self, conversation: Conversation, reply: Reply) -> str | None:
        """Hands one reply to the provider and gives its id there, when it has one.

        Raises `Undeliverable` when it will never be taken, `RetryLater` when it may be later; anything else counts as
        `RetryLater` without a time.
        """


class Attendant(Protocol):
    """Who sees to what happens in conversations, in the transaction in which it happens."""

    def held(self, change: Change, kind: Kind, text: str, payload: str | None) -> None:
        """A message of the person was stored and left to the counsellors, who have the floor."""

    def answered(self, change: Change, message_key: str) -> None:
        """The assistant's answer to a message was queued."""
