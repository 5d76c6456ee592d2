"""What the conversation service gives and asks: plain values, errors, and the `Sender` a push channel brings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

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
    read_seq: int = 0
    """The last line that the person read, on a channel without a provider."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is stored and will be answered."""

    conversation_id: str
    inbox_id: int
    seq: int
    """The number of the message's line in the transcript."""
    new: bool
    """False when the same message id was accepted before."""
    waits: bool = True
    """Whether the assistant will answer: False when a counsellor has the floor, or when it was answered before."""


class DeliveryState(StrEnum):
    """How far a reply got on a push channel."""

    QUEUED = "queued"
    SENT = "sent"
    """The provider took it. On a pull channel every reply is sent."""
    DELIVERED = "delivered"
    """It is on the person's device, says the provider."""
    READ = "read"
    FAILED = "failed"
    """It was set aside: `Line.undelivered` says why. It can be sent again (`Conversations.send_again`)."""


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
    delivery: DeliveryState | None = None
    """How far a reply got; None for a line of the citizen."""
    undelivered: str | None = None
    """Why a reply was set aside, a code for `bot.conversation.undelivered`."""


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
    """The provider will never take this reply. `reason` is for operators and holds no word of the citizen.

    `unreachable`: nor any other one, until the person writes again (they blocked us).
    """

    def __init__(self, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unreachable = unreachable


class RetryLater(Exception):
    """The provider takes nothing for this person now; `seconds` is when it said to try again, None when it did not."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__(f"again in {seconds} s" if seconds is not None else "again later")
        self.seconds = seconds


class ProviderDown(Exception):
    """The provider takes nothing for anybody now: it fails, cannot be reached, or holds back all that we send.

    `seconds` is when it said to try again.
    """

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__(f"again in {seconds} s" if seconds is not None else "again later")
        self.seconds = seconds


class SettingsRefused(Exception):
    """The provider refuses our credentials or settings: only an operator can change that. Nothing is set aside."""


class OutsideWindow(Exception):
    """The provider lets us write to this person only after they write again (WhatsApp: within 24 hours of it)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a provider takes messages. The defaults do not limit."""

    per_second: float = math.inf
    """To all people together."""
    every: float = 0.0
    """Seconds between two messages to one person, in the long run."""
    burst: int = 1
    """Messages to one person that may go at once, when none went for long."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line that goes to a person: who says it, and what. Its buttons hold opaque ids."""

    author: Author
    reply: Reply


class Sender(Protocol):
    """Brings replies to the people of one push channel. To be subclassed: what a channel does not need has a default."""

    pace: Pace = Pace()

    def render(self, said: Sequence[Said]) -> Sequence[Any]:
        """The messages in which the provider gets the replies of one turn, in order. The same replies give the same
        messages: of a turn that was interrupted only those go out that did not before."""

    async def send(self, conversation: Conversation, part: Any) -> str | None:
        """Hands one of those messages to the provider and gives its id there, unique on the channel, when it has one.

        Raises `Undeliverable`, `RetryLater`, `ProviderDown`, `SettingsRefused` or `OutsideWindow`. Anything else counts
        as a fault of ours: tried again some times, then set aside.
        """

    async def invite(self, conversation: Conversation) -> None:
        """Asks a person outside the window, by a message that the provider allows there, to write again.

        Raises as `send`; `Undeliverable` when there is no such message.
        """
        raise Undeliverable("outside the window")


class Attendant(Protocol):
    """Who sees to what happens in conversations, in the transaction in which it happens."""

    def started(self) -> None:
        """The conversations have started."""

    async def stopping(self) -> None:
        """The conversations are about to stop."""

    async def coming(self, channel: str, sender: str) -> None:
        """A message of this person is about to be stored."""

    def held(self, change: Change, kind: Kind, text: str, payload: str | None) -> bool:
        """A message of the person was stored and left to the counsellors, who have the floor.

        Whether it wants to hear it once more, when that is committed.
        """

    def heard(self, conversation_id: str, text: str) -> None:
        """A message that it wanted to hear is committed. On the event loop; what takes time is done beside it."""

    def answered(self, change: Change, message_key: str) -> None:
        """The assistant's answer to a message was queued."""
