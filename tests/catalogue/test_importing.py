"""A feed taken in: all or nothing, the same again changes nothing, and every time is kept."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from support.feed_server import FeedServer
from typer.testing import CliRunner

from bot.assistant.nlu.vectors import DIMENSIONS, VectorCache, Vectors
from bot.catalogue import feeds
from bot.catalogue.feeds import FeedEntry
from bot.catalogue.importers import Limits
from bot.catalogue.importing import Intake, Report
from bot.catalogue.lists import CatalogueDataError
from bot.catalogue.subjects import Domain, Subject, Subjects
from bot.knowledge.figures import Figures
from bot.places import Gazetteer
from bot.storage.database import Database
from bot.storage.tables import catalogue_imports, catalogue_loads, offerings, retired_offerings, utcnow

HEADER = "id;titel;aanbieder;gemeente;prijs\n"


@pytest.fixture
def intake(database: Database, subjects: Subjects, gazetteer: Gazetteer, figures: Figures) -> Intake:
    return Intake(database, subjects, gazetteer, figures)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return tmp_path / "aanbod.csv"


def rows(*numbers: int, title: str = "Lassen") -> str:
    return "".join(f"{n};{title} {n};CVO;Gent;{n + 10}\n" for n in numbers)


def titles(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(sa.select(offerings.c.title_words).order_by(offerings.c.number)).scalars())


def take(intake: Intake, feed: Path, content: str, **options: float) -> Report:
    feed.write_text(HEADER + content, encoding="utf-8")
    return intake.take_in("cvo", [str(feed)], **options)  # type: ignore[arg-type]


def test_the_same_feed_twice_changes_nothing(intake: Intake, feed: Path, database: Database) -> None:
    first = take(intake, feed, rows(1, 2, 3))
    assert (first.done, first.format, first.loaded.added, first.refused) == (True, "csv", 3, 0)
    again = take(intake, feed, rows(3, 1, 2))
    assert (again.done, again.loaded.added, again.loaded.unchanged, again.loaded.retired) == (True, 0, 3, 0)
    changed = take(intake, feed, rows(1, 2) + rows(4, title="Koken"))
    assert (changed.loaded.added, changed.loaded.unchanged, changed.loaded.retired) == (1, 2, 1)
    assert titles(database) == ["lassen 1", "lassen 2", "koken 4"]
    with database.read() as connection:
        assert connection.execute(sa.select(retired_offerings.c.id)).scalars().all() == ["cvo:3"]
        kept = connection.execute(sa.select(catalogue_imports).order_by(catalogue_imports.c.id)).all()
        assert [(row.outcome, row.added, row.retired) for row in kept] == [
            ("done", 3, 0),
            ("done", 0, 0),
            ("done", 1, 1),
        ]
        assert connection.execute(sa.select(catalogue_loads.c.offerings)).scalar_one() == 3


def test_the_same_id_twice_is_refused_by_its_line(intake: Intake, feed: Path, database: Database) -> None:
    report = take(intake, feed, rows(*range(20)) + rows(3, title="Koken"))
    [refusal] = report.refusals
    assert (report.done, refusal.line, refusal.field) == (True, 22, "id")
    assert "lassen 3" in titles(database)


def test_above_the_limit_of_refusals_nothing_changes(intake: Intake, feed: Path, database: Database) -> None:
    take(intake, feed, rows(1, 2, 3))
    bad = rows(1) + "9;;CVO;Gent;1\n"
    report = take(intake, feed, bad)
    assert (report.outcome, report.refused, report.loaded.current) == ("refused", 1, 0)
    assert "1 van de 2 zijn geweigerd" in report.message
    assert titles(database) == ["lassen 1", "lassen 2", "lassen 3"]
    assert take(intake, feed, bad, max_refused=0.5).done
    assert titles(database) == ["lassen 1"]


def test_half_a_feed_changes_nothing(intake: Intake, feed: Path, database: Database) -> None:
    take(intake, feed, rows(*range(40)))
    report = take(intake, feed, rows(*range(15)))
    assert (report.outcome, len(titles(database))) == ("refused", 40)
    assert "25 van de 40 opleidingen zouden verdwijnen" in report.message
    assert take(intake, feed, rows(*range(15)), max_vanished=1.0).loaded.retired == 25


@pytest.mark.parametrize(
    ("content", "reason"), [("", "bruikbaar"), ("x\n", "bruikbaar"), ('1;"Lassen;CVO\n' * 3, "bruikbaar")]
)
def test_nothing_usable_changes_nothing(
    intake: Intake, feed: Path, database: Database, content: str, reason: str
) -> None:
    take(intake, feed, rows(1))
    report = take(intake, feed, content)
    assert (report.done, titles(database)) == (False, ["lassen 1"])
    assert reason in report.message


def test_what_cannot_be_read_is_said_and_kept(intake: Intake, feed: Path, database: Database, tmp_path: Path) -> None:
    report = intake.take_in("cvo", [str(tmp_path / "weg.csv")])
    assert (report.outcome, report.message) == ("failed", "weg.csv is er niet")
    feed.write_bytes(b"PK\x03\x04")
    assert "zip" in intake.take_in("cvo", [str(feed)]).message
    with database.read() as connection:
        assert connection.execute(sa.select(catalogue_imports.c.outcome)).scalars().all() == ["failed", "failed"]


def test_several_files_are_one_source(intake: Intake, tmp_path: Path, database: Database) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.csv").write_text(HEADER + rows(number), encoding="utf-8")
    report = intake.take_in("cvo", [str(tmp_path / "1.csv"), str(tmp_path / "2.csv")])
    assert (report.done, titles(database)) == (True, ["lassen 1", "lassen 2"])


def test_an_address_is_read_as_a_file_is(
    database: Database, subjects: Subjects, gazetteer: Gazetteer, figures: Figures
) -> None:
    """Packed by the server or not; a server that fails, or half an answer, changes nothing."""
    content = (HEADER + rows(1, 2)).encode()
    intake = Intake(database, subjects, gazetteer, figures, inside=["localhost"])
    with FeedServer.running() as server:
        server.answers = {
            "/a.csv": (200, {"Content-Encoding": "gzip"}, gzip.compress(content)),
            "/b.csv": (200, {}, content),
            "/half.csv": (200, {"Content-Length": str(len(content) + 50)}, content),
        }
        assert intake.take_in("cvo", [f"{server.url}/a.csv"]).loaded.added == 2
        assert intake.take_in("cvo", [f"{server.url}/b.csv"]).loaded.unchanged == 2
        for path in ("/half.csv", "/niets.csv"):
            report = intake.take_in("cvo", [f"{server.url}{path}"])
            assert (report.outcome, report.message.split()[0]) == ("failed", f"localhost{path}")
        refused = Intake(database, subjects, gazetteer, figures).take_in("cvo", [f"{server.url}/b.csv"])
        assert "poort" in refused.message
    assert titles(database) == ["lassen 1", "lassen 2"]


def test_progress_is_told(intake: Intake, feed: Path) -> None:
    feed.write_text(HEADER + rows(1, 2), encoding="utf-8")
    heard: list[tuple[str, int, int]] = []
    intake.take_in("cvo", [str(feed)], progress=lambda *step: heard.append(step))
    assert ("Lezen", feed.stat().st_size, feed.stat().st_size) in heard
    assert ("Bewaren", 2, 2) in heard


class Lengths:
    """An encoder for tests: a text is how long it is."""

    def __init__(self) -> None:
        self.computed: list[str] = []

    def encode(self, texts: list[str]) -> Vectors:
        self.computed += texts
        return np.array([[len(text)] * DIMENSIONS for text in texts], np.float32)


def test_titles_are_ready_to_be_searched_by_meaning_before_they_are_there(
    database: Database, gazetteer: Gazetteer, figures: Figures, feed: Path, tmp_path: Path
) -> None:
    few = Subjects([Subject(id="lassen", name="Lassen", domain="al")], [Domain(id="al", name="Alles")])
    encoder, there = Lengths(), []

    def opened() -> VectorCache:
        there.append(titles(database))
        return VectorCache(tmp_path / "vectors.npz", None, lambda: encoder, lambda: b"x")  # type: ignore[arg-type,return-value]

    intake = Intake(database, few, gazetteer, figures, vectors=opened)
    feed.write_text(
        HEADER + "1;Lassen;CVO;Gent;1\n2;Thee zetten;CVO;Gent;1\n3;Thee zetten;CVO;Gent;1\n", encoding="utf-8"
    )
    heard: list[tuple[str, int, int]] = []
    assert intake.take_in("cvo", [str(feed)], progress=lambda *step: heard.append(step)).done
    assert there == [[]]
    assert encoder.computed == ["Lassen", "thee zetten"]  # the one subject, and the title that has none
    assert ("Betekenis", 2, 2) in heard
    assert opened().has("thee zetten")
    encoder.computed.clear()
    assert intake.take_in("cvo", [str(feed)]).done
    assert encoder.computed == []


def test_limits_hold(
    database: Database, subjects: Subjects, gazetteer: Gazetteer, figures: Figures, feed: Path
) -> None:
    intake = Intake(database, subjects, gazetteer, figures, limits=Limits(megabytes=1))
    assert "groter dan 1 MB" in take(intake, feed, rows(*range(60_000))).message


# -- what is read again and again


def test_feeds_are_due_when_their_time_has_come(intake: Intake, feed: Path, database: Database) -> None:
    entries = [
        FeedEntry.model_validate({"source": "cvo", "from": [str(feed)], "every_hours": 24}),
        FeedEntry.model_validate({"source": "ander", "from": [str(feed)]}),
    ]
    with database.read() as connection:
        assert feeds.due(connection, entries) == entries
    take(intake, feed, "")  # that it failed does not make it come sooner
    with database.read() as connection:
        assert [entry.source for entry in feeds.due(connection, entries)] == ["ander"]
        assert feeds.due(connection, entries, everything=True) == entries
        assert feeds.due(connection, entries, now=utcnow() + timedelta(hours=25)) == entries


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("feeds: [{source: a}]", "feeds.yml, ?, from"),
        ("feeds: [{source: 'A B', from: [x]}]", "source"),
        ("feeds: [{source: example, from: [x]}]", "example"),
        ("feeds: [{source: a, from: [x]}, {source: a, from: [y]}]", "twice"),
        ("feeds: [{source: a, from: [x], every_hours: 0}]", "every_hours"),
    ],
)
def test_a_wrong_list_of_feeds_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "feeds.yml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueDataError, match=named.replace("?", r"\?")):
        feeds.load(tmp_path)


def test_names_of_sources() -> None:
    assert feeds.name_of("https://www.CVO-Ergens.be/feed.csv") == "cvo-ergens-be"
    assert feeds.name_of("/tmp/Mijn Aanbod.2027.csv") == "mijn-aanbod"
    assert feeds.name_of("???") == "bron"


# -- the command


def test_the_command_from_in_to_out(tmp_path: Path, feed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import settings, terminal
    from bot.catalogue import commands

    monkeypatch.setenv("LEERWIJZER_VAR_DIR", str(tmp_path))
    for module in (commands, terminal):
        monkeypatch.setattr(module, "STARTED_IN", tmp_path)
    settings.get_settings.cache_clear()
    run = CliRunner().invoke
    try:
        feed.write_text(HEADER + rows(*range(12)) + "x;;CVO;Gent;1\n", encoding="utf-8")
        assert run(commands.app, ["import", "aanbod.csv", "--report", "fout.csv"]).exit_code == 0
        assert "aanbod.csv;14;titel;ontbreekt" in (tmp_path / "fout.csv").read_text(encoding="utf-8-sig")
        assert run(commands.app, ["import", "aanbod.csv", "--source", "example"]).exit_code == 2
        assert run(commands.app, ["import", "niets.csv", "--source", "niets"]).exit_code == 1
        status = run(commands.app, ["status"]).output
        assert "aanbod" in status
        assert "niets" in status
        for form in ("csv", "jsonld", "jsonl"):
            assert run(commands.app, ["export", "--format", form, f"uit.{form}"]).exit_code == 0
            assert (tmp_path / f"uit.{form}").read_text(encoding="utf-8").count("Lassen") >= 12
            again = run(commands.app, ["import", f"uit.{form}", "--source", "aanbod"])
            assert "12 hetzelfde" in again.output.replace("\n", " ")
        assert run(commands.app, ["refresh"]).exit_code == 0
    finally:
        settings.get_settings.cache_clear()
