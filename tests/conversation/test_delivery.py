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
from bot.conversation import gate
from bot.conversation.message import Reply
from bot.conversation.service import Conversations, DeliveryState, Pace
from bot.storage.database import Database
from bot.storage.tables import deliveries, outbox, utcnow

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
    assert (row.status, row.attempts, row.error) == ("sent", 1, None)
    with database.read() as connection:
        (taken,) = connection.execute(sa.select(deliveries))
    assert (taken.provider_id, taken.outbox_id, taken.part, taken.state) == ("p1", row.id, 0, "sent")
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
        timing=replace(QUICK, undelivered=1.5), senders={"phone": ProviderSender(provider.url)}
    )
    provider.verdicts.extend(["500"] * 100)
    await ask(pushing, "hallo", channel="phone")
    await eventually(settled(database), 15.0)  # the circuit breaker opens meanwhile, for some five seconds
    (row,) = outbox_rows(database)
    assert (row.status, row.error) == ("dead", "put_off")
    assert row.attempts > 2


async def test_what_was_being_sent_when_the_process_died_is_sent_again(
    make_conversations: Make, provider: Provider, database: Database
) -> None:
    pulling = await make_conversations()
    await ask(pulling, "hallo", channel="phone")
    await pulling.stop()
    with database.begin() as connection:
        in_flight = utcnow() + timedelta(seconds=60.0 if database.is_sqlite else 1.0)
        connection.execute(sa.update(outbox).values(status="pending", attempts=1, next_attempt_at=in_flight))
    await make_conversations(senders={"phone": ProviderSender(provider.url)})
    await eventually(settled(database))
    assert provider.taken == [("an", "antwoord op hallo")]
    # On SQLite nobody else can be sending it; elsewhere another process might, until its time is over.
    assert (utcnow() < in_flight) == database.is_sqlite


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


async def test_one_reply_in_pages_goes_on_where_it_was_interrupted(
    pushing: Conversations, provider: Provider, rasa_server: RasaServer, database: Database
) -> None:
    rasa_server.answer = lambda turn: Answer(replies=(Reply(text="een|twee"), Reply(text="drie")))
    provider.verdicts.extend(["", "500", "", "drop"])
    await ask(pushing, "hallo", channel="phone")
    await eventually(settled(database))
    assert [text for _, text in provider.taken] == ["een", "twee", "drie"]
    with database.read() as connection:
        parts = connection.execute(sa.select(deliveries).order_by(deliveries.c.id)).all()
    assert [(row.part, row.outbox_id) for row in parts] == [(n, outbox_rows(database)[0].id) for n in range(3)]


async def test_a_fault_of_ours_is_set_aside_after_some_attempts_and_the_rest_goes_on(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    provider.verdicts.extend(["400"] * QUICK.faults)
    await ask(pushing, "een", channel="phone")
    await ask(pushing, "twee", channel="phone")
    await eventually(settled(database))
    first, second = outbox_rows(database)
    assert (first.status, first.error, first.attempts) == ("dead", "fault", QUICK.faults)
    assert second.status == "sent"


async def test_refused_settings_set_nothing_aside(
    make_conversations: Make, provider: Provider, database: Database
) -> None:
    timing = replace(QUICK, operator_retry=0.1, undelivered=0.05)
    pushing = await make_conversations(timing=timing, senders={"phone": ProviderSender(provider.url)})
    provider.verdicts.extend(["401"] * 3)
    await ask(pushing, "hallo", channel="phone")
    await eventually(settled(database))
    assert provider.taken == [("an", "antwoord op hallo")]


async def test_a_provider_that_is_down_is_left_alone_until_it_may_be_back(
    make_conversations: Make, provider: Provider, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_FIRST_OPEN", 3.0)
    pushing = await make_conversations(senders={"phone": ProviderSender(provider.url)}, workers=1)
    provider.verdicts.extend(["500"] * gate.TRIPS)
    for person in range(20):
        await ask(pushing, "hallo", sender=f"s{person}", channel="phone")
    await eventually(lambda: provider.asked == gate.TRIPS)
    await asyncio.sleep(0.2)
    assert provider.asked == gate.TRIPS  # twenty conversations wait, and none of them tries
    assert 0 < pushing.closed_channels()["phone"] < 4
    await eventually(settled(database), 10)
    assert sorted(to for to, _ in provider.taken) == sorted(f"s{person}" for person in range(20))
    assert pushing.closed_channels() == {"phone": 0.0}


async def test_nothing_goes_to_who_erased_their_data(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    provider.verdicts.extend(["429"] * 2)
    provider.again_in = 1.5
    await ask(pushing, "hallo", channel="phone")
    await eventually(lambda: provider.asked == 1)
    conversation = await pushing.find("phone", "an")
    assert conversation is not None
    await pushing.erase(conversation.id)
    await asyncio.sleep(2.0)
    assert (provider.asked, provider.taken) == (1, [])
    provider.verdicts.clear()
    await ask(pushing, "opnieuw", channel="phone")
    await eventually(settled(database))
    assert provider.taken == [("an", "antwoord op opnieuw")]


async def test_who_erases_while_we_send_gets_no_more_of_it(
    pushing: Conversations, provider: Provider, rasa_server: RasaServer
) -> None:
    rasa_server.answer = lambda turn: Answer(replies=(Reply(text="een|twee|drie"),))
    provider.verdicts.append("slow")
    provider.slow = 0.6
    await ask(pushing, "hallo", channel="phone")
    await eventually(lambda: provider.asked == 1)
    conversation = await pushing.find("phone", "an")
    assert conversation is not None
    await pushing.erase(conversation.id)
    await asyncio.sleep(1.0)
    assert [text for _, text in provider.taken] == ["een"]


async def test_what_was_set_aside_is_listed_and_can_be_sent_again(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    provider.verdicts.append("403")
    await ask(pushing, "een", channel="phone")
    await ask(pushing, "twee", channel="phone")
    await eventually(settled(database))
    (letter,) = await pushing.set_aside()
    assert (letter.channel, letter.author, letter.reason) == ("phone", "assistant", "blocked")
    assert "blokkeert" in letter.explained
    lines = await pushing.lines(letter.conversation_id)
    assert [(line.delivery, line.undelivered) for line in lines if line.reply] == [
        (DeliveryState.FAILED, "blocked"),
        (DeliveryState.SENT, None),
    ]
    assert await pushing.send_again([letter.id, 999_999]) == 1
    await eventually(settled(database))
    assert [text for _, text in provider.taken] == ["antwoord op twee", "antwoord op een"]
    assert await pushing.set_aside() == []
    assert await pushing.send_again([letter.id]) == 0


async def test_outside_the_window_the_person_is_invited_once_and_the_reply_waits_for_them(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    provider.verdicts.append("422")
    await ask(pushing, "een", channel="phone")
    await eventually(lambda: [text for _, text in provider.taken] == ["(schrijf ons)"])
    await eventually(lambda: outbox_rows(database)[0].invited_at is not None)
    assert outbox_rows(database)[0].status == "pending"
    await asyncio.sleep(0.5)
    assert provider.asked == 2
    await ask(pushing, "twee", channel="phone")
    await eventually(settled(database))
    assert [text for _, text in provider.taken][1:] == ["antwoord op een", "antwoord op twee"]


async def test_who_does_not_write_again_is_not_waited_for_forever(
    make_conversations: Make, provider: Provider, database: Database
) -> None:
    timing = replace(QUICK, window_check=0.1, unanswered=0.4)
    pushing = await make_conversations(timing=timing, senders={"phone": ProviderSender(provider.url)})
    provider.verdicts.append("422")
    await ask(pushing, "een", channel="phone")
    await eventually(settled(database))
    assert [(row.status, row.error) for row in outbox_rows(database)] == [("dead", "outside_window")]
    assert provider.asked == 2


async def test_the_word_of_the_provider_counts_once_and_in_any_order(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    await pushing.told("phone", "p1", DeliveryState.DELIVERED)  # before we know ourselves that it was taken
    await ask(pushing, "een", channel="phone")
    await eventually(settled(database))
    conversation = await pushing.find("phone", "an")
    assert conversation is not None

    async def state() -> DeliveryState | None:
        return (await pushing.lines(conversation.id))[-1].delivery

    assert await state() is DeliveryState.DELIVERED
    for said in (DeliveryState.SENT, DeliveryState.READ, DeliveryState.DELIVERED, DeliveryState.FAILED):
        await pushing.told("phone", "p1", said)
    assert await state() is DeliveryState.READ
    assert (await pushing.lines(conversation.id))[-1].undelivered is None
    await pushing.told("phone", "p999", DeliveryState.READ)  # of something that is not ours


@pytest.mark.parametrize("early", [True, False])
async def test_a_failure_that_comes_late_sets_aside(
    pushing: Conversations, provider: Provider, database: Database, early: bool
) -> None:
    if early:
        await pushing.told("phone", "p1", DeliveryState.FAILED, "refused:131026")
    await ask(pushing, "een", channel="phone")
    await eventually(settled(database))
    if not early:
        await pushing.told("phone", "p1", DeliveryState.FAILED, "refused:131026")
    (row,) = outbox_rows(database)
    assert (row.status, row.error) == ("dead", "refused:131026")


async def test_a_closed_window_that_is_told_late_has_the_reply_wait_for_the_person(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    await ask(pushing, "een", channel="phone")
    await eventually(settled(database))
    await pushing.told("phone", "p1", DeliveryState.FAILED, "outside_window")
    await eventually(lambda: [text for _, text in provider.taken] == ["antwoord op een", "(schrijf ons)"])
    await ask(pushing, "twee", channel="phone")
    await eventually(settled(database))
    assert [text for _, text in provider.taken][2:] == ["antwoord op een", "antwoord op twee"]


async def test_the_pace_of_a_person_is_kept(
    make_conversations: Make, provider: Provider, rasa_server: RasaServer, database: Database
) -> None:
    sender = ProviderSender(provider.url, Pace(every=0.2, burst=2))
    pushing = await make_conversations(senders={"phone": sender})
    rasa_server.answer = lambda turn: Answer(replies=(Reply(text="1|2|3|4"),))
    began = utcnow()
    await ask(pushing, "een", channel="phone")
    await eventually(settled(database))
    assert utcnow() - began >= timedelta(seconds=0.4)
    assert [text for _, text in provider.taken] == ["1", "2", "3", "4"]
    assert outbox_rows(database)[0].attempts < 5


async def test_who_writes_while_they_are_invited_is_not_kept_waiting(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    provider.slow = 0.5
    provider.verdicts.extend(["422", "slow"])
    await ask(pushing, "een", channel="phone")
    await eventually(lambda: provider.asked == 2)  # the invitation is under way
    await ask(pushing, "twee", channel="phone")
    await eventually(settled(database))
    assert [text for _, text in provider.taken] == ["(schrijf ons)", "antwoord op een", "antwoord op twee"]


async def test_a_closed_window_that_is_told_after_they_wrote_again_needs_no_invitation(
    pushing: Conversations, provider: Provider, database: Database
) -> None:
    await ask(pushing, "een", channel="phone")
    await eventually(settled(database))
    await ask(pushing, "twee", channel="phone")
    await eventually(settled(database))
    await pushing.told("phone", "p1", DeliveryState.FAILED, "outside_window")
    await eventually(lambda: len(provider.taken) == 3)
    assert [text for _, text in provider.taken] == ["antwoord op een", "antwoord op twee", "antwoord op een"]
