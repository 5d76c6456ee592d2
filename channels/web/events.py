"""A conversation as server-sent events: every line once, in order, from where the reader left off, while it stays."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.conversation.service import Conversations, Line

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


async def events(
    conversations: Conversations, sender: str, conversation_id: str, after: int
) -> AsyncIterator[ServerSentEvent]:
    """First `hello` (the conversation's mark), then every line beyond `after` with its number as id, `live`, new lines.

    Ends when the conversation is erased; a page that asks again then gets a new conversation, with another mark.
    """
    yield ServerSentEvent(event="hello", data=json.dumps({"conversation": mark_of(conversation_id)}), sep="\n")
    live = False
    while True:
        lines = await conversations.lines(conversation_id, after=after, limit=_PAGE)
        for line in lines:
            after = line.seq
            yield ServerSentEvent(id=str(line.seq), data=json.dumps(line_as_json(line)), sep="\n")
        if lines:
            continue
        if not live:
            live = True
            yield ServerSentEvent(event="live", data="{}", sep="\n")
        if not await conversations.wait_for_lines(conversation_id, after, timeout=KEEP_ALIVE):
            now = await conversations.find("web", sender)
            if now is None or now.id != conversation_id:
                return


def stream(source: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    """The response that carries `source`, with a comment every `KEEP_ALIVE` seconds. Ends when nobody reads."""
    return EventSourceResponse(
        source,
        ping=KEEP_ALIVE,
        sep="\n",
        send_timeout=2 * KEEP_ALIVE,
        ping_message_factory=lambda: ServerSentEvent(comment="keep-alive", sep="\n"),
    )
