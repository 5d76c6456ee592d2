"""Replies as messages of the Cloud API: pure functions, within WhatsApp's limits.

All that one turn says is one message where that fits, because a person may get one in six seconds. Buttons are reply
buttons when there are few and they are short, else rows of a list; both hold opaque ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bot.conversation.model import Said
from channels.reading import CHOOSE, MORE_CHOICES, Option, options_of, shortened, text_of, with_titles
from channels.rich import Rich, cut, join, units
from channels.whatsapp.limits import (
    MAX_BUTTON_TITLE,
    MAX_BUTTONS,
    MAX_BUTTONS_BODY,
    MAX_LIST_BODY,
    MAX_ROW_DESCRIPTION,
    MAX_ROW_TITLE,
    MAX_ROWS,
    MAX_TEXT,
)

OPEN_LIST: Final = "Kies"
"""On the button that opens a list."""
_MOST_BOLD: Final = 100
_STARS: Final = 2 * _MOST_BOLD
"""Room for the stars of bold words in a message."""

Payload = dict[str, Any]


def messages(said: Sequence[Said]) -> list[Payload]:
    """The messages for the replies of one turn, without whom they go to."""
    options = _distinct([option for one in said for option in options_of(one.reply)])
    text = join((text_of(one, links=False) for one in said), "\n\n")
    if _fit_on_buttons(options) and units(_marked_up(text)) <= MAX_BUTTONS_BODY:
        return [_buttons(_marked_up(text) or CHOOSE, options)]
    text = with_titles(text, options, MAX_ROW_DESCRIPTION)
    pieces = [_marked_up(piece) for piece in cut(text, MAX_TEXT - _STARS, _MOST_BOLD)]
    if not options:
        return [_text(piece) for piece in pieces]
    body = pieces.pop() if pieces else CHOOSE
    first = _buttons(body, options) if _fit_on_buttons(options) and units(body) <= MAX_BUTTONS_BODY else None
    groups = [options[at : at + MAX_ROWS] for at in range(0, len(options), MAX_ROWS)]
    lists = [_list(MORE_CHOICES, group) for group in groups[1:]]
    return [*map(_text, pieces), first or _list(body, groups[0]), *lists]


def template(name: str, language: str) -> Payload:
    """The message that may also go to a person who did not write for a day: a template that Meta approved."""
    return {"type": "template", "template": {"name": name, "language": {"code": language}}}


def _distinct(options: Sequence[Option]) -> tuple[Option, ...]:
    """The options, of those with one title only the last: two replies of a turn may offer the same choice, and here they
    stand together. On cards a title is of its card."""
    last = {option.title: option.id for option in options if not option.about}
    return tuple(option for option in options if option.about or last[option.title] == option.id)


def _fit_on_buttons(options: Sequence[Option]) -> bool:
    return (
        0 < len(options) <= MAX_BUTTONS
        and all(units(option.title) <= MAX_BUTTON_TITLE for option in options)
        and not any(option.about for option in options)  # a row has room for what it is about
    )


def _text(body: str) -> Payload:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def _buttons(body: str, options: Sequence[Option]) -> Payload:
    buttons = [{"type": "reply", "reply": {"id": option.id, "title": option.title}} for option in options]
    return _interactive("button", body, {"buttons": buttons})


def _list(body: str, options: Sequence[Option]) -> Payload:
    assert units(body) <= MAX_LIST_BODY
    return _interactive("list", body, {"button": OPEN_LIST, "sections": [{"rows": [_row(one) for one in options]}]})


def _row(option: Option) -> Payload:
    """A row: of a card its title, and below it what the button does; else the title of the button."""
    heading = option.about or option.title
    row = {"id": option.id, "title": shortened(heading, MAX_ROW_TITLE)}
    if option.about or row["title"] != heading:
        row["description"] = shortened(option.title, MAX_ROW_DESCRIPTION)
    return row


def _interactive(kind: str, body: str, action: Payload) -> Payload:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": body}, "action": action}}


def _marked_up(rich: Rich) -> str:
    """The text with stars around what is bold. WhatsApp knows them only around words within one line."""
    parts = []
    last = 0
    for mark in rich.marks:
        word = rich.text[mark.start : mark.end]
        plain = not word.strip() or word != word.strip() or "*" in word or "\n" in word
        parts += [rich.text[last : mark.start], word if plain else f"*{word}*"]
        last = mark.end
    return "".join((*parts, rich.text[last:]))
