"""Push channels: every reply reaches the provider, in order, or is set aside with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.people import QUICK, ask, eventually, message
from support.provider import Provider, ProviderSender
from support.rasa_server import RasaServer

from bot.assistant.interface import Answer
from bot.conversation.message import Reply
from bot.conversation.service import Conversations
from bot.storage.database import Database
from bot.storage.tables import outbox, utcnow

Make = Callable[..., Awaitable[Conversations]]


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
async def pushing(make_conversations: Make, provider: Provider) -> Conversations:
    """Conversations with one push channel, `phone`."""
    return await make_conversations(senders={"phone": ProviderSender(provider.url)})


def outbox_rows(database: Database) -> list[sa.engine.Row]:
    with database.read() as connection:
        return list(connection.execute(sa.select(outbox).order_by(outbox.c.id)))


def settled(database: Database) -> Callable[[], bool]:
    return lambda: all(row.status != "pending" for row in outbox_rows(database))


async def test_a_reply_reaches_the_provider(pushing: Conversations, provider: Provider, database: Database) -> None:
    await ask(pushing, "hallo", channel="phone")
    await eventually(settled(database))
    (row,) = outbox_rows(database)
    assert (row.status, row.provider_id, row.attempts, row.error) == ("sent", "p1", 1, None)
    assert row.sent_at >= row.created_at
    assert provider.taken == [("an", "antwoord op hallo")]


async def test_on_a_pull_channel_nothing_is_sent(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    await ask(pushing, "hallo", channel="web")
    (row,) = outbox_rows(database)
    assert (row.status, row.attempts) == ("sent", 0)
    assert row.sent_at == row.created_at
    await asyncio.sleep(0.4)
    assert provider.asked == 0


@pytest.mark.parametrize("verdict", ["429", "500", "drop", "slow"])
async def test_order_is_kept_whatever_the_provider_does(
    pushing: Conversations, provider: Provider, rasa_server: RasaServer, database: Database, verdict: str
) -> None:
    provider.verdicts.extend([verdict, "", verdict])
    rasa_server.answer = lambda turn: Answer(replies=tuple(Reply(text=f"{turn.text} {n}") for n in range(3)))
    await ask(pushing, "een", channel="phone")
    await ask(pushing, "twee", channel="phone")
    await eventually(settled(database))
    assert [text for _, text in provider.taken] == [f"{word} {n}" for word in ("een", "twee") for n in range(3)]


async def test_a_provider_that_says_when_is_obeyed(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    provider.verdicts.append("429")
    await ask(pushing, "hallo", channel="phone")
    await eventually(lambda: provider.asked == 1)
    await asyncio.sleep(0.1)
    assert provider.asked == 1  # our own first retry would have come after 20 ms
    await eventually(settled(database))
    (row,) = outbox_rows(database)
    assert row.sent_at - row.created_at >= timedelta(seconds=0.2)
    assert (row.status, row.error) == ("sent", None)


async def test_what_can_never_be_delivered_is_set_aside_and_the_rest_goes_on(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    provider.verdicts.append("403")
    await ask(pushing, "een", channel="phone")
    await ask(pushing, "twee", channel="phone")
    await eventually(settled(database))
    first, second = outbox_rows(database)
    assert (first.status, first.error, first.next_attempt_at) == ("dead", "blocked", None)
    assert second.status == "sent"


async def test_what_is_put_off_for_too_long_is_set_aside(
    make_conversations: Make, provider: Provider, database: Database
) -> None:
    pushing = await make_conversations(
        timing=replace(QUICK, undelivered=0.3), senders={"phone": ProviderSender(provider.url)}
    )
    provider.verdicts.extend(["500"] * 100)
    await ask(pushing, "hallo", channel="phone")
    await eventually(settled(database))
    (row,) = outbox_rows(database)
    assert (row.status, row.error) == ("dead", "put off for too long")
    assert row.attempts > 2


async def test_what_was_being_sent_when_the_process_died_is_sent_again(
    make_conversations: Make, provider: Provider, database: Database
) -> None:
    pulling = await make_conversations()
    await ask(pulling, "hallo", channel="phone")
    await pulling.stop()
    with database.begin() as connection:
        in_flight = utcnow() + timedelta(seconds=1.0)
        connection.execute(sa.update(outbox).values(status="pending", attempts=1, next_attempt_at=in_flight))
    began = utcnow()
    await make_conversations(senders={"phone": ProviderSender(provider.url)})
    await eventually(settled(database))
    assert provider.taken == [("an", "antwoord op hallo")]
    # On SQLite nobody else can be sending it; elsewhere another process might, until its time is over.
    assert (utcnow() - began < timedelta(seconds=0.5)) == database.is_sqlite


async def test_two_processes_send_a_reply_once(
    make_conversations: Make, provider: Provider, database: Database
) -> None:
    if database.is_sqlite:
        pytest.skip("a SQLite database has one process")
    both = [await make_conversations(senders={"phone": ProviderSender(provider.url)}) for _ in range(2)]
    provider.verdicts.extend(["slow"] * 20)
    accepted = [await both[n % 2].accept(message(f"{n}", f"s{n % 3}", "phone")) for n in range(20)]
    for one in accepted:
        await both[0].replies_to(one, 10.0)
    await eventually(settled(database))
    assert len(provider.taken) == 20
    for who in range(3):
        texts = [text for to, text in provider.taken if to == f"s{who}"]
        assert texts == [f"antwoord op {n}" for n in range(20) if n % 3 == who]


async def test_channels_are_registered_before_the_start(pushing: Conversations, provider: Provider) -> None:
    with pytest.raises(RuntimeError, match="before start"):
        pushing.register("other", ProviderSender(provider.url))
