"""Replies as messages of the Bot API: pure functions, within Telegram's limits.

Bold and links go as entities, not as markup that Telegram would have to read and could refuse. Buttons stand under the
last message of a reply and hold opaque ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.constants import InlineKeyboardButtonLimit, InlineKeyboardMarkupLimit, MessageLimit

from bot.conversation.model import Said
from channels.reading import CHOOSE, MORE_CHOICES, Option, options_of, text_of, with_titles
from channels.rich import Rich, cut, units

MAX_TEXT: Final = int(MessageLimit.MAX_TEXT_LENGTH)
MAX_ENTITIES: Final = int(MessageLimit.MESSAGE_ENTITIES)
MAX_DATA: Final = int(InlineKeyboardButtonLimit.MAX_CALLBACK_DATA)
"""Bytes of what a button sends."""
MAX_BUTTONS: Final = int(InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER)
MAX_LABEL: Final = 64
"""Ours: Telegram names no limit, and clients cut what does not fit on the screen."""
_ROW: Final = 3
_ROW_LENGTH: Final = 30
"""Characters of the labels on one row: what a small phone shows without cutting."""


@dataclass(frozen=True, slots=True)
class Message:
    """What `sendMessage` gets."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: InlineKeyboardMarkup | None = None


def messages(said: Sequence[Said]) -> list[Message]:
    """The messages for the replies of one turn: each reply by itself, as people chat here."""
    return [message for one in said for message in _messages(one)]


def _messages(said: Said) -> Iterator[Message]:
    options = options_of(said.reply)
    groups = [options[at : at + MAX_BUTTONS] for at in range(0, len(options), MAX_BUTTONS)]
    pieces = cut(with_titles(text_of(said, links=True), options, MAX_LABEL), MAX_TEXT, MAX_ENTITIES)
    if groups and not pieces:
        pieces = [Rich(CHOOSE)]
    for number, piece in enumerate(pieces, 1):
        keyboard = _keyboard(groups[0]) if groups and number == len(pieces) else None
        yield Message(piece.text, _entities(piece), keyboard)
    for group in groups[1:]:
        yield Message(MORE_CHOICES, (), _keyboard(group))


def _entities(piece: Rich) -> tuple[MessageEntity, ...]:
    return tuple(
        MessageEntity(
            MessageEntity.TEXT_LINK if mark.url else MessageEntity.BOLD,
            offset=units(piece.text[: mark.start]),
            length=units(piece.text[mark.start : mark.end]),
            url=mark.url,
        )
        for mark in piece.marks
    )


def _keyboard(options: Sequence[Option]) -> InlineKeyboardMarkup:
    rows: list[list[InlineKeyboardButton]] = []
    room = 0
    for option in options:
        label = option.label(MAX_LABEL)
        button = InlineKeyboardButton(label, callback_data=option.id)
        # Short labels share a row; a long one has its own.
        if rows and len(rows[-1]) < _ROW and len(label) <= room:
            rows[-1].append(button)
            room -= len(label)
        else:
            rows.append([button])
            room = _ROW_LENGTH - len(label)
    return InlineKeyboardMarkup(rows)
