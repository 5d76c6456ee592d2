"""Measures an import: seconds, processor seconds and memory, for each size, format and database.

    python -m scripts.bench_import --sizes 10000 100000 --formats csv jsonld [--postgres postgresql://postgres@127.0.0.1:5432/test]

Each import runs in a process of its own: into an empty catalogue, and with --again the same feed once more. The feed is
the sample catalogue; above 100,000 rows it is copies with ids of their own. Prints a table; docs/aanbod.md holds the one
that was measured last.
"""

from __future__ import annotations

import argparse
import itertools
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from bot.catalogue.model import Offering

DRAWN = 100_000
"""More rows than this are copies: drawing a million takes a quarter of an hour."""


def one(url: str, feed: str) -> None:
    """Imports once and prints what it took, as JSON."""
    from bot.catalogue.importing import Intake
    from bot.settings import Settings
    from bot.storage.database import Database

    database = Database(url)
    intake = Intake.of(Settings(_env_file=None), database)
    begun, worked = time.perf_counter(), time.process_time()
    report = intake.take_in("sample", [feed])
    assert report.done, report.message
    print(
        json.dumps(
            {
                "seconds": round(time.perf_counter() - begun, 1),
                "cpu": round(time.process_time() - worked, 1),
                "mb": round(_peak_mb()),
                "added": report.loaded.added,
                "unchanged": report.loaded.unchanged,
            }
        )
    )


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def write_feed(path: Path, size: int, form: str) -> None:
    """A sample of that size."""
    from bot.catalogue.example_lists import load_data
    from bot.catalogue.exporting import FORMATS
    from bot.catalogue.sample import sample
    from bot.catalogue.search import today_in_belgium
    from bot.catalogue.subjects import Subjects
    from bot.places import Gazetteer
    from bot.settings import ROOT

    data = ROOT / "data"
    subjects, gazetteer = Subjects.load(data / "catalogue"), Gazetteer.load(data / "places")
    lists = load_data(data / "catalogue", subjects, gazetteer)
    drawn = sample(lists, gazetteer, today_in_belgium(), min(size, DRAWN))
    ids: list[str] = []

    def noted() -> Iterator[Offering]:
        for offering in drawn:
            ids.append(offering.id)
            yield offering

    lines = list(FORMATS[form](noted()))
    head, tail = "", ""
    if form == "csv":
        head = lines.pop(0)
    elif form == "jsonld":
        head, lines[0] = lines[0][: (at := lines[0].index("\n") + 1)], ",\n" + lines[0][at:]
        tail = lines.pop()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head)
        for number in range(size):
            copy, at = divmod(number, len(ids))
            line = lines[at].replace(ids[at], f"{ids[at]}-{copy}") if copy else lines[at]
            file.write(line.removeprefix(",\n") if number == 0 else line)
        file.write(tail)


def measured(url: str, feed: Path) -> dict[str, float]:
    """What `one` says, from a process of its own."""
    out = subprocess.run(
        [sys.executable, "-m", "scripts.bench_import", "--one", url, str(feed)],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(out.stdout.splitlines()[-1]))


def main() -> None:
    """Measures what was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--formats", nargs="+", default=["csv"], choices=["csv", "jsonl", "jsonld"])
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--postgres", default="")
    parser.add_argument("--one", nargs=2)
    given = parser.parse_args()
    if given.one:
        one(*given.one)
        return
    from bot.storage.migrate import migrate

    print("| rijen | formaat | databank | keer | seconden | processor | geheugen |\n|---|---|---|---|---|---|---|")
    for size, form in itertools.product(given.sizes, given.formats):
        with tempfile.TemporaryDirectory() as folder:
            feed = Path(folder) / f"feed.{form}"
            write_feed(feed, size, form)
            urls = {"SQLite": f"sqlite:///{folder}/bench.db"}
            server, name = None, f"bench_{secrets.token_hex(6)}"
            if given.postgres:
                server = sa.create_engine(given.postgres, future=True, isolation_level="AUTOCOMMIT")
                with server.connect() as connection:
                    connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
                urls["PostgreSQL"] = sa.engine.make_url(given.postgres).set(database=name).render_as_string(False)
            try:
                for kind, url in urls.items():
                    migrate(url)
                    for turn in ("eerste", "dezelfde opnieuw") if given.again else ("eerste",):
                        took = measured(url, feed)
                        print(
                            f"| {size} | {form} | {kind} | {turn} | {took['seconds']} | {took['cpu']} | {took['mb']} MB |",
                            flush=True,
                        )
            finally:
                if server is not None:
                    with server.connect() as connection:
                        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
                    server.dispose()


if __name__ == "__main__":
    main()
