"""A messaging provider over real HTTP, and the sender of a channel that uses it."""

from __future__ import annotations

import asyncio
from collections import deque

import httpx
from aiohttp import web

from bot.conversation.message import Reply
from bot.conversation.service import Conversation, RetryLater, Undeliverable


class Provider:
    """Takes messages by POST; `verdicts` says what it does with the next ones."""

    def __init__(self) -> None:
        self.verdicts: deque[str] = deque()
        """`429` (try again in 0.2 s), `403` (never), `500`, `drop`, or `slow`; used up from the left."""
        self.taken: list[tuple[str, str]] = []
        """Person and text of what was accepted, in order."""
        self.asked = 0
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
            return web.json_response({"retry_after": 0.2}, status=429)
        if verdict in ("403", "500"):
            return web.json_response({}, status=int(verdict))
        if verdict == "drop" and request.transport is not None:
            request.transport.close()
            return web.Response()
        if verdict == "slow":
            await asyncio.sleep(0.1)
        sent = await request.json()
        self.taken.append((sent["to"], sent["text"]))
        return web.json_response({"id": f"p{len(self.taken)}"})


class ProviderSender:
    """A `Sender` that posts to a `Provider`."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, conversation: Conversation, reply: Reply) -> str | None:
        """As `Sender.send`."""
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.post(f"{self._url}/send", json={"to": conversation.sender, "text": reply.text})
        if response.status_code == 429:
            raise RetryLater(response.json()["retry_after"])
        if response.status_code == 403:
            raise Undeliverable("blocked")
        response.raise_for_status()
        return str(response.json()["id"])
