"""What is measured of a running assistant: replies, start, memory."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

TURNS = (
    "ik zoek een cursus lassen in Gent, 's avonds",
    "en wat kost dat?",
    "nog andere?",
    "heb ik recht op opleidingsverlof",
    "een cursus boekhouden in Aalst",
)
"""One round of a conversation; every turn runs a custom action."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Milliseconds for one conversation at a time, replies a second, seconds to the first reply, MB of memory."""

    p50: float
    p95: float
    rate_1: float
    rate_8: float
    ready: float
    memory: float


async def _converse(client: httpx.AsyncClient, url: str, sender: str, turns: int) -> list[float]:
    times = []
    for number in range(turns):
        begin = time.perf_counter()
        response = await client.post(url, json={"sender": sender, "message": TURNS[number % len(TURNS)]})
        response.raise_for_status()
        if not response.json():
            raise RuntimeError(f"no reply to {TURNS[number % len(TURNS)]!r}")
        times.append(time.perf_counter() - begin)
    return times


async def load(url: str, round_name: str, turns: int) -> tuple[list[float], float, float]:
    """The time of each turn of one conversation, and replies a second with one and with eight conversations."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        await _converse(client, url, f"warm-{round_name}", 10)
        begin = time.perf_counter()
        times = []
        for part in range(turns // 10):  # ten turns a conversation: histories stay as short as people's
            times += await _converse(client, url, f"one-{round_name}-{part}", 10)
        rate_1 = len(times) / (time.perf_counter() - begin)
        begin = time.perf_counter()
        for part in range(max(1, turns // 40)):
            await asyncio.gather(*(_converse(client, url, f"eight-{round_name}-{part}-{n}", 10) for n in range(8)))
        rate_8 = 80 * max(1, turns // 40) / (time.perf_counter() - begin)
    return times, rate_1, rate_8


async def until_reply(url: str, processes: list[subprocess.Popen[bytes]], limit: float = 300) -> None:
    """Waits for the first reply. Raises when a process ends or the limit (seconds) is over."""
    begin = time.perf_counter()
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        while time.perf_counter() - begin < limit:
            if any(process.poll() is not None for process in processes):
                raise RuntimeError("a server ended before it answered")
            try:
                response = await client.post(url, json={"sender": "ready", "message": TURNS[0]})
                if response.status_code == 200 and response.json():
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise TimeoutError(f"no reply within {limit:g} seconds")


def memory(pids: list[int]) -> float:
    """Proportional memory of processes and their children, MB."""
    everything, queue = set(), list(pids)
    while queue:
        pid = queue.pop()
        everything.add(pid)
        children = Path(f"/proc/{pid}/task/{pid}/children")
        queue += [int(child) for child in children.read_text().split() if int(child) not in everything]
    total = 0
    for pid in everything:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def summary(times: list[float], rate_1: float, rate_8: float, ready: float, used: float) -> Measurement:
    """The figures of one run."""
    cuts = statistics.quantiles(times, n=20)
    return Measurement(1000 * statistics.median(times), 1000 * cuts[18], rate_1, rate_8, ready, used)
