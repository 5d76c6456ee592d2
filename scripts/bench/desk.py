"""Measures the desk: three talks in Chromium, then many talks at once on one process. Prints, and ends with 1 when an aim is missed.

python -m scripts.bench.desk [--talks 200] [--lines 20]
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from scripts.bench import desk_load, desk_pages, talks
from scripts.bench.__main__ import free_port

AIM = 300.0
"""Milliseconds from one page to the other."""
FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")


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


async def many(count: int) -> bool:
    """`count` talks at once on one process."""
    found = await desk_load.measure(count)
    lines = sum(map(len, found.delays.values()))
    print(
        f"{count} talks on one process, each side a line every {desk_load.EVERY:.0f} s: {lines} lines in "
        f"{desk_load.SECONDS} s; {found.lost} lost, {found.doubled} doubled, {found.astray} astray"
    )
    for which, values in found.delays.items():
        print(f"  {which}: {quantiles(values)}")
    print(f"  another request meanwhile: {quantiles(found.pauses)}".replace("lines", "requests"))
    print(f"  processor of the server: {found.seconds / max(lines, 1) * 1000:.1f} ms a line")
    return not (found.lost or found.doubled or found.astray)


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
