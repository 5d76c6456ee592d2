"""The command `leerwijzer check`: what is wrong with what citizens may be told."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.settings import get_settings

if TYPE_CHECKING:
    from bot.knowledge.check import Checked

console = Console()
errors = Console(stderr=True)
STARTED_IN = Path.cwd()
"""Where the command was given: the command goes to the root of the project, files of the user are relative to here."""

_COLOURS = {"fout": "red", "let op": "yellow", "ter info": "dim"}


def check(
    everything: Annotated[bool, typer.Option("--all", help="Toont ook wat enkel ter info is.")] = False,
    day: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Kijkt als op deze dag.")] = None,
    out: Annotated[Path | None, typer.Option("--json", help="Bewaart alles wat gevonden werd als JSON.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Vult de leesbaarheid in een document in.")] = None,
) -> None:
    """Kijkt cijfers, bronnen, leeftijd, taal en kanalen na. Eindigt met 1 bij een fout; leeftijd is een waarschuwing."""
    from bot.knowledge.check import Severity
    from bot.knowledge.check import check as look
    from bot.knowledge.datafile import DataError

    on = day.date() if day else datetime.now(ZoneInfo("Europe/Brussels")).date()
    try:
        checked = look(get_settings(), on)
    except DataError as error:
        errors.print(f"[red]{escape(str(error))}[/red]")
        raise typer.Exit(1) from error
    table = Table("", "wat", "waar", "gevonden")
    for one in checked.findings:
        if everything or one.severity is not Severity.NOTE:
            colour = _COLOURS[one.severity]
            table.add_row(f"[{colour}]{one.severity}[/{colour}]", one.sort, escape(one.where), escape(one.what))
    if table.row_count:
        console.print(table)
    counts = Counter(one.severity for one in checked.findings)
    console.print(
        f"{len(checked.texts)} teksten nagekeken: {counts[Severity.ERROR]} fouten, {counts[Severity.WARNING]} waarschuwingen, "
        f"{counts[Severity.NOTE]} ter info."
    )
    if out:
        (STARTED_IN / out).write_text(_as_json(checked, on), encoding="utf-8")
    if report:
        from bot.knowledge.report import write

        write(STARTED_IN / report, checked)
    raise typer.Exit(1 if checked.errors else 0)


def _as_json(checked: Checked, on: date) -> str:
    found = [
        {"severity": one.severity, "sort": one.sort, "where": one.where, "what": one.what} for one in checked.findings
    ]
    return json.dumps(
        {"on": on.isoformat(), "texts": len(checked.texts), "findings": found}, indent=1, ensure_ascii=False
    )
