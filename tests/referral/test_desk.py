"""The desk and the conversation: who speaks, who is silent, what the person hears, what counsellors may read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from support.people import ask, eventually, message
from support.rasa_server import RasaServer
from support.referrals import BRAM, ELS, STRANGER, new

from bot.assistant.interface import Answer, Turn
from bot.conversation.message import Author, Reply
from bot.conversation.service import Conversations, Floor
from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.referral import distress, overview
from bot.referral.afterwards import Question
from bot.referral.consent import Way
from bot.referral.desk import Desk
from bot.referral.handling import AlreadyClaimed, ClosingOutcome
from bot.referral.life import Party, State, UnknownReferral
from bot.referral.live import state_of
from bot.referral.pulse import LOOK_AGAIN, PAUSE
from bot.referral.referrals import Referral, create, latest_of
from bot.storage.columns import utcnow
from bot.storage.database import Database

Talks = tuple[Conversations, Desk]


def refers(database: Database, rasa_server: RasaServer, **changes: Any) -> None:
    """Has the fake assistant make a referral when somebody says "ja", as the real one does in its action."""

    def answer(turn: Turn) -> Answer:
        if turn.text != "ja":
            return Answer(replies=(Reply(text=f"antwoord op {turn.text}"),))
        with database.begin() as connection:
            made = create(
                connection,
                new(conversation_id=turn.conversation_id, message_key=turn.message_key, **changes),
                now=utcnow(),
            )
        return Answer(replies=(Reply(text=f"Genoteerd: {made.reference}"),))

    rasa_server.answer = answer


async def waiting(
    talks: Talks, database: Database, rasa_server: RasaServer, sender: str = "an", **changes: Any
) -> Referral:
    """Somebody who asked for a talk and waits."""
    conversations, _ = talks
    refers(database, rasa_server, **{"way": Way.CHAT} | changes)
    await ask(conversations, "hallo", sender)
    assert len(await ask(conversations, "ja", sender)) == 1
    conversation = await conversations.find("web", sender)
    assert conversation is not None
    found = await conversations.read(lambda connection: latest_of(connection, conversation.id))
    assert found is not None
    return found


async def texts(conversations: Conversations, referral: Referral, author: Author | None = None) -> list[str]:
    lines = await conversations.lines(referral.conversation_id)
    return [line.text for line in lines if author is None or line.author is author]


async def test_who_asked_for_a_talk_waits_and_the_assistant_is_silent(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    assert referral.status is State.WAITING
    assert (await conversations.floor(referral.conversation_id))[0] is Floor.COUNSELLOR
    assert await ask(conversations, "ik wil graag lassen leren") == []
    (listed,) = await desk.listed(ELS.organisation)
    assert (listed.reference, listed.status, listed.unread) == (referral.reference, State.WAITING, 1)
    opened = await desk.opened(referral.reference, ELS)
    assert [line.text for line in opened.lines][-1] == "ik wil graag lassen leren"
    assert (await desk.listed(ELS.organisation))[0].unread == 0


async def test_a_talk_from_the_first_word_to_the_last(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    await desk.claim(referral.reference, ELS)
    await desk.claim(referral.reference, ELS)
    with pytest.raises(AlreadyClaimed) as lost:
        await desk.claim(referral.reference, BRAM)
    assert lost.value.counsellor_id == ELS.id
    first = await desk.say(referral.reference, ELS, "Dag, ik ben Els.", key="1")
    assert await desk.say(referral.reference, ELS, "Dag, ik ben Els.", key="1") == first
    assert await ask(conversations, "dag Els") == []
    await desk.say(referral.reference, ELS, "Waarmee kan ik helpen?", key="2")
    await desk.end_talk(referral.reference, ELS)
    await desk.end_talk(referral.reference, ELS)
    said = await texts(conversations, referral)
    assert said[:3] == ["hallo", "antwoord op hallo", "ja"]
    assert said[4:] == [
        "Els van Leerwinkel Brussel leest je vraag en komt zo bij je.",
        "Je praat nu met Els van Leerwinkel Brussel. Dat is een mens. De digitale assistent zwijgt.",
        "Dag, ik ben Els.",
        "dag Els",
        "Waarmee kan ik helpen?",
        "Het gesprek met Els is afgelopen. Je praat nu weer met de digitale assistent.\nHeeft dit gesprek je geholpen?",
    ]
    # The assistant is back, and does not answer what was said to Els.
    assert len(await ask(conversations, "nog iets")) == 1
    assert rasa_server.arrived("dag Els") == 0
    closed = await desk.close(referral.reference, ELS, ClosingOutcome.REACHED)
    assert closed.status is State.CLOSED
    assert await desk.listed(ELS.organisation) == []
    assert [one.reference for one in await desk.listed(ELS.organisation, ended=True)] == [referral.reference]


async def test_closing_in_the_middle_of_a_talk_gives_the_assistant_back_once(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    await desk.close(referral.reference, ELS, ClosingOutcome.APPOINTMENT)
    await desk.close(referral.reference, ELS, ClosingOutcome.APPOINTMENT)
    marks = [text for text in await texts(conversations, referral, Author.SYSTEM) if "afgelopen" in text]
    assert len(marks) == 1
    assert len(await ask(conversations, "hallo weer")) == 1


@pytest.mark.parametrize("words", ["stop met wachten", "ik wil niet meer wachten", "Stop.", "ik ben het wachten beu"])
async def test_stop_waiting_gives_the_assistant_back(
    talks: Talks, database: Database, rasa_server: RasaServer, words: str
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    await ask(conversations, words)
    assert (await conversations.floor(referral.conversation_id))[0] is Floor.ASSISTANT
    assert (await texts(conversations, referral))[-1].startswith("Goed, je wacht niet meer.")
    assert await desk.listed(ELS.organisation) == []
    assert len(await ask(conversations, "hallo")) == 1


@pytest.mark.parametrize("words", ["ik wacht", "wachten is ok", "mijn bus stopt aan de kerk", "moet ik lang wachten?"])
async def test_other_words_are_for_the_counsellor(
    talks: Talks, database: Database, rasa_server: RasaServer, words: str
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    await ask(conversations, words)
    assert (await conversations.floor(referral.conversation_id))[0] is Floor.COUNSELLOR
    assert (await desk.listed(ELS.organisation))[0].unread == 1


async def test_in_a_talk_the_person_can_have_the_assistant_back(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    await ask(conversations, "stop")  # said to Els: in a talk this is no order
    assert (await conversations.floor(referral.conversation_id))[0] is Floor.COUNSELLOR
    await ask(conversations, "terug naar de assistent")
    assert (await conversations.floor(referral.conversation_id))[0] is Floor.ASSISTANT
    assert (await desk.listed(ELS.organisation))[0].status is State.CLAIMED


async def test_a_counsellor_reaches_who_asked_to_be_called_in_the_conversation_too(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server, way=Way.CALL)
    assert referral.status is State.REQUESTED
    assert len(await ask(conversations, "intussen een vraag")) == 1
    await desk.say(referral.reference, ELS, "Ik belde je net.", key="1")
    assert await ask(conversations, "sorry, ik zat op de bus") == []
    await desk.end_talk(referral.reference, ELS)
    shown = [line.text for line in (await desk.opened(referral.reference, ELS)).lines]
    assert "sorry, ik zat op de bus" in shown
    # What was said to the assistant after the referral was not consented to.
    assert "intussen een vraag" not in shown


async def test_without_the_transcript_only_the_talk_is_shown(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server, with_transcript=False)
    await ask(conversations, "ben je daar?")
    assert "hallo" in await texts(conversations, referral)
    shown = [line.text for line in (await desk.opened(referral.reference, ELS)).lines]
    assert "hallo" not in shown
    assert "ben je daar?" in shown


async def test_strangers_see_nothing_and_change_nothing(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    for attempt in (desk.opened, desk.claim, desk.release, desk.end_talk, desk.contacted):
        with pytest.raises(UnknownReferral):
            await attempt(referral.reference, STRANGER)  # type: ignore[operator]
    with pytest.raises(UnknownReferral):
        await desk.say(referral.reference, STRANGER, "hallo", key="1")
    assert await desk.listed(STRANGER.organisation) == []
    assert await texts(conversations, referral, Author.COUNSELLOR) == []


async def test_the_desk_hears_of_what_happens(talks: Talks, database: Database, rasa_server: RasaServer) -> None:
    conversations, desk = talks
    changes, strangers = desk.pulses.changes(ELS.organisation), desk.pulses.changes(STRANGER.organisation)
    await anext(changes)  # at once: the page was made before
    await anext(strangers)
    silent = asyncio.ensure_future(anext(strangers))
    referral = await waiting(talks, database, rasa_server)
    for step in (
        ask(conversations, "ben je daar?"),
        desk.seen(referral.reference, ELS, 4),
        desk.claim(referral.reference, ELS),
    ):
        async with asyncio.timeout(5):
            await anext(changes)
        await asyncio.sleep(PAUSE + 0.1)  # what happens in one pause is told as one
        await step
    async with asyncio.timeout(5):
        await anext(changes)
    assert not silent.done()
    silent.cancel()
    await asyncio.gather(silent, return_exceptions=True)
    for watched in (changes, strangers):
        await watched.aclose()


async def test_a_list_is_looked_at_once_however_many_pages_watch_it(
    talks: Talks, database: Database, rasa_server: RasaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations, desk = talks
    await waiting(talks, database, rasa_server)
    looks = 0
    real = overview.pulse

    def counted(*given: Any) -> tuple[int, ...]:
        nonlocal looks
        looks += 1
        return real(*given)

    monkeypatch.setattr(overview, "pulse", counted)
    pages = [desk.pulses.changes(ELS.organisation) for _ in range(50)]
    await asyncio.gather(*map(anext, pages))
    told = [asyncio.ensure_future(anext(page)) for page in pages]
    await eventually(lambda: looks > 0)
    for number in range(5):
        await ask(conversations, f"bericht {number}")
    async with asyncio.timeout(5):
        await asyncio.gather(*told)
    assert looks < 15
    for page in pages:
        await page.aclose()
    tasks = len(asyncio.all_tasks())
    await asyncio.sleep(LOOK_AGAIN)
    assert len(asyncio.all_tasks()) <= tasks  # nobody watches any more


async def test_what_was_read_is_known_on_both_sides(talks: Talks, database: Database, rasa_server: RasaServer) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    said = await desk.say(referral.reference, ELS, "Dag!", key="1")
    asked = await conversations.accept(message("dag Els"))

    def live(connection: sa.engine.Connection) -> int:
        found = state_of(connection, referral.conversation_id)
        assert found is not None
        return found[0].read

    for seq, read in ((asked.seq, asked.seq), (said, asked.seq), (asked.seq + 10, asked.seq)):
        await desk.seen(referral.reference, ELS, seq)  # never backwards, nor beyond what there is
        assert await conversations.read(live) == read
    with pytest.raises(UnknownReferral):
        await desk.seen(referral.reference, STRANGER, asked.seq)
    for seq, read in ((said, said), (said - 1, said), (99, asked.seq)):
        await conversations.read_up_to(referral.conversation_id, seq)
        assert (await desk.glance(referral.reference, ELS)).read_seq == read


async def test_handing_on_is_said_in_the_talk(talks: Talks, database: Database, rasa_server: RasaServer) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    await desk.hand_on(referral.reference, ELS, BRAM)
    assert (await texts(conversations, referral))[-1] == "Bram van Leerwinkel Brussel neemt het gesprek over."
    with pytest.raises(AlreadyClaimed):
        await desk.say(referral.reference, ELS, "Nog iets", key="2")
    await desk.say(referral.reference, BRAM, "Dag, ik ben Bram.", key="1")
    with pytest.raises(ValueError, match="same organisation"):
        await desk.hand_on(referral.reference, BRAM, STRANGER)
    with pytest.raises(ValueError, match="empty"):
        await desk.say(referral.reference, BRAM, " \u200b", key="3")


async def test_what_was_being_computed_when_a_counsellor_spoke_is_not_said(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server, way=Way.CALL)
    rasa_server.delay = 0.3
    accepted = await conversations.accept(message("traag"))
    await eventually(lambda: rasa_server.arrived("traag") == 1)
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    assert await conversations.replies_to(accepted, 5.0) == []
    assert "antwoord op traag" not in await texts(conversations, referral)


async def test_a_proposal_goes_nowhere_without_the_persons_consent(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    await desk.say(referral.reference, ELS, "Dag!", key="1")
    for organisation in ("gtb", "ocmw", "bestaat-niet"):  # nobody there, takes none, unknown
        with pytest.raises(ValueError, match=organisation):
            await desk.propose(referral.reference, ELS, organisation)
    with database.begin() as connection:
        accounts.add(connection, "sam@voorbeeld.be", "Sam", Role.COUNSELLOR, "vdab")
    for refuse in (True, False):
        proposed = await desk.propose(referral.reference, ELS, "vdab")
        assert (proposed.organisation, proposed.handover_to) == (ELS.organisation, "vdab")
        question = (await conversations.lines(referral.conversation_id))[-1].reply
        assert question is not None and "Mag ik dit doorsturen naar VDAB?" in question.text
        answer = {button.title: button.payload for button in question.buttons}
        with pytest.raises(UnknownReferral):
            await desk.opened(referral.reference, STRANGER)
        choice = "Nee" if refuse else "Ja, zonder gesprek"
        await conversations.replies_to(await conversations.accept(message(button=answer[choice])), 5.0)
        if refuse:
            assert (await texts(conversations, referral))[-1] == "Goed, ik stuur niets door."
            assert (await desk.opened(referral.reference, ELS)).referral.handover_to is None
    assert (await texts(conversations, referral))[-1].startswith("Je vraag gaat nu naar VDAB.")
    with pytest.raises(UnknownReferral):
        await desk.opened(referral.reference, ELS)
    theirs = (await desk.opened(referral.reference, STRANGER)).referral
    assert (theirs.status, theirs.counsellor_id, theirs.with_transcript) == (State.WAITING, None, False)
    assert "VDAB" in theirs.consent_text
    # Pressing an old button again changes nothing.
    await conversations.replies_to(await conversations.accept(message(button=answer["Ja, stuur door"])), 5.0)
    assert (await texts(conversations, referral))[-1].startswith("Dat had je al gekozen.")
    assert (await desk.opened(referral.reference, STRANGER)).referral.organisation == "vdab"


async def test_what_the_organisation_says_afterwards_is_kept(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    _, desk = talks
    referral = await waiting(talks, database, rasa_server, way=Way.CALL)
    await desk.claim(referral.reference, ELS)
    await desk.close(referral.reference, ELS, ClosingOutcome.NO_ANSWER)
    await desk.answer(referral.reference, ELS, Question.DID, "enrolled")
    with pytest.raises(ValueError, match="onzin"):
        await desk.answer(referral.reference, ELS, Question.DID, "onzin")
    with pytest.raises(UnknownReferral):
        await desk.answer(referral.reference, STRANGER, Question.DID, "enrolled")
    assert await desk.answers(referral.reference, ELS) == {(Party.COUNSELLOR, Question.DID): "enrolled"}


def in_need(text: str) -> str | None:
    """Reads distress in one sentence, as the trained detector does in many."""
    return "distress" if text == "ik zie het niet meer zitten" else "inform"


async def helped(conversations: Conversations, referral: Referral) -> int:
    return len([text for text in await texts(conversations, referral, Author.SYSTEM) if "1813" in text])


async def test_who_waits_in_acute_need_gets_the_helplines_at_once_and_goes_on_waiting(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, desk = talks
    referral = await waiting(talks, database, rasa_server)
    rasa_server.reads = in_need
    for _ in range(2):
        await ask(conversations, "ik zie het niet meer zitten")
    await eventually(lambda: rasa_server.read_texts.count("ik zie het niet meer zitten") == 2)
    async with asyncio.timeout(5):
        while not await helped(conversations, referral):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await helped(conversations, referral) == 1
    assert (await desk.listed(ELS.organisation))[0].unread == 2
    assert (await conversations.floor(referral.conversation_id))[0] is Floor.COUNSELLOR
    # Nothing but the helplines comes of it: the assistant was not asked for an answer, and says nothing of other texts.
    await ask(conversations, "ik zoek een cursus")
    await eventually(lambda: "ik zoek een cursus" in rasa_server.read_texts)
    assert {turn.text for turn in rasa_server.turns} == {"hallo", "ja"}
    assert len(await texts(conversations, referral, Author.ASSISTANT)) == 2
    # In a talk it is for the counsellor, who reads it.
    await desk.say(referral.reference, ELS, "Ik ben er.", key="1")
    before = len(rasa_server.read_texts)
    await ask(conversations, "ik zie het niet meer zitten")
    await asyncio.sleep(0.2)
    assert len(rasa_server.read_texts) == before
    assert await helped(conversations, referral) == 1


async def test_need_is_heard_once_the_assistant_can_read_again(
    talks: Talks, database: Database, rasa_server: RasaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distress, "_PAUSES", (0.05,) * 40)
    conversations, _ = talks
    referral = await waiting(talks, database, rasa_server)
    rasa_server.reads, rasa_server.up = in_need, False
    await ask(conversations, "ik zie het niet meer zitten")
    await eventually(lambda: len(rasa_server.read_texts) > 1)
    assert await helped(conversations, referral) == 0
    rasa_server.up = True
    async with asyncio.timeout(5):
        while not await helped(conversations, referral):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_need_is_heard_in_what_ends_the_waiting_too(
    talks: Talks, database: Database, rasa_server: RasaServer
) -> None:
    conversations, _ = talks
    referral = await waiting(talks, database, rasa_server)
    rasa_server.reads = lambda text: "distress" if "dood" in text else "inform"
    await ask(conversations, "ik ben het wachten beu, ik wil dood")
    async with asyncio.timeout(5):
        while not await helped(conversations, referral):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await conversations.floor(referral.conversation_id))[0] is Floor.ASSISTANT
