"""Makes catalogues of growing size on SQLite and PostgreSQL, searches them, and keeps table and chart in the docs."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from bot.catalogue.example_lists import load_data
from bot.catalogue.loading import load, prepare
from bot.catalogue.sample import SOURCE, sample
from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer
from bot.settings import ROOT
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.tables import catalogue_loads, offering_subjects, offerings, utcnow
from scripts.bench_search import chart

PAGE = ROOT / "docs" / "zoeken.md"
CHART = ROOT / "docs" / "zoeken-kosten.svg"
BEGIN, END = "<!-- begin: python -m scripts.bench_search -->", "<!-- end: python -m scripts.bench_search -->"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
DRAWN = 100_000
"""More courses than this are copies, with ids of their own: drawing a million takes a quarter of an hour."""


def main() -> None:
    """Measures each size on each database and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument(
        "--postgres", default=os.environ.get("TEST_POSTGRES_URL", ""), help="URL van een server; leeg: enkel SQLite"
    )
    parser.add_argument("--keep", action="store_true", help="zet tabel en grafiek in docs/")
    arguments = parser.parse_args()
    today = date.today()
    results: dict[str, list[tuple[int, dict[str, float]]]] = {}
    for name, server in (("SQLite", ""), ("PostgreSQL", arguments.postgres)):
        if name == "PostgreSQL" and not server:
            continue
        with database(server) as url:
            there = 0
            for size in sorted(arguments.sizes):
                seconds = fill(url, there, size, today)
                there = size
                command = [sys.executable, "-m", "scripts.bench_search.measure", url, today.isoformat()]
                output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
                found = json.loads(output.splitlines()[-1]) | {"fill_s": seconds}
                results.setdefault(name, []).append((size, found))
                print(name, size, {key: round(value, 2) for key, value in found.items()}, flush=True)
    print(table(results))
    if arguments.keep:
        keep(results)


@contextmanager
def database(server: str) -> Iterator[str]:
    """The URL of an empty, migrated database that is gone afterwards."""
    if not server:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'search.db'}"
            migrate(url)
            yield url
        return
    name = f"leerwijzer_bench_{os.getpid()}"
    engine = sa.create_engine(server, future=True, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    try:
        url = sa.engine.make_url(server).set(database=name).render_as_string(hide_password=False)
        migrate(url)
        yield url
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def fill(url: str, there: int, size: int, today: date) -> float:
    """Makes a sample catalogue of `there` courses one of `size`; gives the seconds that took, drawing it included."""
    data = ROOT / "data"
    places, subjects = Gazetteer.load(data / "places"), Subjects.load(data / "catalogue")
    lists = load_data(data / "catalogue", subjects, places)
    begin = time.perf_counter()
    store = Database(url)
    try:
        with store.begin() as connection:
            if there < DRAWN:
                drawn = sample(lists, places, today, min(size, DRAWN))
                load(connection, SOURCE, (prepare(offering, subjects) for offering in drawn))
            for copy in range(max(1, there // DRAWN), size // DRAWN):
                _copy(connection, copy)
            connection.execute(sa.update(catalogue_loads).values(offerings=size, loaded_at=utcnow()))
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("ANALYZE offerings, offering_subjects")
    finally:
        store.close()
    return time.perf_counter() - begin


def _copy(connection: sa.engine.Connection, copy: int) -> None:
    """The drawn courses once more, under other numbers and ids."""
    first = offerings.c.number <= DRAWN
    fresh = {
        "number": offerings.c.number + copy * DRAWN,
        "id": offerings.c.id + sa.literal(f"-{copy}"),
        "digest": sa.literal(f"copy {copy}"),
    }
    columns = [fresh.get(column.name, column) for column in offerings.c]
    connection.execute(sa.insert(offerings).from_select(list(offerings.c), sa.select(*columns).where(first)))
    links = sa.select(
        offering_subjects.c.subject_id, offering_subjects.c.offering_number + copy * DRAWN, offering_subjects.c.rank
    ).where(offering_subjects.c.offering_number <= DRAWN)
    connection.execute(sa.insert(offering_subjects).from_select(list(offering_subjects.c), links))


def table(results: dict[str, list[tuple[int, dict[str, float]]]]) -> str:
    """The numbers as a Markdown table."""
    rows = [
        "| databank | cursussen | zoeken p50 | zoeken p95 | waarvan rekenen | kale index p95 | verhouding | geheugen |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, sizes in results.items():
        for size, found in sizes:
            ratio = found["p95_ms"] / found["bare_p95_ms"]
            cells = (
                name, f"{size:,}".replace(",", "."), _dutch(found["p50_ms"], "ms"), _dutch(found["p95_ms"], "ms"),
                _dutch(found["computing_p95_ms"], "ms"), _dutch(found["bare_p95_ms"], "ms"),
                f"{ratio:.2f}".replace(".", ","),
                f"{found['memory_mb']:.0f} MB",
            )  # fmt: skip
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def keep(results: dict[str, list[tuple[int, dict[str, float]]]]) -> None:
    """Writes the table and the chart."""
    series: dict[str, Sequence[tuple[float, float]]] = {}
    for name, sizes in results.items():
        series[f"zoeken, {name}"] = [(size, found["p95_ms"]) for size, found in sizes]
        series[f"kale index, {name}"] = [(size, found["bare_p95_ms"]) for size, found in sizes]
    title = "Wat een zoekvraag kost naargelang het aanbod (p95, milliseconden)"
    CHART.write_text(chart.lines(series, title, "cursussen", "milliseconden (p95)"), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{after}", encoding="utf-8")


def _dutch(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}".replace(".", ",")


if __name__ == "__main__":
    main()
