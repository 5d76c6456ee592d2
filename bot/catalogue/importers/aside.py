"""What the things of a feed refer to, put aside on disk, so that a feed of any size is read in bounded memory."""

from __future__ import annotations

import sqlite3


class Aside:
    """Ids that something refers to, and what they stand for. On disk as soon as it is more than a few megabytes."""

    def __init__(self) -> None:
        # A name that is empty: a file of SQLite's own, that nobody sees and that is gone when it is closed.
        self._connection = sqlite3.connect("", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "CREATE TABLE wanted (id TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (id, role)) WITHOUT ROWID",
            "CREATE TABLE kept (id TEXT PRIMARY KEY, content BLOB NOT NULL)",
            "BEGIN",
        ):
            self._connection.execute(statement)

    def want(self, id_: str, role: str = "") -> bool:
        """Notes that something refers to an id, as what; False when that was noted before."""
        noted = self._connection.execute("INSERT OR IGNORE INTO wanted VALUES (?, ?)", (_text(id_), role))
        return noted.rowcount == 1

    def wanted(self, id_: str, role: str | None = None) -> bool:
        """Whether something refers to an id, in any role or in this one."""
        query = "SELECT 1 FROM wanted WHERE id = ?"
        given: tuple[str, ...] = (_text(id_),)
        if role is not None:
            query, given = f"{query} AND role = ?", (*given, role)
        return self._connection.execute(query, given).fetchone() is not None

    def keep(self, id_: str, content: bytes) -> bool:
        """Puts aside what an id stands for; the first counts, and False is said of a later one."""
        kept = self._connection.execute("INSERT OR IGNORE INTO kept VALUES (?, ?)", (_text(id_), content))
        return kept.rowcount == 1

    def get(self, id_: str) -> bytes | None:
        """What an id stands for, if that was put aside."""
        row = self._connection.execute("SELECT content FROM kept WHERE id = ?", (_text(id_),)).fetchone()
        return bytes(row[0]) if row else None

    def close(self) -> None:
        """Throws all of it away."""
        self._connection.close()


def _text(id_: str) -> str:
    """An id as SQLite takes it: without halves of characters, which a feed may hold."""
    return id_.encode("utf-8", "replace").decode()
