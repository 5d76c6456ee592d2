"""Buttons: opaque outside, valid in one conversation alone."""

from __future__ import annotations

import re
import secrets

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from support.people import ask, message
from support.rasa_server import RasaServer

from bot.assistant.interface import Answer
from bot.conversation.buttons import hide, is_button_id
from bot.conversation.message import Author, Button, Card, Kind, Reply
from bot.conversation.service import Conversations
from bot.storage.database import Database
from bot.storage.tables import buttons, inbox, outbox

OFFER = Reply(
    text="Kies",
    buttons=(Button(title="Meer", payload='/more{"page": 2}'), Button(title="Stop", payload="/cancel")),
    cards=(Card(title="Lassen", buttons=(Button(title="Prijs", payload='/price{"course": "x1"}'),)),),
)
texts = st.text(st.characters(codec="utf-8"), max_size=300)


async def offered(conversations: Conversations, server: RasaServer, sender: str = "an") -> Reply:
    """A reply with buttons, as a channel gets it."""
    server.answer = lambda turn: Answer(replies=(OFFER,))
    (reply,) = await ask(conversations, "toon", sender)
    return reply


async def test_payloads_stay_on_the_server(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    reply = await offered(conversations, rasa_server)
    assert [button.title for button in reply.all_buttons()] == ["Meer", "Stop", "Prijs"]
    ids = [button.payload for button in reply.all_buttons()]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"b_[A-Za-z0-9_-]{22}", one) and is_button_id(one) for one in ids)
    with database.read() as connection:
        assert "/" not in connection.execute(sa.select(outbox.c.body)).scalar_one()
        assert connection.execute(sa.select(sa.func.count()).select_from(buttons)).scalar_one() == 3


async def test_a_pressed_button_is_its_payload(conversations: Conversations, rasa_server: RasaServer) -> None:
    reply = await offered(conversations, rasa_server)
    accepted = await conversations.accept(message("telt niet", button=reply.cards[0].buttons[0].payload))
    await conversations.replies_to(accepted, 10.0)
    turn = rasa_server.turns[-1]
    assert (turn.kind, turn.text, turn.payload) == (Kind.BUTTON, "Prijs", '/price{"course": "x1"}')
    pressed = [line for line in await conversations.lines(accepted.conversation_id) if line.kind is Kind.BUTTON]
    assert [(line.author, line.text) for line in pressed] == [(Author.CITIZEN, "Prijs")]


@pytest.mark.parametrize("text", ["Prijs", "prijs", " MEER! ", "stop."])
async def test_a_title_that_is_typed_is_its_button(
    conversations: Conversations, rasa_server: RasaServer, text: str
) -> None:
    await offered(conversations, rasa_server)
    await ask(conversations, text)
    payloads = {"prijs": '/price{"course": "x1"}', "meer": '/more{"page": 2}', "stop": "/cancel"}
    assert rasa_server.turns[-1].payload == payloads[text.strip(" !.").lower()]
    assert rasa_server.turns[-1].text == text.strip()


async def test_a_title_that_says_two_things_or_more_than_a_title_is_a_text(
    conversations: Conversations, rasa_server: RasaServer
) -> None:
    twice = [Button(title="Bewaar", payload=f'/keep{{"course": "{course}"}}') for course in ("x1", "x2")]
    rasa_server.answer = lambda turn: Answer(replies=(OFFER, Reply(text="Of", buttons=tuple(twice))))
    await ask(conversations)
    for text in ("bewaar", "prijs van de tweede"):
        await ask(conversations, text)
        assert (rasa_server.turns[-1].kind, rasa_server.turns[-1].payload) == (Kind.TEXT, None)


async def test_a_title_of_an_answer_before_the_last_is_a_text(
    conversations: Conversations, rasa_server: RasaServer
) -> None:
    await offered(conversations, rasa_server)
    rasa_server.answer = lambda turn: Answer(replies=(Reply(text="Iets anders"),))
    await ask(conversations, "iets anders")
    await ask(conversations, "meer")
    assert rasa_server.turns[-1].kind is Kind.TEXT


async def test_a_button_can_be_pressed_again(conversations: Conversations, rasa_server: RasaServer) -> None:
    reply = await offered(conversations, rasa_server)
    await ask(conversations, button=reply.buttons[0].payload)
    await ask(conversations, button=reply.buttons[0].payload)
    assert [turn.payload for turn in rasa_server.turns[1:]] == ['/more{"page": 2}'] * 2


async def test_the_button_of_someone_else_is_no_button(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    reply = await offered(conversations, rasa_server, "an")
    await offered(conversations, rasa_server, "bo")
    stolen = reply.buttons[0].payload
    await ask(conversations, sender="bo", button=stolen)
    await ask(conversations, sender="an", channel="rest", button=stolen)
    for turn in rasa_server.turns[-2:]:
        assert (turn.kind, turn.payload) == (Kind.EXPIRED_BUTTON, "/expired_button")
        assert stolen not in turn.text
    with database.read() as connection:
        assert stolen not in connection.execute(sa.select(inbox.c.text)).scalars().all()


async def test_forged_buttons_are_no_buttons(conversations: Conversations, rasa_server: RasaServer) -> None:
    await offered(conversations, rasa_server)
    forged = [
        f"b_{secrets.token_urlsafe(16)}",
        "b_%",
        "",
        "/cancel",
        '/request_human{"x":"y"}',
        "\x00",
        "x" * 1_000_000,
    ]
    for one in forged:
        await ask(conversations, button=one)
    assert [(turn.kind, turn.payload) for turn in rasa_server.turns[1:]] == [
        (Kind.EXPIRED_BUTTON, "/expired_button")
    ] * len(forged)


async def test_a_counsellor_may_offer_buttons(conversations: Conversations, rasa_server: RasaServer) -> None:
    conversation = await conversations.open("web", "an")
    seq = await conversations.say(conversation.id, Author.SYSTEM, OFFER)
    (line,) = await conversations.lines(conversation.id, seq - 1)
    assert line.reply is not None
    await ask(conversations, button=line.reply.buttons[1].payload)
    assert rasa_server.turns[-1].payload == "/cancel"


@given(st.lists(st.builds(Button, title=texts, payload=texts), max_size=4), st.lists(texts, max_size=2))
def test_hiding_changes_payloads_and_nothing_else(offers: list[Button], titles: list[str]) -> None:
    reply = Reply(buttons=tuple(offers), cards=tuple(Card(title=title, buttons=tuple(offers)) for title in titles))
    hidden = hide(reply)
    stands_for = {row["id"]: row["payload"] for row in hidden.rows}
    assert len(stands_for) == len(reply.all_buttons())
    for shown, meant in zip(hidden.reply.all_buttons(), reply.all_buttons(), strict=True):
        assert shown.title == meant.title
        assert stands_for[shown.payload] == meant.payload.replace("\0", "")
    assert [card.title for card in hidden.reply.cards] == titles
