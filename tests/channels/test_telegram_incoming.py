"""Every kind of update, as one file each in telegram_updates/, and what it means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import inbox
from bot.conversation.message import MAX_TEXT
from channels.telegram.incoming import Incoming, NoUpdate, read

UPDATES = Path(__file__).parent / "telegram_updates"
NOTHING: list[dict[str, Any]] = []

MEANINGS: dict[str, list[dict[str, Any]]] = {
    "text": [{"text": "ik zoek een cursus lassen in Gent 🙂"}],
    "text_slash_intent": [{"text": '/request_human{"a":1}'}],
    "text_formatted": [{"text": "vet en een link"}],
    "text_too_long": [{"unreadable": "bericht van meer dan 3000 tekens"}],
    "text_invisible": [{"unreadable": "leeg bericht"}],
    "reply": [{"text": "ja, die"}],
    "forwarded": [{"text": "doorgestuurd"}],
    "start": [{"command": "greet", "text": "/start"}],
    "start_entry": [{"command": "greet", "text": "/start", "entry": "ocmw-gent_1"}],
    "start_bad_entry": [{"command": "greet", "text": "/start"}],
    "command_zoek": [{"command": "search_course", "text": "Zoek een cursus"}],
    "command_zoek_words": [{"text": "lassen in Gent"}],
    "command_with_name": [{"command": "request_human", "text": "Spreek met een mens"}],
    "command_code": [{"text": "code"}],
    "start_continue": [{"text": "LW-ABCD-EFGH"}],
    "command_help": [{"command": "help", "text": "Wat kan je vragen?"}],
    "command_unknown": [{"text": "/restart"}],
    "photo": [{"unreadable": "foto"}],
    "photo_caption": [{"unreadable": "foto"}, {"text": "wat kost deze cursus?"}],
    "album_first": [{"unreadable": "foto"}],
    "album_second": [{"unreadable": "foto"}],
    "video": [{"unreadable": "video"}],
    "animation": [{"unreadable": "gif"}],
    "voice": [{"unreadable": "spraakbericht"}],
    "video_note": [{"unreadable": "videobericht"}],
    "audio": [{"unreadable": "geluidsbestand"}],
    "document": [{"unreadable": "bestand"}],
    "sticker": [{"unreadable": "sticker"}],
    "location": [{"unreadable": "locatie"}],
    "venue": [{"unreadable": "adres"}],
    "contact": [{"unreadable": "contact"}],
    "poll": [{"unreadable": "peiling"}],
    "dice": [{"unreadable": "dobbelsteen"}],
    "newer_place": [{"unreadable": "locatie"}],
    "newer_answered_message": [{"text": "ja, die"}],
    "newer_altogether": [{"unreadable": "bericht van deze soort"}],
    "edited_text": [{"unreadable": "aangepast bericht"}],
    "edited_location": NOTHING,
    "pinned": NOTHING,
    "timer": NOTHING,
    "newer_than_we_know": NOTHING,
    "from_a_bot": NOTHING,
    "channel_post": NOTHING,
    "member_blocked": NOTHING,
    "group_text": NOTHING,
    "group_photo": NOTHING,
    "group_added": NOTHING,
    "group_edited": NOTHING,
    "callback": [{"button": "b_AAAAAAAAAAAAAAAAAAAAAA"}],
    "callback_old_message": [{"button": "b_AAAAAAAAAAAAAAAAAAAAAA"}],
    "callback_without_data": [{"button": "-"}],
    "callback_in_group": NOTHING,
}


def update(name: str) -> dict[str, Any]:
    """One of the files."""
    return dict(json.loads((UPDATES / f"{name}.json").read_text(encoding="utf-8")))


def test_every_file_has_its_meaning() -> None:
    assert {path.stem for path in UPDATES.glob("*.json")} == set(MEANINGS)


@pytest.mark.parametrize("name", sorted(MEANINGS))
def test_meaning(name: str) -> None:
    incoming = read(update(name))
    meaning = [
        message.model_dump(exclude_defaults=True, exclude={"channel", "sender", "message_id", "received_at"})
        for message in incoming.messages
    ]
    assert meaning == MEANINGS[name]
    for message in incoming.messages:
        assert (message.channel, message.sender) == ("telegram", "5550001")
        inbox.read(message)  # the inbox takes it


def test_a_message_is_known_by_its_update_and_an_album_by_itself() -> None:
    assert [message.message_id for message in read(update("photo_caption")).messages] == [
        str(update("photo_caption")["update_id"]),
        f"{update('photo_caption')['update_id']}:tekst",
    ]
    first, second = (read(update(name)).messages[0].message_id for name in ("album_first", "album_second"))
    assert first == second == "album:1357"


@pytest.mark.parametrize("name", ["callback", "callback_old_message", "callback_without_data", "callback_in_group"])
def test_every_press_is_answered(name: str) -> None:
    assert read(update(name)).callback_id == update(name)["callback_query"]["id"]


@pytest.mark.parametrize(("name", "told"), [("group_text", True), ("group_added", True), ("group_photo", False)])
def test_a_group_is_told_when_it_talks_to_us(name: str, told: bool) -> None:
    assert (read(update(name)).group == -100777) is told


def test_a_text_of_the_longest_length_is_read() -> None:
    longest = update("text") | {}
    longest["message"]["text"] = "a" * MAX_TEXT
    assert read(longest).messages[0].text == "a" * MAX_TEXT


@pytest.mark.parametrize("nothing", [{}, {"update_id": "9"}, {"update_id": True}, {"message": {}}])
def test_what_is_no_update_is_refused(nothing: dict[str, Any]) -> None:
    with pytest.raises(NoUpdate):
        read(nothing)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    name=st.sampled_from(sorted(MEANINGS)),
    field=st.sampled_from(["chat", "from", "text", "photo", "entities", "date", "message_id", "data", "message", "id"]),
    value=_json,
)
def test_no_update_breaks_the_reader(name: str, field: str, value: Any) -> None:
    broken = update(name)
    for part in broken.values():
        if isinstance(part, dict):
            part[field] = value
    assert isinstance(read(broken), Incoming)
