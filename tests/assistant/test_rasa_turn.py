"""What Rasa reads of a turn, and what is made of what it says."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.interface import Turn
from bot.assistant.rasa_turn import ReplyCollector, rasa_text
from bot.conversation.message import Button, Card, Kind, Source


def turn(kind: Kind, **fields: str) -> Turn:
    return Turn(conversation_id="c", message_key="c:1", kind=kind, **fields)


@given(st.text())
def test_typed_text_is_never_rasa_syntax(text: str) -> None:
    assert not rasa_text(turn(Kind.TEXT, text=text)).strip().startswith("/")
    assert rasa_text(turn(Kind.TEXT, text=text))


@given(st.text())
def test_what_cannot_be_read_is_quoted_safely(what: str) -> None:
    said = rasa_text(turn(Kind.UNREADABLE, text=what))
    assert json.loads(said.removeprefix("/unreadable")) == {"what": what}


def test_a_button_is_what_the_server_kept() -> None:
    assert rasa_text(turn(Kind.BUTTON, text="Meer", payload="/more_results")) == "/more_results"
    assert rasa_text(turn(Kind.EXPIRED_BUTTON, text="x")) == "/expired_button"


async def test_text_buttons_and_cards_of_one_utterance_are_one_reply() -> None:
    collector = ReplyCollector()
    await collector.send_response(
        "c",
        {
            "text": "Kijk eens",
            "buttons": [{"title": "Meer", "payload": "/more_results"}],
            "custom": {
                "cards": [{"title": "Lassen", "facts": [{"label": "Start", "value": "morgen"}]}],
                "sources": [{"title": "CVO", "url": None, "checked": "2026-11-23"}],
            },
        },
    )
    await collector.send_response("c", {"text": None})
    (reply,) = collector.replies
    assert reply.text == "Kijk eens"
    assert reply.buttons == (Button(title="Meer", payload="/more_results"),)
    assert isinstance(reply.cards[0], Card)
    assert reply.sources == (Source(title="CVO", checked="2026-11-23"),)
