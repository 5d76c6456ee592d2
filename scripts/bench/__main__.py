"""Runs ours and stock Rasa in turn, prints the ratios, keeps the table in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from scripts.bench import stock
from scripts.bench.measure import Measurement, load, memory, summary, until_reply
from scripts.bootstrap import executable

ROOT = stock.ROOT
OURS = stock.BENCH / "ours"
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- begin: make bench -->", "<!-- end: make bench -->"
AIMS = {"p50": 0.35, "rate_8": 3.0, "memory": 0.45, "ready": 0.40}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def started(commands: list[tuple[list[str], dict[str, str], Path]]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that end with the block, their children too."""
    processes = [
        subprocess.Popen(
            command, env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for command, env, cwd in commands
    ]
    try:
        yield processes
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def measure(name: str, commands: list[tuple[list[str], dict[str, str], Path]], url: str, turns: int) -> Measurement:
    """One run of one assistant."""
    begin = time.perf_counter()
    with started(commands) as processes:
        asyncio.run(until_reply(url, processes))
        ready = time.perf_counter() - begin
        times, rate_1, rate_8 = asyncio.run(load(url, name, turns))
        return summary(times, rate_1, rate_8, ready, memory([process.pid for process in processes]))


def best(runs: list[Measurement]) -> Measurement:
    """The median of each figure over the runs."""
    return Measurement(*(statistics.median(getattr(run, field) for run in runs) for field in Measurement.__slots__))


def size(directory: Path) -> float:
    """MB on disk."""
    return sum(path.lstat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--epochs", type=int, default=2, help="of stock Rasa's networks; its speed does not depend on it"
    )
    options = parser.parse_args()

    stock.make_environment()
    # The environment of `make run`: the one this runs in has what tests need, too.
    subprocess.run([sys.executable, "scripts/bootstrap.py", "--venv", str(OURS)], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as scratch:
        var = {"LEERWIJZER_VAR_DIR": scratch, "LEERWIJZER_LOG_LEVEL": "error"}
        inside = executable(str(OURS), "leerwijzer")
        subprocess.run([inside, "train"], check=True)
        actions_port = free_port()
        model = stock.make_project(actions_port, options.epochs)
        results: dict[str, list[Measurement]] = {"ours": [], "stock": []}
        for number in range(options.rounds):
            port = free_port()
            results["ours"].append(
                measure(
                    f"ours-{number}",
                    [([inside, "run", "--port", str(port)], {**os.environ, **var}, ROOT)],
                    f"http://127.0.0.1:{port}/webhooks/rest/webhook",
                    options.turns,
                )
            )
            print("ours ", results["ours"][-1], flush=True)
            port = free_port()
            results["stock"].append(
                measure(
                    f"stock-{number}",
                    [
                        ([inside, "rasa", "run", "actions", "--port", str(actions_port)], {**os.environ, **var}, ROOT),
                        (
                            [
                                executable(str(stock.VENV), "rasa"),
                                "run",
                                "--port",
                                str(port),
                                "--model",
                                str(model),
                                "--quiet",
                            ],
                            stock.environment(),
                            stock.PROJECT,
                        ),
                    ],
                    f"http://127.0.0.1:{port}/webhooks/rest/webhook",
                    options.turns,
                )
            )
            print("stock", results["stock"][-1], flush=True)

    ours, theirs = best(results["ours"]), best(results["stock"])
    table = rows(ours, theirs, size(OURS), size(stock.VENV), options.turns * options.rounds)
    print(table)
    keep(table)


def rows(ours: Measurement, theirs: Measurement, our_size: float, their_size: float, turns: int) -> str:
    """The table in Markdown."""
    names = {
        "p50": ("tijd tot antwoord, p50 (ms)", "≤ 0,35"),
        "p95": ("tijd tot antwoord, p95 (ms)", ""),
        "rate_1": ("antwoorden per seconde, 1 gesprek", ""),
        "rate_8": ("antwoorden per seconde, 8 gesprekken", "≥ 3"),
        "ready": ("start tot eerste antwoord (s)", "≤ 0,40"),
        "memory": ("geheugen (MB, PSS)", "≤ 0,45"),
    }
    lines = [
        f"{date.today().isoformat()}, {os.cpu_count()} kernen, {platform.machine()}, Python {platform.python_version()}; "
        f"{turns} beurten per kant, beurtelings gemeten, mediaan van de rondes.",
        "",
        "| | Leerwijzer | Rasa zoals gepubliceerd | verhouding | doel |",
        "|---|---:|---:|---:|---:|",
    ]
    for field, (label, aim) in names.items():
        a, b = getattr(ours, field), getattr(theirs, field)
        lines.append(f"| {label} | {a:.1f} | {b:.1f} | {a / b:.2f} | {aim} |")
    lines.append(
        f"| omgeving op schijf (MB) | {our_size:.0f} | {their_size:.0f} | {our_size / their_size:.2f} | ≤ 1 GB |"
    )
    return "\n".join(lines) + "\n"


def keep(table: str) -> None:
    """Puts the table on the page, in the place of the last one."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
