"""The command `leerwijzer check`: what is wrong with what citizens may be told."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from bot.terminal import console, given_output, refuse, settings_or_exit

if TYPE_CHECKING:
    from bot.knowledge.check import Checked

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

    target, document = given_output(out), given_output(report)
    on = day.date() if day else datetime.now(ZoneInfo("Europe/Brussels")).date()
    try:
        checked = look(settings_or_exit(), on)
    except DataError as error:
        raise refuse(str(error), code=1) from error
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
    if target:
        target.write_text(_as_json(checked, on), encoding="utf-8")
    if document:
        from bot.knowledge.report import write

        write(document, checked)
    raise typer.Exit(1 if checked.errors else 0)


def _as_json(checked: Checked, on: date) -> str:
    found = [
        {"severity": one.severity, "sort": one.sort, "where": one.where, "what": one.what} for one in checked.findings
    ]
    return json.dumps(
        {"on": on.isoformat(), "texts": len(checked.texts), "findings": found}, indent=1, ensure_ascii=False
    )
