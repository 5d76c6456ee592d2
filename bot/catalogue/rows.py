"""Offerings as JSON Lines and as rows of a CSV file. What goes out comes in again unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from pydantic import ValidationError

from bot.catalogue.model import Moment, Offering, Weekday

COLUMNS = (
    "id", "source", "title", "subjects", "description",
    "provider_id", "provider_name", "provider_kind", "provider_url", "provider_phone", "provider_email",
    "provider_example", "location_id", "location_name", "street", "postcode", "place_id", "municipality_id", "place",
    "latitude", "longitude", "delivery_mode", "moments", "parts", "start", "end", "hours", "hours_unit",
    "price", "material_cost", "language_level", "entry_conditions", "certificate", "recognised_for", "shortage",
    "example", "url",
)  # fmt: skip
"""The header of the CSV file. Lists are joined by `;`. `moments` is like "monday 18:30-21:30". `price` is
`fixed 120.00`, `tariff cvo-standaard-2025`, `free`, `free job_seekers vdab-erkend-gratis` or `ask`."""

_PROVIDER = ("id", "name", "kind", "url", "phone", "email", "example")
_LOCATION = {"location_id": "id", "location_name": "name"} | {
    name: name for name in ("street", "postcode", "place_id", "municipality_id", "place", "latitude", "longitude")
}
_PLAIN = (
    "id", "source", "title", "description", "delivery_mode", "start", "end", "hours", "hours_unit", "material_cost",
    "language_level", "entry_conditions", "certificate", "shortage", "example", "url",
)  # fmt: skip


class RowError(ValueError):
    """A row is no offering; the text names the field."""


def to_row(offering: Offering) -> dict[str, str]:
    """An offering as a row of text, a key for each of `COLUMNS`."""
    data = offering.model_dump(mode="json")
    row = {name: _text(data[name]) for name in _PLAIN}
    row |= {f"provider_{name}": _text(data["provider"][name]) for name in _PROVIDER}
    location = data["location"] or {}
    row |= {column: _text(location.get(name)) for column, name in _LOCATION.items()}
    row["subjects"] = ";".join(offering.subjects)
    row["parts"] = ";".join(offering.schedule.parts)
    row["recognised_for"] = ";".join(offering.recognised_for)
    row["moments"] = ";".join(f"{m.weekday} {m.start:%H:%M}-{m.end:%H:%M}" for m in offering.schedule.moments)
    price = data["price"]
    words = (price["kind"], price.get("amount"), price.get("audience"), price.get("figure"))
    row["price"] = " ".join(str(word) for word in words if word is not None)
    return {column: row[column] for column in COLUMNS}


def from_row(row: Mapping[str, str | None]) -> Offering:
    """The offering of a row. Raises `RowError` naming the first wrong field."""
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    data: dict[str, Any] = {name: cells[name] for name in _PLAIN if cells[name]}
    data["provider"] = {name: cells[f"provider_{name}"] for name in _PROVIDER if cells[f"provider_{name}"]}
    location = {name: cells[column] for column, name in _LOCATION.items() if cells[column]}
    data["location"] = location or None
    data["subjects"] = _list(cells["subjects"])
    data["recognised_for"] = _list(cells["recognised_for"])
    try:
        moments = [_moment(text) for text in _list(cells["moments"])]
        data["schedule"] = {"moments": moments, "parts": _list(cells["parts"])}
        data["price"] = _price(cells["price"])
        return Offering.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise RowError(f"{'.'.join(map(str, first['loc'])) or 'row'}: {first['msg']}") from None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _moment(text: str) -> Moment:
    try:
        weekday, hours = text.split()
        start, end = hours.split("-")
        return Moment(weekday=Weekday(weekday), start=time.fromisoformat(start), end=time.fromisoformat(end))
    except ValueError:
        raise RowError(
            f"moments: {text!r} is not like 'monday 18:30-21:30', with the end later than the start"
        ) from None


def _price(text: str) -> dict[str, Any]:
    kind, *words = text.split() or ["ask"]
    if kind == "fixed" and len(words) == 1:
        return {"kind": kind, "amount": words[0]}
    if kind == "tariff" and len(words) == 1:
        return {"kind": kind, "figure": words[0]}
    if kind == "free" and len(words) <= 2:
        return {"kind": kind} | dict(zip(("audience", "figure"), words, strict=False))
    if kind == "ask" and len(words) <= 1:
        return {"kind": kind} | dict(zip(("figure",), words, strict=False))
    raise RowError(
        f"price: {text!r} is none of 'fixed 120.00', 'tariff FIGURE', 'free [AUDIENCE [FIGURE]]', 'ask [FIGURE]'"
    )
