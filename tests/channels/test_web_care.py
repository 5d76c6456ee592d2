"""What a person does with a conversation on the web: a thumb, simple words, erasing; and what shows of a live talk."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.attended import add_els
from support.referrals import ELS, new
from support.site import Events, Site, Visitor

from bot.conversation.message import Author
from bot.conversation.service import Conversation
from bot.conversation.votes import votes_in
from bot.places import Gazetteer
from bot.referral.consent import Way, load_consent
from bot.referral.desk import Desk
from bot.referral.directory import load_directory
from bot.referral.hours import BELGIUM
from bot.referral.reception import Reception
from bot.referral.referrals import Referral, create
from bot.storage.referral_tables import referrals
from bot.storage.tables import metadata, votes
from channels.web.session import Sessions, signing_secret


async def post(visitor: Visitor, path: str, body: Any) -> tuple[int, Any]:
    """The status and the body of an answer."""
    response = await visitor.site.http.post(path, json=body, headers=visitor.headers)
    return response.status_code, response.json()


async def conversation_of(visitor: Visitor) -> Conversation | None:
    sender = Sessions(signing_secret(visitor.site.settings), 30).read(visitor.token).sender
    return await visitor.site.conversations.find("web", sender)


async def known(visitor: Visitor) -> Conversation:
    conversation = await conversation_of(visitor)
    assert conversation is not None
    return conversation


async def votes_of(site: Site, conversation: Conversation) -> dict[int, str]:
    return dict(await site.conversations.read(lambda connection: votes_in(connection, conversation.id)))


async def next_floor(events: Events) -> dict[str, Any]:
    """The next event that says how the conversation stands."""
    while True:
        event = await events.next()
        if event.get("event") == "floor":
            return dict(json.loads(event["data"]))


async def test_a_thumb_is_kept_with_its_reason_and_may_change(site: Site) -> None:
    visitor = await site.visitor()
    for body in ({"value": "up"}, {"value": "down", "reason": "hard", "comment": "te lang"}):
        assert await post(visitor, "/web/votes", {"seq": 1, **body}) == (200, {"done": True})
    conversation = await known(visitor)
    assert await votes_of(site, conversation) == {1: "down"}

    def row(connection: sa.engine.Connection) -> tuple[Any, ...]:
        mine = votes.c.conversation_id == conversation.id
        return tuple(connection.execute(sa.select(votes.c.value, votes.c.reason, votes.c.comment).where(mine)).one())

    assert await site.database.run(row, readonly=True) == ("down", "hard", "te lang")
    async with visitor.events() as events:
        assert json.loads((await events.next())["data"])["votes"] == {"1": "down"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"seq": 99, "value": "up"}, 404, "no_answer"),
        ({"seq": 0, "value": "up"}, 422, "invalid_field"),
        ({"seq": 1, "value": "sideways"}, 422, "invalid_field"),
        ({"seq": 1, "value": "up", "reason": "x"}, 422, "invalid_field"),
        ({"seq": 1, "value": "up", "comment": "x" * 501}, 422, "invalid_field"),
        ({"seq": 1, "value": "up", "stars": 5}, 422, "unknown_field"),
        ({"value": "up"}, 422, "missing_field"),
    ],
)
async def test_a_thumb_on_nothing_is_refused(site: Site, body: Any, status: int, code: str) -> None:
    visitor = await site.visitor()
    found, answer = await post(visitor, "/web/votes", body)
    assert (found, answer["error"]["code"]) == (status, code)
    assert await votes_of(site, await known(visitor)) == {}


async def test_nobody_votes_on_what_they_wrote_themselves(site: Site) -> None:
    visitor = await site.visitor()
    seq = await visitor.say("hallo")
    status, _ = await post(visitor, "/web/votes", {"seq": seq, "value": "up"})
    assert status == 404


async def test_simple_words_are_remembered_and_asked_of_the_assistant(site: Site) -> None:
    visitor = await site.visitor()
    for on in (True, False):
        assert await post(visitor, "/web/simple", {"on": on}) == (200, {"done": True})
        assert (await known(visitor)).simple is on
        text = f"eenvoudig {on}"
        await visitor.say(text)
        await visitor.lines(3 if on else 5)
        (turn,) = [turn for turn in site.rasa.turns if turn.text == text]
        assert turn.simple is on


async def test_simple_words_are_taken_along_to_a_new_conversation(site: Site) -> None:
    assert (await known(await site.visitor(simple=True))).simple is True
    assert (await known(await site.visitor())).simple is False


async def test_erasing_leaves_no_row_and_gives_a_receipt(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.say("weg ermee")
    await visitor.lines(3)
    await post(visitor, "/web/votes", {"seq": 1, "value": "up"})
    conversation = await known(visitor)
    status, receipt = await post(visitor, "/web/erase", {})
    assert status == 200
    assert receipt["total"] == sum(receipt["erased"].values())
    assert receipt["erased"]["inbox"] == 1
    assert receipt["erased"]["votes"] == 1
    assert await conversation_of(visitor) is None

    def rows(connection: sa.engine.Connection) -> dict[str, int]:
        counts = {}
        for table in metadata.sorted_tables:
            if "conversation_id" in table.c:
                mine = sa.select(sa.func.count()).where(table.c.conversation_id == conversation.id)
                counts[table.name] = connection.execute(mine.select_from(table)).scalar_one()
        return counts

    assert set((await site.database.run(rows, readonly=True)).values()) == {0}
    assert await post(visitor, "/web/erase", {}) == (200, {"total": 0, "erased": {}})


@pytest.mark.parametrize("path", ["/web/votes", "/web/simple", "/web/erase"])
async def test_nothing_is_done_without_a_session(site: Site, path: str) -> None:
    visitor = await site.visitor()
    for headers in ({"Origin": visitor.headers["Origin"]}, visitor.headers | {"Origin": "https://kwaad.example"}):
        response = await site.http.post(path, json={"seq": 1, "value": "up", "on": True}, headers=headers)
        assert response.status_code in (401, 403)


@pytest.fixture(scope="module")
def desk(site: Site) -> Desk:
    """The desk of the counsellors."""
    places = Gazetteer.load(site.settings.data_dir / "places")
    data = site.settings.data_dir / "referral"
    return Desk(site.conversations, load_directory(data, places), load_consent(data), site.settings)


async def test_a_live_talk_is_seen_as_it_goes(site: Site, desk: Desk) -> None:
    visitor = await site.visitor()
    conversation = await known(visitor)
    nothing = {"floor": "assistant", "name": "", "waiting": "", "typing": False, "read": 0}
    async with visitor.events() as events:
        assert await next_floor(events) == nothing
        referral = await waits(site, desk, conversation)
        floor = await next_floor(events)
        assert (floor["floor"], floor["name"]) == ("counsellor", "")
        assert floor["waiting"] == "Je krijgt antwoord voor 14.30 uur. Wat je schrijft, leest de begeleider straks."
        seq = await visitor.say("ben je daar?")
        await desk.say(referral.reference, ELS, "Dag!", key="1")
        floor = await next_floor(events)
        assert (floor["floor"], floor["name"], floor["waiting"]) == ("counsellor", "Els", "")
        said = await events.line()
        while said["author"] != "counsellor":
            said = await events.line()
        assert (said["reply"]["text"], said["reply"]["speaker"]) == ("Dag!", "Els")
        await desk.opened(referral.reference, ELS)
        assert (await next_floor(events))["read"] >= seq
        site.conversations.signs.types(conversation.id, Author.COUNSELLOR)
        assert (await next_floor(events))["typing"] is True
        site.conversations.signs.types(conversation.id, Author.COUNSELLOR, still=False)
        assert (await next_floor(events))["typing"] is False
        await desk.end_talk(referral.reference, ELS)
        assert await next_floor(events) == nothing


async def test_a_counsellor_sees_that_the_person_types_and_got_the_lines(site: Site, desk: Desk) -> None:
    visitor = await site.visitor()
    conversation = await known(visitor)
    signs = site.conversations.signs
    assert await post(visitor, "/web/typing", {}) == (202, {"done": True})
    assert not signs.typing(conversation.id, Author.CITIZEN)  # with the assistant it is nobody's business
    await waits(site, desk, conversation)
    await post(visitor, "/web/typing", {})
    assert signs.typing(conversation.id, Author.CITIZEN)
    (last,) = (await visitor.lines(1))[-1:]
    assert signs.arrived(conversation.id, Author.CITIZEN) >= last["seq"]


async def waits(site: Site, desk: Desk, conversation: Conversation) -> Referral:
    """The person asked to talk now, and waits for Els."""
    await site.database.run(add_els)
    asked = new(conversation_id=conversation.id, way=Way.CHAT)
    made = await site.database.run(lambda connection: create(connection, asked))
    promise = (datetime.now(BELGIUM) + timedelta(days=1)).replace(hour=14, minute=30)  # not yet due
    await site.database.run(
        lambda connection: (
            connection.execute(sa.update(referrals).where(referrals.c.id == made.id).values(claim_by=promise)).rowcount
        )
    )
    directory = load_directory(site.settings.data_dir / "referral", Gazetteer.load(site.settings.data_dir / "places"))
    reception = Reception(site.conversations, directory, site.settings)
    await site.conversations.change(conversation.id, lambda change: reception.answered(change, asked.message_key))
    return made
