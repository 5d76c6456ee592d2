"""A conversation as server-sent events: every line once, in order, from where the reader left off, while it stays."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Any, Final

import sqlalchemy as sa
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.conversation import records
from bot.conversation.message import Author
from bot.conversation.service import Conversations, Line
from bot.conversation.signs import TYPING
from bot.conversation.transcript import has_lines
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


async def events(
    conversations: Conversations, sender: str, conversation_id: str, after: int
) -> AsyncIterator[ServerSentEvent]:
    """First `hello` (the conversation's mark, the votes in it), then every line beyond `after` with its number as id,
    `live`, new lines. `floor` says how the conversation stands, at the beginning and whenever that changes.

    Ends when the conversation is erased; a page that asks again then gets a new conversation, with another mark.
    """

    def votes(connection: sa.engine.Connection) -> dict[int, str]:
        return {seq: value.value for seq, value in votes_in(connection, conversation_id).items()}

    def state_now(connection: sa.engine.Connection) -> LiveState:
        typing = conversations.signs.typing(conversation_id, Author.COUNSELLOR)
        return state_of(connection, conversation_id, typing=typing)

    hello = {"conversation": mark_of(conversation_id), "votes": await conversations.read(votes)}
    yield ServerSentEvent(event="hello", data=json.dumps(hello), sep="\n")
    live = False
    seen: LiveState | None = None
    while True:
        state = await conversations.read(state_now)
        if state != seen:
            seen = state
            yield ServerSentEvent(event="floor", data=json.dumps(state_as_json(state)), sep="\n")
        lines = await conversations.lines(conversation_id, after=after, limit=_PAGE)
        for line in lines:
            after = line.seq
            yield ServerSentEvent(id=str(line.seq), data=json.dumps(line_as_json(line)), sep="\n")
        if lines:
            conversations.signs.got(conversation_id, Author.CITIZEN, after)
            continue
        if not live:
            live = True
            yield ServerSentEvent(event="live", data="{}", sep="\n")
        pause = TYPING if state.typing else KEEP_ALIVE  # nobody tells that typing stopped
        if not await _news(conversations, conversation_id, after, state, state_now, pause):
            now = await conversations.find("web", sender)
            if now is None or now.id != conversation_id:
                return


async def _news(
    conversations: Conversations,
    conversation_id: str,
    after: int,
    seen: LiveState,
    state_now: Callable[[sa.engine.Connection], LiveState],
    timeout: float,  # noqa: ASYNC109 (looks a last time)
) -> bool:
    """True as soon as there is a line beyond `after` or the conversation stands otherwise than `seen`.

    False after `timeout` seconds without, and as soon as the conversation is erased.
    """

    def changed(connection: sa.engine.Connection) -> bool | None:
        if records.get(connection, conversation_id) is None:
            return False
        return has_lines(connection, conversation_id, after) or state_now(connection) != seen or None

    return await conversations.until(conversation_id, lambda: conversations.read(changed), timeout) or False


def stream(source: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    """The response that carries `source`, with a comment every `KEEP_ALIVE` seconds. Ends when nobody reads."""
    return EventSourceResponse(
        source,
        ping=KEEP_ALIVE,
        sep="\n",
        send_timeout=2 * KEEP_ALIVE,
        ping_message_factory=lambda: ServerSentEvent(comment="keep-alive", sep="\n"),
    )
