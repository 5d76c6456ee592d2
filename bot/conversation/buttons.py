"""Buttons: Rasa's payloads stay here, what travels is an opaque id that is valid in one conversation alone."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bot.conversation.message import Button, Reply
from bot.storage.tables import buttons, outbox

_ID = re.compile(r"b_[A-Za-z0-9_-]{22}")
_TITLE = 255
_KEEP = sa.insert(buttons)
_FIND = sa.select(buttons.c.title, buttons.c.payload).where(
    buttons.c.id == sa.bindparam("button"), buttons.c.conversation_id == sa.bindparam("conversation")
)
_LONGEST_TITLE = 40
"""Letters of a text that is worth comparing with titles."""
_LAST_SAID = (
    sa.select(outbox.c.id, outbox.c.inbox_id)
    .where(
        outbox.c.conversation_id == sa.bindparam("conversation"),
        sa.func.coalesce(outbox.c.inbox_id, 0) != sa.bindparam("inbox_id"),
    )
    .order_by(outbox.c.seq.desc())
    .limit(1)
)
_OF_TURN = sa.select(buttons.c.title, buttons.c.payload).where(
    buttons.c.conversation_id == sa.bindparam("conversation"),
    buttons.c.outbox_id.in_(
        sa.select(outbox.c.id).where(
            outbox.c.conversation_id == sa.bindparam("conversation"),
            sa.or_(outbox.c.id == sa.bindparam("last"), outbox.c.inbox_id == sa.bindparam("answered")),
        )
    ),
)


def is_button_id(text: str) -> bool:
    """Whether `text` looks like the id of a button, for channels where a press comes back as a typed message."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Hidden:
    """A reply whose buttons hold opaque ids, and what each id stands for."""

    reply: Reply
    rows: list[dict[str, Any]] = field(default_factory=list)


def hide(reply: Reply) -> Hidden:
    """Gives each button of `reply`, those on its cards included, a fresh id."""
    rows: list[dict[str, Any]] = []

    def opaque(button: Button) -> Button:
        row = {
            "id": f"b_{secrets.token_urlsafe(16)}",
            "title": button.title.replace("\0", "")[:_TITLE],
            "payload": button.payload.replace("\0", ""),  # PostgreSQL stores no NUL
        }
        rows.append(row)
        return Button(title=button.title, payload=row["id"])

    if not reply.all_buttons():
        return Hidden(reply)
    cards = tuple(card.model_copy(update={"buttons": tuple(map(opaque, card.buttons))}) for card in reply.cards)
    tools = tuple(map(opaque, reply.tools))
    hidden = reply.model_copy(update={"buttons": tuple(map(opaque, reply.buttons)), "cards": cards, "tools": tools})
    return Hidden(hidden, rows)


def keep(connection: sa.engine.Connection, conversation_id: str, outbox_id: int, hidden: Hidden) -> None:
    """Stores what the ids of a queued reply stand for."""
    if hidden.rows:
        where = {"conversation_id": conversation_id, "outbox_id": outbox_id}
        connection.execute(_KEEP, [row | where for row in hidden.rows])


def find(connection: sa.engine.Connection, conversation_id: str, button_id: str) -> Button | None:
    """The button with this id, with Rasa's payload; None when it is not of this conversation."""
    if not is_button_id(button_id):
        return None
    row = connection.execute(_FIND, {"button": button_id, "conversation": conversation_id}).first()
    return None if row is None else Button(title=row.title, payload=row.payload)


def typed(connection: sa.engine.Connection, conversation_id: str, text: str, inbox_id: int) -> Button | None:
    """The button of the last answer whose title somebody typed; None when it is none of them, or more than one.

    What was said to the message itself, `inbox_id`, as that its answer is late, is no such answer.
    """
    said = _plain(text)
    if not said or len(said) > _LONGEST_TITLE:
        return None
    last = connection.execute(_LAST_SAID, {"conversation": conversation_id, "inbox_id": inbox_id}).first()
    if last is None:
        return None
    of_turn = {"conversation": conversation_id, "last": last.id, "answered": last.inbox_id}
    found = {row.payload: row.title for row in connection.execute(_OF_TURN, of_turn) if _plain(row.title) == said}
    if len(found) != 1:
        return None
    payload, title = found.popitem()
    return Button(title=title, payload=payload)


def _plain(text: str) -> str:
    """A title as people type it: no capitals, signs and spaces at the ends."""
    return " ".join(text.casefold().split()).strip(" .,!?;:[]\"'")


def shown_again(connection: sa.engine.Connection, conversation_id: str, reply: Reply) -> Reply:
    """A reply of a conversation with Rasa's payloads in its buttons again; those that are no longer valid left out."""

    def rasas(found: tuple[Button, ...]) -> tuple[Button, ...]:
        known = (find(connection, conversation_id, button.payload) for button in found)
        return tuple(button for button in known if button is not None)

    cards = tuple(card.model_copy(update={"buttons": rasas(card.buttons)}) for card in reply.cards)
    return reply.model_copy(update={"buttons": rasas(reply.buttons), "cards": cards})
