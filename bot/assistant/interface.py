"""The one interface to the assistant, whatever runs it: Rasa in this process, or Rasa servers elsewhere."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from bot.conversation.message import Kind, Reply


class AssistantUnavailable(Exception):
    """The assistant cannot answer now (still loading, unreachable, over its time): worth trying again."""


class Turn(BaseModel):
    """One message to be answered."""

    model_config = ConfigDict(frozen=True)

    conversation_id: str
    message_key: str
    """Names the message in Rasa's events. Handled again under the same key, its earlier handling is undone first."""
    kind: Kind = Kind.TEXT
    text: str = ""
    payload: str | None = None
    """For a button: what Rasa gets."""
    channel: str = ""
    retried: bool = False
    """True when an earlier attempt may have left events behind."""
    simple: bool = False
    """Whether the person asked for simple words, always."""


class Answer(BaseModel):
    """What the assistant says to one message, and what it understood."""

    model_config = ConfigDict(frozen=True)

    replies: tuple[Reply, ...] = ()
    intent: str | None = None
    confidence: float | None = None


class Assistant(Protocol):
    """Answers messages. Turns of one conversation must come one at a time; different conversations may overlap."""

    async def start(self) -> None:
        """Gets ready (loads the model, opens connections). Raises what stops it, with what to do."""

    async def answer(self, turn: Turn) -> Answer:
        """The answer to one message. Raises `AssistantUnavailable` when trying again later may help."""

    async def understand(self, text: str) -> str | None:
        """The intent that it reads in a text, without saying or remembering anything. Raises `AssistantUnavailable`."""

    async def forget(self, conversation_id: str) -> None:
        """Drops what it holds in memory of a conversation, of which nothing is left in the database."""

    async def ready(self) -> bool:
        """Whether a message would be answered now."""

    async def close(self) -> None:
        """Lets go of everything; the assistant may not be used after."""
