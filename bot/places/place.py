"""A place in Flanders or Brussels, and how far one is from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Protocol

EARTH_DIAMETER_KM = 12742.0


class PlaceKind(StrEnum):
    """What sort of place. The last three are areas: they cover municipalities."""

    MUNICIPALITY = "municipality"
    LOCALITY = "locality"
    """A sub-municipality (deelgemeente), village, former municipality or well-known quarter."""
    POSTCODE = "postcode"
    PROVINCE = "province"
    REGION = "region"
    """Vlaanderen, or the Brussels Capital Region."""
    AREA = "area"
    """A streek without borders in law, like the Kempen."""


class Point(Protocol):
    """Anything that lies somewhere: degrees north and east (WGS 84)."""

    @property
    def latitude(self) -> float: ...

    @property
    def longitude(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A place that people name. An area has no municipality of its own, and lies in the middle of what it covers."""

    id: str
    kind: PlaceKind
    name: str
    municipality_id: str
    """REFNIS number; empty for an area."""
    municipality: str
    province: str
    """Name; empty in Brussels and for what lies in several."""
    region: str
    latitude: float
    longitude: float
    population: int = 0
    """A rough weight to choose between namesakes, never shown."""
    qualifier: str = ""
    """What tells it from its namesakes: the municipality of a locality, else a province."""
    members: frozenset[str] = field(default_factory=frozenset)
    """For an area: REFNIS numbers of the municipalities it covers."""

    @property
    def is_area(self) -> bool:
        """Whether the place covers municipalities, so that "in" it counts and not the distance to its middle."""
        return bool(self.members)

    @property
    def label(self) -> str:
        """The name as a reader needs it: "Heule (Kortrijk)", "9300 Aalst", "Gent". The gazetteer knows it again."""
        if self.kind is PlaceKind.POSTCODE:
            return f"{self.name} {self.municipality}"
        return f"{self.name} ({self.qualifier})" if self.qualifier else self.name

    def covers(self, municipality_id: str) -> bool:
        """Whether a municipality (REFNIS number) lies in this area, or is the municipality of this place."""
        return municipality_id in self.members if self.members else municipality_id == self.municipality_id

    def contains(self, other: Place) -> bool:
        """Whether another, smaller place lies in this one: a village in its municipality, that in its province."""
        if self.is_area:
            return other.members < self.members if other.is_area else other.municipality_id in self.members
        inside = other.kind in (PlaceKind.LOCALITY, PlaceKind.POSTCODE)
        return self.kind is PlaceKind.MUNICIPALITY and inside and other.municipality_id == self.municipality_id


def distance_between(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> float:
    """Great-circle distance in km between two points given in degrees."""
    a, b = radians(latitude_a), radians(latitude_b)
    half = sin((a - b) / 2) ** 2 + cos(a) * cos(b) * sin(radians(longitude_a - longitude_b) / 2) ** 2
    return EARTH_DIAMETER_KM * asin(sqrt(min(1.0, half)))


def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance in km between two places (for an area: to its middle)."""
    return distance_between(a.latitude, a.longitude, b.latitude, b.longitude)
