"""A JSON document of any size, thing by thing: only one of them is in memory at a time.

The standard library reads each thing, which is several times faster than a reader that reports every bracket. What is
ours is only to know where one begins: in the list that the document is, or in the lists by which JSON-LD holds many.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from bot.catalogue.importers.feed import MEGABYTE, FeedError

HOLDERS: Final = frozenset({"@graph", "itemListElement", "dataFeedElement"})
"""Names in the outermost object whose lists are read thing by thing; what else it holds is one thing together."""
_CHUNK: Final = 256 * 1024
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_PREFIX: Final = re.compile(r"^(?:https?://schema\.org/|schema:)")


class Piece(NamedTuple):
    """One thing of a document, and the line on which it begins."""

    line: int
    value: Any


def pieces(stream: io.BufferedReader, most_megabytes: int) -> Iterator[Piece]:
    """The things of a document, in its order; what stands beside them in the outermost object comes last.

    `most_megabytes` is how large one thing may be. Raises `FeedError` for what is no JSON, naming line and column.
    """
    text = _Text(stream, most_megabytes)
    match text.next():
        case "[":
            yield from _items(text)
        case "{":
            yield from _object(text)
        case _:
            yield Piece(text.line, text.value())
    if text.next():
        raise text.wrong()


def _items(text: _Text) -> Iterator[Piece]:
    """Each item of the list that begins here."""
    text.take("[")
    if text.next() == "]":
        text.take("]")
        return
    while True:
        text.next()
        yield Piece(text.line, text.value())
        if text.take(",]") == "]":
            return


def _object(text: _Text) -> Iterator[Piece]:
    """Each item of the lists that hold many, then the rest of the object that begins here."""
    line, rest = text.line, {}
    room = text.most
    text.take("{")
    ended = text.next() == "}" and text.take("}") == "}"
    while not ended:
        if text.next() != '"':
            raise text.wrong()
        name = text.value()
        text.take(":")
        if text.next() == "[" and _PREFIX.sub("", name) in HOLDERS:
            yield from _items(text)
        else:
            before = text.taken
            rest[name] = text.value()
            room -= text.taken - before
            if room < 0:
                raise text.too_large()
        ended = text.take(",}") == "}"
    yield Piece(line, rest)


class _Text:
    """The text of a stream, of which only what is looked at is in memory."""

    def __init__(self, stream: io.BufferedReader, most_megabytes: int) -> None:
        self.most = most_megabytes * MEGABYTE
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False
        self._begun = 0
        """Characters before those in memory."""
        self._lines = 0
        self._counted = 0
        """Up to where in the text the ends of lines were counted."""

    @property
    def line(self) -> int:
        """Where it stands now, from 1."""
        self._count()
        return self._lines + 1

    @property
    def taken(self) -> int:
        """How many characters have been read."""
        return self._begun + self._at

    def next(self) -> str:
        """The first character that is no space; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> str:
        """The next character, which must be one of these."""
        found = self.next()
        if not found or found not in wanted:
            raise self.wrong()
        self._at += 1
        return found

    def value(self) -> Any:
        """The JSON value that begins here."""
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
                # A number may go on in what was not read yet: 1 as 1e+5.
                if end + 3 <= len(self._text) or not self._more():
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > self.most:
                    raise self.too_large() from None
                if not self._more():
                    raise self.wrong(error.pos) from None
            except (RecursionError, ValueError):
                raise FeedError("is te diep genest of bevat een onmogelijk getal") from None

    def wrong(self, at: int | None = None) -> FeedError:
        """What to raise for what is no JSON here."""
        at = self._at if at is None else at
        line = self.line + self._text.count("\n", self._at, at)
        column = at - self._text.rfind("\n", 0, at)
        return FeedError(f"is geen JSON of is afgebroken (regel {line}, teken {column})")

    def too_large(self) -> FeedError:
        """What to raise for one thing that would fill memory."""
        return FeedError(
            f"regel {self.line}: één onderdeel is groter dan {self.most // MEGABYTE} MB; lever grote bestanden als een lijst "
            "van cursussen, als CSV of als JSON Lines"
        )

    def _count(self) -> None:
        self._lines += self._text.count("\n", self._counted, self._at)
        self._counted = self._at

    def _more(self) -> bool:
        """Reads on, twice as much each time that what is there is not enough; False at the end."""
        if self._ended:
            return False
        left = len(self._text) - self._at
        content = self._stream.read(max(_CHUNK, left))
        try:
            new = self._decoder.decode(content, final=not content)
        except UnicodeDecodeError:
            raise FeedError("is geen UTF-8") from None
        self._count()
        self._begun += self._at
        self._text = self._text[self._at :] + new
        self._at = self._counted = 0
        self._ended = not content
        return True
