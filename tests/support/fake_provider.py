"""A messaging provider over real HTTP, on a thread of its own, that can fail in every way a provider does."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web


class Trouble(StrEnum):
    """What goes wrong with one call."""

    DROP = "drop"
    """The connection is closed before anything is taken."""
    HALF = "half"
    """The message is taken, and the connection breaks in the middle of the answer."""
    SLOW = "slow"
    """The answer takes a while."""
    ERROR = "500"
    UNAVAILABLE = "503"
    FLOOD = "429"
    """Too much: again in `again_in` seconds."""
    FORBIDDEN = "403"
    """The person blocked us."""
    UNAUTHORISED = "401"
    REFUSED = "400"
    UNKNOWN = "unknown"
    """There is no such person."""
    NO_FORMAT = "no_format"
    """Formatting is refused, plain text is not."""
    OUTSIDE = "outside"
    """Outside the window in which one may write freely."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that the provider took, whatever became of its answer."""

    person: str
    text: str
    at: float
    """`time.monotonic()`."""
    answered: bool
    """False when the connection broke before the caller could know."""


class FakeProvider:
    """Listens on a port of this machine; can be taken down and brought back on the same port."""

    def __init__(self) -> None:
        self.troubles: deque[Trouble | None] = deque()
        """What goes wrong with the next calls that send, used up from the left; None: nothing."""
        self.trouble_of: Callable[[], Trouble | None] = lambda: None
        """Asked when `troubles` is empty."""
        self.again_in = 1
        """What a flooded caller is told, in seconds."""
        self.slow = 0.1
        self.taken: list[Taken] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-provider", daemon=True)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listens on a free port."""
        self._thread.start()
        self.bring_back()

    def stop(self) -> None:
        """Stops listening and ends the thread."""
        self.take_down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def take_down(self) -> None:
        """Hangs up on everybody, and listens no more."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)

    def bring_back(self) -> None:
        """Listens again where it did."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def routes(self, app: web.Application) -> None:
        """Adds what the provider answers to."""
        raise NotImplementedError

    def next_trouble(self) -> Trouble | None:
        """What goes wrong with this call."""
        return self.troubles.popleft() if self.troubles else self.trouble_of()

    def note(self, person: str, text: str, trouble: Trouble | None) -> None:
        """A message was taken."""
        self.taken.append(Taken(person, text, time.monotonic(), answered=trouble is not Trouble.HALF))

    async def half_an_answer(self, request: web.Request) -> web.StreamResponse:
        """Begins an answer and hangs up."""
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "400"})
        await response.prepare(request)
        await response.write(b'{"ok":true,"result":{"mess')
        if request.transport is not None:
            request.transport.abort()
        return response

    async def _listen(self) -> None:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        self.routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def some_trouble(chance: float, seed: int) -> Callable[[], Trouble | None]:
    """Trouble of a kind that passes, with this chance; the same for the same seed."""
    dice = random.Random(seed)
    kinds = [Trouble.DROP, Trouble.HALF, Trouble.SLOW, Trouble.ERROR, Trouble.UNAVAILABLE, Trouble.FLOOD]
    return lambda: dice.choice(kinds) if dice.random() < chance else None
