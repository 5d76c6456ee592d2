"""Who has the floor: the assistant says nothing that a counsellor did not leave to it."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from support.people import ask, eventually, message
from support.rasa_server import Fault, RasaServer

from bot.conversation.message import Author, Button, Reply
from bot.conversation.service import Conversations, Floor, FloorTaken, UnknownConversation
from bot.storage.database import Database
from bot.storage.tables import inbox

HELLO = Reply(text="Dag, ik ben Els.")


async def test_the_assistant_begins(conversations: Conversations) -> None:
    conversation = await conversations.open("web", "an")
    assert await conversations.floor(conversation.id) == (Floor.ASSISTANT, 0)


async def test_while_a_counsellor_has_the_floor_the_assistant_hears_nothing(
    conversations: Conversations, rasa_server: RasaServer
) -> None:
    conversation = await conversations.open("web", "an")
    version = await conversations.give_floor(conversation.id, Floor.COUNSELLOR, 0)
    assert await ask(conversations, "hallo") == []
    assert await ask(conversations, "/restart") == []
    assert await ask(conversations, button="b_x") == []
    assert rasa_server.turns == []
    assert await conversations.floor(conversation.id) == (Floor.COUNSELLOR, version)
    # The counsellor sees it; the assistant never answers it, not even when it has the floor back.
    assert [line.text for line in await conversations.lines(conversation.id)] == ["hallo", "/restart", "(oude knop)"]
    await conversations.give_floor(conversation.id, Floor.ASSISTANT, version)
    assert len(await ask(conversations, "daar ben ik weer")) == 1
    await asyncio.sleep(0.4)  # longer than a sweep
    assert [turn.text for turn in rasa_server.turns] == ["daar ben ik weer"]


async def test_what_was_being_computed_when_a_counsellor_took_over_is_not_said(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    rasa_server.delay = 0.2
    accepted = await conversations.accept(message("hallo"))
    after = await conversations.accept(message("en nog iets"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    version = await conversations.give_floor(accepted.conversation_id, Floor.COUNSELLOR, 0)
    assert await conversations.replies_to(accepted, 5.0) == []
    assert await conversations.replies_to(after, 5.0) == []
    assert [turn.text for turn in rasa_server.turns] == ["hallo"]
    assert {line.author for line in await conversations.lines(accepted.conversation_id)} == {Author.CITIZEN}
    with database.read() as connection:
        assert connection.execute(sa.select(inbox.c.status)).scalars().all() == ["held", "held"]
    assert await conversations.floor(accepted.conversation_id) == (Floor.COUNSELLOR, version)


async def test_nor_when_the_floor_went_back_and_forth(conversations: Conversations, rasa_server: RasaServer) -> None:
    rasa_server.delay = 0.2
    accepted = await conversations.accept(message("hallo"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    version = await conversations.give_floor(accepted.conversation_id, Floor.COUNSELLOR, 0)
    await conversations.give_floor(accepted.conversation_id, Floor.ASSISTANT, version)
    assert await conversations.replies_to(accepted, 5.0) == []
    assert len(await conversations.lines(accepted.conversation_id)) == 1


async def test_nor_is_anything_said_about_trouble(conversations: Conversations, rasa_server: RasaServer) -> None:
    rasa_server.up = False
    accepted = await conversations.accept(message("hallo"))
    await asyncio.sleep(0.1)
    await conversations.give_floor(accepted.conversation_id, Floor.COUNSELLOR, 0)
    assert await conversations.replies_to(accepted, 5.0) == []
    await asyncio.sleep(1.2)  # by then it would have been late
    assert len(await conversations.lines(accepted.conversation_id)) == 1


async def test_a_hanging_turn_does_not_announce_itself_after_a_take_over(
    conversations: Conversations, rasa_server: RasaServer
) -> None:
    rasa_server.faults.append(Fault.HANG)
    accepted = await conversations.accept(message("hallo"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    await conversations.give_floor(accepted.conversation_id, Floor.COUNSELLOR, 0)
    assert not await conversations.wait_for_lines(accepted.conversation_id, accepted.seq, 1.3)
    rasa_server.release()
    assert await conversations.replies_to(accepted, 5.0) == []


async def test_a_counsellor_who_speaks_takes_the_floor(conversations: Conversations, rasa_server: RasaServer) -> None:
    rasa_server.delay = 0.1
    accepted = await conversations.accept(message("hallo"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    await conversations.say(accepted.conversation_id, Author.COUNSELLOR, HELLO)
    assert await conversations.replies_to(accepted, 5.0) == []
    await conversations.say(accepted.conversation_id, Author.COUNSELLOR, HELLO)
    assert await conversations.floor(accepted.conversation_id) == (Floor.COUNSELLOR, 1)
    lines = await conversations.lines(accepted.conversation_id)
    assert [line.author for line in lines] == [Author.CITIZEN, Author.COUNSELLOR, Author.COUNSELLOR]


async def test_the_system_may_speak_without_taking_the_floor(conversations: Conversations) -> None:
    conversation = await conversations.open("web", "an")
    assert await conversations.say(conversation.id, Author.SYSTEM, HELLO) == 1
    assert await conversations.floor(conversation.id) == (Floor.ASSISTANT, 0)


async def test_of_two_who_claim_the_floor_one_gets_it(conversations: Conversations) -> None:
    conversation = await conversations.open("web", "an")
    claims = await asyncio.gather(
        *(conversations.give_floor(conversation.id, Floor.COUNSELLOR, 0) for _ in range(4)), return_exceptions=True
    )
    assert sorted(map(str, claims))[0] == "1"
    refused = [claim for claim in claims if isinstance(claim, FloorTaken)]
    assert len(refused) == 3
    assert {(claim.floor, claim.version) for claim in refused} == {(Floor.COUNSELLOR, 1)}


async def test_the_assistant_opens_a_conversation_once(conversations: Conversations) -> None:
    opening = Reply(text="Hallo!", buttons=(Button(title="Ik zoek", payload="/search_course"),))
    opened = await asyncio.gather(*(conversations.open("web", "an", opening=opening) for _ in range(4)))
    assert len({conversation.id for conversation in opened}) == 1
    await ask(conversations, "dag")
    await conversations.open("web", "an", opening=opening)
    lines = await conversations.lines(opened[0].id)
    assert [(line.author, line.text) for line in lines] == [
        (Author.ASSISTANT, "Hallo!"),
        (Author.CITIZEN, "dag"),
        (Author.ASSISTANT, "antwoord op dag"),
    ]


async def test_what_cannot_be_said(conversations: Conversations) -> None:
    conversation = await conversations.open("web", "an")
    with pytest.raises(ValueError, match="does not speak here"):
        await conversations.say(conversation.id, Author.CITIZEN, HELLO)
    with pytest.raises(ValueError, match="empty"):
        await conversations.say(conversation.id, Author.COUNSELLOR, Reply(text=" \u200b "))
    assert await conversations.floor(conversation.id) == (Floor.ASSISTANT, 0)
    assert await conversations.say(conversation.id, Author.ASSISTANT, HELLO) == 1
    await conversations.give_floor(conversation.id, Floor.COUNSELLOR, 0)
    with pytest.raises(FloorTaken):
        await conversations.say(conversation.id, Author.ASSISTANT, HELLO)
    assert len(await conversations.lines(conversation.id)) == 1


async def test_conversations_that_are_not_there(conversations: Conversations) -> None:
    for call in (
        conversations.floor("nope"),
        conversations.give_floor("nope", Floor.COUNSELLOR, 0),
        conversations.say("nope", Author.SYSTEM, HELLO),
        conversations.erase("nope"),
    ):
        with pytest.raises(UnknownConversation):
            await call
    assert await conversations.get("nope") is None
    assert await conversations.lines("nope") == []
