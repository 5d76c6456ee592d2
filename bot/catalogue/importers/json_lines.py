"""JSON Lines: one offering a line, with the names of the model; a line may also be a schema.org `Course`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from bot.catalogue.importers.builder import Builder
from bot.catalogue.importers.feed import Feed, FeedError, Found, Refusal
from bot.catalogue.importers.json_ld import load_json, read_document
from bot.catalogue.importers.values import FieldError


class JsonLinesImporter:
    """Reads one JSON object a line, in bounded memory."""

    name: ClassVar = "json-lines"

    def recognises(self, head: bytes) -> bool:
        """Whether the first line is a whole JSON object."""
        first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
        if not first.startswith(b"{"):
            return False
        try:
            return isinstance(json.loads(first), dict)
        except (ValueError, RecursionError):
            return False

    def read(self, feed: Feed, builder: Builder) -> Iterator[Found | Refusal]:
        """An offering or a refusal for each line. Raises `FeedError` for lines that are far too long."""
        for number, line in enumerate(feed.lines(), 1):
            if not line.strip():
                continue
            try:
                record = load_json(line)
            except FeedError as error:
                yield Refusal(feed.name, number, "regel", str(error).split(" (regel")[0])
                continue
            if not isinstance(record, dict):
                yield Refusal(feed.name, number, "regel", "is geen JSON-object")
            elif "@type" in record or "@graph" in record:
                yield from read_document(record, feed.name, number, builder)
            else:
                try:
                    yield Found(number, builder.build(_fields(record)))
                except FieldError as error:
                    yield Refusal(feed.name, number, error.field, error.reason)


def _fields(record: dict[str, Any]) -> dict[str, Any]:
    """The loose fields of a line; an exported offering has its lessons inside `schedule` and a source of its own."""
    fields = {name: value for name, value in record.items() if name != "source"}
    schedule = fields.pop("schedule", None)
    if isinstance(schedule, dict):
        fields.setdefault("moments", schedule.get("moments") or None)
        if not fields["moments"]:
            fields["parts"] = schedule.get("parts")
    return fields
