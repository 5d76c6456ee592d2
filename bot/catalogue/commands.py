"""The command `leerwijzer catalogue`: courses in and out, and where they came from."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import sqlalchemy as sa
import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.catalogue import feeds
from bot.catalogue.feeds import MAX_REFUSED, MAX_VANISHED
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import catalogue_imports, catalogue_loads, retired_offerings
from bot.terminal import STARTED_IN, console, errors, given_output, settings_or_exit

if TYPE_CHECKING:
    from bot.catalogue.importing import Report

app = typer.Typer(help="Leest opleidingen in, toont vanwaar ze komen, en geeft ze aan anderen.", no_args_is_help=True)
Format = Literal["csv", "jsonld", "jsonl"]
_SHOWN = 20


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    from bot.storage.migrate import migrate

    migrate(settings.database)
    database = Database(settings.database, threads=1)
    try:
        yield database
    finally:
        database.close()


@app.command("import")
def import_(
    locations: Annotated[list[str], typer.Argument(help="Bestand of webadres; meer dan een vormen samen een bron.")],
    source: Annotated[str, typer.Option(help="Naam van de bron; standaard de naam van het bestand of de server.")] = "",
    max_refused: Annotated[float, typer.Option(min=0, max=1, help="Deel dat geweigerd mag worden.")] = MAX_REFUSED,
    max_vanished: Annotated[float, typer.Option(min=0, max=1, help="Deel dat mag verdwijnen.")] = MAX_VANISHED,
    report_file: Annotated[Path | None, typer.Option("--report", help="Bewaart alle weigeringen als CSV.")] = None,
) -> None:
    """Leest een bron in: alles of niets. Wat niet meer in de bron staat, wordt niet meer aangeboden.

    CSV volgens ons sjabloon, JSON Lines, JSON-LD van schema.org (ook in webpagina's) of XML van het European Learning
    Model; het formaat volgt uit de inhoud. Eindigt met 1 als er niets veranderde omdat er te veel mis was.
    """
    from bot.catalogue.importing import Intake

    name = source or feeds.name_of(locations[0])
    if not re.fullmatch(feeds.NAME, name) or name == feeds.TAKEN:
        errors.print(f"[red]--source {name}: gebruik kleine letters, cijfers en koppeltekens, en niet 'example'.[/red]")
        raise typer.Exit(2)
    refusals = given_output(report_file)
    found = [location if "://" in location else str(STARTED_IN / location) for location in locations]
    settings = settings_or_exit()
    with _database(settings) as database, _progress() as bar:
        report = Intake.of(settings, database).take_in(
            name, found, max_refused=max_refused, max_vanished=max_vanished, progress=bar
        )
    _print(report)
    if report.done and settings.examples == "auto":
        console.print("Er is echt aanbod: het voorbeeldaanbod gaat weg (LEERWIJZER_EXAMPLES=always houdt het).")
    if refusals:
        _write_refusals(report, refusals)
    raise typer.Exit(0 if report.done else 1)


@app.command()
def refresh(
    everything: Annotated[bool, typer.Option("--all", help="Ook bronnen die nog niet aan de beurt zijn.")] = False,
) -> None:
    """Leest de bronnen van data/catalogue/feeds.yml in die aan de beurt zijn. De toepassing doet dit ook zelf."""
    from bot.catalogue import examples
    from bot.catalogue.importing import Intake
    from bot.catalogue.search import today_in_belgium
    from bot.storage.lock import FileLock, LockHeld

    settings = settings_or_exit()
    failed = False
    lock = FileLock(settings.var_dir / "catalogue-refresh.lock")
    try:
        lock.acquire()
    except LockHeld:
        console.print("Een ander proces leest de bronnen al in.")
        return
    try:
        with _database(settings) as database, _progress() as bar:
            intake = Intake.of(settings, database)
            with database.read() as connection:
                waiting = feeds.due(connection, feeds.load(settings.data_dir / "catalogue"), everything=everything)
            for feed in waiting:
                report = intake.take_in(
                    feed.source,
                    feed.locations,
                    max_refused=feed.max_refused,
                    max_vanished=feed.max_vanished,
                    progress=bar,
                )
                failed = failed or not report.done
                _print(report)
            with database.begin() as connection:
                examples.keep(connection, today_in_belgium(), settings.data_dir, settings.examples)
    finally:
        lock.release()
    if not waiting:
        console.print("Geen enkele bron is aan de beurt.")
    raise typer.Exit(1 if failed else 0)


@app.command()
def status() -> None:
    """Toont elke bron: hoeveel opleidingen, vanwaar, wanneer, en hoe de laatste keer verliep."""
    with _database(settings_or_exit()) as database, database.read() as connection:
        loads = {row.source: row for row in connection.execute(sa.select(catalogue_loads))}
        newest = sa.select(sa.func.max(catalogue_imports.c.id)).group_by(catalogue_imports.c.source)
        imports = {
            row.source: row
            for row in connection.execute(sa.select(catalogue_imports).where(catalogue_imports.c.id.in_(newest)))
        }
        retired = dict(
            connection.execute(
                sa.select(retired_offerings.c.source, sa.func.count()).group_by(retired_offerings.c.source)
            ).all()
        )
    table = Table("bron", "opleidingen", "niet meer", "laatst gezien", "laatste keer", "vanwaar")
    for source in sorted({*loads, *imports}):
        load, last = loads.get(source), imports.get(source)
        table.add_row(
            source,
            str(load.offerings if load else 0),
            str(retired.get(source, 0)),
            f"{load.loaded_at.astimezone():%d/%m/%Y %H:%M}" if load else "nooit",
            _outcome(last) if last else "voorbeeldaanbod" if source == feeds.TAKEN else "",
            last.location if last else load.location if load else "",
        )
    console.print(table)


@app.command()
def export(
    target: Annotated[Path | None, typer.Argument(help="Bestand; standaard naar het scherm.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="Het formaat.")] = "csv",
    source: Annotated[str, typer.Option(help="Enkel deze bron.")] = "",
) -> None:
    """Geeft alle opleidingen die er nu zijn. Wat eruit gaat, kan er weer in."""
    from bot.catalogue import exporting

    file = given_output(target)
    with _database(settings_or_exit()) as database, database.read() as connection:
        lines = exporting.FORMATS[format_](exporting.current(connection, source))
        if file is None:
            for line in lines:
                sys.stdout.write(line)
            return
        with file.open("w", encoding="utf-8", newline="") as written:
            written.writelines(lines)


@app.command("sample")
def sample_(
    target: Annotated[Path, typer.Argument(help="Bestand om te schrijven.")],
    size: Annotated[int, typer.Option(min=1, max=10_000_000, help="Hoeveel opleidingen.")] = 100_000,
    format_: Annotated[Format, typer.Option("--format", help="Het formaat.")] = "csv",
    seed: Annotated[int, typer.Option(help="Een ander getal geeft een ander aanbod.")] = 0,
) -> None:
    """Schrijft een verzonnen aanbod van elke grootte, om mee te meten."""
    from bot.catalogue import exporting, sample
    from bot.catalogue.example_lists import load_data
    from bot.catalogue.search import today_in_belgium
    from bot.catalogue.subjects import Subjects
    from bot.places import Gazetteer

    folder = settings_or_exit().data_dir
    subjects, gazetteer = Subjects.load(folder / "catalogue"), Gazetteer.load(folder / "places")
    lists = load_data(folder / "catalogue", subjects, gazetteer)
    drawn = sample.sample(lists, gazetteer, today_in_belgium(), size, seed=seed)
    with (STARTED_IN / target).open("w", encoding="utf-8", newline="") as file:
        file.writelines(exporting.FORMATS[format_](drawn))


class _Bar:
    """Shows steps in a progress bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, object] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total or None)
        self._progress.update(self._tasks[step], completed=done, total=total or None)  # type: ignore[arg-type]


@contextmanager
def _progress() -> Iterator[_Bar]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors) as progress:
        yield _Bar(progress)


def _print(report: Report) -> None:
    for refusal in report.refusals[:_SHOWN]:
        errors.print(
            f"{refusal.file}, regel {refusal.line}, {refusal.field}: {refusal.reason}", markup=False, soft_wrap=True
        )
    if report.refused > _SHOWN:
        errors.print(
            f"… en nog {report.refused - _SHOWN} geweigerd; --report bewaart ze allemaal.", markup=False, soft_wrap=True
        )
    if not report.done:
        errors.print(f"{report.source}: niets veranderd. {report.message}", style="red", markup=False, soft_wrap=True)
        return
    found = report.loaded
    console.print(
        f"{report.source} ({report.format}): {found.added} nieuw, {found.changed} gewijzigd, {found.unchanged} hetzelfde, "
        f"{found.retired} niet meer aangeboden, {report.refused} geweigerd, in {report.seconds:.1f} s.",
        markup=False,
        soft_wrap=True,
    )


def _outcome(row: sa.engine.Row) -> str:
    when = f"{row.started_at.astimezone():%d/%m/%Y %H:%M}"
    if row.outcome != "done":
        return f"{when}: niets veranderd. {row.message}"
    return f"{when}: {row.added} nieuw, {row.changed} gewijzigd, {row.retired} weg, {row.refused} geweigerd"


def _write_refusals(report: Report, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("bestand", "regel", "veld", "reden"))
        writer.writerows(report.refusals)
