"""Offerings into the database: what is new is added, what changed is changed, what vanished is retired.

A load is the whole of one source. Loading the same again changes nothing, so that a feed may be read as often as one
likes. Everything happens in the caller's transaction and in bounded memory: a million offerings need what a thousand do,
and a bit each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from bot.catalogue import example, example_lists
from bot.catalogue.model import FixedPrice, FreePrice, Offering
from bot.catalogue.moments import of_schedule
from bot.catalogue.subjects import Subjects
from bot.catalogue.words import tokens
from bot.places import Gazetteer
from bot.settings import ROOT
from bot.storage.tables import catalogue_loads, offering_subjects, offerings, retired_offerings, utcnow

ROWS_VERSION = "4"
"""Raised when `prepare` makes other rows of the same offerings, so that a next load writes them all anew."""
_BATCH = 500
_TIME = retired_offerings.c.retired_at.type
_ADVISORY_LOCK = 5_403_872_117
"""Names a load among the advisory locks of a PostgreSQL database; any number that nothing else uses."""


T = TypeVar("T")


class Prepared(NamedTuple):
    """An offering as the database holds it."""

    row: dict[str, Any]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0

    @property
    def current(self) -> int:
        """How many offerings the source has now."""
        return self.added + self.changed + self.unchanged


def prepare(offering: Offering, subjects: Subjects) -> Prepared:
    """What the database keeps of an offering, with a digest that tells whether it changed."""
    topics = tuple(dict.fromkeys(offering.subjects))
    row = _row(offering) | _texts(offering, subjects)
    content = json.dumps((ROWS_VERSION, topics, row), default=str).encode()
    row["digest"] = hashlib.blake2b(content, digest_size=16).hexdigest()
    return Prepared(row, topics)


def load(
    connection: sa.engine.Connection,
    source: str,
    found: Iterable[Prepared],
    *,
    version: str = "",
    location: str = "",
    at: datetime | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Loaded:
    """Makes the offerings of a source be these and no others; what it had besides is retired.

    Runs in the caller's transaction. `progress` hears how many are done. Raises `ValueError` for an offering of another
    source, and for the same id twice.
    """
    at = at or utcnow()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    before = connection.execute(
        sa.select(catalogue_loads.c.loaded_at).where(catalogue_loads.c.source == source)
    ).scalar()
    top = number = connection.execute(sa.select(sa.func.coalesce(sa.func.max(offerings.c.number), 0))).scalar_one()
    seen = bytearray(number // 8 + 1)  # a bit for each number there was
    result = Loaded()
    for batch in _batches(found):
        known = _known(connection, batch)
        if len({prepared.row["id"] for prepared in batch}) < len(batch):
            raise ValueError("the same id stands there twice")
        new, changed = [], []
        for prepared in batch:
            if prepared.row["source"] != source:
                raise ValueError(f"{prepared.row['id']}: source is {prepared.row['source']!r}, not {source!r}")
            old = known.get(prepared.row["id"])
            if old is None:
                number += 1
                new.append((number, prepared))
                continue
            if old.number > top:
                raise ValueError(f"{prepared.row['id']}: stands there twice")
            seen[old.number // 8] |= 1 << old.number % 8
            if old.digest != prepared.row["digest"]:
                changed.append((old.number, prepared))
        _insert(connection, new)
        _update(connection, changed)
        result = replace(
            result,
            added=result.added + len(new),
            changed=result.changed + len(changed),
            unchanged=result.unchanged + len(batch) - len(new) - len(changed),
        )
        progress(result.current)
    result = replace(result, retired=_retire(connection, source, seen, top, last_seen=before or at, at=at))
    if connection.dialect.name == "postgresql" and result.added + result.changed:
        # Else the first searches after a load are planned as if the tables were empty.
        connection.exec_driver_sql("ANALYZE offerings, offering_subjects")
    connection.execute(sa.delete(catalogue_loads).where(catalogue_loads.c.source == source))
    connection.execute(
        sa.insert(catalogue_loads).values(
            source=source, version=version, location=location, offerings=result.current, loaded_at=at
        )
    )
    return result


def load_example(connection: sa.engine.Connection, today: date, data_dir: Path = ROOT / "data") -> bool:
    """Puts the example catalogue of the month of `today` in the database; True when that changed anything.

    Nothing happens when that very catalogue is there already: neither the lists nor the month changed. Runs in the
    caller's transaction. Raises `CatalogueDataError` or `PlaceDataError` naming what is wrong in the lists.
    """
    version = f"{ROWS_VERSION}-{example.VERSION}-{today:%Y-%m}-{_digest(data_dir)}"
    loaded = sa.select(catalogue_loads.c.version).where(catalogue_loads.c.source == example.SOURCE)
    if connection.execute(loaded).scalar() == version:
        return False
    subjects = Subjects.load(data_dir / "catalogue")
    gazetteer = Gazetteer.load(data_dir / "places")
    lists = example_lists.load_data(data_dir / "catalogue", subjects, gazetteer)
    made = (prepare(offering, subjects) for offering in example.generate(lists, subjects, today))
    load(connection, example.SOURCE, made, version=version)
    return True


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(things)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


class _Known(NamedTuple):
    number: int
    digest: str


def _known(connection: sa.engine.Connection, batch: Sequence[Prepared]) -> dict[str, _Known]:
    """What the database holds of a batch, by id."""
    ids = [prepared.row["id"] for prepared in batch]
    query = sa.select(offerings.c.id, offerings.c.number, offerings.c.digest).where(offerings.c.id.in_(ids))
    return {id_: _Known(number, digest) for id_, number, digest in connection.execute(query)}


def _insert(connection: sa.engine.Connection, numbered: Sequence[tuple[int, Prepared]]) -> None:
    if not numbered:
        return
    connection.execute(sa.insert(offerings), [{"number": number, **prepared.row} for number, prepared in numbered])
    _link(connection, numbered)
    # What comes back is retired no longer.
    back = [prepared.row["id"] for _, prepared in numbered]
    connection.execute(sa.delete(retired_offerings).where(retired_offerings.c.id.in_(back)))


_CHANGE = (
    sa.update(offerings)
    .where(offerings.c.number == sa.bindparam("at_number"))
    .values({column: sa.bindparam(f"new_{column.name}") for column in offerings.c if column.name != "number"})
)


def _update(connection: sa.engine.Connection, numbered: Sequence[tuple[int, Prepared]]) -> None:
    if not numbered:
        return
    values = [
        {"at_number": number} | {f"new_{name}": value for name, value in prepared.row.items()}
        for number, prepared in numbered
    ]
    connection.execute(_CHANGE, values)
    numbers = [number for number, _ in numbered]
    connection.execute(sa.delete(offering_subjects).where(offering_subjects.c.offering_number.in_(numbers)))
    _link(connection, numbered)


def _link(connection: sa.engine.Connection, numbered: Sequence[tuple[int, Prepared]]) -> None:
    links = [
        {"subject_id": subject, "offering_number": number, "rank": rank}
        for number, prepared in numbered
        for rank, subject in enumerate(prepared.subjects)
    ]
    if links:
        connection.execute(sa.insert(offering_subjects), links)


def _retire(
    connection: sa.engine.Connection, source: str, seen: bytearray, top: int, *, last_seen: datetime, at: datetime
) -> int:
    """Moves what a source had, up to number `top`, and has no longer out of the catalogue; its page still finds it."""
    gone: list[int] = []
    position = 0
    while True:
        query = (
            sa.select(offerings.c.number)
            .where(offerings.c.source == source, offerings.c.number > position, offerings.c.number <= top)
            .order_by(offerings.c.number)
            .limit(10_000)
        )
        numbers = connection.execute(query).scalars().all()
        if not numbers:
            break
        position = numbers[-1]
        gone += [number for number in numbers if not seen[number // 8] >> number % 8 & 1]
    return sum(_retire_these(connection, part, last_seen, at) for part in _batches(gone))


def _retire_these(connection: sa.engine.Connection, numbers: Sequence[int], last_seen: datetime, at: datetime) -> int:
    chosen = offerings.c.number.in_(numbers)
    kept = sa.select(
        offerings.c.id, offerings.c.source, offerings.c.page_key, offerings.c.body, sa.literal(last_seen, _TIME),
        sa.literal(at, _TIME),
    ).where(chosen)  # fmt: skip
    connection.execute(
        sa.insert(retired_offerings).from_select(["id", "source", "page_key", "body", "last_seen", "retired_at"], kept)
    )
    connection.execute(sa.delete(offering_subjects).where(offering_subjects.c.offering_number.in_(numbers)))
    connection.execute(sa.delete(offerings).where(chosen))
    return len(numbers)


def _row(offering: Offering) -> dict[str, Any]:
    location, price = offering.location, offering.price
    return {
        "id": offering.id,
        "source": offering.source,
        "page_key": offering.page_key,
        "course_id": offering.course.id if offering.course else None,
        "provider_id": offering.provider.id,
        "provider_kind": offering.provider.kind.value,
        "provider_words": _words(offering.provider.name),
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
        "places_left": offering.places_left,
        "example": offering.example,
    }


@lru_cache(maxsize=8192)
def _words(text: str) -> str:
    """The words of a text, folded; texts repeat much from one offering to the next."""
    return " ".join(tokens(text))


def _texts(offering: Offering, subjects: Subjects) -> dict[str, Any]:
    texts = (
        offering.description,
        offering.certificate,
        offering.provider.name,
        offering.place_name,
        *(module.title for module in offering.modules),
        *(subjects.name(subject) for subject in offering.subjects),
    )
    return {
        "title_words": _words(offering.title),
        "body_words": " ".join(filter(None, map(_words, texts))),
        "body": offering.model_dump_json(),
    }


def _digest(data_dir: Path) -> str:
    """A short digest of every list the example catalogue is made from."""
    digest = hashlib.sha256()
    for path in sorted((*(data_dir / "catalogue").glob("*.yml"), *(data_dir / "places").glob("*.*"))):
        digest.update(json.dumps(path.name).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
