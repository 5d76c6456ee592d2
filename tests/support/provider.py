"""A messaging provider over real HTTP, and the sender of a channel that uses it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

import httpx
from aiohttp import web

from bot.conversation.service import (
    Conversation,
    OutsideWindow,
    Pace,
    ProviderDown,
    RetryLater,
    Said,
    Sender,
    SettingsRefused,
    Undeliverable,
)


class Provider:
    """Takes messages by POST; `verdicts` says what it does with the next ones."""

    def __init__(self) -> None:
        self.verdicts: deque[str] = deque()
        """`429` (try again in `again_in` s), `403` (blocked), `401` (our settings), `422` (outside the window), `400` (a fault
        of ours), `500`, `drop`, or `slow`; used up from the left."""
        self.taken: list[tuple[str, str]] = []
        """Person and text of what was accepted, in order."""
        self.asked = 0
        self.again_in = 0.2
        """After how many seconds who was told 429 may try again."""
        self.slow = 0.1
        """Seconds that a slow answer takes."""
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listens on a free port of this machine."""
        app = web.Application()
        app.router.add_post("/send", self._send)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])

    async def stop(self) -> None:
        """Stops listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _send(self, request: web.Request) -> web.Response:
        self.asked += 1
        verdict = self.verdicts.popleft() if self.verdicts else ""
        if verdict == "429":
            return web.json_response({"retry_after": self.again_in}, status=429)
        if verdict in ("400", "401", "403", "422", "500"):
            return web.json_response({}, status=int(verdict))
        if verdict == "drop" and request.transport is not None:
            request.transport.close()
            return web.Response()
        if verdict == "slow":
            await asyncio.sleep(self.slow)
        sent = await request.json()
        self.taken.append((sent["to"], sent["text"]))
        return web.json_response({"id": f"p{len(self.taken)}"})


class ProviderSender(Sender):
    """A `Sender` that posts to a `Provider`: a text, or each of its pages."""

    def __init__(self, url: str, pace: Pace | None = None) -> None:
        self._url = url
        self.pace = pace or Pace()

    def render(self, said: Sequence[Said]) -> Sequence[str]:
        """As `Sender.render`: every reply by itself, split where a bar stands."""
        return [page for one in said for page in one.reply.text.split("|") if page]

    async def send(self, conversation: Conversation, part: str) -> str | None:
        """As `Sender.send`."""
        body = {"to": conversation.sender, "text": part}
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                response = await client.post(f"{self._url}/send", json=body)
        except httpx.TransportError as error:
            raise ProviderDown from error
        if response.status_code == 401:
            raise SettingsRefused
        if response.status_code == 422:
            raise OutsideWindow
        if response.status_code == 429:
            raise RetryLater(response.json()["retry_after"])
        if response.status_code == 403:
            raise Undeliverable("blocked", unreachable=True)
        if response.status_code >= 500:
            raise ProviderDown
        response.raise_for_status()
        return str(response.json()["id"])

    async def invite(self, conversation: Conversation) -> None:
        """As `Sender.invite`."""
        await self.send(conversation, "(schrijf ons)")
