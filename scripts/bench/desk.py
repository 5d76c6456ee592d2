"""Measures the desk: three talks in Chromium, then many talks at once on one process. Prints, and ends with 1 when an aim is missed.

python -m scripts.bench.desk [--talks 200] [--lines 20]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import sqlalchemy as sa
from playwright.async_api import async_playwright

from bot.counsellors import accounts, sessions
from bot.storage.tables import conversations
from scripts.bench import desk_pages, talks
from scripts.bench.__main__ import free_port

AIM = 300.0
"""Milliseconds from one page to the other."""
FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")
_SECONDS = 20
_EVERY = 4.0
"""Seconds between two lines of one side of a talk."""


def quantiles(values: list[float]) -> str:
    """The middle and the tail, in ms."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms, most {ordered[-1]:.0f} ms, {len(ordered)} lines"


async def in_chromium(lines: int) -> bool:
    """Three talks in real pages."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no Chromium: pages are not measured")
        return True
    with tempfile.TemporaryDirectory() as var, talks.running(Path(var), free_port()) as desk:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            found = await desk_pages.talks(browser, desk, lines)
            right = True
            for talk in found:
                on_desk, on_page = await talk.shown()
                right = right and on_desk == on_page == talk.expected(lines)
            await browser.close()
    print(f"Chromium, 2 counsellors, 3 people: {'nothing lost, doubled or astray' if right else 'LINES ARE WRONG'}")
    for which in ("to the desk", "to the person"):
        delays = [delay for talk in found for delay in talk.delays[which]]
        print(f"  {which}: {quantiles(delays)} (aim: {AIM:.0f})")
        right = right and statistics.median(delays) <= AIM
    return right


@dataclass
class Side:
    """One side of a talk: reads its stream, and writes."""

    http: httpx.AsyncClient
    seen: dict[str, float] = field(default_factory=dict)
    times: int = 0

    async def follow(self, url: str, headers: dict[str, str], prefix: str, ready: asyncio.Event) -> None:
        """Notes when each line of the other side came."""
        async with self.http.stream("GET", url, headers=headers) as response:
            assert response.status_code == 200, response.status_code
            ready.set()
            async for raw in response.aiter_lines():
                if raw.startswith("data:") and prefix in raw:
                    at = time.perf_counter()
                    for token in desk_pages.TOKEN.findall(raw):
                        if token.startswith(prefix):
                            self.times += 1
                            self.seen.setdefault(token, at)


async def many(count: int) -> bool:
    """`count` talks at once, a line from each side every four seconds, over HTTP against one process."""
    # The server closes what is idle for five seconds: a connection is not used again that may close meanwhile.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=1.0)
    with tempfile.TemporaryDirectory() as var, talks.running(Path(var), free_port()) as desk:
        (email,) = talks.counsellors(desk, ["An Peeters"])
        with desk.database.begin() as connection:
            account = accounts.by_email(connection, email)
            assert account is not None
            token = sessions.begin(connection, account, complete=True)
            session = sessions.find(connection, token)
            assert session is not None
            csrf = session[0].csrf
        headers = {"Origin": desk.url, "X-CSRF-Token": csrf, "X-Desk": "1"}
        async with (
            httpx.AsyncClient(
                base_url=desk.url, cookies={"leerwijzer-desk": token}, limits=limits, timeout=30, trust_env=False
            ) as counsellor,
            httpx.AsyncClient(
                base_url=desk.url, limits=limits, timeout=30, trust_env=False, headers={"Origin": desk.url}
            ) as person,
        ):
            delays: dict[str, list[float]] = {"to the desk": [], "to the person": []}
            pauses: list[float] = []
            wrong = 0
            done = asyncio.Event()

            async def health() -> None:
                while not done.is_set():
                    begun = time.perf_counter()
                    await person.get("/health/live")
                    pauses.append((time.perf_counter() - begun) * 1000)
                    await asyncio.sleep(0.2)

            async def enter() -> tuple[dict[str, str], str]:
                """A new person: how they identify themselves, and the mark of their conversation."""
                begun = (await person.post("/web/session")).json()
                bearer = {"Authorization": f"Bearer {begun['token']}"}
                async with person.stream("GET", "/web/events", headers=bearer) as response:
                    async for raw in response.aiter_lines():
                        if raw.startswith("data:") and "conversation" in raw:
                            return bearer, str(json.loads(raw[5:])["conversation"])
                raise RuntimeError("the stream ended before it began")

            people = [await enter() for _ in range(count)]
            with desk.database.begin() as connection:
                references = {
                    hashlib.sha256(row.id.encode()).hexdigest()[:16]: talks.wait_for_counsellor(connection, row.id)
                    for row in connection.execute(sa.select(conversations.c.id)).all()
                }

            async def one(number: int) -> None:
                nonlocal wrong
                bearer, mark = people[number]
                reference = references[mark]
                mine, theirs = Side(person), Side(counsellor)
                ready = asyncio.Event(), asyncio.Event()
                path = f"/desk/r/{reference}"
                streams = [
                    asyncio.create_task(mine.follow("/web/events", bearer, f"a-{number}-", ready[0])),
                    asyncio.create_task(theirs.follow(f"{path}/gebeurtenissen", {}, f"b-{number}-", ready[1])),
                ]
                await asyncio.gather(*(event.wait() for event in ready))
                started.release()
                await go.wait()
                await asyncio.sleep(_EVERY * number / count)
                written: dict[str, float] = {}
                for line in range(int(_SECONDS / _EVERY)):
                    turn = time.perf_counter()
                    said, answer = f"b-{number}-{line}", f"a-{number}-{line}"
                    written[said] = time.perf_counter()
                    await person.post("/web/messages", headers=bearer, json={"id": said, "text": said})
                    await asyncio.sleep(_EVERY / 2)
                    written[answer] = time.perf_counter()
                    await counsellor.post(f"{path}/zeg", headers=headers, data={"text": answer, "key": answer})
                    await asyncio.sleep(max(0.0, _EVERY - (time.perf_counter() - turn)))
                await asyncio.sleep(1.0)
                for side, prefix, which in ((theirs, "b", "to the desk"), (mine, "a", "to the person")):
                    for name, at in written.items():
                        if name.startswith(prefix):
                            if name in side.seen:
                                delays[which].append((side.seen[name] - at) * 1000)
                            else:
                                wrong += 1
                    wrong += side.times - len(side.seen)
                for stream in streams:
                    stream.cancel()

            started, go = asyncio.Semaphore(0), asyncio.Event()
            running = [asyncio.create_task(one(number)) for number in range(count)]
            for _ in range(count):
                await started.acquire()
            watching = asyncio.create_task(health())
            go.set()
            await asyncio.gather(*running)
            done.set()
            await watching
    sent = sum(map(len, delays.values()))
    print(f"{count} talks on one process for {_SECONDS} s: {sent} lines, {wrong} lost or doubled")
    for which, values in delays.items():
        print(f"  {which}: {quantiles(values)}")
    print(f"  another request meanwhile: {quantiles(pauses)}".replace("lines", "requests"))
    return wrong == 0


def main() -> None:
    """Measures both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--talks", type=int, default=200)
    parser.add_argument("--lines", type=int, default=20)
    arguments = parser.parse_args()
    pages = asyncio.run(in_chromium(arguments.lines))
    process = asyncio.run(many(arguments.talks)) if arguments.talks else True
    sys.exit(0 if pages and process else 1)


if __name__ == "__main__":
    main()
