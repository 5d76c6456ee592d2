"""An update of Telegram as what it means here: messages for the inbox, a refusal to a group, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from telegram import Bot, Message, Update
from telegram.constants import ChatType, MessageLimit
from telegram.error import TelegramError

from bot.conversation.message import MAX_TEXT, InboundMessage
from bot.conversation.text import clean, shows
from channels.commands import START, find

CHANNEL: Final = "telegram"
UPDATES: Final = ("message", "edited_message", "callback_query")
"""What Telegram is asked to tell of."""

CONTINUE: Final = "verder-"
"""Before a code in a link t.me/BOT?start=verder-LW-ABCD-EFGH: goes on with the conversation of that code."""
_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]+)?(?:\s+(.*))?", re.DOTALL)
_ENTRY: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{int(MessageLimit.DEEP_LINK_LENGTH)}}}")
_UNREADABLE: Final = {
    "photo": "foto",
    "video": "video",
    "animation": "gif",
    "voice": "spraakbericht",
    "video_note": "videobericht",
    "audio": "geluidsbestand",
    "document": "bestand",
    "sticker": "sticker",
    "venue": "adres",
    "location": "locatie",
    "contact": "contact",
    "poll": "peiling",
    "dice": "dobbelsteen",
    "story": "verhaal",
    "game": "spel",
    "checklist": "lijst",
    "paid_media": "foto of video",
}
"""The attribute of a message that holds it, and its Dutch name behind "een". The first that is there counts."""
EDITED: Final = "aangepast bericht"
TOO_LONG: Final = f"bericht van meer dan {MAX_TEXT} tekens"
EMPTY: Final = "leeg bericht"
UNKNOWN: Final = "bericht van deze soort"


class NoUpdate(ValueError):
    """It is no update of Telegram."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an update asks for."""

    messages: tuple[InboundMessage, ...] = ()
    callback_id: str | None = None
    """A pressed button waits for an answer, or its client shows that it loads."""
    group: int | None = None
    """Somebody talks to us in this group, where others read along: they are asked to write in private."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What we look at in a message."""

    chat: int
    private: bool
    text: str | None
    caption: str | None
    what: str | None
    """Dutch name of what it holds besides text."""
    album: str | None
    joins_group: bool
    by_bot: bool
    at: datetime | None


def read(update: dict[str, Any], bot: Bot | None = None) -> Incoming:
    """What an update means. Raises `NoUpdate` for what is none; never for what a person may send."""
    update_id = update.get("update_id")
    if not isinstance(update_id, int) or isinstance(update_id, bool):
        raise NoUpdate
    try:  # the library checks no types, so what is amiss may show itself later
        return _of_update(Update.de_json(update, bot), update_id)
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError, TelegramError):
        return _unparsed(update, update_id)


def _of_update(parsed: Update, update_id: int) -> Incoming:
    if parsed.callback_query is not None:
        query = parsed.callback_query
        private = query.message is None or query.message.chat.type == ChatType.PRIVATE
        return _pressed(query.id, query.from_user.id, query.data, private, update_id)
    if parsed.message is not None:
        return _meaning(_of_library(parsed.message), update_id)
    if parsed.edited_message is not None and parsed.edited_message.text is not None:
        # Its first version was read, and maybe answered. A location that moves is an edit too, and asks nothing.
        edited = _of_library(parsed.edited_message)
        return _one(edited, update_id, unreadable=EDITED) if edited.private else Incoming()
    return Incoming()


def _of_library(message: Message) -> _Written:
    return _Written(
        chat=message.chat.id,
        private=message.chat.type == ChatType.PRIVATE,
        text=message.text,
        caption=message.caption,
        what=_held(lambda kind: getattr(message, kind, None)),
        album=message.media_group_id,
        joins_group=bool(message.new_chat_members or message.group_chat_created),
        by_bot=message.from_user is not None and message.from_user.is_bot,
        at=message.date,
    )


def _held(get: Callable[[str], object]) -> str | None:
    return next((name for kind, name in _UNREADABLE.items() if get(kind)), None)


def _meaning(written: _Written, update_id: int) -> Incoming:
    if not written.private:
        addressed = written.text is not None or written.joins_group
        return Incoming(group=written.chat) if addressed else Incoming()
    if written.by_bot:
        return Incoming()
    if written.text is not None:
        return _text(written, written.text, str(update_id))
    if written.what is None:
        return Incoming()  # a notice of the client: a pinned message, a timer, a changed picture
    # The photos of an album come one by one; it is one message to answer.
    shown = _one(written, f"album:{written.album}" if written.album else update_id, unreadable=written.what)
    if written.caption and shows(clean(written.caption)):
        asked = _text(written, written.caption, f"{update_id}:tekst")
        return replace(shown, messages=shown.messages + asked.messages)
    return shown


def _text(written: _Written, text: str, number: str) -> Incoming:
    command = _COMMAND.fullmatch(text.strip())
    if command is not None:
        name, rest = command[1], (command[2] or "").strip()
        known = find(name)
        if known is START:
            if rest.startswith(CONTINUE):
                return _one(written, number, text=rest.removeprefix(CONTINUE))
            entry = rest if _ENTRY.fullmatch(rest) else None
            return _one(written, number, command=START.intent, text="/start", entry=entry)
        if known is not None and not rest:
            if known.intent is None:
                return _one(written, number, text=known.name)
            return _one(written, number, command=known.intent, text=known.description)
        if rest:
            text = rest
    cleaned = clean(text)
    if not shows(cleaned):
        return _one(written, number, unreadable=EMPTY)
    if len(cleaned) > MAX_TEXT:
        return _one(written, number, unreadable=TOO_LONG)
    return _one(written, number, text=text)


def _one(written: _Written, number: int | str, **content: str | None) -> Incoming:
    # Telegram counts in whole seconds. Rounded up, so that nobody seems to have been quiet for longer than they were.
    at = written.at + timedelta(seconds=1) if written.at is not None else None
    message = InboundMessage(
        channel=CHANNEL, sender=str(written.chat), message_id=str(number), received_at=at, **content
    )
    return Incoming(messages=(message,))


def _pressed(query_id: str, person: int, data: str | None, private: bool, update_id: int) -> Incoming:
    if not private:
        return Incoming(callback_id=query_id)
    # The id of a private chat is that of the person.
    message = InboundMessage(channel=CHANNEL, sender=str(person), message_id=str(update_id), button=data or "-")
    return Incoming(messages=(message,), callback_id=query_id)


def _unparsed(update: dict[str, Any], update_id: int) -> Incoming:
    """An update of which something is newer than our library, maybe only in the message that it answers."""
    message = update.get("message")
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(chat, dict) or chat.get("type") != ChatType.PRIVATE:
        return Incoming()
    if not isinstance(chat.get("id"), int) or isinstance(chat["id"], bool):
        return Incoming()
    by, text, caption, album = (message.get(key) for key in ("from", "text", "caption", "media_group_id"))
    written = _Written(
        chat=chat["id"],
        private=True,
        text=text if isinstance(text, str) else None,
        caption=caption if isinstance(caption, str) else None,
        what=_held(message.get) or UNKNOWN,
        album=album if isinstance(album, str) else None,
        joins_group=False,
        by_bot=isinstance(by, dict) and by.get("is_bot") is True,
        at=_time(message.get("date")),
    )
    return _meaning(written, update_id)


def _time(seconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (ValueError, OverflowError, OSError):
        return None
