"""The stream of events: resumed anywhere it loses and repeats nothing, several readers at once, and it ends well."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.site import PUBLIC, Site

from bot.conversation.message import Author, Reply
from channels.web import events as module
from channels.web.session import Sessions, signing_secret


def summary(lines: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(line["seq"], line.get("text") or line["reply"]["text"]) for line in lines]


async def conversation_of(site: Site, token: str) -> str:
    sender = Sessions(signing_secret(site.settings), 30).read(token).sender
    conversation = await site.conversations.find("web", sender)
    assert conversation is not None
    return conversation.id


async def test_it_is_a_stream_of_events_that_nobody_keeps(site: Site) -> None:
    visitor = await site.visitor()
    async with visitor.events() as events:
        assert events.response.headers["content-type"].startswith("text/event-stream")
        assert events.response.headers["cache-control"] == "no-store"
        assert events.response.headers["x-accel-buffering"] == "no"
        hello = await events.next()
        assert hello["event"] == "hello"
        mark = json.loads(hello["data"])["conversation"]
        assert mark not in await conversation_of(site, visitor.token)
        floor = await events.next()
        assert floor["event"] == "floor"
        assert json.loads(floor["data"]) == {
            "floor": "assistant", "name": "", "waiting": "", "typing": False, "read": 0,
        }  # fmt: skip
        assert "id" in await events.next()
        assert (await events.next())["event"] == "live"


async def test_resumed_at_any_line_it_loses_and_repeats_nothing(site: Site) -> None:
    visitor = await site.visitor()
    for number in range(3):
        await visitor.say(f"bericht {number}")
    whole = await visitor.lines(7)
    assert [line["seq"] for line in whole] == sorted({line["seq"] for line in whole})
    for index, line in enumerate(whole[:-1]):
        rest = await visitor.lines(len(whole) - index - 1, after=line["seq"])
        assert summary(rest) == summary(whole[index + 1 :])


async def test_a_reader_who_comes_and_goes_sees_every_line_once(site: Site) -> None:
    visitor = await site.visitor()
    seen: list[tuple[int, str]] = []

    async def write() -> None:
        for number in range(12):
            await visitor.say(f"bericht {number}")
            await asyncio.sleep(0.01)

    async def read() -> None:
        after = None
        while len(seen) < 25:
            lines = await visitor.lines(min(3, 25 - len(seen)), after)  # then the connection breaks
            seen.extend(summary(lines))
            after = lines[-1]["seq"]

    async with asyncio.timeout(30):
        await asyncio.gather(write(), read())
    assert seen == summary(await visitor.lines(25))
    assert [text for _, text in seen if text.startswith("bericht")] == [f"bericht {number}" for number in range(12)]


async def test_all_tabs_get_every_line(site: Site) -> None:
    visitor = await site.visitor()
    tabs = [asyncio.create_task(visitor.lines(5)) for _ in range(4)]
    await asyncio.sleep(0.1)
    await visitor.say("een")
    await visitor.say("twee")
    async with asyncio.timeout(10):
        first, *others = [summary(lines) for lines in await asyncio.gather(*tabs)]
    assert {text for _, text in first[1:]} == {"een", "Je schreef: een", "twee", "Je schreef: twee"}
    assert all(other == first for other in others)


async def test_a_long_transcript_comes_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    visitor = await site.visitor()
    conversation = await conversation_of(site, visitor.token)
    for number in range(9):
        await site.conversations.say(conversation, Author.SYSTEM, Reply(text=f"regel {number}"))
    lines = await visitor.lines(10)
    assert [text for _, text in summary(lines[1:])] == [f"regel {number}" for number in range(9)]


async def test_a_line_of_a_counsellor_says_so(site: Site) -> None:
    visitor = await site.visitor()
    await site.conversations.say(await conversation_of(site, visitor.token), Author.COUNSELLOR, Reply(text="Dag!"))
    _, line = await visitor.lines(2)
    assert (line["author"], line["reply"]["text"]) == ("counsellor", "Dag!")


async def test_a_silent_stream_says_that_it_lives(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_ALIVE", 0.2)
    visitor = await site.visitor()
    async with visitor.events() as events:
        seen = [await events.next(3) for _ in range(6)]
        assert sum(event.get("comment") == "keep-alive" for event in seen) >= 2
        await visitor.say("nog daar?")  # and it still works
        assert (await events.line())["text"] == "nog daar?"


async def test_it_ends_when_the_conversation_is_erased_and_another_begins(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_ALIVE", 60)  # it ends at once, not when the stream looks again
    visitor = await site.visitor()
    async with visitor.events() as events:
        before = (await events.next())["data"]
        while (await events.next()).get("event") != "live":
            pass
        await site.conversations.erase(await conversation_of(site, visitor.token))
        with pytest.raises(EOFError):
            while True:
                await events.next()
    async with visitor.events(after=1) as events:
        assert (await events.next())["data"] != before


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "99999999999", "0x1", "٣", "1,2"])
async def test_a_position_that_is_no_number_is_refused(site: Site, position: str) -> None:
    visitor = await site.visitor()
    headers = visitor.headers | {"Last-Event-ID": position}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    response = await site.http.get("/web/events", headers=raw)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_field"


async def test_a_position_beyond_the_end_waits_for_what_comes(site: Site) -> None:
    visitor = await site.visitor()
    async with visitor.events(after=2**31 - 1) as events:
        assert (await events.next())["event"] == "hello"
        assert (await events.next())["event"] == "floor"
        assert (await events.next())["event"] == "live"


async def test_the_same_origin_reads_without_saying_so(site: Site) -> None:
    visitor = await site.visitor()
    headers = {"Authorization": f"Bearer {visitor.token}", "Sec-Fetch-Site": "same-origin"}
    async with site.http.stream("GET", "/web/events", headers=headers) as response:
        assert response.status_code == 200


async def test_who_closes_the_page_leaves_nothing_running(site: Site) -> None:
    visitor = await site.visitor()
    before = len(asyncio.all_tasks())
    for _ in range(5):
        async with visitor.events() as events:
            await events.line()
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before + 1:  # noqa: ASYNC110 (the server's tasks end on their own)
            await asyncio.sleep(0.05)


async def test_the_token_is_not_taken_from_the_address(site: Site) -> None:
    visitor = await site.visitor()
    response = await site.http.get("/web/events", params={"token": visitor.token}, headers={"Origin": PUBLIC})
    assert response.status_code == 401
