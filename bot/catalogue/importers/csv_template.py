"""Our own CSV: one row an offering, with the Dutch columns of the template. What goes out comes in again.

Separated by semicolons, commas or tabs; UTF-8 (or UTF-16 with its mark). docs/aanbod.md explains each column.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from bot.catalogue.importers.builder import Builder
from bot.catalogue.importers.feed import MAX_LINE, Feed, FeedError, Found, Refusal
from bot.catalogue.importers.values import FieldError, shown
from bot.catalogue.model import FixedPrice, FreePrice, Offering, TariffPrice, Weekday

COLUMNS: Final[Mapping[str, str]] = {
    "id": "id", "titel": "title", "opleiding_id": "course.id", "opleiding": "course.title", "modules": "modules",
    "onderwerpen": "subjects", "omschrijving": "description",
    "aanbieder": "provider.name", "aanbieder_id": "provider.id", "aanbieder_soort": "provider.kind",
    "aanbieder_website": "provider.url", "aanbieder_telefoon": "provider.phone", "aanbieder_email": "provider.email",
    "vestiging": "location.name", "vestiging_id": "location.id", "straat": "location.street",
    "postcode": "location.postcode", "gemeente": "location.place", "breedtegraad": "location.latitude",
    "lengtegraad": "location.longitude",
    "leervorm": "delivery_mode", "lesmomenten": "moments", "startdatum": "start", "einddatum": "end",
    "aantal": "hours", "eenheid": "hours_unit", "prijs": "price", "cursusmateriaal": "material_cost",
    "taalniveau": "language_level", "toelatingsvoorwaarden": "entry_conditions", "studiebewijs": "certificate",
    "erkend_voor": "recognised_for", "knelpuntberoep": "shortage", "vrije_plaatsen": "places_left",
    "website": "url", "voorbeeld": "example",
}  # fmt: skip
"""Each column of the template and the loose field it fills."""
NEEDED: Final = ("id", "titel", "aanbieder")
_NAMES: Final = {field: column for column, field in COLUMNS.items()} | {
    "parts": "lesmomenten", "provider": "aanbieder", "location": "gemeente", "course": "opleiding_id",
}  # fmt: skip
_MODES: Final = {"classroom": "klas", "online": "online", "blended": "gecombineerd"}
_DAYS: Final = dict(
    zip(Weekday, ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"), strict=True)
)
_PARTS: Final = {"day": "overdag", "evening": "avond", "weekend": "weekend"}
_INCENTIVES: Final = {
    "training_leave": "opleidingsverlof",
    "training_vouchers": "opleidingscheques",
    "training_credit": "opleidingskrediet",
}
_FORMULA, _ESCAPED = re.compile(r"'*[=+\-@]"), re.compile(r"'+[=+\-@]")
"""What a spreadsheet would take for a formula is written with an apostrophe before it."""
_AUDIENCES: Final = {"everyone": "iedereen", "most": "meestal", "job_seekers": "werkzoekenden"}


class CsvImporter:
    """Reads the template."""

    name: ClassVar = "csv"

    def recognises(self, head: bytes) -> bool:
        """Whether the first line has the columns that are needed."""
        first = head.decode(_encoding(head), "replace").lstrip("\ufeff").splitlines()[:1]
        return bool(first) and set(NEEDED) <= set(_header(next(csv.reader(first, delimiter=_delimiter(first[0])), [])))

    def read(self, feed: Feed, builder: Builder) -> Iterator[Found | Refusal]:
        """An offering or a refusal for each row. Raises `FeedError` for a file that is no such table."""
        csv.field_size_limit(MAX_LINE)
        text = _text_lines(feed)
        first = next(text, "")
        delimiter = _delimiter(first)
        rows = csv.reader(_with_first(first, text), delimiter=delimiter)
        try:
            columns = _header(next(rows, []))
            _check_columns(columns)
            places = [_place(column) for column in columns]
            for row in rows:
                if not any(cell.strip() for cell in row):
                    continue
                try:
                    yield Found(rows.line_num, builder.build(_fields(places, row)))
                except FieldError as error:
                    yield Refusal(feed.name, rows.line_num, _NAMES.get(error.field, error.field), error.reason)
        except csv.Error as error:
            raise FeedError(
                f"regel {rows.line_num}: {error}; staat er een aanhalingsteken te veel of te weinig?"
            ) from None


def _encoding(head: bytes) -> str:
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"


def _text_lines(feed: Feed) -> Iterator[str]:
    """The lines as text. A byte that is not UTF-8 stays as a surrogate, which refuses the field that holds it."""
    if _encoding(feed.head) == "utf-16":
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        rest = ""
        for chunk in feed.lines():
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            yield from (f"{line}\n" for line in lines)
        if rest:
            yield rest
        return
    for number, line in enumerate(feed.lines()):
        yield (line.removeprefix(codecs.BOM_UTF8) if number == 0 else line).decode("utf-8", "surrogateescape")


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(line: str) -> str:
    return max(";,\t", key=line.count)


def _header(row: list[str]) -> list[str]:
    return [cell.strip().casefold().replace(" ", "_") for cell in row]


def _check_columns(columns: list[str]) -> None:
    if missing := [column for column in NEEDED if column not in columns]:
        raise FeedError(f"de kolom {' en '.join(missing)} ontbreekt in de eerste regel")
    if unknown := [column for column in columns if column not in COLUMNS and not column.startswith("_")]:
        raise FeedError(
            f"de kolom {shown(unknown[0])} bestaat niet in het sjabloon; begint ze met _, dan slaan we ze over"
        )
    if twice := [column for column in columns if columns.count(column) > 1]:
        raise FeedError(f"de kolom {shown(twice[0])} staat er twee keer")


def _place(column: str) -> tuple[str, str] | None:
    """The group and the name of the loose field that a column fills; none for a column that is passed over."""
    if column.startswith("_"):
        return None
    group, _, name = COLUMNS[column].partition(".")
    return group, name


def _fields(places: list[tuple[str, str] | None], row: list[str]) -> dict[str, Any]:
    if len(row) > len(places):
        raise FieldError(
            "rij", f"heeft {len(row)} vakken en de kop {len(places)}; staat er een scheidingsteken te veel?"
        )
    if len(row) < len(places):
        raise FieldError("rij", f"heeft {len(row)} vakken en de kop {len(places)}; is de rij afgebroken?")
    fields: dict[str, Any] = {}
    for place, cell in zip(places, row, strict=True):
        if not cell or place is None:
            continue
        if cell[0] == "'" and _ESCAPED.match(cell):
            cell = cell[1:]
        group, name = place
        if name:
            fields.setdefault(group, {})[name] = cell
        else:
            fields[group] = cell
    if "modules" in fields:
        fields["modules"] = [_module(part) for part in str(fields["modules"]).split(";") if part.strip()]
    return fields


def _module(text: str) -> dict[str, str]:
    """A module as "title | hours | code"."""
    return dict(zip(("title", "hours", "id"), (part.strip() for part in text.split("|")), strict=False))


def to_row(offering: Offering) -> list[str]:
    """An offering as a row of the template, a cell for each of `COLUMNS`."""
    data = offering.model_dump(mode="json")
    cells = {column: _cell(data, field) for column, field in COLUMNS.items()}
    moments = offering.schedule.moments
    cells["lesmomenten"] = ";".join(
        [f"{_DAYS[m.weekday]} {m.start:%H:%M}-{m.end:%H:%M}" for m in moments]
        or [_PARTS[part] for part in offering.schedule.parts]
    )
    cells["onderwerpen"] = ";".join(offering.subjects)
    cells["modules"] = ";".join(
        " | ".join((m.title.replace(";", ",").replace("|", "/"), str(m.hours or ""), m.id)).rstrip(" |")
        for m in offering.modules
    )
    cells["leervorm"] = _MODES[offering.delivery_mode]
    cells["prijs"] = price_cell(offering)
    cells["erkend_voor"] = ";".join(_INCENTIVES[name] for name in offering.recognised_for)
    return [cells[column] for column in COLUMNS]


def price_cell(offering: Offering) -> str:
    """A price as the template writes it; an amount of the knowledge base only by the id of its figure."""
    price = offering.price
    if isinstance(price, FixedPrice):
        return f"{price.amount:.2f}".replace(".", ",")
    if isinstance(price, TariffPrice):
        return f"tarief {price.figure}"
    if isinstance(price, FreePrice):
        return " ".join(filter(None, ("gratis", _AUDIENCES[price.audience], price.figure)))
    return " ".join(filter(None, ("vraag", price.figure)))


def _cell(data: Mapping[str, Any], field: str) -> str:
    group, _, name = field.partition(".")
    value = (data.get(group) or {}).get(name) if name else data.get(group)
    if isinstance(value, bool):
        return "ja" if value else ""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text
