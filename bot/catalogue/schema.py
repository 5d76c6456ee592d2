"""The full text index over the catalogue, which SQLAlchemy's tables cannot describe. The migration calls these two.

SQLite: an FTS5 table that reads its words from `offerings`, kept in step by triggers. PostgreSQL: a GIN index on an
expression. Both hold words that were folded before they were stored, so both find the same.
"""

from __future__ import annotations

import sqlalchemy as sa

FTS_TABLE = "offerings_fts"
"""SQLite only; FTS5 keeps its data in tables whose names begin so. Alembic's autogenerate must leave them alone."""
DOCUMENT = "setweight(to_tsvector('simple', title_words), 'A') || setweight(to_tsvector('simple', body_words), 'B')"
"""PostgreSQL only: what is indexed, and what a query must name in the same words."""
MATCH_SQLITE = (
    f"SELECT rowid AS number, bm25({FTS_TABLE}, 8.0, 1.0) AS rank FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH :words"  # noqa: S608 - names of ours
)
"""Finds offerings by a full text expression, bound as `words`; a lower rank is better."""
MATCH_POSTGRESQL = (
    f"SELECT number, -ts_rank({DOCUMENT}, query) AS rank "  # noqa: S608 - names of ours
    f"FROM offerings, to_tsquery('simple', :words) AS query WHERE ({DOCUMENT}) @@ query"
)
"""As `MATCH_SQLITE`."""
_INDEX = "ix_offerings_words"
_COLUMNS = "title_words, body_words"


def create_search(connection: sa.engine.Connection) -> None:
    """Makes the index over what stands in `offerings` now and will stand in it. The table must exist."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"CREATE INDEX {_INDEX} ON offerings USING gin (({DOCUMENT}))")
        return
    new = ", ".join(f"new.{column}" for column in _COLUMNS.split(", "))
    old = ", ".join(f"old.{column}" for column in _COLUMNS.split(", "))
    add = f"INSERT INTO {FTS_TABLE} (rowid, {_COLUMNS}) VALUES (new.number, {new});"  # noqa: S608 - names of ours
    remove = f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}, rowid, {_COLUMNS}) VALUES ('delete', old.number, {old});"  # noqa: S608
    connection.exec_driver_sql(
        f"CREATE VIRTUAL TABLE {FTS_TABLE} USING fts5 ({_COLUMNS}, content='offerings', content_rowid='number', "
        "tokenize='unicode61 remove_diacritics 2', prefix='3')"
    )
    for name, event, work in (("ai", "INSERT", add), ("ad", "DELETE", remove), ("au", "UPDATE", remove + add)):
        connection.exec_driver_sql(f"CREATE TRIGGER offerings_fts_{name} AFTER {event} ON offerings BEGIN {work} END")
    connection.exec_driver_sql(f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}) VALUES ('rebuild')")  # noqa: S608


def drop_search(connection: sa.engine.Connection) -> None:
    """Takes the index away again; nothing happens when it is not there."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {_INDEX}")
        return
    for name in ("ai", "ad", "au"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS offerings_fts_{name}")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {FTS_TABLE}")
