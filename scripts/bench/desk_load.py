"""Many live talks at once over HTTP against one process, as the pages do them: both streams open, lines and reading told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import sqlalchemy as sa

from bot.counsellors import accounts, sessions
from bot.storage.tables import conversations
from scripts.bench import talks
from scripts.bench.__main__ import free_port
from scripts.bench.desk_pages import TOKEN
from scripts.bench.talks import Desk

SECONDS: Final = 60
EVERY: Final = 20.0
"""Seconds between two lines of one side of a talk, more than people type; the other side answers halfway."""
_SETTLE: Final = 2.0


@dataclass
class Side:
    """One side of a talk: what its stream brought."""

    prefix: str
    """How the lines of the other side begin."""
    number: int
    came: dict[str, float] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    astray: int = 0
    """Lines of other talks."""

    def hear(self, data: str) -> list[int]:
        """Notes the lines in an event; gives the numbers of those of the other side."""
        at = time.perf_counter()
        numbers = []
        for token in TOKEN.findall(data):
            side, talk, _ = token.split("-")
            self.astray += int(talk) != self.number
            if side == self.prefix:
                self.times[token] += 1
                self.came.setdefault(token, at)
                numbers.append(int(json.loads(data)["seq"]))
        return numbers


@dataclass
class Measured:
    """What came of it."""

    delays: dict[str, list[float]]
    """Milliseconds from sending a line to its coming out of the other side's stream."""
    pauses: list[float]
    """Milliseconds that another, small request took meanwhile."""
    lost: int = 0
    doubled: int = 0
    astray: int = 0
    seconds: float = 0.0
    """Of the processor, for the server."""


class Load:
    """`count` talks against a running desk, each with a person and a page of the one counsellor."""

    def __init__(self, desk: Desk, count: int) -> None:
        self._desk, self._count = desk, count
        self._http: aiohttp.ClientSession
        self._opening = asyncio.Semaphore(5)
        """People do not all come in the same second; what a hundred do who come back at once is not measured here."""
        self._counsellor: dict[str, str] = {}
        self.measured = Measured({"to the desk": [], "to the person": []}, [])

    async def run(self) -> Measured:
        """Talks, and gives what was measured."""
        # The server closes what is idle for five seconds: a connection is not used again that may close meanwhile.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=1.0)
        quiet = aiohttp.ClientTimeout(total=None, sock_connect=30)
        async with aiohttp.ClientSession(self._desk.url, connector=connector, timeout=quiet) as self._http:
            self._sign_in()
            people = [await self._enter() for _ in range(self._count)]
            references = self._all_wait()
            ready, go = asyncio.Semaphore(0), asyncio.Event()
            running = [
                asyncio.create_task(self._talk(number, bearer, references[mark], ready, go))
                for number, (bearer, mark) in enumerate(people)
            ]
            for _ in running:
                await ready.acquire()
            await asyncio.sleep(_SETTLE)
            watching = asyncio.create_task(self._watch())
            before = _processor(self._desk.process.pid)
            go.set()
            await asyncio.gather(*running)
            self.measured.seconds = _processor(self._desk.process.pid) - before
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        return self.measured

    def _sign_in(self) -> None:
        (email,) = talks.counsellors(self._desk, ["An Peeters"])
        with self._desk.database.begin() as connection:
            account = accounts.by_email(connection, email)
            assert account is not None
            token = sessions.begin(connection, account, complete=True)
            session = sessions.find(connection, token)
        assert session is not None
        self._counsellor = {
            "Origin": self._desk.url, "X-CSRF-Token": session[0].csrf, "X-Desk": "1", "Cookie": f"leerwijzer-desk={token}",
        }  # fmt: skip

    async def _enter(self) -> tuple[dict[str, str], str]:
        """A new person: how they identify themselves, and the mark of their conversation."""
        origin = {"Origin": self._desk.url}
        async with self._http.post("/web/session", headers=origin) as response:
            bearer = origin | {"Authorization": f"Bearer {(await response.json())['token']}"}
        async with self._http.get("/web/events", headers=bearer) as response:
            async for raw in response.content:
                if raw.startswith(b"data:") and b"conversation" in raw:
                    return bearer, str(json.loads(raw[5:])["conversation"])
        raise RuntimeError("the stream ended before it began")

    def _all_wait(self) -> dict[str, str]:
        """The reference of everybody's referral, by the mark of the conversation."""
        with self._desk.database.begin() as connection:
            return {
                hashlib.sha256(row.id.encode()).hexdigest()[:16]: talks.wait_for_counsellor(connection, row.id)
                for row in connection.execute(sa.select(conversations.c.id)).all()
            }

    async def _post(self, path: str, headers: dict[str, str], **body: object) -> None:
        async with self._http.post(path, headers=headers, **body) as response:  # type: ignore[arg-type]
            if response.status >= 400:
                raise RuntimeError(f"{path} answered {response.status}")

    async def _watch(self) -> None:
        while True:
            begun = time.perf_counter()
            async with self._http.get("/health/live") as response:
                await response.read()
            self.measured.pauses.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(0.2)

    async def _follow(
        self, side: Side, path: str, headers: dict[str, str], opened: asyncio.Event, read: tuple[str, str]
    ) -> None:
        """Reads a stream, and tells that its lines were read, as a page does that somebody looks at."""
        where, shape = read
        async with self._http.get(path, headers=headers) as response:
            assert response.status == 200, response.status
            opened.set()
            async for raw in response.content:
                if raw.startswith(b"data:") and (numbers := side.hear(raw[5:].decode())):
                    await self._post(where, headers, **{shape: {"seq": max(numbers)}})

    async def _talk(
        self, number: int, bearer: dict[str, str], reference: str, ready: asyncio.Semaphore, go: asyncio.Event
    ) -> None:
        await self._opening.acquire()
        path = f"/desk/r/{reference}"
        person, desk = Side("a", number), Side("b", number)
        opened = asyncio.Event(), asyncio.Event()
        streams = [
            asyncio.create_task(self._follow(person, "/web/events", bearer, opened[0], ("/web/read", "json"))),
            asyncio.create_task(
                self._follow(desk, f"{path}/gebeurtenissen", self._counsellor, opened[1], (f"{path}/gelezen", "data"))
            ),
        ]
        await asyncio.gather(*(event.wait() for event in opened))
        self._opening.release()
        ready.release()
        await go.wait()
        await asyncio.sleep(EVERY * number / self._count)
        written: dict[str, float] = {}
        for line in range(int(SECONDS / EVERY)):
            turn = time.perf_counter()
            said, answer = f"b-{number}-{line}", f"a-{number}-{line}"
            written[said] = time.perf_counter()
            await self._post("/web/messages", bearer, json={"id": said, "text": said})
            await asyncio.sleep(EVERY / 2)
            written[answer] = time.perf_counter()
            await self._post(f"{path}/zeg", self._counsellor, data={"text": answer, "key": answer})
            await asyncio.sleep(max(0.0, EVERY - (time.perf_counter() - turn)))
        await asyncio.sleep(_SETTLE)
        for stream in streams:
            if stream.done():
                stream.result()  # raises what ended it
            stream.cancel()
        for side, which in ((desk, "to the desk"), (person, "to the person")):
            sent = [token for token in written if token.startswith(side.prefix)]
            self.measured.delays[which] += [
                (side.came[token] - written[token]) * 1000 for token in sent if token in side.came
            ]
            self.measured.lost += sum(token not in side.came for token in sent)
            self.measured.doubled += sum(count - 1 for count in side.times.values())
            self.measured.astray += side.astray


def _processor(pid: int) -> float:
    """Seconds of processor that a process used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def measure(count: int) -> Measured:
    """The talks against a process of its own."""
    with tempfile.TemporaryDirectory() as var, talks.running(Path(var), free_port()) as desk:
        return await Load(desk, count).run()
