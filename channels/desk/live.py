"""The desk as server-sent events: a stream of the list, and one of an open referral with the list. Both say that the
counsellor is there.

A stream of a referral gives every line once, in order, beyond the number that the reader saw last, however often the
connection breaks: the browser sends that number along by itself.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from bot.conversation.message import Author
from bot.conversation.signs import TYPING
from bot.referral.life import UnknownReferral
from channels.desk import view
from channels.desk.access import Access, Visitor
from channels.desk.pages import HOME, fragment
from channels.desk.room import Room, as_desk, refusals
from channels.web.events import stream

BEAT: Final = 20.0
"""Seconds between signs that the desk is open, and between looks whether the session still holds."""
_RECHECK: Final = 10.0
_LIST_RECHECK: Final = 2.0
"""Seconds after which a list is looked at again, whatever woke nobody: another process may have changed it."""


def router(room: Room, access: Access) -> APIRouter:
    """The routes of the two streams."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)

    @routes.get("/gebeurtenissen")
    async def follow_list(visitor: Visitor = Depends(access)) -> Response:
        visitor.organisation  # noqa: B018 refuses an operator before the stream begins
        return stream(_list_events(room, access, visitor))

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
        follower = _Follower(room, access, visitor, opened.reference, opened.conversation_id, number)
        return stream(_merged(follower.events(), _list_events(room, access, visitor)))

    return routes


class _Watch:
    """Says every twenty seconds that the counsellor is there, as long as the session holds."""

    def __init__(self, room: Room, access: Access, visitor: Visitor) -> None:
        self._room, self._access, self._visitor = room, access, visitor
        self._next = 0.0

    async def holds(self) -> bool:
        """Whether the stream may go on."""
        if time.monotonic() < self._next:
            return True
        self._next = time.monotonic() + BEAT
        if not await self._access.still(self._visitor.token):
            return False
        await self._room.desk.beat(as_desk(self._visitor), available=await self._room.available(self._visitor))
        return True


async def _list_events(room: Room, access: Access, visitor: Visitor) -> AsyncIterator[ServerSentEvent]:
    """`list` whenever the list is to be fetched anew; `out` when the session ended."""
    watch = _Watch(room, access, visitor)
    known = None
    while True:
        if not await watch.holds():
            yield _event("out")
            return
        found = await room.desk.pulse(visitor.organisation, known, _LIST_RECHECK)
        if found is not None:
            if known is not None:
                yield _event("list")
            known = found


class _Follower:
    """What a stream told of one referral, and what it tells next."""

    def __init__(
        self, room: Room, access: Access, visitor: Visitor, reference: str, conversation_id: str, after: int
    ) -> None:
        self._room, self._visitor = room, visitor
        self._reference, self._conversation_id = reference, conversation_id
        self._after = after
        """The last line that the reader has."""
        self._looked = after
        """The last line that was looked at, shown or not."""
        self._version: int | None = None
        self._typing = False
        self._arrived = -1
        self._undelivered: frozenset[int] | None = None
        self._watch = _Watch(room, access, visitor)

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """`line`, `typing`, `delivery`, `stand` (fetch it anew), `gone`, `out`."""
        while True:
            if not await self._watch.holds():
                yield _event("out")
                return
            pause = TYPING if self._typing else _RECHECK
            try:
                news = await self._room.conversations.until(self._conversation_id, self._look, pause)
            except UnknownReferral:
                yield _event("gone")
                return
            for event in news or ():
                yield event

    async def _look(self) -> list[ServerSentEvent] | None:
        events: list[ServerSentEvent] = []
        who = as_desk(self._visitor)
        now_is = await self._room.desk.glance(self._reference, who)
        if now_is.last_seq > self._looked:
            events += await self._lines()
            self._looked = max(now_is.last_seq, self._looked)
        signs = self._room.conversations.signs
        arrived = signs.arrived(self._conversation_id, Author.CITIZEN)
        if (arrived, now_is.undelivered) != (self._arrived, self._undelivered):
            first = self._undelivered is None
            self._arrived, self._undelivered = arrived, now_is.undelivered
            if not first:
                events.append(await self._deliveries(arrived))
        typing = signs.typing(self._conversation_id, Author.CITIZEN)
        if typing != self._typing:
            self._typing = typing
            events.append(_event("typing", on=typing))
        if now_is.version != self._version:
            if self._version is not None:
                events.append(_event("stand"))
            self._version = now_is.version
        return events or None

    async def _lines(self) -> list[ServerSentEvent]:
        who = as_desk(self._visitor)
        lines = await self._room.desk.lines(self._reference, who, self._after)
        arrived = self._room.conversations.signs.arrived(self._conversation_id, Author.CITIZEN)
        deliveries = await self._room.desk.deliveries(self._reference, who, self._after) if lines else {}
        events = []
        for line in lines:
            self._after = line.seq
            html = fragment("line.html", line=view.shown(line, deliveries, arrived), reference=self._reference)
            events.append(
                ServerSentEvent(
                    event="line",
                    id=str(line.seq),
                    sep="\n",
                    data=json.dumps({"seq": line.seq, "author": line.author.value, "html": html}),
                )
            )
        return events

    async def _deliveries(self, arrived: int) -> ServerSentEvent:
        states = await self._room.desk.deliveries(self._reference, as_desk(self._visitor))
        words = {seq: view.delivery(seq, states, arrived) for seq in states}
        return _event("delivery", lines={str(seq): {"text": text, "bad": bad} for seq, (text, bad) in words.items()})


async def _merged(*sources: AsyncIterator[ServerSentEvent]) -> AsyncIterator[ServerSentEvent]:
    """The events of several streams as one: a browser has few connections to a site. Ends with the first that ends."""
    waiting = {asyncio.ensure_future(anext(source)): source for source in sources}
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


def _event(name: str, **data: object) -> ServerSentEvent:
    return ServerSentEvent(event=name, data=json.dumps(data), sep="\n")
