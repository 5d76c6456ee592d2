"""schema.org `Course` and `CourseInstance` as JSON-LD: a document of any size, or web pages that embed it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from typing import Any, ClassVar, Final

from lxml import etree, html

from bot.catalogue.importers.aside import Aside
from bot.catalogue.importers.builder import Builder
from bot.catalogue.importers.feed import Feed, FeedError, Found, Refusal
from bot.catalogue.importers.json_stream import pieces
from bot.catalogue.importers.schema_org import (
    NAMES,
    PREFIX,
    Nodes,
    fields_of,
    inner_text,
    is_a,
    is_reference,
    many,
    text_in,
)
from bot.catalogue.importers.values import FieldError

_DEPTH: Final = 60
_TYPES: Final = ("Course", "CourseInstance")
_INSTANCE, _PART = "hasCourseInstance", "hasPart"
"""Properties whose values are no courses of their own."""


class JsonLdImporter:
    """Reads a JSON-LD document, thing by thing."""

    name: ClassVar = "json-ld"

    def recognises(self, head: bytes) -> bool:
        """Whether it is JSON that speaks of things with a type."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return start in (b"{", b"[") and (b'"@type"' in head or b'"@graph"' in head or b'"@context"' in head)

    def read(self, feed: Feed, builder: Builder) -> Iterator[Found | Refusal]:
        """An offering or a refusal for each instance of each course. Raises `FeedError` for what is no JSON.

        Where things refer to each other by `@id`, the document is gone through twice before: once to know what is
        referred to, once to put that aside.
        """
        most = feed.limits.whole_megabytes
        with closing(_Referred()) as referred:
            if _has_ids(feed):
                for step in (referred.want, referred.keep):
                    with feed.open() as stream:
                        for piece in pieces(stream, most):
                            step(piece.value)
            found = False
            with feed.open() as stream:
                for piece in pieces(stream, most):
                    for result in read_document(piece.value, feed.name, piece.line, builder, referred):
                        found = True
                        yield result
        if not found:
            raise FeedError("bevat geen Course van schema.org")


class PageImporter:
    """Reads a web page that embeds JSON-LD."""

    name: ClassVar = "web-page"

    def recognises(self, head: bytes) -> bool:
        """Whether it looks like HTML."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:2000].lower()
        return start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<") and b"<html" in start)

    def read(self, feed: Feed, builder: Builder) -> Iterator[Found | Refusal]:
        """As for a document, for each script of the page. Raises `FeedError` for a page without any."""
        content = feed.whole()
        try:
            tree = html.document_fromstring(content, parser=html.HTMLParser(no_network=True, huge_tree=False))
        except (etree.LxmlError, ValueError) as error:
            raise FeedError(f"is geen webpagina: {error}") from None
        found = False
        for script in tree.iter("script"):
            if str(script.get("type", "")).split(";")[0].strip().lower() != "application/ld+json":
                continue
            line = script.sourceline if isinstance(script.sourceline, int) else 0
            try:
                document = load_json(inner_text(script).encode("utf-8", "replace"))
            except FeedError as error:
                found = True
                yield Refusal(feed.name, line, "script", str(error))
                continue
            for result in read_document(document, feed.name, line, builder):
                found = True
                yield result
        if not found:
            raise FeedError("deze pagina bevat geen cursussen in JSON-LD (Course van schema.org)")


def load_json(content: bytes) -> Any:
    """A JSON text. Raises `FeedError` naming line and column."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FeedError("is geen UTF-8") from None
    except json.JSONDecodeError as error:
        raise FeedError(f"is geen JSON of is afgebroken (regel {error.lineno}, teken {error.colno})") from None
    except (RecursionError, ValueError):
        raise FeedError("is te diep genest of bevat een onmogelijk getal") from None


def read_document(
    document: Any, file: str, line: int, builder: Builder, referred: _Referred | None = None
) -> Iterator[Found | Refusal]:
    """The offerings of a document that was parsed, or why they are refused; `referred` knows what stands elsewhere."""
    try:
        things = _Things(document, referred)
    except RecursionError:
        yield Refusal(file, line, "@graph", "is te diep genest")
        return
    for thing in things.found:
        if things.belongs(thing):
            continue
        if is_a(thing, "CourseInstance"):
            yield _built({}, thing, file, line, things, builder)
            continue
        instances = [each for each in many(thing.get(_INSTANCE), things) if isinstance(each, dict)]
        for instance in instances or [{}]:
            yield _built(thing, instance, file, line, things, builder)


def _built(
    course: dict[str, Any], instance: dict[str, Any], file: str, line: int, nodes: Nodes, builder: Builder
) -> Found | Refusal:
    try:
        return Found(line, builder.build(fields_of(course, instance, nodes)))
    except FieldError as error:
        name = text_in(course.get("name")) or text_in(instance.get("name")) or ""
        reason = f"{error.reason} (bij '{name[:60]}')" if name else error.reason
        return Refusal(file, line, NAMES.get(error.field, error.field), reason)


class _Things:
    """The courses and instances in a piece of a document, with the names of schema.org bare, and everything with an id."""

    def __init__(self, document: Any, referred: _Referred | None = None) -> None:
        """Raises `RecursionError` for what is nested too deeply."""
        self.found: list[dict[str, Any]] = []
        self.by_id: dict[str, dict[str, Any]] = {}
        self.references: set[tuple[str, str]] = set()
        """(id, property) of all that is referred to."""
        self._inside: set[tuple[int, str]] = set()
        """(object, property) of what stands inside a course."""
        self._referred = referred
        self._collect(document, "", 0)

    def get(self, id_: str, /) -> dict[str, Any] | None:
        """The thing with an id, in this piece or elsewhere."""
        return self.by_id.get(id_) or (self._referred.get(id_) if self._referred else None)

    def belongs(self, thing: dict[str, Any]) -> bool:
        """Whether it is only an instance or a module of a course, and so no offering of its own."""
        if is_a(thing, "CourseInstance"):
            return self._is(thing, _INSTANCE)
        return self._is(thing, _PART) and not thing.get(_INSTANCE)

    def _is(self, thing: dict[str, Any], what: str) -> bool:
        if (id(thing), what) in self._inside:
            return True
        own = thing.get("@id")
        return isinstance(own, str) and (
            (own, what) in self.references or (self._referred is not None and self._referred.wanted(own, what))
        )

    def _collect(self, node: Any, under: str, depth: int) -> None:
        if depth > _DEPTH:
            raise RecursionError
        if isinstance(node, list):
            for item in node:
                self._collect(item, under, depth + 1)
        elif is_reference(node):
            self.references.add((node["@id"], under))
        elif isinstance(node, dict):
            for name in [name for name in node if ":" in name and PREFIX.match(name)]:
                node.setdefault(PREFIX.sub("", name), node.pop(name))
            if isinstance(own := node.get("@id"), str):
                self.by_id.setdefault(own, node)
            if under:
                self._inside.add((id(node), under))
            if any(is_a(node, kind) for kind in _TYPES):
                self.found.append(node)
            course = is_a(node, "Course")
            for name, value in list(node.items()):
                if isinstance(value, dict | list):
                    self._collect(value, name if course and name in (_INSTANCE, _PART) else "", depth + 1)


class _Referred:
    """What the pieces of a document refer to, on disk."""

    def __init__(self) -> None:
        self._aside = Aside()
        self.get = lru_cache(maxsize=4096)(self._get)
        self._any = False

    def want(self, document: Any) -> None:
        """Notes what a piece refers to."""
        for id_, under in _things(document).references:
            self._any = True
            self._aside.want(id_, under)

    def keep(self, document: Any) -> None:
        """Puts aside what of a piece is referred to."""
        if self._any:
            for id_, node in _things(document).by_id.items():
                if self._aside.wanted(id_):
                    self._aside.keep(id_, json.dumps(node).encode())

    def wanted(self, id_: str, under: str) -> bool:
        """Whether a course refers to it by this property."""
        return self._any and self._aside.wanted(id_, under)

    def _get(self, id_: str, /) -> dict[str, Any] | None:
        content = self._aside.get(id_) if self._any else None
        return dict(json.loads(content)) if content else None

    def close(self) -> None:
        """Throws it away."""
        self._aside.close()


def _things(document: Any) -> _Things:
    """What is in a piece; nothing for one that is nested too deeply, which is refused when it is read."""
    try:
        return _Things(document)
    except RecursionError:
        return _Things(None)


def _has_ids(feed: Feed) -> bool:
    """Whether anything in a feed has an id by which others may refer to it."""
    wanted = b'"@id"'
    with feed.open() as stream:
        end = b""
        while content := stream.read(1024 * 1024):
            if wanted in end + content:
                return True
            end = content[-len(wanted) :]
    return False
