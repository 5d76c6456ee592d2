"""A conversation as server-sent events: every line once, in order, from where the reader left off, while it stays."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.conversation import transcript
from bot.conversation.message import Author
from bot.conversation.service import Conversations, Floor, Line, UnknownConversation
from bot.conversation.signs import TYPING
from bot.conversation.votes import votes_in
from bot.referral.live import LiveState, state_of

KEEP_ALIVE: Final = 15
"""Seconds between comments that keep proxies from closing a silent connection."""
_PAGE: Final = 200

# It logs every chunk, a citizen's words included, at level DEBUG.
logging.getLogger("sse_starlette").setLevel(logging.WARNING)


def mark_of(conversation_id: str) -> str:
    """Tells a page whether it still reads the same conversation, without giving the conversation's id away."""
    return hashlib.sha256(conversation_id.encode()).hexdigest()[:16]


def line_as_json(line: Line) -> dict[str, Any]:
    """A line as the widget gets it: `text` for what the citizen sent, `reply` for what came back."""
    content: dict[str, Any]
    if line.reply is None:
        content = {"text": line.text, "message_id": line.message_id}
    else:
        content = {"reply": line.reply.model_dump(mode="json"), "message_id": None}
    return {"seq": line.seq, "author": line.author.value, "at": line.at.isoformat(), **content}


def state_as_json(state: LiveState) -> dict[str, Any]:
    """How a conversation stands, as the widget gets it."""
    return asdict(state) | {"floor": state.floor.value}


@dataclass(frozen=True, slots=True)
class _News:
    """What a reader of a conversation has not seen."""

    state: LiveState
    lines: Sequence[Line]


async def events(
    conversations: Conversations, sender: str, conversation_id: str, after: int
) -> AsyncIterator[ServerSentEvent]:
    """First `hello` (the conversation's mark, the votes in it), then every line beyond `after` with its number as id,
    `live`, new lines. `floor` says how the conversation stands, at the beginning and whenever that changes.

    Ends when the conversation is erased; a page that asks again then gets a new conversation, with another mark.
    """

    def votes(connection: sa.engine.Connection) -> dict[int, str]:
        return {seq: value.value for seq, value in votes_in(connection, conversation_id).items()}

    hello = {"conversation": mark_of(conversation_id), "votes": await conversations.read(votes)}
    yield ServerSentEvent(event="hello", data=json.dumps(hello), sep="\n")
    live = False
    seen: LiveState | None = None

    def look(connection: sa.engine.Connection) -> _News | None:
        """What is new, in one small transaction; it raises when the conversation is gone."""
        typing = conversations.signs.typing(conversation_id, Author.COUNSELLOR)
        now_is = state_of(connection, conversation_id, typing=typing)
        if now_is is None:
            raise UnknownConversation(conversation_id)
        state, last = now_is
        lines = transcript.lines(connection, conversation_id, after, _PAGE) if last > after else ()
        return _News(state, lines) if lines or state != seen or not live else None

    def signed() -> _News | None:
        """What a sign alone changes."""
        typing = conversations.signs.typing(conversation_id, Author.COUNSELLOR)
        if seen is None or seen.floor is not Floor.COUNSELLOR or seen.typing == typing:
            return None
        return _News(replace(seen, typing=typing), ())

    while True:
        # Nobody tells that typing stopped, nor of what another process did when no link brings its word.
        pause = TYPING if seen is not None and seen.typing else KEEP_ALIVE
        try:
            news = await conversations.until(conversation_id, lambda: conversations.read(look), pause, signed)
        except UnknownConversation:
            return
        if news is None:
            now = await conversations.find("web", sender)
            if now is None or now.id != conversation_id:
                return
            continue
        if news.state != seen:
            seen = news.state
            yield ServerSentEvent(event="floor", data=json.dumps(state_as_json(seen)), sep="\n")
        for line in news.lines:
            after = line.seq
            yield ServerSentEvent(id=str(line.seq), data=json.dumps(line_as_json(line)), sep="\n")
        if news.lines:
            conversations.signs.got(conversation_id, Author.CITIZEN, after)
        elif not live:
            live = True
            yield ServerSentEvent(event="live", data="{}", sep="\n")


def stream(source: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    """The response that carries `source`, with a comment every `KEEP_ALIVE` seconds. Ends when nobody reads."""
    return EventSourceResponse(
        source,
        ping=KEEP_ALIVE,
        sep="\n",
        send_timeout=2 * KEEP_ALIVE,
        ping_message_factory=lambda: ServerSentEvent(comment="keep-alive", sep="\n"),
    )
