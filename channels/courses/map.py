"""A small map of Flanders and Brussels as SVG: the outline of the provinces, and points. Nothing comes from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, radians, sqrt
from pathlib import Path
from typing import Final

from bot.places import Gazetteer, Place

WIDTH: Final = 1000.0
_MIDDLE: Final = cos(radians(51.1))
_MARGIN: Final = 12.0
_SMALLEST: Final = 4.0
_LARGEST: Final = 26.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One area of the outline."""

    name: str
    path: str
    """As the `d` of an SVG path."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A municipality with courses."""

    place: Place
    count: int
    x: float
    y: float
    radius: float


class OutlineMap:
    """The outline, worked out once, and where a place lies on it."""

    def __init__(self, folder: Path, gazetteer: Gazetteer) -> None:
        """`folder` is like data/places."""
        areas = json.loads((folder / "outline.json").read_text(encoding="utf-8"))["areas"]
        points = [point for area in areas for ring in area["rings"] for point in ring]
        self._west = min(x for x, _ in points)
        self._north = max(y for _, y in points)
        span = (max(x for x, _ in points) - self._west) * _MIDDLE
        self._scale = (WIDTH - 2 * _MARGIN) / span
        self.height = round((self._north - min(y for _, y in points)) * self._scale + 2 * _MARGIN)
        self.shapes = tuple(Shape(area["name"], self._path(area["rings"])) for area in areas)
        self._gazetteer = gazetteer

    @property
    def view_box(self) -> str:
        """As an SVG element takes it."""
        return f"0 0 {WIDTH:.0f} {self.height}"

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where a point lies."""
        x = (longitude - self._west) * _MIDDLE * self._scale + _MARGIN
        return round(x, 1), round((self._north - latitude) * self._scale + _MARGIN, 1)

    def dots(self, counts: Mapping[str, int]) -> tuple[Dot, ...]:
        """A dot for each municipality, by REFNIS number, its area in proportion to its courses; the largest first."""
        most = max((count for id_, count in counts.items() if id_), default=0)
        return tuple(
            self._dot(place, count, most)
            for id_, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            if id_ and (place := self._gazetteer.get(id_)) is not None
        )

    def _dot(self, place: Place, count: int, most: int) -> Dot:
        x, y = self.at(place.latitude, place.longitude)
        return Dot(place, count, x, y, round(max(_SMALLEST, _LARGEST * sqrt(count / most)), 1))

    def _path(self, rings: Iterable[Iterable[tuple[float, float]]]) -> str:
        lines = (" ".join(f"{x:g},{y:g}" for x, y in (self.at(y, x) for x, y in ring)) for ring in rings)
        return "".join(f"M{line}Z" for line in lines)
