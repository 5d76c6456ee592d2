"""Offerings in the database: putting a source in, and getting candidates and whole offerings out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.catalogue import example, example_lists
from bot.catalogue.model import FixedPrice, FreePrice, Offering
from bot.catalogue.moments import of_schedule
from bot.catalogue.ranking import NEIGHBOUR, Candidate
from bot.catalogue.schema import MATCH_POSTGRESQL, MATCH_SQLITE
from bot.catalogue.subjects import Subjects
from bot.catalogue.words import tokens
from bot.places import Gazetteer
from bot.settings import ROOT
from bot.storage.tables import catalogue_loads, offering_subjects, offerings, utcnow

MOST = 3000
"""Candidates looked at in one search: beyond that only those that start first."""
MOST_SOON = 300
"""The same for a search without a subject, which asks for what starts soonest anyway."""
_BATCH = 500
_EXAMPLE_VERSION = "3"
"""Raised when the program makes something else of the same lists."""


def load_example(connection: sa.engine.Connection, today: date, data_dir: Path = ROOT / "data") -> bool:
    """Puts the example catalogue of the month of `today` in the database; True when that changed anything.

    Nothing happens when that very catalogue is there already: neither the lists nor the month changed. Runs in the
    caller's transaction. Raises `CatalogueDataError` or `PlaceDataError` naming what is wrong in the lists.
    """
    version = f"{_EXAMPLE_VERSION}-{today:%Y-%m}-{_digest(data_dir)}"
    loaded = sa.select(catalogue_loads.c.version).where(catalogue_loads.c.source == example.SOURCE)
    if connection.execute(loaded).scalar() == version:
        return False
    subjects = Subjects.load(data_dir / "catalogue")
    gazetteer = Gazetteer.load(data_dir / "places")
    lists = example_lists.load_data(data_dir / "catalogue", subjects, gazetteer)
    replace_source(connection, example.SOURCE, version, example.generate(lists, subjects, today), subjects)
    return True


def replace_source(
    connection: sa.engine.Connection, source: str, version: str, found: Iterable[Offering], subjects: Subjects
) -> int:
    """Puts the offerings of a source in the place of those it had; gives how many. Runs in the caller's transaction.

    Raises `ValueError` for an offering of another source, and SQLAlchemy's `IntegrityError` for the same id twice.
    """
    old = sa.select(offerings.c.number).where(offerings.c.source == source)
    connection.execute(sa.delete(offering_subjects).where(offering_subjects.c.offering_number.in_(old)))
    connection.execute(sa.delete(offerings).where(offerings.c.source == source))
    number = connection.execute(sa.select(sa.func.coalesce(sa.func.max(offerings.c.number), 0))).scalar_one()
    rows: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    count = 0

    def write() -> None:
        for table, batch in ((offerings, rows), (offering_subjects, links)):
            if batch:
                connection.execute(sa.insert(table), batch)
            batch.clear()

    for offering in found:
        if offering.source != source:
            raise ValueError(f"{offering.id}: source is {offering.source!r}, not {source!r}")
        count += 1
        rows.append({"number": number + count, **_row(offering), **_texts(offering, subjects)})
        links.extend(
            {"subject_id": subject, "offering_number": number + count, "rank": rank}
            for rank, subject in enumerate(dict.fromkeys(offering.subjects))
        )
        if len(rows) == _BATCH:
            write()
    write()
    if connection.dialect.name == "postgresql":
        # Else the first searches after a load are planned as if the tables were empty.
        connection.exec_driver_sql("ANALYZE offerings, offering_subjects")
    connection.execute(sa.delete(catalogue_loads).where(catalogue_loads.c.source == source))
    connection.execute(
        sa.insert(catalogue_loads).values(source=source, version=version, offerings=count, loaded_at=utcnow())
    )
    return count


def get(connection: sa.engine.Connection, offering_id: str) -> Offering | None:
    """One offering by its id, if it is there."""
    body = connection.execute(sa.select(offerings.c.body).where(offerings.c.id == offering_id)).scalar()
    return Offering.model_validate_json(body) if body else None


def bodies(connection: sa.engine.Connection, numbers: Sequence[int]) -> dict[int, Offering]:
    """Whole offerings by their number in the database."""
    rows = connection.execute(sa.select(offerings.c.number, offerings.c.body).where(offerings.c.number.in_(numbers)))
    return {number: Offering.model_validate_json(body) for number, body in rows}


def of_subjects(
    connection: sa.engine.Connection, subject_ids: Sequence[str], since: int, *, neighbours: bool = False
) -> list[Candidate]:
    """Candidates about any of the subjects that start on day `since` or later.

    Courses mainly about one of them rank first; of neighbouring subjects, those about the first of them.
    """
    position = sa.case(
        {subject: index for index, subject in enumerate(subject_ids)}, value=offering_subjects.c.subject_id, else_=0
    )
    best = sa.func.min(position if neighbours else offering_subjects.c.rank)
    chosen = (
        sa.select(offering_subjects.c.offering_number, best.label("rank"))
        .where(offering_subjects.c.subject_id.in_(subject_ids))
        .group_by(offering_subjects.c.offering_number)
        .subquery()
    )
    query = _candidates(chosen.c.rank, since).select_from(
        offerings.join(chosen, chosen.c.offering_number == offerings.c.number)
    )
    extra = NEIGHBOUR if neighbours else 0
    return [_candidate(row, row[-1] + extra) for row in connection.execute(query)]


def of_words(connection: sa.engine.Connection, words: Sequence[str], since: int) -> list[Candidate]:
    """Candidates that hold all of the words, or else any of them, in title or text; a word also finds longer ones."""
    for together in (True, False):
        if found := _full_text(connection, words, together, since):
            return found
    return []


def soonest(connection: sa.engine.Connection, since: int, municipalities: Iterable[str] = ()) -> list[Candidate]:
    """Candidates that start first, in municipalities (REFNIS numbers) or anywhere."""
    query = sa.select(*_COLUMNS, sa.literal(0)).limit(MOST_SOON)
    if inside := sorted(municipalities):
        query = query.where(offerings.c.municipality_id.in_(inside))
    at_any_time = query.where(offerings.c.start_day.is_(None)).order_by(offerings.c.number)
    later = query.where(offerings.c.start_day >= since).order_by(offerings.c.start_day, offerings.c.number)
    return [Candidate._make(row) for part in (at_any_time, later) for row in connection.execute(part)]


_COLUMNS = tuple(offerings.c[name] for name in Candidate._fields[:-1])


def _candidates(rank: Any, since: int) -> Any:
    soon = sa.or_(offerings.c.start_day.is_(None), offerings.c.start_day >= since)
    first = sa.func.coalesce(offerings.c.start_day, 0)  # the two databases order what is missing differently
    return sa.select(*_COLUMNS, rank).where(soon).order_by(first, offerings.c.number).limit(MOST)


def _full_text(connection: sa.engine.Connection, words: Sequence[str], together: bool, since: int) -> list[Candidate]:
    plain = [word for word in words if word.isalnum()]
    if not plain:
        return []
    if connection.dialect.name == "sqlite":
        statement = MATCH_SQLITE
        expression = (" AND " if together else " OR ").join(f'"{word}"*' for word in plain)
    else:
        statement = MATCH_POSTGRESQL
        expression = (" & " if together else " | ").join(f"{word}:*" for word in plain)
    matching = (
        sa.text(statement)
        .bindparams(words=expression)
        .columns(sa.column("number", sa.Integer), sa.column("rank", sa.Float))
        .subquery("matching")
    )
    joined = offerings.join(matching, matching.c.number == offerings.c.number)
    rows = connection.execute(_candidates(matching.c.rank, since).select_from(joined)).all()
    if not rows:
        return []
    best = min(row[-1] for row in rows)
    # Both databases rank below zero, better being lower; only the order counts, and ranks from 0 up to 1 keep it.
    return [_candidate(row, round(1 - row[-1] / best, 1) if best else 0.0) for row in rows]


def _candidate(row: Any, rank: float) -> Candidate:
    return Candidate._make((*row[:-1], rank))


def _row(offering: Offering) -> dict[str, Any]:
    location, price = offering.location, offering.price
    return {
        "id": offering.id,
        "source": offering.source,
        "title_words": " ".join(tokens(offering.title)),
        "provider_kind": offering.provider.kind.value,
        "provider_words": " ".join(tokens(offering.provider.name)),
        "municipality_id": location.municipality_id if location else None,
        "latitude": location.latitude if location else None,
        "longitude": location.longitude if location else None,
        "delivery_mode": offering.delivery_mode.value,
        "moments": of_schedule(offering.schedule),
        "start_day": offering.start.toordinal() if offering.start else None,
        "hours": offering.hours,
        "price_kind": price.kind,
        "price_cents": int(price.amount * 100) if isinstance(price, FixedPrice) else None,
        "figure": None if isinstance(price, FixedPrice) else price.figure,
        "free_for": price.audience if isinstance(price, FreePrice) else None,
        "language_level": offering.language_level.value if offering.language_level else None,
        "recognised_for": " ".join(offering.recognised_for),
        "shortage": offering.shortage,
        "example": offering.example,
    }


def _texts(offering: Offering, subjects: Subjects) -> dict[str, Any]:
    text = " ".join(
        (
            offering.description,
            offering.certificate,
            offering.provider.name,
            offering.place_name,
            *(subjects.name(subject) for subject in offering.subjects),
        )
    )
    return {
        "title_words": " ".join(tokens(offering.title)),
        "body_words": " ".join(tokens(text)),
        "body": offering.model_dump_json(),
    }


def _digest(data_dir: Path) -> str:
    """A short digest of every list the example catalogue is made from."""
    digest = sha256()
    for path in sorted((*(data_dir / "catalogue").glob("*.yml"), *(data_dir / "places").glob("*.*"))):
        digest.update(json.dumps(path.name).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
