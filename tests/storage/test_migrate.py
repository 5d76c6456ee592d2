"""Migrations bring every database to the shape of the tables, once, whoever asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.settings import ROOT
from bot.storage import migrate as migration
from bot.storage.database import make_engine
from bot.storage.lock import FileLock, LockHeld
from bot.storage.migrate import MigrationError, current, head, migrate
from bot.storage.tables import metadata


def test_an_empty_database_gets_every_table(database_url: str) -> None:
    assert current(database_url) is None
    assert migrate(database_url) == head()
    assert current(database_url) == head()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_migrated_tables_are_the_tables_of_the_program(database_url: str) -> None:
    migrate(database_url)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        made = set(sa.inspect(connection).get_table_names())
        # Of what is not in the metadata (full-text indexes and their shadows, Rasa's own table) only names are known.
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, parents: kind != "table" or name in metadata.tables,
                "compare_server_default": True,
            },
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []
    assert set(metadata.tables) <= made


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            sa.insert(metadata.tables["conversations"]).values(
                id="a" * 32,
                channel="web",
                sender="s",
                created_at=sa.func.now(),
                seq=0,
                floor="assistant",
                floor_version=0,
            )
        )
    migrate(database_url)
    with engine.begin() as connection:
        assert (
            connection.execute(sa.select(sa.func.count()).select_from(metadata.tables["conversations"])).scalar() == 1
        )
    engine.dispose()


def test_asking_for_the_version_makes_no_file(sqlite_url: str, tmp_path: Path) -> None:
    assert current(sqlite_url) is None
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_a_newer_program_is_refused(database_url: str) -> None:
    migrate(database_url)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(MigrationError, match="version 9999, which this program does not know"):
        migrate(database_url)
    assert current(database_url) == "9999"


def test_what_goes_wrong_leaves_nothing_behind(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE referrals (id INTEGER)"
        )  # in the way of the last table of the first one
    with pytest.raises(sa.exc.DBAPIError):
        migrate(database_url)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == ["referrals"]
        connection.exec_driver_sql("DROP TABLE referrals")
    engine.dispose()
    assert migrate(database_url) == head()


def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    program = "import sys; from bot.storage.migrate import migrate; print(migrate(sys.argv[1]))"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, database_url], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for child in children:
        out, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors.decode()
        assert out.decode().strip() == head()
    assert current(database_url) == head()


def test_who_waits_too_long_for_another_process_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "PATIENCE", 0.1)
    busy = FileLock(Path(f"{sa.engine.make_url(sqlite_url).database}.migrating"))
    busy.acquire()
    with pytest.raises(MigrationError, match="Another process has been migrating"):
        migrate(sqlite_url)
    busy.release()
    assert migrate(sqlite_url) == head()


def test_a_lock_goes_to_one_at_a_time_and_frees_itself_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "lock"
    program = (
        "import sys; from pathlib import Path; from bot.storage.lock import FileLock\n"
        "lock = FileLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    lock = FileLock(path)
    with pytest.raises(LockHeld):
        lock.acquire()
    child.kill()
    child.wait()
    lock.acquire(timeout=5)
    with pytest.raises(LockHeld):
        lock.acquire()
    with pytest.raises(LockHeld):
        FileLock(path).acquire()
    lock.release()
    lock.release()
    FileLock(path).acquire()
