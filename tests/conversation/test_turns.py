"""Turns: in order, one at a time in a conversation, tried again when they go wrong, never silently lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.logs import logs_as_shipped
from support.people import QUICK, answered, ask, eventually, message
from support.rasa_server import Fault, RasaServer, echo

from bot.assistant.interface import Answer, Turn
from bot.assistant.remote import RemoteAssistant
from bot.conversation import wording
from bot.conversation.message import Author, Kind, Reply
from bot.conversation.service import Conversations, DatabaseInUse
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import conversations as conversation_rows
from bot.storage.tables import inbox, utcnow

Make = Callable[..., Awaitable[Conversations]]


def inbox_row(database: Database) -> sa.engine.Row:
    with database.read() as connection:
        return connection.execute(sa.select(inbox)).one()


async def test_messages_of_one_conversation_go_one_at_a_time_in_order(
    conversations: Conversations, rasa_server: RasaServer
) -> None:
    rasa_server.delay = 0.01
    accepted = [await conversations.accept(message(f"nr {number}")) for number in range(10)]
    assert await answered(conversations, accepted[-1]) == ["antwoord op nr 9"]
    assert [turn.text for turn in rasa_server.turns] == [f"nr {number}" for number in range(10)]
    assert rasa_server.overlaps == []


async def test_two_messages_at_once_stay_in_order(conversations: Conversations, rasa_server: RasaServer) -> None:
    rasa_server.delay = 0.02
    first, second = await asyncio.gather(
        conversations.accept(message("de ene")), conversations.accept(message("de andere"))
    )
    await asyncio.gather(*(conversations.replies_to(a, 10.0) for a in (first, second)))
    lines = await conversations.lines(first.conversation_id)
    asked = [line.text for line in lines if line.author is Author.CITIZEN]
    assert [turn.text for turn in rasa_server.turns] == asked
    assert [line.text for line in lines if line.author is Author.ASSISTANT] == [f"antwoord op {text}" for text in asked]
    assert rasa_server.overlaps == []


async def test_conversations_go_in_parallel_up_to_the_setting(
    make_conversations: Make, rasa_server: RasaServer
) -> None:
    conversations = await make_conversations(workers=3)
    rasa_server.delay = 0.1
    await asyncio.gather(*(ask(conversations, "hallo", f"s{number}") for number in range(6)))
    assert rasa_server.most_at_once == 3


async def test_one_who_writes_much_does_not_keep_others_waiting(
    make_conversations: Make, rasa_server: RasaServer
) -> None:
    conversations = await make_conversations(workers=1)
    rasa_server.faults.append(Fault.HANG)  # until everything waits
    for number in range(10):
        await conversations.accept(message(f"veel {number}", "an"))
    asked = await conversations.accept(message("een vraag", "bo"))
    rasa_server.release()
    assert await answered(conversations, asked) == ["antwoord op een vraag"]
    assert [turn.text for turn in rasa_server.turns].index("een vraag") <= 3


async def test_several_replies_keep_their_order(conversations: Conversations, rasa_server: RasaServer) -> None:
    texts = [f"deel {number}" for number in range(5)]
    rasa_server.answer = lambda turn: Answer(replies=tuple(Reply(text=text) for text in texts))
    assert [reply.text for reply in await ask(conversations)] == texts


async def test_no_reply_is_an_answer_too(conversations: Conversations, rasa_server: RasaServer) -> None:
    rasa_server.answer = lambda turn: Answer()
    assert await ask(conversations) == []
    rasa_server.answer = echo
    assert len(await ask(conversations)) == 1


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.GARBAGE])
async def test_a_turn_that_goes_wrong_is_tried_again(
    conversations: Conversations, rasa_server: RasaServer, database: Database, fault: Fault
) -> None:
    rasa_server.faults.extend([fault, fault])
    replies = await ask(conversations, "hallo")
    assert [reply.text for reply in replies] == ["antwoord op hallo"]
    assert [turn.retried for turn in rasa_server.turns] == [False, True, True]
    assert len({turn.message_key for turn in rasa_server.turns}) == 1
    row = inbox_row(database)
    assert (row.status, row.attempts, row.failures) == ("done", 3, 2)


async def test_what_keeps_going_wrong_is_given_up_and_said(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    rasa_server.fault_of = lambda turn: Fault.ERROR if turn.text == "gif" else None
    (reply,) = await ask(conversations, "gif")
    assert reply.text == wording.FAILED.text
    assert rasa_server.arrived("gif") == 5
    row = inbox_row(database)
    assert (row.status, row.failures, row.error) == ("failed", 5, "AssistantUnavailable")
    conversation = await conversations.find("web", "an")
    assert conversation is not None
    assert [line.author for line in await conversations.lines(conversation.id)] == [Author.CITIZEN, Author.SYSTEM]
    # The conversation goes on, and the button that the system offers works.
    await ask(conversations, "gewoon")
    await ask(conversations, button=reply.buttons[0].payload)
    assert [(turn.kind, turn.payload) for turn in rasa_server.turns[-2:]] == [
        (Kind.TEXT, None),
        (Kind.BUTTON, "/request_human"),
    ]


async def test_order_is_kept_while_a_message_is_tried_again(make_conversations: Make, rasa_server: RasaServer) -> None:
    conversations = await make_conversations(timing=replace(QUICK, first_retry=0.2, last_retry=0.2))
    rasa_server.faults.append(Fault.ERROR)
    await conversations.accept(message("eerst"))
    await eventually(lambda: rasa_server.arrived("eerst") == 1)
    await answered(conversations, await conversations.accept(message("dan")))
    assert [turn.text for turn in rasa_server.turns] == ["eerst", "eerst", "dan"]


async def test_an_answer_that_takes_too_long_counts_as_wrong(
    make_conversations: Make, rasa_server: RasaServer, database: Database
) -> None:
    conversations = await make_conversations(reply_timeout=0.2)
    rasa_server.faults.append(Fault.HANG)
    assert [reply.text for reply in await ask(conversations, "hallo")] == ["antwoord op hallo"]
    row = inbox_row(database)
    assert (row.attempts, row.failures, row.error) == (2, 1, "TimeoutError")


async def test_while_the_assistant_is_away_nothing_is_given_up_and_the_person_is_told_once(
    make_conversations: Make, rasa_server: RasaServer, database: Database
) -> None:
    conversations = await make_conversations(timing=replace(QUICK, late=0.4))
    rasa_server.up = False
    accepted = await conversations.accept(message("hallo"))
    assert await conversations.wait_for_lines(accepted.conversation_id, accepted.seq, 5.0)
    await asyncio.sleep(0.5)
    row = inbox_row(database)
    assert row.status == "pending"
    assert row.failures == 0
    assert row.attempts > 6
    (late,) = await conversations.lines(accepted.conversation_id, accepted.seq)
    assert (late.author, late.text) == (Author.SYSTEM, wording.LATE.text)
    assert late.at - row.received_at >= timedelta(seconds=0.4)
    with pytest.raises(TimeoutError):
        await conversations.replies_to(accepted, 0.01)
    rasa_server.up = True
    # That it is late was said to the person; the reply is the assistant's.
    assert await answered(conversations, accepted) == ["antwoord op hallo"]
    assert len(await conversations.lines(accepted.conversation_id)) == 3


async def test_an_answer_that_takes_long_is_announced_while_it_is_made(
    make_conversations: Make, rasa_server: RasaServer
) -> None:
    conversations = await make_conversations(timing=replace(QUICK, late=0.1))
    rasa_server.faults.append(Fault.HANG)
    accepted = await conversations.accept(message("hallo"))
    assert await conversations.wait_for_lines(accepted.conversation_id, accepted.seq, 5.0)
    rasa_server.release()
    assert await answered(conversations, accepted) == ["antwoord op hallo"]
    lines = await conversations.lines(accepted.conversation_id)
    assert [line.text for line in lines] == ["hallo", wording.LATE.text, "antwoord op hallo"]
    assert rasa_server.arrived("hallo") == 1


async def test_an_error_of_the_assistant_itself_counts(
    database: Database, make_settings: Callable[..., Settings]
) -> None:
    assistant = RemoteAssistant(("http://127.0.0.1:poort",))  # mistyped by an operator: raises what no one foresaw
    await assistant.start()
    conversations = Conversations(database, assistant, make_settings(), QUICK)
    await conversations.start()
    try:
        (reply,) = await ask(conversations, "hallo")
        assert reply.text == wording.FAILED.text
    finally:
        await conversations.stop()
        await assistant.close()


async def test_an_answer_that_cannot_be_stored_is_not_the_end(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    odd = Reply(text="een \x00 nul", buttons=())
    rasa_server.answer = lambda turn: Answer(replies=(odd,), intent="i" * 300, confidence=1.0)
    assert await ask(conversations) == [odd]
    row = inbox_row(database)
    assert (row.intent, row.attempts) == ("i" * 64, 1)


async def test_stopping_abandons_a_turn_and_starting_goes_on_with_it(
    make_conversations: Make, rasa_server: RasaServer, database: Database
) -> None:
    conversations = await make_conversations()
    rasa_server.faults.append(Fault.HANG)
    accepted = await conversations.accept(message("hallo"))
    waiting = await conversations.accept(message("nog iets"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    await conversations.stop()
    with database.read() as connection:
        assert connection.execute(sa.select(conversation_rows.c.lease_owner)).scalar() is None
    again = await make_conversations()
    assert await answered(again, accepted) == ["antwoord op hallo"]
    assert await answered(again, waiting) == ["antwoord op nog iets"]
    assert [(turn.text, turn.retried) for turn in rasa_server.turns] == [
        ("hallo", False),
        ("hallo", True),
        ("nog iets", False),
    ]


async def test_stopping_lets_a_turn_end(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    rasa_server.delay = 0.1
    await conversations.accept(message("hallo"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    await conversations.stop()
    assert inbox_row(database).status == "done"


async def test_a_long_turn_keeps_its_lease(
    make_conversations: Make, rasa_server: RasaServer, database: Database
) -> None:
    conversations = await make_conversations(timing=replace(QUICK, lease=0.4, renew=0.1))
    rasa_server.delay = 1.0
    accepted = await conversations.accept(message("hallo"))
    await asyncio.sleep(0.7)
    with database.read() as connection:
        until = connection.execute(sa.select(conversation_rows.c.lease_until)).scalar_one()
    assert until > utcnow()
    assert await answered(conversations, accepted) == ["antwoord op hallo"]
    assert len(rasa_server.turns) == 1


async def test_an_answer_that_comes_after_the_lease_went_elsewhere_is_dropped(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    rasa_server.delay = 0.3
    accepted = await conversations.accept(message("hallo"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    with database.begin() as connection:
        connection.execute(sa.update(conversation_rows).values(lease_owner="een ander"))
    await asyncio.sleep(0.6)
    assert len(await conversations.lines(accepted.conversation_id)) == 1
    assert inbox_row(database).status == "pending"
    with database.begin() as connection:  # the other process died
        connection.execute(sa.update(conversation_rows).values(lease_until=utcnow()))
    assert await answered(conversations, accepted) == ["antwoord op hallo"]


async def test_an_answer_that_was_committed_unnoticed_is_not_said_again(
    conversations: Conversations, rasa_server: RasaServer, database: Database
) -> None:
    rasa_server.delay = 0.2
    accepted = await conversations.accept(message("hallo"))
    after = await conversations.accept(message("dan"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    with database.begin() as connection:  # as when the connection breaks between the commit and the word of it
        connection.execute(sa.update(inbox).where(inbox.c.id == accepted.inbox_id).values(status="done"))
    assert await answered(conversations, after) == ["antwoord op dan"]
    assert await conversations.replies_to(accepted, 1.0) == []
    assert [turn.text for turn in rasa_server.turns] == ["hallo", "dan"]


async def test_two_processes_share_the_work_and_never_a_conversation(
    postgres_url: str, rasa_server: RasaServer, assistant: RemoteAssistant, make_settings: Callable[..., Settings]
) -> None:
    from bot.storage.migrate import migrate

    migrate(postgres_url)
    databases = [Database(postgres_url), Database(postgres_url)]
    both = [Conversations(database, assistant, make_settings(), QUICK) for database in databases]
    for conversations in both:
        await conversations.start()
    rasa_server.delay = 0.005
    accepted = []
    for number in range(20):
        accepted += await asyncio.gather(
            *(both[(number + who) % 2].accept(message(f"{who}-{number}", f"s{who}")) for who in range(5))
        )
    for index, one in enumerate(accepted):
        # Each is asked of the process that did not take it in.
        assert len(await answered(both[(index // 5 + index % 5 + 1) % 2], one)) == 1
    for who in range(5):
        asked = [turn.text for turn in rasa_server.turns if turn.text.startswith(f"{who}-")]
        assert asked == [f"{who}-{number}" for number in range(20)]
    assert rasa_server.overlaps == []
    for conversations, database in zip(both, databases, strict=True):
        await conversations.stop()
        database.close()


async def test_the_work_of_a_process_that_died_is_taken_over(
    postgres_url: str, rasa_server: RasaServer, assistant: RemoteAssistant, make_settings: Callable[..., Settings]
) -> None:
    from bot.storage.migrate import migrate

    migrate(postgres_url)
    database = Database(postgres_url)
    conversations = Conversations(database, assistant, make_settings(), QUICK)
    await conversations.start()
    rasa_server.delay = 0.2
    accepted = await conversations.accept(message("hallo"))
    await eventually(lambda: rasa_server.arrived("hallo") == 1)
    with database.begin() as connection:  # as if that were the work of another process, which then died
        until = utcnow() + timedelta(seconds=0.5)
        connection.execute(sa.update(conversation_rows).values(lease_owner="een dode", lease_until=until))
    assert await answered(conversations, accepted) == ["antwoord op hallo"]
    assert [turn.retried for turn in rasa_server.turns] == [False, True]
    await conversations.stop()
    database.close()


async def test_a_second_process_on_a_sqlite_database_is_refused(
    sqlite_url: str, assistant: RemoteAssistant, make_settings: Callable[..., Settings]
) -> None:
    from bot.storage.migrate import migrate

    migrate(sqlite_url)
    database = Database(sqlite_url)
    first = Conversations(database, assistant, make_settings())
    second = Conversations(database, assistant, make_settings())
    await first.start()
    with pytest.raises(DatabaseInUse, match=r"Een ander proces gebruikt .*test\.db"):
        await second.start()
    await first.stop()
    await second.start()
    await second.stop()
    database.close()


async def test_no_word_of_a_citizen_is_logged(
    make_conversations: Make, rasa_server: RasaServer, capfd: pytest.CaptureFixture[str]
) -> None:
    conversations = await make_conversations(reply_timeout=0.2)

    def answer(turn: Turn) -> Answer:
        return Answer(replies=(Reply(text="kanarie antwoordt"),))

    rasa_server.answer = answer
    rasa_server.faults.extend([Fault.ERROR, Fault.HANG, Fault.GARBAGE])
    with logs_as_shipped():
        assert len(await ask(conversations, "kanarie vraagt")) == 1
    out, errors = capfd.readouterr()
    assert "conversation.turn" in out + errors
    assert "kanarie" not in out + errors
