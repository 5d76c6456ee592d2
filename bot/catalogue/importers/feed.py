"""A feed as it lies on this machine: opened within limits, so that nothing in it can fill memory or take for ever."""

from __future__ import annotations

import gzip
import io
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Final, NamedTuple

from typing_extensions import Buffer

from bot.catalogue.model import Offering

HEAD: Final = 64 * 1024
MAX_LINE: Final = 1_000_000
"""Bytes of one row or one line."""
MEGABYTE: Final = 1024 * 1024


class FeedError(Exception):
    """A feed cannot be read at all; the text says why, in Dutch."""


class Found(NamedTuple):
    """An offering in a feed, and where it stands."""

    line: int
    """From 1; 0 when it has none."""
    offering: Offering


class Refusal(NamedTuple):
    """Something in a feed that is not taken in, and why."""

    file: str
    line: int
    """From 1; 0 when it has none."""
    field: str
    reason: str
    """In Dutch."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one feed may take."""

    megabytes: int = 4096
    """Of a feed that is read row by row, after unpacking."""
    whole_megabytes: int = 64
    """Of a feed that must be in memory whole: XML, JSON-LD, a web page."""
    seconds: float = 3600.0


class Feed:
    """One file of a feed, packed by gzip or not."""

    def __init__(self, path: Path, name: str, limits: Limits | None = None) -> None:
        """`name` is how a report calls it. The clock of `limits` starts now."""
        self.path = path
        self.name = name
        self.limits = limits or Limits()
        self._deadline = time.monotonic() + self.limits.seconds
        self._raw: IO[bytes] | None = None

    @cached_property
    def head(self) -> bytes:
        """The first bytes, unpacked. Raises `FeedError`."""
        with self.open() as stream:
            return stream.read(HEAD)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size

    @property
    def position(self) -> int:
        """How many of them have been read."""
        return self._raw.tell() if self._raw and not self._raw.closed else 0

    def open(self) -> io.BufferedReader:
        """The bytes, unpacked. Reading raises `FeedError` when they are too many, take too long or are broken off."""
        try:
            self._raw = self.path.open("rb")
        except OSError as error:
            raise FeedError(f"kan niet geopend worden: {error.strerror}") from None
        packed = self._raw.read(2) == b"\x1f\x8b"
        self._raw.seek(0)
        source: IO[bytes] = gzip.GzipFile(fileobj=self._raw) if packed else self._raw  # type: ignore[assignment]
        return io.BufferedReader(_Limited(source, self.limits.megabytes * MEGABYTE, self._deadline), 256 * 1024)

    def whole(self) -> bytes:
        """Everything at once, for formats that need it. Raises `FeedError`."""
        most = self.limits.whole_megabytes * MEGABYTE
        with self.open() as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            raise FeedError(
                f"is groter dan {self.limits.whole_megabytes} MB; lever grote bestanden als CSV of JSON Lines"
            )
        return content

    def lines(self) -> Iterator[bytes]:
        """Line by line, each with its end. Raises `FeedError` for one that is far too long."""
        with self.open() as stream:
            number = 0
            while line := stream.readline(MAX_LINE):
                number += 1
                if len(line) >= MAX_LINE:
                    raise FeedError(f"regel {number} is langer dan {MAX_LINE // 1000} kB")
                yield line


class _Limited(io.RawIOBase):
    """Bytes of another stream, within limits of size and time."""

    def __init__(self, source: IO[bytes], most: int, deadline: float) -> None:
        self._source = source
        self._most = most
        self._left = most
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        try:
            content = self._source.read(len(view))
        except (OSError, EOFError, zlib.error) as error:
            raise FeedError(f"is beschadigd of niet volledig: {error}") from None
        self._left -= len(content)
        if self._left < 0:
            raise FeedError(f"is groter dan {self._most // MEGABYTE} MB")
        if time.monotonic() > self._deadline:
            raise FeedError("lezen duurde te lang")
        view[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._source.close()
        super().close()
