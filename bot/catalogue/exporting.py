"""The catalogue as files for others: our CSV, schema.org JSON-LD, JSON Lines. Streams, so that any size fits."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Final

import sqlalchemy as sa

from bot.catalogue.importers.csv_template import COLUMNS, to_row
from bot.catalogue.jsonld import as_jsonld
from bot.catalogue.model import Offering
from bot.storage.tables import offerings

_BATCH: Final = 500


def current(connection: sa.engine.Connection, source: str = "") -> Iterator[Offering]:
    """Every offering there is now, of one source or of all, in the order in which they came."""
    last = 0
    while True:
        query = sa.select(offerings.c.number, offerings.c.body).where(offerings.c.number > last)
        if source:
            query = query.where(offerings.c.source == source)
        rows = connection.execute(query.order_by(offerings.c.number).limit(_BATCH)).all()
        if not rows:
            return
        for number, body in rows:
            last = number
            yield Offering.model_validate_json(body)


def as_csv(found: Iterator[Offering]) -> Iterator[str]:
    """The template with a row for each offering, lines with their ends; begins with the mark that spreadsheets need."""
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield "\ufeff" + line.getvalue()
    for offering in found:
        line.seek(0)
        line.truncate()
        writer.writerow(to_row(offering))
        yield line.getvalue()


def as_jsonld_graph(found: Iterator[Offering]) -> Iterator[str]:
    """One JSON-LD document: a graph with a course for each offering."""
    separator = '{"@context": ["https://schema.org", {"lw": "urn:leerwijzer:"}], "@graph": [\n'
    for offering in found:
        course = {name: value for name, value in as_jsonld(offering).items() if name != "@context"}
        yield separator + json.dumps(course, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n" if separator == ",\n" else separator + "]}\n"


def as_json_lines(found: Iterator[Offering]) -> Iterator[str]:
    """The model itself, an object a line: nothing is lost."""
    for offering in found:
        yield offering.model_dump_json() + "\n"


FORMATS: Final[dict[str, Callable[[Iterator[Offering]], Iterator[str]]]] = {
    "csv": as_csv,
    "jsonld": as_jsonld_graph,
    "jsonl": as_json_lines,
}
