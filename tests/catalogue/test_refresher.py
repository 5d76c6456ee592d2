"""Feeds are read again in the background, by a process of their own."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.catalogue.refresher import COMMAND, Refresher
from bot.settings import ROOT, Settings
from bot.storage.database import Database
from bot.storage.tables import catalogue_imports, offerings


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The data of the project, with one feed."""
    data = tmp_path / "data"
    data.mkdir()
    for name in ("places", "knowledge"):
        (data / name).symlink_to(ROOT / "data" / name)
    shutil.copytree(ROOT / "data" / "catalogue", data / "catalogue", ignore=shutil.ignore_patterns("elm"))
    feed = tmp_path / "aanbod.csv"
    feed.write_text("id;titel;aanbieder;gemeente\n1;Lassen;CVO;Gent\n", encoding="utf-8")
    (data / "catalogue" / "feeds.yml").write_text(f"feeds: [{{source: cvo, from: ['{feed}']}}]\n", encoding="utf-8")
    return data


async def until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110 (another process does it)
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_a_feed_that_is_due_is_read(
    database: Database, database_url: str, data_dir: Path, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(data_dir=data_dir, database_url=database_url, examples="never")

    def imports() -> int:
        with database.read() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(catalogue_imports)).scalar_one())

    refresher = Refresher(settings, database, every=0.2)
    refresher.start()
    await until(lambda: imports() == 1)
    await asyncio.sleep(0.6)  # it was due once, and is due again only tomorrow
    await refresher.stop()
    assert imports() == 1
    with database.read() as connection:
        assert connection.execute(sa.select(offerings.c.id)).scalars().all() == ["cvo:1"]


async def test_it_ends_with_what_it_started(
    database: Database, data_dir: Path, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    mark = tmp_path / "pid"
    script = f"import os, time, pathlib; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    settings = make_settings(data_dir=data_dir)
    refresher = Refresher(settings, database, every=0.05, command=(sys.executable, "-c", script))
    refresher.start()
    await until(lambda: mark.exists() and mark.read_text() != "")
    await refresher.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.parametrize("change", ["off", "none", "broken"])
async def test_nothing_is_started_without_need(
    database: Database, data_dir: Path, make_settings: Callable[..., Settings], tmp_path: Path, change: str
) -> None:
    """Switched off, without feeds, or with a list that is wrong: the application goes on."""
    mark = tmp_path / "ran"
    if change != "off":
        text = "feeds: []" if change == "none" else "feeds: [{source: A B}]"
        (data_dir / "catalogue" / "feeds.yml").write_text(text, encoding="utf-8")
    settings = make_settings(data_dir=data_dir, feed_refresh=change != "off", examples="never")
    script = f"import pathlib; pathlib.Path({str(mark)!r}).touch()"
    refresher = Refresher(settings, database, every=0.05, command=(sys.executable, "-c", script))
    refresher.start()
    await asyncio.sleep(0.3)
    await refresher.stop()
    assert not mark.exists()


def test_the_command_is_ours() -> None:
    assert COMMAND[1:] == ("-m", "bot.cli", "catalogue", "refresh")
