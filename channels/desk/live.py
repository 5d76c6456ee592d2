"""The desk as server-sent events: a stream of the list, and one of an open referral with the list. Both say that the
counsellor is there.

A stream of a referral gives every line once, in order, beyond the number that the reader saw last, however often the
connection breaks: the browser sends that number along by itself.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from bot.conversation.message import Author
from bot.conversation.model import Line
from bot.conversation.signs import TYPING
from bot.referral.life import UnknownReferral
from bot.referral.overview import Glance
from channels.desk import view
from channels.desk.access import Access, Visitor
from channels.desk.pages import HOME, fragment
from channels.desk.room import Room, as_desk, refusals
from channels.desk.view import Reach
from channels.web.events import stream

BEAT: Final = 20.0
"""Seconds between signs that the desk is open, and between looks whether the session still holds."""
_RECHECK: Final = 10.0


def router(room: Room, access: Access) -> APIRouter:
    """The routes of the two streams."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)

    @routes.get("/gebeurtenissen")
    async def follow_list(visitor: Visitor = Depends(access)) -> Response:
        visitor.organisation  # noqa: B018 refuses an operator before the stream begins
        return stream(_merged(_watch(room, access, visitor), _list_events(room, visitor)))

    @routes.get("/r/{reference}/gebeurtenissen")
    async def follow_one(
        request: Request,
        reference: str,
        after: str = "0",
        last_event_id: Annotated[str, Header(alias="Last-Event-ID")] = "",
        visitor: Visitor = Depends(access),
    ) -> Response:
        with refusals():
            opened = await room.desk.glance(reference, as_desk(visitor))
        seen = last_event_id or after
        number = int(seen) if re.fullmatch(r"[0-9]{1,9}", seen) else 0
        follower = _Follower(room, visitor, opened.reference, opened.conversation_id, number)
        return stream(_merged(_watch(room, access, visitor), follower.events(), _list_events(room, visitor)))

    return routes


async def _watch(room: Room, access: Access, visitor: Visitor) -> AsyncGenerator[ServerSentEvent, None]:
    """Says every twenty seconds that the counsellor is there; `out`, and the end, when the session does not hold."""
    while await access.still(visitor.token):
        await room.desk.beat(as_desk(visitor))
        await asyncio.sleep(BEAT * random.uniform(0.6, 1.0))  # noqa: S311 (not all pages in the same moment)
    yield _event("out")


async def _list_events(room: Room, visitor: Visitor) -> AsyncGenerator[ServerSentEvent, None]:
    """`list` at once and whenever the list is to be fetched anew."""
    async with aclosing(room.desk.pulses.changes(visitor.organisation)) as changes:
        async for _ in changes:
            yield _event("list")


class _Follower:
    """What a stream told of one referral, and what it tells next."""

    def __init__(self, room: Room, visitor: Visitor, reference: str, conversation_id: str, after: int) -> None:
        self._room, self._who = room, as_desk(visitor)
        self._reference, self._conversation_id = reference, conversation_id
        self._after = after
        """The last line that the reader has."""
        self._seen: Glance | None = None
        self._typing = False
        self._states: dict[int, tuple[str, str]] = {}
        """What a provider tells of lines; empty words where there is none. Of lines whose end is not known."""
        self._worded: dict[int, tuple[str, bool]] = {}
        """What the reader was told of lines."""

    async def events(self) -> AsyncGenerator[ServerSentEvent, None]:
        """`line`, `typing`, `delivery`, `stand` (fetch it anew); ends with `gone`."""
        while True:
            pause = TYPING if self._typing else _RECHECK
            try:
                news = await self._room.conversations.until(self._conversation_id, self._look, pause, self._signed)
            except UnknownReferral:
                yield _event("gone")
                return
            for event in news or ():
                yield event

    async def _look(self) -> list[ServerSentEvent] | None:
        """What the tables hold that is new, and the signs."""
        before = self._seen
        news = await self._room.desk.news(self._reference, self._who, before, self._after)
        self._seen = news.glance
        events: list[ServerSentEvent] = []
        reach = self._reach()
        for line in news.lines:
            self._after = line.seq
            self._states[line.seq] = news.deliveries.get(line.seq, ("", ""))
            self._worded[line.seq] = view.delivery(line.seq, self._states, reach)
            events.append(self._line(line, view.shown(line, self._states, reach)))
        if before is None or news.glance.told != before.told:
            self._states |= await self._room.desk.deliveries(self._reference, self._who)
        if before is not None and news.glance.version != before.version:
            events.append(_event("stand"))
        return [*events, *(self._signed() or ())] or None

    def _signed(self) -> list[ServerSentEvent] | None:
        """What signs tell: who types, how far the person's own side got. No table is looked at."""
        events = self._deliveries(self._reach())
        typing = self._room.conversations.signs.typing(self._conversation_id, Author.CITIZEN)
        if typing != self._typing:
            self._typing = typing
            events.append(_event("typing", on=typing))
        return events or None

    def _reach(self) -> Reach:
        arrived = self._room.conversations.signs.arrived(self._conversation_id, Author.CITIZEN)
        return Reach(arrived, self._seen.read_seq if self._seen else 0)

    def _line(self, line: Line, shown: view.ShownLine) -> ServerSentEvent:
        html = fragment("line.html", line=shown, reference=self._reference)
        data = json.dumps({"seq": line.seq, "author": line.author.value, "html": html})
        return ServerSentEvent(event="line", id=str(line.seq), sep="\n", data=data)

    def _deliveries(self, reach: Reach) -> list[ServerSentEvent]:
        """What became of lines, of those for which that is news."""
        worded = {seq: view.delivery(seq, self._states, reach) for seq in self._states}
        news = {seq: words for seq, words in worded.items() if self._worded.get(seq) != words}
        self._worded |= news
        for seq in worded:
            if seq <= reach.read:  # what was read does not change any more
                del self._states[seq]
        if not news:
            return []
        return [_event("delivery", lines={str(seq): {"text": text, "bad": bad} for seq, (text, bad) in news.items()})]


async def _merged(*sources: AsyncGenerator[ServerSentEvent, None]) -> AsyncIterator[ServerSentEvent]:
    """The events of several streams as one: a browser has few connections to a site. Ends with the first that ends."""
    waiting: dict[asyncio.Future[ServerSentEvent], AsyncGenerator[ServerSentEvent, None]] = {
        asyncio.ensure_future(anext(source)): source for source in sources
    }
    try:
        while True:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                source = waiting.pop(task)
                try:
                    event = task.result()
                except StopAsyncIteration:
                    return
                yield event
                waiting[asyncio.ensure_future(anext(source))] = source
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for source in sources:
            await source.aclose()


def _event(name: str, **data: object) -> ServerSentEvent:
    return ServerSentEvent(event=name, data=json.dumps(data), sep="\n")
