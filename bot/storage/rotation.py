"""Encrypts anew whatever is not encrypted with the first key: after a new key, or of a time before encryption."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from bot.storage.cipher import Cipher, Encrypted
from bot.storage.database import Database
from bot.storage.tables import metadata

BATCH = 200
EVENTS = sa.Table("events", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("data", Encrypted))
"""Rasa's table, as far as it concerns us here."""


def encrypted_columns() -> list[sa.Column]:
    """Every encrypted column of every table, Rasa's included."""
    tables = [*metadata.sorted_tables, EVENTS]
    return [column for table in tables for column in table.columns if isinstance(column.type, Encrypted)]


def rotate(database: Database, cipher: Cipher, tell: Callable[[str, int], None] = lambda column, rows: None) -> int:
    """Encrypts with the first key of `cipher` what is not, in small transactions; gives how many values.

    May run while the application does, and may be stopped and run again. Raises `WrongKey` for what no key opens.
    """
    there = set(sa.inspect(database.engine).get_table_names())
    total = 0
    for column in encrypted_columns():
        if column.table.name in there:
            count = _rotate_column(database, column, cipher)
            tell(f"{column.table.name}.{column.name}", count)
            total += count
    return total


def _rotate_column(database: Database, column: sa.Column, cipher: Cipher) -> int:
    keys = tuple(column.table.primary_key.columns)
    raw = sa.type_coerce(column, sa.Text)
    last, count = None, 0
    while True:
        with database.begin() as connection:
            query = sa.select(*keys, raw.label("raw")).where(column.is_not(None)).order_by(*keys).limit(BATCH)
            further = query if last is None else query.where(sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, last)))
            rows = connection.execute(further).all()
            for *identifier, stored in rows:
                if stored and not cipher.is_current(stored):
                    sealed = sa.literal(cipher.seal(cipher.unseal(stored)), sa.Text)
                    # Only if it did not change meanwhile.
                    known = (key == value for key, value in zip(keys, identifier, strict=True))
                    same = sa.and_(*known, raw == sa.literal(stored, sa.Text))
                    update = sa.update(column.table).where(same).values({column: sa.type_coerce(sealed, sa.Text)})
                    count += int(connection.execute(update).rowcount)
        if len(rows) < BATCH:
            return count
        last = rows[-1][:-1]
