"""Going on on another channel: by a code, once, within a quarter of an hour, with what was told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.people import ask, message
from support.rasa_server import RasaServer

from bot.assistant.interface import Answer
from bot.conversation import wording
from bot.conversation.message import Button, Reply
from bot.conversation.service import Conversations, Floor
from bot.storage.database import Database
from bot.storage.tables import continuations, kept_courses, utcnow


@pytest.fixture
def events(database: Database) -> None:
    """Rasa's table, in which the conversation of `an` has three events and that of `bert` one."""
    key = "INTEGER PRIMARY KEY" if database.is_sqlite else "SERIAL PRIMARY KEY"
    columns = "sender_id TEXT, type_name TEXT, timestamp FLOAT, intent_name TEXT, action_name TEXT, data TEXT"
    with database.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE events (id {key}, {columns})")


def know(database: Database, conversation_id: str, *data: str) -> None:
    with database.begin() as connection:
        for one in data:
            values = {"s": conversation_id, "d": one}
            connection.execute(
                sa.text("INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (:s, 'slot', 1.0, :d)"),
                values,
            )


def known(database: Database, conversation_id: str) -> list[str]:
    with database.read() as connection:
        found = connection.execute(
            sa.text("SELECT data FROM events WHERE sender_id = :s ORDER BY id"), {"s": conversation_id}
        )
        return list(found.scalars())


async def code_of(conversations: Conversations, sender: str = "an") -> str:
    (reply,) = await ask(conversations, "code", sender)
    found = re.search(r"LW-\w{4}-\w{4}", reply.text)
    assert found is not None, reply.text
    return found[0]


@pytest.mark.parametrize(
    "words",
    [
        "code",
        "/code",
        "Code",
        "geef mij een code",
        "ik wil een code",
        "ik wil verder op WhatsApp",
        "verder op een ander kanaal",
    ],
)
async def test_who_asks_gets_a_code(conversations: Conversations, rasa_server: RasaServer, words: str) -> None:
    (reply,) = await ask(conversations, words)
    assert re.search(r"\*\*LW-[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}\*\*", reply.text)
    assert rasa_server.turns == []


@pytest.mark.parametrize("words", ["wat is de code van de opleiding", "verder", "ik wil leren coderen"])
async def test_who_asks_something_else_does_not(
    conversations: Conversations, rasa_server: RasaServer, words: str
) -> None:
    await ask(conversations, words)
    assert [turn.text for turn in rasa_server.turns] == [words]


@pytest.mark.parametrize("typed", ["{}", "code: {}", "  {} ", "{}\n", "hallo\n{}"])
async def test_the_code_goes_on_elsewhere_with_all_that_was_told(
    conversations: Conversations, rasa_server: RasaServer, database: Database, events: None, typed: str
) -> None:
    choice = Button(title="Overdag", payload='/refine_search{"schedule":"overdag"}')
    rasa_server.answer = lambda turn: Answer(
        replies=(Reply(text=f"op {turn.text}"), Reply(text="Wanneer?", buttons=(choice,)))
    )
    await ask(conversations, "lassen in Gent", "an")
    there = await conversations.find("web", "an")
    assert there is not None
    know(database, there.id, "kanarie 1", "kanarie 2")
    with database.begin() as connection:
        connection.execute(sa.insert(kept_courses).values(conversation_id=there.id, offering="o1", kept_at=utcnow()))
    code = await code_of(conversations)
    here = await conversations.open("telegram", "7")
    know(database, here.id, "van daarvoor")
    first, *again = await ask(conversations, typed.format(code.lower()), "7", channel="telegram")
    assert first == wording.CONTINUED_HERE
    assert [reply.text for reply in again] == ["op lassen in Gent", "Wanneer?"]
    assert known(database, here.id) == known(database, there.id) == ["kanarie 1", "kanarie 2"]
    with database.read() as connection:
        kept = connection.execute(sa.select(kept_courses.c.conversation_id, kept_courses.c.offering)).all()
    assert {tuple(row) for row in kept} == {(there.id, "o1"), (here.id, "o1")}
    # The button works here, under an id of its own.
    pressed = message(sender="7", channel="telegram", button=again[1].buttons[0].payload)
    await conversations.replies_to(await conversations.accept(pressed), 10)
    assert rasa_server.turns[-1].payload == choice.payload
    assert rasa_server.turns[-1].conversation_id == here.id
    # There it is told, and both go on as two.
    assert (await conversations.lines(there.id))[-1].text == wording.continued_elsewhere("Telegram").text
    await ask(conversations, "nog iets", "an")
    assert rasa_server.turns[-1].conversation_id == there.id


async def test_a_code_works_once(conversations: Conversations, events: None) -> None:
    code = await code_of(conversations)
    assert (await ask(conversations, code, "bert"))[0] == wording.CONTINUED_HERE
    assert await ask(conversations, code, "carl") == [wording.CODE_UNKNOWN]


async def test_only_the_newest_code_works_and_not_for_long(
    conversations: Conversations, database: Database, events: None
) -> None:
    old, new = await code_of(conversations), await code_of(conversations)
    assert await ask(conversations, old, "bert") == [wording.CODE_UNKNOWN]
    with database.begin() as connection:
        (row,) = connection.execute(sa.select(continuations))
        assert timedelta(minutes=14) < row.expires_at - utcnow() <= timedelta(minutes=15)
        assert new not in str(row)
        connection.execute(sa.update(continuations).values(expires_at=utcnow()))
    assert await ask(conversations, new, "bert") == [wording.CODE_UNKNOWN]


async def test_the_code_of_this_conversation_and_that_of_a_live_talk_change_nothing(
    conversations: Conversations, events: None
) -> None:
    code = await code_of(conversations)
    assert await ask(conversations, code) == [wording.CODE_OF_HERE]
    there = await conversations.find("web", "an")
    assert there is not None
    version = await conversations.give_floor(there.id, Floor.COUNSELLOR, 0)
    assert await ask(conversations, code, "bert") == [wording.CODE_DURING_TALK]
    await conversations.give_floor(there.id, Floor.ASSISTANT, version)
    assert (await ask(conversations, code, "bert"))[0] == wording.CONTINUED_HERE


async def test_who_erased_their_data_has_no_code_any_more(
    conversations: Conversations, database: Database, events: None
) -> None:
    code = await code_of(conversations)
    there = await conversations.find("web", "an")
    assert there is not None
    await conversations.erase(there.id)
    assert await ask(conversations, code, "bert") == [wording.CODE_UNKNOWN]
    with database.read() as connection:
        assert connection.execute(sa.select(continuations)).all() == []
