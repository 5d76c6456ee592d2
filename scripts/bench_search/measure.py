"""One catalogue, searched: run in a process of its own, so that its memory is the search's. Prints JSON."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.catalogue.meaning import FILE
from bot.catalogue.measure import JUDGED
from bot.catalogue.relevance import LOOKED_AT, load_judged
from bot.catalogue.schema import MATCH_POSTGRESQL, MATCH_SQLITE
from bot.catalogue.search import Catalogue
from bot.catalogue.words import tokens
from bot.knowledge.figures import load_figures
from bot.places import Gazetteer
from bot.settings import get_settings
from bot.storage.database import Database

ROUNDS = 7
"""Each query is timed so often, and its fastest time counts: what else the machine does is not what a search costs."""
BARE_ROUNDS = 2
"""The same for the bare index, which takes minutes in a large catalogue."""
BARE_SECONDS, BARE_EACH = 0.5, 10
"""Where the bare index takes so long for one query, it is asked one query in so many, once."""


def main() -> None:
    """Measures the database of a URL on a day."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("today", type=date.fromisoformat)
    arguments = parser.parse_args()
    print(json.dumps(measured(arguments.url, arguments.today)))


def measured(url: str, today: date) -> dict[str, float]:
    """Milliseconds of a search as it is typed, from text to three whole courses, and of the bare index; MB of memory."""
    settings = get_settings()
    data = settings.data_dir
    places = Gazetteer.load(data / "places")
    database = Database(url)
    catalogue = Catalogue(
        database,
        data / "catalogue",
        places,
        load_figures(data / "knowledge"),
        lambda: today,
        settings.models_dir / FILE,
    )
    queries = [
        judged.q for path in sorted(JUDGED.glob("*.yml")) for judged in load_judged(path, catalogue.subjects, places)
    ]
    begin = time.perf_counter()
    catalogue.search(catalogue.read(queries[0]))
    first = time.perf_counter() - begin

    def search(text: str) -> None:
        if catalogue.meaning is not None:
            catalogue.meaning.forget()
        catalogue.search(catalogue.read(text), limit=3)

    ours, computing = _times(queries, search)
    with database.read() as connection:
        begin = time.perf_counter()
        bare_index(connection, queries[0])
        slow = time.perf_counter() - begin > BARE_SECONDS
        asked, rounds = (queries[::BARE_EACH], 1) if slow else (queries, BARE_ROUNDS)
        bare, bare_computing = _times(asked, lambda text: bare_index(connection, text), rounds)
    return {
        "first_s": first,
        "p50_ms": _share(ours, 0.5),
        "p95_ms": _share(ours, 0.95),
        "computing_p95_ms": _share(computing, 0.95),
        "bare_p50_ms": _share(bare, 0.5),
        "bare_p95_ms": _share(bare, 0.95),
        "bare_computing_p95_ms": _share(bare_computing, 0.95),
        "memory_mb": _peak_mb(),
    }


def bare_index(connection: sa.engine.Connection, text: str) -> Sequence[Any]:
    """The full text index by itself: the best ten that hold any of the words, with no whole course, filter or reason."""
    words = [word for word in tokens(text) if word.isalnum()]
    sqlite = connection.dialect.name == "sqlite"
    expression = " OR ".join(f'"{word}"' for word in words) if sqlite else " | ".join(words)
    statement = sa.text(f"{MATCH_SQLITE if sqlite else MATCH_POSTGRESQL} ORDER BY rank LIMIT {LOOKED_AT}")
    found: Sequence[Any] = connection.execute(statement, {"words": expression}).all()
    return found


def _times(
    queries: Sequence[str], work: Callable[[str], object], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """The fastest milliseconds of each query, in order of size: by the clock, and of this process computing."""
    passed, computed = [float("inf")] * len(queries), [float("inf")] * len(queries)
    for _ in range(rounds):
        for at, query in enumerate(queries):
            begin, computing = time.perf_counter(), time.process_time()
            work(query)
            passed[at] = min(passed[at], (time.perf_counter() - begin) * 1000)
            computed[at] = min(computed[at], (time.process_time() - computing) * 1000)
    return sorted(passed), sorted(computed)


def _share(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
