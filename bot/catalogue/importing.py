"""Takes in a feed: reads and judges all of it first, then changes the catalogue in one transaction, or not at all.

What was read waits in a file of its own, so that the database is not locked while somebody else's file is read, and a
million rows need no more memory than a thousand.
"""

from __future__ import annotations

import marshal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa

from bot.assistant.nlu.vectors import VectorCache
from bot.catalogue import fetching, meaning
from bot.catalogue.feeds import MAX_REFUSED, MAX_VANISHED
from bot.catalogue.importers import Builder, Feed, FeedError, Importer, Limits, Refusal, importer_for
from bot.catalogue.loading import Loaded, Prepared, load, prepare
from bot.catalogue.subjects import Subjects
from bot.knowledge.figures import load_figures
from bot.places import Gazetteer
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import catalogue_imports, offerings, utcnow

_FEW: Final = 20
"""Below so many offerings a source may vanish whole."""
_REPORTED: Final = 10_000
"""Refusals that are kept to be shown; beyond that they are only counted."""
Progress = Callable[[str, int, int], None]
"""Hears what is being done, how far, and of how much (0 when that is not known)."""


@dataclass(slots=True)
class Report:
    """What came of an import."""

    source: str
    location: str
    started_at: datetime
    format: str = ""
    outcome: str = "failed"
    """done; refused: too much of it was wrong; failed: it could not be read."""
    message: str = ""
    """Why nothing changed, in Dutch; empty when it is done."""
    loaded: Loaded = field(default_factory=Loaded)
    read: int = 0
    """Offerings that were good."""
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    """The first of them."""
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        """Whether the catalogue is now as the feed says."""
        return self.outcome == "done"


class _TooMuch(Exception):
    """Nothing may change; the text says why, in Dutch."""


class Intake:
    """Takes feeds into one catalogue. Holds what every import needs; make it once."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        gazetteer: Gazetteer,
        figures: Collection[str],
        *,
        inside: Collection[str] = (),
        limits: Limits | None = None,
        vectors: Callable[[], VectorCache] | None = None,
    ) -> None:
        """`figures` are the ids a tariff may name; `inside` are hosts that may be on a private network.

        `vectors` opens what the search by meaning reads; without it titles are not made ready for that.
        """
        self._database = database
        self._subjects = subjects
        self._gazetteer = gazetteer
        self._figures = figures
        self._inside = inside
        self._limits = limits or Limits()
        self._vectors = vectors

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Intake:
        """With the lists and hosts of the settings. Raises what is wrong in the lists."""
        return cls(
            database,
            Subjects.load(settings.data_dir / "catalogue"),
            Gazetteer.load(settings.data_dir / "places"),
            load_figures(settings.data_dir / "knowledge"),
            inside=settings.feed_hosts,
            vectors=lambda: meaning.open_vectors(settings.models_dir / meaning.FILE),
        )

    def take_in(
        self,
        source: str,
        locations: Sequence[str],
        *,
        max_refused: float = MAX_REFUSED,
        max_vanished: float = MAX_VANISHED,
        progress: Progress = lambda step, done, total: None,
    ) -> Report:
        """Makes the offerings of a source be what stands in these files or at these addresses, all together.

        Never raises for what is wrong with a feed: the report says it, and the table of imports keeps it.
        """
        report = Report(source, " ".join(locations)[:500], utcnow())
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="leerwijzer-") as folder, closing(_Staged(Path(folder))) as staged:
            try:
                for number, location in enumerate(locations):
                    self._read(
                        self._feed(location, Path(folder) / f"feed-{number}", progress), report, staged, progress
                    )
                _judge(report, max_refused)
                self._make_meaning_ready(staged, progress)
                self._change(report, staged, max_vanished, progress)
                report.outcome = "done"
            except FeedError as error:
                report.message = f"{_short(location)} {error}"
            except _TooMuch as error:
                report.outcome, report.message = "refused", str(error)
            report.seconds = time.monotonic() - begun
            if not report.done:
                report.loaded = Loaded()
        self._keep(report)
        return report

    def _feed(self, location: str, target: Path, progress: Progress) -> Feed:
        if "://" not in location:
            if not Path(location).is_file():
                raise FeedError("is er niet")
            return Feed(Path(location), Path(location).name, self._limits)
        progress("Ophalen", 0, 0)
        fetching.fetch(location, target, limits=self._limits, inside=self._inside)
        return Feed(target, _short(location), self._limits)

    def _read(self, feed: Feed, report: Report, staged: _Staged, progress: Progress) -> None:
        importer: Importer = importer_for(feed)
        report.format = importer.name
        builder = Builder(report.source, self._gazetteer, self._subjects, self._figures)
        for number, result in enumerate(importer.read(feed, builder)):
            if isinstance(result, Refusal):
                _refuse(report, result)
            elif staged.add(prepare(result.offering, self._subjects)):
                report.read += 1
            else:
                _refuse(report, Refusal(feed.name, result.line, "id", f"'{result.offering.id}' staat er al in"))
            if number % 1000 == 0:
                progress("Lezen", feed.position, feed.size)
        progress("Lezen", feed.size, feed.size)

    def _make_meaning_ready(self, staged: _Staged, progress: Progress) -> None:
        """Titles without a subject as vectors, before they can be searched for: the search reads these once for each load."""
        titles = staged.untagged_titles(meaning.MOST_TITLES)
        if self._vectors is not None and titles:
            meaning.prepare(
                self._vectors(), self._subjects, titles, lambda done, total: progress("Betekenis", done, total)
            )

    def _change(self, report: Report, staged: _Staged, max_vanished: float, progress: Progress) -> None:
        """One transaction: all or nothing."""
        with self._database.begin() as connection:
            had = connection.execute(
                sa.select(sa.func.count()).select_from(offerings).where(offerings.c.source == report.source)
            ).scalar_one()
            report.loaded = load(
                connection,
                report.source,
                staged.all(),
                location=report.location,
                at=report.started_at,
                progress=lambda done: progress("Bewaren", done, report.read),
            )
            gone = report.loaded.retired
            if had > _FEW and gone > had * max_vanished:
                raise _TooMuch(
                    f"{gone} van de {had} opleidingen zouden verdwijnen. Is de bron volledig? Laat het toe met --max-vanished 1."
                )

    def _keep(self, report: Report) -> None:
        with self._database.begin() as connection:
            connection.execute(
                sa.insert(catalogue_imports).values(
                    source=report.source,
                    location=report.location,
                    format=report.format,
                    started_at=report.started_at,
                    seconds=report.seconds,
                    outcome=report.outcome,
                    message=report.message,
                    refused=report.refused,
                    added=report.loaded.added,
                    changed=report.loaded.changed,
                    unchanged=report.loaded.unchanged,
                    retired=report.loaded.retired,
                )
            )


def _refuse(report: Report, refusal: Refusal) -> None:
    report.refused += 1
    if len(report.refusals) < _REPORTED:
        report.refusals.append(refusal)


def _judge(report: Report, max_refused: float) -> None:
    total = report.read + report.refused
    if report.read == 0:
        raise _TooMuch("Geen enkele opleiding was bruikbaar.")
    if report.refused > total * max_refused:
        raise _TooMuch(
            f"{report.refused} van de {total} zijn geweigerd; hoogstens {max_refused:.0%} mag. Verbeter de bron, of laat "
            "meer toe met --max-refused."
        )


def _short(location: str) -> str:
    """How a report calls a location: the name of a file, the host and path of an address."""
    if "://" not in location:
        return Path(location).name
    parts = urlsplit(location)
    return f"{parts.hostname or ''}{parts.path}"[:120]


class _Staged:
    """What was read, on disk, each id once."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "staged.db", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "CREATE TABLE staged (id TEXT NOT NULL UNIQUE, untagged_title TEXT, content BLOB NOT NULL)",
            "BEGIN",
        ):
            self._connection.execute(statement)

    def add(self, prepared: Prepared) -> bool:
        """Keeps one; False when its id is there already."""
        content = marshal.dumps((prepared.row, prepared.subjects))
        untagged = None if prepared.subjects else prepared.row["title_words"]
        row = (prepared.row["id"], untagged, content)
        return self._connection.execute("INSERT OR IGNORE INTO staged VALUES (?, ?, ?)", row).rowcount == 1

    def untagged_titles(self, most: int) -> list[str]:
        """Different titles, as their folded words, of what has no subject."""
        found = "SELECT DISTINCT untagged_title FROM staged WHERE untagged_title IS NOT NULL LIMIT ?"
        return [title for (title,) in self._connection.execute(found, (most,))]

    def all(self) -> Iterator[Prepared]:
        """Everything, in the order of the feed."""
        for (content,) in self._connection.execute("SELECT content FROM staged ORDER BY rowid"):
            yield Prepared(*marshal.loads(content))  # noqa: S302 - written above by ourselves

    def close(self) -> None:
        self._connection.close()
