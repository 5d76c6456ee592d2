"""Reads a feed of courses in any of the usual formats. Which one it is follows from its content, never from its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from bot.catalogue.importers.builder import Builder
from bot.catalogue.importers.csv_template import CsvImporter
from bot.catalogue.importers.elm import ElmImporter
from bot.catalogue.importers.feed import Feed, FeedError, Found, Limits, Refusal
from bot.catalogue.importers.json_ld import JsonLdImporter, PageImporter
from bot.catalogue.importers.json_lines import JsonLinesImporter

__all__ = ["IMPORTERS", "Builder", "Feed", "FeedError", "Found", "Importer", "Limits", "Refusal", "importer_for"]


class Importer(Protocol):
    """One format."""

    @property
    def name(self) -> str:
        """As reports and the table of imports call it."""

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a feed are of this format."""

    def read(self, feed: Feed, builder: Builder) -> Iterator[Found | Refusal]:
        """What is in the feed, in its order: offerings, and what is refused. Raises `FeedError` when it cannot go on."""


IMPORTERS: Final[tuple[Importer, ...]] = (
    ElmImporter(),
    PageImporter(),
    JsonLinesImporter(),
    JsonLdImporter(),
    CsvImporter(),
)


def importer_for(feed: Feed) -> Importer:
    """The importer of a feed. Raises `FeedError` when it is of none of the formats."""
    head = feed.head
    if not head.strip():
        raise FeedError("is leeg")
    for importer in IMPORTERS:
        if importer.recognises(head):
            return importer
    if head.startswith(b"PK\x03\x04"):
        raise FeedError("is een zip-bestand; pak het eerst uit")
    raise FeedError(
        "is geen CSV volgens ons sjabloon, JSON Lines, JSON-LD (of een webpagina met JSON-LD) of XML van het European "
        "Learning Model"
    )
