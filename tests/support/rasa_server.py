"""A Rasa server as `bot.assistant.remote.RemoteAssistant` sees one: real HTTP, with answers and faults set by a test.

It runs on a thread of its own, so that neither the event loop of a test nor a child process is in its way.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable
from enum import StrEnum

from aiohttp import web

from bot.assistant.interface import Answer, Turn
from bot.assistant.remote import FORGET, PATH, READ
from bot.conversation.message import Reply


class Fault(StrEnum):
    """What goes wrong with one request."""

    ERROR = "error"
    """500: the assistant is there, and fails on this turn."""
    DROP = "drop"
    """The connection is closed without an answer."""
    GARBAGE = "garbage"
    """200, with something that is no answer."""
    HANG = "hang"
    """No answer until `release`."""


def echo(turn: Turn) -> Answer:
    """An answer that names its question."""
    return Answer(replies=(Reply(text=f"antwoord op {turn.text}"),), intent="inform", confidence=0.9)


class RasaServer:
    """POST /webhooks/leerwijzer/webhook takes a `Turn`, gives an `Answer`; GET /status says whether it is `up`."""

    def __init__(self) -> None:
        self.url = ""
        self.up = True
        """When False, both routes answer 503."""
        self.delay = 0.0
        """Seconds each answer takes."""
        self.answer: Callable[[Turn], Answer] = echo
        self.faults: deque[Fault] = deque()
        """Used up from the left, one a turn."""
        self.fault_of: Callable[[Turn], Fault | None] = lambda turn: None
        """Asked when `faults` is empty."""
        self.reads: Callable[[str], str | None] = lambda text: None
        """The intent that it reads in a text, without answering."""
        self.read_texts: list[str] = []
        """Every text that was to be read so."""
        self.forgotten: list[str] = []
        """Conversations that were to be dropped from memory."""
        self.turns: list[Turn] = []
        """Every turn that arrived, in order."""
        self.overlaps: list[str] = []
        """Conversations of which two turns were here at once."""
        self.most_at_once = 0
        """The highest number of turns that were here at once."""
        self._here: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._released = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-rasa", daemon=True)
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Listens on a free port of this machine."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """Stops listening and ends the thread."""
        self.release()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def release(self) -> None:
        """Lets the turns that hang go on to their answer."""
        self._loop.call_soon_threadsafe(self._released.set)

    def arrived(self, text: str) -> int:
        """How often a turn with this text came."""
        return sum(turn.text == text for turn in list(self.turns))

    async def _listen(self) -> None:
        app = web.Application()
        app.router.add_post(PATH, self._take_turn)
        app.router.add_post(READ, self._read)
        app.router.add_post(FORGET, self._forget)
        app.router.add_get("/status", self._status)
        # A client that hangs up, or is killed, takes its turn with it.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response({}, status=200 if self.up else 503)

    async def _read(self, request: web.Request) -> web.Response:
        text = (await request.json())["text"]
        self.read_texts.append(text)
        if not self.up:
            return web.json_response({"error": "no model is loaded"}, status=503)
        return web.json_response({"intent": self.reads(text)})

    async def _forget(self, request: web.Request) -> web.Response:
        self.forgotten.append((await request.json())["conversation_id"])
        return web.json_response({})

    async def _take_turn(self, request: web.Request) -> web.Response:
        if not self.up:
            return web.json_response({"error": "no model is loaded"}, status=503)
        turn = Turn.model_validate_json(await request.read())
        self.turns.append(turn)
        self._here[turn.conversation_id] += 1
        if self._here[turn.conversation_id] > 1:
            self.overlaps.append(turn.conversation_id)
        self.most_at_once = max(self.most_at_once, self._here.total())
        try:
            return await self._handle(request, turn)
        finally:
            self._here[turn.conversation_id] -= 1

    async def _handle(self, request: web.Request, turn: Turn) -> web.Response:
        fault = self.faults.popleft() if self.faults else self.fault_of(turn)
        if fault is Fault.HANG:
            await self._released.wait()
        if self.delay:
            await asyncio.sleep(self.delay)
        if fault is Fault.ERROR:
            return web.json_response({"error": "ValueError"}, status=500)
        if fault is Fault.GARBAGE:
            return web.Response(text="<html>")
        if fault is Fault.DROP and request.transport is not None:
            request.transport.close()
        return web.Response(text=self.answer(turn).model_dump_json(), content_type="application/json")
