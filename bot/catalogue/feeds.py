"""Which feeds are read again and again: data/catalogue/feeds.yml, and which of them are due."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from bot.catalogue.lists import CatalogueDataError, parse, read_yaml
from bot.storage.tables import catalogue_imports, utcnow

MAX_REFUSED: Final = 0.1
"""Which share of a feed may be refused before nothing of it is taken in."""
MAX_VANISHED: Final = 0.5
"""Which share of a source may vanish in one import: more looks like half a feed."""
TAKEN: Final = "example"
"""The name of the source of the example catalogue, which no feed may have."""
NAME: Final = r"[a-z0-9][a-z0-9-]{0,39}"
"""The form of a name of a source."""


class FeedEntry(BaseModel):
    """One entry of feeds.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(pattern=f"^{NAME}$")
    locations: tuple[str, ...] = Field(alias="from", min_length=1)
    """Files or addresses that are the source together."""
    every_hours: float = Field(default=24, ge=0.25, le=24 * 60)
    max_refused: float = Field(default=MAX_REFUSED, ge=0, le=1)
    max_vanished: float = Field(default=MAX_VANISHED, ge=0, le=1)


def load(folder: Path) -> tuple[FeedEntry, ...]:
    """The feeds of a folder like data/catalogue. Raises `CatalogueDataError` naming file, entry and field."""
    entries = tuple(
        parse(FeedEntry, entry, "feeds.yml") for entry in read_yaml(folder / "feeds.yml").get("feeds") or ()
    )
    names = [entry.source for entry in entries]
    for name in names:
        if names.count(name) > 1 or name == TAKEN:
            raise CatalogueDataError(f"feeds.yml, {name}, source: stands there twice, or is taken by the examples")
    return entries


def due(
    connection: sa.engine.Connection,
    entries: Sequence[FeedEntry],
    *,
    everything: bool = False,
    now: datetime | None = None,
) -> list[FeedEntry]:
    """The feeds whose last import, whatever came of it, is longer ago than they ask."""
    now = now or utcnow()
    last = dict(
        connection.execute(
            sa.select(catalogue_imports.c.source, sa.func.max(catalogue_imports.c.started_at)).group_by(
                catalogue_imports.c.source
            )
        ).all()
    )
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return [
        entry
        for entry in entries
        if everything or now - last.get(entry.source, never) >= timedelta(hours=entry.every_hours)
    ]


def name_of(location: str) -> str:
    """A name for a source: the host of an address, the name of a file."""
    text = urlsplit(location).hostname or "" if "://" in location else Path(location).name.split(".")[0]
    return "-".join(re.findall("[a-z0-9]+", text.lower().removeprefix("www.")))[:40].strip("-") or "bron"
