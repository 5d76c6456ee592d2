"""The fourteen ways in which a hand-over to a person goes wrong elsewhere, each as a test that it does not here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.people import QUICK, ask, eventually, message
from support.provider import Provider, ProviderSender
from support.rasa_server import Fault, RasaServer
from support.referrals import BRAM, ELS, NOW, ORGANISATION, new

from bot.assistant.interface import Answer, Turn
from bot.assistant.tracker_store import DatabaseTrackerStore
from bot.conversation import change
from bot.conversation.message import Author, Reply, Source
from bot.conversation.rewind import _events as events_table
from bot.conversation.service import Conversations, Floor
from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.referral import handling, hours, life, presence, promises
from bot.referral.consent import Way, load_consent
from bot.referral.desk import Desk
from bot.referral.directory import Directory
from bot.referral.handling import AlreadyClaimed, ClosingOutcome
from bot.referral.hours import Availability
from bot.referral.life import State, What
from bot.referral.promises import Promises
from bot.referral.reception import Reception
from bot.referral.referrals import Referral, create, find_by_conversation
from bot.settings import ROOT, Settings
from bot.storage.columns import utcnow
from bot.storage.database import Database

Talks = tuple[Conversations, Desk]
ACKNOWLEDGED = "Je aanvraag is genoteerd"


@pytest.fixture(autouse=True)
def refers(database: Database, rasa_server: RasaServer) -> None:
    """The fake assistant makes a referral when somebody says "ja" (to talk) or "bel" (to be called)."""

    def answer(turn: Turn) -> Answer:
        way = {"ja": Way.CHAT, "bel": Way.CALL}.get(turn.text)
        if way is None:
            source = Source(title="Prijzen", url=None, checked="2026-11-23")
            return Answer(replies=(Reply(text=f"antwoord op {turn.text}", sources=(source,)),))
        asked = new(conversation_id=turn.conversation_id, message_key=turn.message_key, way=way)
        with database.begin() as connection:
            create(connection, asked, now=utcnow())
        return Answer(replies=(Reply(text=ACKNOWLEDGED),))

    rasa_server.answer = answer


async def refer(talks: Talks, database: Database, word: str = "ja", sender: str = "an") -> Referral:
    conversations, _ = talks
    await ask(conversations, word, sender)
    conversation = await conversations.find("web", sender)
    assert conversation is not None
    return (await conversations.read(lambda connection: find_by_conversation(connection, conversation.id)))[0]


async def said(conversations: Conversations, referral: Referral, author: Author | None = None) -> list[str]:
    lines = await conversations.lines(referral.conversation_id)
    return [line.text for line in lines if author is None or line.author is author]


async def test_01_the_bot_does_not_keep_answering_during_a_takeover(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await refer(talks, database)
    for text in ("terwijl ik wacht", "/restart", "/request_human"):
        assert await ask(conversations, text) == []
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    for text in ("tijdens het gesprek", "opnieuw beginnen", "help"):
        assert await ask(conversations, text) == []
    assert [turn.text for turn in rasa_server.turns] == ["ja"]
    assert await said(conversations, referral, Author.ASSISTANT) == [ACKNOWLEDGED]


async def test_02_a_reply_that_was_being_computed_is_not_sent_after_the_takeover(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await refer(talks, database, "bel")
    rasa_server.faults.append(Fault.HANG)
    accepted = await conversations.accept(message("een vraag"))
    await eventually(lambda: rasa_server.arrived("een vraag") == 1)
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    rasa_server.release()
    assert await conversations.replies_to(accepted, 10.0) == []
    assert "antwoord op een vraag" not in await said(conversations, referral)


async def test_03_of_two_counsellors_who_claim_at_once_one_wins_and_the_other_hears_who(
    talks: Talks, database: Database
) -> None:
    _, desk = talks
    referral = await refer(talks, database)
    await desk.claim(referral.reference, BRAM)
    with pytest.raises(AlreadyClaimed) as lost:
        await desk.claim(referral.reference, ELS)
    winner = (await desk.opened(referral.reference, ELS)).referral
    assert (lost.value.counsellor_id, lost.value.at) == (BRAM.id, winner.claimed_at)


async def test_04_the_person_hears_at_every_step_who_comes_and_what_happens(talks: Talks, database: Database) -> None:
    conversations, desk = talks
    referral = await refer(talks, database)
    heard = [len(await said(conversations, referral))]
    for step in (
        lambda: desk.claim(referral.reference, ELS),
        lambda: desk.say(referral.reference, ELS, "Dag!", key="1"),
        lambda: desk.hand_on(referral.reference, ELS, BRAM),
        lambda: desk.end_talk(referral.reference, BRAM),
    ):
        await step()
        heard.append(len(await said(conversations, referral)))
    # One line each; with the first word of a counsellor comes the mark that a person speaks.
    assert [after - before for before, after in zip(heard, heard[1:], strict=False)] == [1, 2, 1, 1]


async def test_05_one_acknowledgement_however_often_a_step_is_tried(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    rasa_server.faults.append(Fault.DROP)  # the referral is made, and the answer is lost on the way
    referral = await refer(talks, database)
    assert rasa_server.arrived("ja") == 2
    for _ in range(3):
        await desk.claim(referral.reference, ELS)
    for _ in range(3):
        await desk.say(referral.reference, ELS, "Dag!", key="1")
    for _ in range(3):
        await desk.end_talk(referral.reference, ELS)
    every = await said(conversations, referral)
    for words in (ACKNOWLEDGED, "komt zo bij je", "Je praat nu met Els", "Dag!", "is afgelopen"):
        assert sum(words in text for text in every) == 1, words
    assert (
        len(await conversations.read(lambda connection: find_by_conversation(connection, referral.conversation_id)))
        == 1
    )


async def test_06_closed_or_nobody_there_is_told_apart_and_no_queue_is_dead(
    talks: Talks, database: Database, directory: Directory, make_settings: Callable[..., Settings]
) -> None:
    conversations, _ = talks
    organisation = directory.get("vdab")
    assert organisation is not None
    here = life.Counsellor("1", "vdab", "Els")
    holiday = NOW.replace(month=12, day=25)
    with database.begin() as connection:
        states = [hours.availability(connection, organisation, NOW)[0]]
        for moment in (NOW, NOW + timedelta(hours=9), holiday):
            presence.beat(connection, here, moment)
            states.append(hours.availability(connection, organisation, moment)[0])
    assert states == [Availability.UNSTAFFED, Availability.OPEN, Availability.CLOSED, Availability.CLOSED]
    # Who waits and is not fetched hears that, and is not left with a silent assistant.
    referral = await refer(talks, database)
    settings = make_settings()
    kept = Promises(directory, settings)
    for minutes in (11, 22):
        later = utcnow() + timedelta(minutes=minutes)
        with database.begin() as connection:
            connection.execute(
                sa.update(promises.referrals).where(promises.referrals.c.claim_by.is_(None)).values(claim_by=utcnow())
            )
            kept.keep(change.begin(connection, referral.conversation_id, later, lambda channel: False), referral.id)
    assert len(await ask(conversations, "hallo")) == 1
    assert (await said(conversations, referral, Author.SYSTEM))[-1].startswith("Sorry, bij Leerwinkel Brussel")


async def test_07_the_counsellor_gets_the_question_the_answers_with_sources_and_the_consent(
    talks: Talks, database: Database
) -> None:
    conversations, desk = talks
    await ask(conversations, "wat kost een cursus lassen?")
    referral = await refer(talks, database)
    opened = await desk.opened(referral.reference, ELS)
    assert [line.text for line in opened.lines][:3] == [
        "wat kost een cursus lassen?", "antwoord op wat kost een cursus lassen?", "ja",
    ]  # fmt: skip
    assert opened.lines[1].reply is not None and opened.lines[1].reply.sources[0].checked == "2026-11-23"
    assert {line.author for line in opened.lines[:2]} == {Author.CITIZEN, Author.ASSISTANT}
    found = opened.referral
    assert (
        found.summary and found.consent_text and found.consent_version and found.consented_at and found.channel == "web"
    )


async def test_08_what_is_written_while_waiting_is_kept_counted_and_seen(talks: Talks, database: Database) -> None:
    conversations, desk = talks
    referral = await refer(talks, database)
    texts = [f"regel {number}" for number in range(5)]
    for text in texts:
        await ask(conversations, text)
    assert (await desk.listed(ORGANISATION))[0].unread == 5
    shown = [line.text for line in (await desk.opened(referral.reference, ELS)).lines]
    assert shown[-5:] == texts
    assert (await desk.listed(ORGANISATION))[0].unread == 0


async def test_09_a_hand_over_works_again_and_again(talks: Talks, database: Database) -> None:
    conversations, desk = talks
    references = set()
    for number in range(3):
        referral = await refer(talks, database)
        references.add(referral.reference)
        assert referral.status is State.WAITING
        await desk.say(referral.reference, ELS, f"Dag {number}", key="1")
        await desk.close(referral.reference, ELS, ClosingOutcome.REACHED)
        assert len(await ask(conversations, f"en nu {number}")) == 1
    assert len(references) == 3


async def test_10_after_the_return_the_assistant_listens_and_answers_nothing_twice(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    DatabaseTrackerStore.SQLEvent.__table__.create(database.engine)
    conversations, desk = talks
    referral = await refer(talks, database)
    with database.begin() as connection:  # Rasa was in the middle of a form
        connection.execute(
            sa.text("INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (:s, 'active_loop', 1.0, :d)"),
            {"s": referral.conversation_id, "d": json.dumps({"event": "active_loop", "name": "course_search_form"})},
        )
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    await ask(conversations, "wat kost lassen?")
    await desk.say(referral.reference, ELS, "135 euro", key="2")
    await desk.end_talk(referral.reference, ELS)
    # The mark stands in the person's view and in the counsellor's.
    mark = "Je praat nu weer met de digitale assistent."
    assert mark in (await said(conversations, referral))[-1]
    assert mark in (await desk.opened(referral.reference, ELS)).lines[-1].text
    assert len(await ask(conversations, "bedankt")) == 1
    assert rasa_server.arrived("wat kost lassen?") == 0
    with database.read() as connection:
        rows = connection.execute(sa.select(events_table).order_by(events_table.c.id)).all()
    left = [json.loads(row.data) for row in rows[1:]]
    assert [(event["event"], event.get("name")) for event in left] == [
        ("active_loop", None), ("slot", "requested_slot"), ("action", "action_listen"),
    ]  # fmt: skip


async def test_11_a_line_outside_the_window_does_not_vanish_and_the_counsellor_sees_that_it_waits(
    database: Database, assistant: Any, make_settings: Callable[..., Settings], directory: Directory
) -> None:
    provider = Provider()
    await provider.start()
    settings = make_settings()
    conversations = Conversations(database, assistant, settings, QUICK)
    conversations.register("phone", ProviderSender(provider.url))
    conversations.attend(Reception(conversations, directory, settings))
    desk = Desk(conversations, directory, load_consent(ROOT / "data" / "referral"), settings)
    await conversations.start()
    try:
        await ask(conversations, "bel", channel="phone")
        conversation = await conversations.find("phone", "an")
        assert conversation is not None
        (referral,) = await conversations.read(lambda connection: find_by_conversation(connection, conversation.id))
        await eventually(lambda: [text for _, text in provider.taken] == [ACKNOWLEDGED])
        provider.verdicts.append("422")  # WhatsApp: more than a day after the person's last message
        seq = await desk.say(referral.reference, ELS, "Ik belde je net.", key="1")
        await eventually(lambda: "(schrijf ons)" in [text for _, text in provider.taken])
        assert (await desk.deliveries(referral.reference, ELS))[seq][0] == "pending"
        # Another way out is in the referral: the number that the person gave.
        assert (await desk.opened(referral.reference, ELS)).referral.contact == "+32470123456"
        await ask(conversations, "ik ben er weer", channel="phone")
        await eventually(lambda: "Ik belde je net." in [text for _, text in provider.taken], 10.0)
        async with asyncio.timeout(10):
            while (await desk.deliveries(referral.reference, ELS))[seq][0] != "sent":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await conversations.stop()
        await provider.stop()


async def test_12_nothing_hands_over_by_itself_more_than_once(
    talks: Talks, database: Database, directory: Directory, make_settings: Callable[..., Settings]
) -> None:
    referral = await refer(talks, database, "bel")
    kept = Promises(directory, make_settings())
    with database.begin() as connection:
        accounts.add(connection, "mo@voorbeeld.be", "Mo", Role.COUNSELLOR, "vdab-brussel", now=NOW)
        values = {"claim_by": utcnow(), "fallback": "vdab-brussel"}
        connection.execute(sa.update(promises.referrals).values(**values))
    mo = life.Counsellor("9", "vdab-brussel", "Mo")
    for days in (1, 2, 3, 30):
        with database.begin() as connection:
            later = utcnow() + timedelta(days=days)
            kept.keep(change.begin(connection, referral.conversation_id, later, lambda channel: False), referral.id)
            if days == 1:  # taken up and given back
                handling.claim(connection, referral.reference, mo, later)
                handling.release(connection, referral.reference, mo, later)
    with database.read() as connection:
        history = [event.what for event in life.events(connection, referral.id)]
    assert history.count(What.ESCALATED) == 1
    assert history[-1] is What.EXPIRED


async def test_13_assigned_is_not_answered(talks: Talks, database: Database) -> None:
    _, desk = talks
    referral = await refer(talks, database)
    claimed = await desk.claim(referral.reference, ELS)
    assert claimed.claimed_at is not None and claimed.first_reply_at is None
    assert not (await desk.listed(ORGANISATION))[0].answered
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    listed = (await desk.listed(ORGANISATION))[0]
    assert (listed.answered, listed.status) == (True, State.LIVE)
    # Whoever answers, claims: no one else can answer beside them.
    other = await refer(talks, database, sender="bo")
    await desk.say(other.reference, BRAM, "Dag!", key="1")
    with pytest.raises(AlreadyClaimed):
        await desk.say(other.reference, ELS, "Dag!", key="1")


async def test_14_who_waits_sees_what_happens_and_can_always_have_the_assistant_back(
    talks: Talks, database: Database
) -> None:
    conversations, desk = talks
    referral = await refer(talks, database)
    await desk.claim(referral.reference, ELS)
    line = (await conversations.lines(referral.conversation_id))[-1]
    assert line.reply is not None
    (stop,) = line.reply.buttons
    assert stop.title == "Stop met wachten"
    accepted = await conversations.accept(message(button=stop.payload))
    assert await conversations.replies_to(accepted, 5.0) == []
    assert (await conversations.floor(referral.conversation_id))[0] is Floor.ASSISTANT
    assert (await said(conversations, referral))[-1].startswith("Goed, je wacht niet meer.")
    assert len(await ask(conversations, "hallo")) == 1
