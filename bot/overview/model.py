"""An overview: what somebody takes home from a conversation, on one page."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.conversation.message import Card, Source


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Right(_Value):
    """One kind of support, and whether this person gets it."""

    name: str
    outcome: str
    """In Dutch, as the assistant said it: "Ja", "Vermoedelijk wel", "Dat weet ik nog niet"."""
    why: tuple[str, ...] = ()
    """The reasons, the deciding one first."""
    gives: str = ""
    """What one gets; empty while that is not known."""
    next_step: str = ""
    where: str = ""
    """Where to apply."""
    url: str | None = None
    sources: tuple[Source, ...] = ()


class Overview(_Value):
    """Everything on the page. Whatever is empty is left out of it."""

    made_at: datetime
    kept: bool
    """Whether the person kept these courses; else they are those that were shown last."""
    courses: tuple[Card, ...] = ()
    rights: tuple[Right, ...] = ()
    steps: tuple[str, ...] = ()
    contacts: tuple[Card, ...] = ()
    sources: tuple[Source, ...] = ()
    """Of the prices and the contacts."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing of this person on it."""
        return not (self.courses or self.rights)
