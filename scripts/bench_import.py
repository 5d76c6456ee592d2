"""Measures an import: seconds, processor seconds and memory, for each size and database.

    python -m scripts.bench_import --sizes 10000 100000 [--postgres postgresql://postgres@127.0.0.1:5432/test]

Each import runs in a process of its own: first into an empty catalogue, then the same feed again. The feed is the sample
catalogue as CSV. Prints a table; docs/aanbod.md holds the one that was measured last.
"""

from __future__ import annotations

import argparse
import json
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa


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
                "mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "added": report.loaded.added,
                "unchanged": report.loaded.unchanged,
            }
        )
    )


def write_feed(path: Path, size: int) -> None:
    """A sample of that size as CSV."""
    from bot.catalogue.example_lists import load_data
    from bot.catalogue.exporting import as_csv
    from bot.catalogue.sample import sample
    from bot.catalogue.search import today_in_belgium
    from bot.catalogue.subjects import Subjects
    from bot.places import Gazetteer
    from bot.settings import ROOT

    data = ROOT / "data"
    subjects, gazetteer = Subjects.load(data / "catalogue"), Gazetteer.load(data / "places")
    lists = load_data(data / "catalogue", subjects, gazetteer)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(as_csv(sample(lists, gazetteer, today_in_belgium(), size)))


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
    parser.add_argument("--postgres", default="")
    parser.add_argument("--one", nargs=2)
    given = parser.parse_args()
    if given.one:
        one(*given.one)
        return
    from bot.storage.migrate import migrate

    print("| rijen | databank | keer | seconden | processor | geheugen |\n|---|---|---|---|---|---|")
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            feed = Path(folder) / "feed.csv"
            write_feed(feed, size)
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
                    for turn in ("eerste", "dezelfde opnieuw"):
                        took = measured(url, feed)
                        print(
                            f"| {size} | {kind} | {turn} | {took['seconds']} | {took['cpu']} | {took['mb']} MB |",
                            flush=True,
                        )
            finally:
                if server is not None:
                    with server.connect() as connection:
                        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
                    server.dispose()


if __name__ == "__main__":
    main()
