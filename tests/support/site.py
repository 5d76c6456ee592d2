"""The application on a real port, in the test's own event loop, and a person who uses its web channel."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from support.people import QUICK
from support.rasa_server import RasaServer
from support.script import OPENING

from bot.assistant.remote import RemoteAssistant
from bot.conversation.service import Conversations
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import migrate
from channels.app import create_app

PUBLIC = "https://leerwijzer.example"
"""The public address of the site under test: not the one on which the tests reach it."""
PARTNER = "https://www.partner.example"
"""Another site that may carry the widget."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # they are pytest's


@dataclass(frozen=True)
class Site:
    """A running application."""

    url: str
    settings: Settings
    conversations: Conversations
    database: Database
    rasa: RasaServer
    http: httpx.AsyncClient

    async def visitor(self, **body: Any) -> Visitor:
        """Somebody who has just opened the page."""
        response = await self.http.post("/web/session", json=body, headers={"Origin": PUBLIC})
        assert response.status_code == 201, response.text
        return Visitor(self, response.json()["token"])


@dataclass(frozen=True)
class Visitor:
    """A person with a session on the web channel."""

    site: Site
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Origin": PUBLIC, "Authorization": f"Bearer {self.token}"}

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        """POST /web/messages."""
        return await self.site.http.post("/web/messages", json=body, headers=self.headers | headers)

    async def say(self, text: str) -> int:
        """Sends a text under an id of its own; gives the number of its line."""
        response = await self.post({"id": secrets.token_hex(8), "text": text})
        assert response.status_code == 202, response.text
        return int(response.json()["seq"])

    @asynccontextmanager
    async def events(self, after: int | None = None) -> AsyncIterator[Events]:
        """The stream of events, from where `after` left off."""
        headers = self.headers | ({} if after is None else {"Last-Event-ID": str(after)})
        async with self.site.http.stream("GET", "/web/events", headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            yield Events(response)

    async def lines(self, count: int, after: int | None = None) -> list[dict[str, Any]]:
        """The next `count` lines of a fresh stream."""
        async with self.events(after) as events:
            return [await events.line() for _ in range(count)]


class Events:
    """Reads server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self, seconds: float = 10.0) -> dict[str, str]:
        """The fields of the next event; a comment is an event with the field `comment`."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(seconds):
            async for line in self._lines:
                if not line and fields:
                    return fields
                name, _, value = line.partition(":")
                fields[name or "comment"] = value.strip()
        raise EOFError("the stream has ended")

    async def line(self, seconds: float = 10.0) -> dict[str, Any]:
        """The next line of the transcript, past other events. Its id must be its number."""
        while True:
            event = await self.next(seconds)
            if "id" in event:
                line = dict(json.loads(event["data"]))
                assert event["id"] == str(line["seq"])
                return line


@asynccontextmanager
async def running(settings: Settings, rasa: RasaServer) -> AsyncIterator[Site]:
    """The application with these settings, ready to answer."""
    migrate(settings.database)
    database = Database(settings.database)
    assistant = RemoteAssistant((rasa.url,), timeout=settings.reply_timeout)
    conversations = Conversations(database, assistant, settings, QUICK)
    app = create_app(settings, assistant, database, conversations, opening=OPENING)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, ws="none", lifespan="on", log_level="warning", access_log=False
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110 (uvicorn tells nobody)
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            url = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
                while (await http.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 (as above)
                    await asyncio.sleep(0.02)
        async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
            yield Site(url, settings, conversations, database, rasa, http)
    finally:
        server.should_exit = True
        server.force_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await serving
        await conversations.stop()  # the server is in a hurry, and may not have told the application that it ends
        database.close()
