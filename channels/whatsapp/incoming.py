"""The body of a webhook as what it means here: messages for the inbox, the provider's word of ours, people who moved.

One body may hold many of each, in any order, and things we never asked for. It is Meta's, by its signature, and yet
nothing in it is taken for granted: what has another form than it should is left out, the rest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.conversation import undelivered
from bot.conversation.buttons import is_button_id
from bot.conversation.message import MAX_TEXT, InboundMessage
from bot.conversation.model import DeliveryState
from bot.conversation.text import clean, shows
from channels.commands import START, find
from channels.whatsapp.limits import PHONE, USER_ID

CHANNEL: Final = "whatsapp"
OUTSIDE_WINDOW: Final = 131047
"""The code of the error that the window of 24 hours is closed."""

_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})")
_ENTRY: Final = re.compile(r"start:\s?([A-Za-z0-9_-]{1,64})", re.IGNORECASE)
"""The text of a link or QR code that names the way in: wa.me/NUMBER?text=start:ocmw-gent."""
_UNREADABLE: Final = {
    "image": "foto",
    "video": "video",
    "audio": "geluidsbestand",
    "document": "bestand",
    "sticker": "sticker",
    "location": "locatie",
    "contacts": "contact",
    "order": "bestelling",
    "edit": "aangepast bericht",
    "unsupported": "bericht van deze soort",
}
_VOICE: Final = "spraakbericht"
_FORM: Final = "formulier"
_UNKNOWN: Final = "bericht van deze soort"
_TOO_LONG: Final = f"bericht van meer dan {MAX_TEXT} tekens"
_EMPTY: Final = "leeg bericht"
_SILENT: Final = frozenset({"reaction", "revoke", "system"})
"""Kinds of messages that ask no answer."""
_MOVED: Final = frozenset({"user_changed_number", "user_changed_user_id", "customer_changed_number"})
_STATES: Final = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}
_NOBODY: Final = frozenset({131026, 131030})
"""Codes that say there is no such person on WhatsApp, or none that we may write to."""


@dataclass(frozen=True, slots=True)
class Status:
    """The provider's word of a message of ours."""

    provider_id: str
    state: DeliveryState
    error: str | None = None
    """A code of `undelivered`."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A person has another id than before."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a body holds, each kind in its order."""

    messages: tuple[InboundMessage, ...] = ()
    statuses: tuple[Status, ...] = ()
    moved: tuple[Moved, ...] = ()


def read(body: dict[str, Any], phone_number_id: str) -> Incoming:
    """What a body means for the number with this id; another number of the same account is somebody else's."""
    messages: list[InboundMessage] = []
    statuses: list[Status] = []
    moved: list[Moved] = []
    for entry in _objects(body, "entry"):
        for change in _objects(entry, "changes"):
            value = change.get("value")
            if change.get("field") != "messages" or not isinstance(value, dict):
                continue
            metadata = value.get("metadata")
            if not isinstance(metadata, dict) or metadata.get("phone_number_id") != phone_number_id:
                continue
            people = _people(value)
            moved += (Moved(number, user) for number, user in people.items())
            for message in _objects(value, "messages"):
                moved += _moved(message, people)
                messages += _messages(message, people)
            statuses += (status for one in _objects(value, "statuses") if (status := _status(one)) is not None)
    return Incoming(tuple(messages), tuple(statuses), tuple(moved))


def error_of(code: int) -> str:
    """What an error of Meta means for a reply, as a code of `undelivered` with Meta's own behind it."""
    if code == OUTSIDE_WINDOW:
        return undelivered.OUTSIDE_WINDOW
    return f"{undelivered.UNKNOWN_PERSON if code in _NOBODY else undelivered.REFUSED}:{code}"


def _objects(holder: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    listed = holder.get(key)
    if isinstance(listed, list):
        yield from (item for item in listed if isinstance(item, dict))


def _text_at(holder: Any, *path: str) -> str:
    for key in path:
        holder = holder.get(key) if isinstance(holder, dict) else None
    return holder if isinstance(holder, str) else ""


def _people(value: dict[str, Any]) -> dict[str, str]:
    """Of each number that is told, the business-scoped id behind it."""
    found = {}
    for contact in _objects(value, "contacts"):
        number, user = _text_at(contact, "wa_id"), _text_at(contact, "user_id")
        if PHONE.fullmatch(number) and USER_ID.fullmatch(user):
            found[number] = user
    return found


def _sender(message: dict[str, Any], people: dict[str, str]) -> str | None:
    """Who wrote: by the business-scoped id. A number only where there is no such id, as before April 2026."""
    user, number = _text_at(message, "from_user_id"), _text_at(message, "from")
    if USER_ID.fullmatch(user):
        return user
    if number in people:
        return people[number]
    if USER_ID.fullmatch(number):
        return number
    return number if PHONE.fullmatch(number) else None


def _moved(message: dict[str, Any], people: dict[str, str]) -> list[Moved]:
    if message.get("type") != "system" or _text_at(message, "system", "type") not in _MOVED:
        return []
    old, new = _sender(message, people), _text_at(message, "system", "user_id")
    if not USER_ID.fullmatch(new):
        new = _text_at(message, "system", "wa_id")
        if old is None or USER_ID.fullmatch(old) or not PHONE.fullmatch(new):
            return []  # an id that stays the same with another number, or that we do not know
    return [Moved(old, new)] if old is not None and old != new else []


def _messages(message: dict[str, Any], people: dict[str, str]) -> Iterator[InboundMessage]:
    sender, message_id = _sender(message, people), _text_at(message, "id")
    kind = _text_at(message, "type")
    if sender is None or not 0 < len(message_id) <= 240 or not message_id.isprintable() or kind in _SILENT:
        return
    bare = InboundMessage(
        channel=CHANNEL, sender=sender, message_id=message_id, received_at=_time(_text_at(message, "timestamp"))
    )
    match kind:
        case "text":
            yield _of_text(bare, _text_at(message, "text", "body"))
        case "request_welcome":
            yield _with(bare, command=START.intent, text="(gesprek geopend)")
        case "button":  # of a template
            payload, title = _text_at(message, "button", "payload"), _text_at(message, "button", "text")
            yield _with(bare, button=payload) if is_button_id(payload) else _of_text(bare, title)
        case "interactive":
            yield from _interactive(bare, message)
        case _:
            what = _VOICE if _is_voice(message) else _UNREADABLE.get(kind, _UNKNOWN)
            yield _with(bare, unreadable=what)
            caption = _text_at(message, kind, "caption")
            if shows(clean(caption)):
                yield _of_text(_with(bare, message_id=f"{message_id}:tekst"), caption)


def _is_voice(message: dict[str, Any]) -> bool:
    audio = message.get("audio")
    return message.get("type") == "audio" and isinstance(audio, dict) and audio.get("voice") is True


def _interactive(bare: InboundMessage, message: dict[str, Any]) -> Iterator[InboundMessage]:
    kind = _text_at(message, "interactive", "type")
    if kind in ("button_reply", "list_reply"):
        yield _with(bare, button=_text_at(message, "interactive", kind, "id") or "-")
    elif kind == "nfm_reply":
        yield _with(bare, unreadable=_FORM)
    elif kind != "call_permission_reply":
        yield _with(bare, unreadable=_UNKNOWN)


def _of_text(bare: InboundMessage, text: str) -> InboundMessage:
    cleaned = clean(text)
    if not shows(cleaned):
        return _with(bare, unreadable=_EMPTY)
    if len(cleaned) > MAX_TEXT:
        return _with(bare, unreadable=_TOO_LONG)
    if entry := _ENTRY.fullmatch(cleaned):
        return _with(bare, command=START.intent, text="start", entry=entry[1])
    if (slashed := _COMMAND.fullmatch(cleaned)) and (command := find(slashed[1])) and command.intent:
        return _with(bare, command=command.intent, text=command.description)
    return _with(bare, text=text)


def _with(message: InboundMessage, **content: str | None) -> InboundMessage:
    """The message with this content."""
    return message.model_copy(update=content)


def _time(seconds: str) -> datetime | None:
    """Meta counts in whole seconds. Rounded up, so that nobody seems to have been quiet for longer than they were."""
    if not re.fullmatch(r"[0-9]{1,11}", seconds):
        return None
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(seconds=1)


def _status(status: dict[str, Any]) -> Status | None:
    provider_id, state = _text_at(status, "id"), _STATES.get(_text_at(status, "status"))
    if state is None or not provider_id:
        return None
    if state is not DeliveryState.FAILED:
        return Status(provider_id, state)
    code = next((error.get("code") for error in _objects(status, "errors")), None)
    return Status(provider_id, state, error_of(code) if isinstance(code, int) else undelivered.REFUSED)
