"""Whether the example catalogue belongs in the database: as long as no feed brought real courses, or as an operator set."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from bot.catalogue import example
from bot.catalogue.loading import load, load_example
from bot.storage.tables import catalogue_loads, retired_offerings

Wanted = Literal["auto", "always", "never"]
"""auto: as long as there is no other source."""


def keep(connection: sa.engine.Connection, today: date, data_dir: Path, wanted: Wanted) -> bool:
    """Puts the example catalogue of this month in, or takes it out; True when that changed anything.

    Runs in the caller's transaction. Raises what is wrong in the lists, naming file, entry and field.
    """
    if belongs(connection, wanted):
        return load_example(connection, today, data_dir)
    if not loaded(connection):
        return False
    load(connection, example.SOURCE, ())
    # An invented course leaves no page behind.
    connection.execute(sa.delete(retired_offerings).where(retired_offerings.c.source == example.SOURCE))
    connection.execute(sa.delete(catalogue_loads).where(catalogue_loads.c.source == example.SOURCE))
    return True


def belongs(connection: sa.engine.Connection, wanted: Wanted) -> bool:
    """Whether there should be examples now."""
    if wanted != "auto":
        return wanted == "always"
    others = sa.select(catalogue_loads.c.source).where(
        catalogue_loads.c.source != example.SOURCE, catalogue_loads.c.offerings > 0
    )
    return connection.execute(others.limit(1)).first() is None


def loaded(connection: sa.engine.Connection) -> bool:
    """Whether there are examples now."""
    query = sa.select(catalogue_loads.c.source).where(catalogue_loads.c.source == example.SOURCE)
    return connection.execute(query).first() is not None


def due(connection: sa.engine.Connection, today: date, wanted: Wanted) -> bool:
    """Whether the examples are of another month, or are there wrongly, or lack wrongly."""
    version = connection.execute(
        sa.select(catalogue_loads.c.version).where(catalogue_loads.c.source == example.SOURCE)
    ).scalar()
    if not belongs(connection, wanted):
        return version is not None
    return version is None or f"-{today:%Y-%m}-" not in version
