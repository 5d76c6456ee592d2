"""Reads the files of data/places. What is wrong in them is said with file, line or entry, and field."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.places.place import Place, PlaceKind
from bot.places.spelling import key
from bot.trouble import Trouble
from bot.yaml_files import load_yaml


class PlaceDataError(Trouble, ValueError):
    """A file of data/places cannot be used; the text names file, entry and field."""


@dataclass(frozen=True)
class PlaceData:
    """Everything in data/places, checked, not yet indexed."""

    places: dict[str, Place]
    """Municipalities, localities, postcodes and areas by id."""
    names: tuple[tuple[str, str, bool], ...]
    """Surface form, place id, and whether it is an official name (True) or an alias."""
    ambiguous_words: frozenset[str]
    fillers: frozenset[str]
    prepositions: frozenset[str]
    ordinary_words: frozenset[str]


def load(folder: Path) -> PlaceData:
    """Reads and checks a folder like data/places. Raises `PlaceDataError`."""
    places = {place.id: place for place in _municipalities_and_localities(folder / "places.csv")}
    french = {row["id"]: row["name_fr"] for _, row in _rows(folder / "places.csv", ("id", "name_fr")) if row["name_fr"]}
    names = [(place.name, place.id, True) for place in places.values()]
    names += [(name, id_, True) for id_, name in french.items()]
    names += _aliases(folder / "aliases.yml", places)
    areas, area_names = _areas(folder / "areas.yml", places)
    postcodes = list(_postcodes(folder, places))
    places |= {place.id: place for place in (*areas, *postcodes)}
    words = _mapping(folder / "words.yml")
    return PlaceData(
        places=places,
        names=(*names, *area_names),
        ambiguous_words=_word_set(words, "ambiguous_words", folder / "words.yml"),
        fillers=_word_set(words, "filler_words", folder / "words.yml"),
        prepositions=_word_set(words, "prepositions", folder / "words.yml"),
        ordinary_words=_word_set(words, "ordinary_words", folder / "words.yml"),
    )


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                raise PlaceDataError(f"{path.name}: column {', '.join(sorted(missing))} is missing")
            for row in reader:
                yield reader.line_num, row
    except FileNotFoundError:
        raise PlaceDataError(f"{path} does not exist") from None


def _number(path: Path, line: int, row: dict[str, str], field: str, convert: Callable[[str], Any]) -> Any:
    try:
        return convert(row[field])
    except (ValueError, TypeError):
        raise PlaceDataError(f"{path.name}, line {line}, {field}: {row[field]!r} is not a number") from None


_PROVINCES = {
    "10000": "Antwerpen",
    "20001": "Vlaams-Brabant",
    "30000": "West-Vlaanderen",
    "40000": "Oost-Vlaanderen",
    "70000": "Limburg",
}
_REGIONS = {"02000": "Vlaanderen", "04000": "Brussel"}


def _municipalities_and_localities(path: Path) -> Iterator[Place]:
    columns = ("id", "kind", "name", "municipality", "province", "region", "latitude", "longitude", "population")
    rows = list(_rows(path, columns))
    municipality_names = {row["id"]: row["name"] for _, row in rows if row["kind"] == PlaceKind.MUNICIPALITY}
    seen: set[str] = set()
    for line, row in rows:
        where = f"{path.name}, line {line}"
        if row["kind"] not in (PlaceKind.MUNICIPALITY, PlaceKind.LOCALITY):
            raise PlaceDataError(f"{where}, kind: {row['kind']!r} is neither municipality nor locality")
        if row["municipality"] not in municipality_names:
            raise PlaceDataError(f"{where}, municipality: {row['municipality']!r} is unknown")
        if row["region"] not in _REGIONS:
            raise PlaceDataError(f"{where}, region: {row['region']!r} is unknown")
        if not row["id"] or row["id"] in seen:
            raise PlaceDataError(f"{where}, id: {row['id']!r} is empty or stands there twice")
        seen.add(row["id"])
        yield Place(
            id=row["id"],
            kind=PlaceKind(row["kind"]),
            name=row["name"],
            municipality_id=row["municipality"],
            municipality=municipality_names[row["municipality"]],
            province=_PROVINCES.get(row["province"], ""),
            region=_REGIONS[row["region"]],
            latitude=_number(path, line, row, "latitude", float),
            longitude=_number(path, line, row, "longitude", float),
            population=_number(path, line, row, "population", int),
            qualifier=municipality_names[row["municipality"]] if row["kind"] == PlaceKind.LOCALITY else "",
        )


def _postcodes(folder: Path, places: dict[str, Place]) -> Iterator[Place]:
    points_path = folder / "postcode-points.csv"
    points = {
        row["postcode"]: tuple(_number(points_path, line, row, axis, float) for axis in ("latitude", "longitude"))
        for line, row in _rows(points_path, ("postcode", "latitude", "longitude"))
    }
    municipalities: dict[str, list[Place]] = {}
    how_many: dict[str, int] = {}
    path = folder / "postcodes.csv"
    for line, row in _rows(path, ("postcode", "municipality")):
        if not re.fullmatch(r"[1-9]\d{3}", row["postcode"]):
            raise PlaceDataError(f"{path.name}, line {line}, postcode: {row['postcode']!r} is not a postcode")
        if row["municipality"] not in places:
            raise PlaceDataError(f"{path.name}, line {line}, municipality: {row['municipality']!r} is unknown")
        municipalities.setdefault(row["postcode"], []).append(places[row["municipality"]])
        how_many[row["municipality"]] = how_many.get(row["municipality"], 0) + 1
    for code, candidates in municipalities.items():
        # A postcode of two municipalities (1040, 1050) is the smaller one's: the other is the city of Brussels.
        home = min(candidates, key=lambda place: how_many[place.id])
        # The point of a postcode is often its first village: where it is the only postcode, take the municipality's.
        alone = how_many[home.id] == 1
        latitude, longitude = (
            (home.latitude, home.longitude) if alone else points.get(code, (home.latitude, home.longitude))
        )
        yield Place(
            id=f"postcode-{code}",
            kind=PlaceKind.POSTCODE,
            name=code,
            municipality_id=home.id,
            municipality=home.municipality,
            province=home.province,
            region=home.region,
            latitude=latitude,
            longitude=longitude,
        )


def _areas(path: Path, places: dict[str, Place]) -> tuple[list[Place], list[tuple[str, str, bool]]]:
    municipalities = [place for place in places.values() if place.kind is PlaceKind.MUNICIPALITY]
    by_name = {place.name: place for place in municipalities}
    areas: list[Place] = []
    names: list[tuple[str, str, bool]] = []
    entries = _yaml(path)
    if not isinstance(entries, list):
        raise PlaceDataError(f"{path.name}: must be a list of areas")
    for entry in entries:
        where = f"{path.name}, {entry.get('id', entry) if isinstance(entry, dict) else entry!r}"
        if not isinstance(entry, dict) or not {"id", "kind", "name"} <= set(entry):
            raise PlaceDataError(f"{where}: needs id, kind and name")
        if entry["kind"] not in ("province", "region", "area"):
            raise PlaceDataError(f"{where}, kind: {entry['kind']!r} is none of province, region, area")
        if unknown := [name for name in entry.get("municipalities", ()) if name not in by_name]:
            raise PlaceDataError(f"{where}, municipalities: {', '.join(map(str, unknown))} is unknown")
        code = str(entry.get("code", ""))
        wanted = _PROVINCES.get(code) if entry["kind"] == "province" else _REGIONS.get(code)
        if entry["kind"] == "area":
            covered = [by_name[name] for name in entry.get("municipalities", ())]
        else:
            covered = [place for place in municipalities if wanted in (place.province, place.region)]
        if not covered:
            raise PlaceDataError(f"{where}: covers no municipality")
        provinces = {place.province for place in covered}
        regions = {place.region for place in covered}
        areas.append(
            Place(
                id=f"{entry['kind']}-{entry['id']}",
                kind=PlaceKind(entry["kind"]),
                name=str(entry["name"]),
                municipality_id="",
                municipality="",
                province=provinces.pop() if len(provinces) == 1 else "",
                region=regions.pop() if len(regions) == 1 else "",
                latitude=sum(place.latitude for place in covered) / len(covered),
                longitude=sum(place.longitude for place in covered) / len(covered),
                members=frozenset(place.id for place in covered),
            )
        )
        names += [(str(name), areas[-1].id, True) for name in (entry["name"], *entry.get("names", ()))]
    return areas, names


def _aliases(path: Path, places: dict[str, Place]) -> list[tuple[str, str, bool]]:
    by_name: dict[str, list[Place]] = {}
    for place in places.values():
        for label in (place.name, f"{place.name} ({place.municipality})"):
            by_name.setdefault(key(label), []).append(place)
    names: list[tuple[str, str, bool]] = []
    for label, aliases in _mapping(path).items():
        found = by_name.get(key(str(label)), [])
        if len(found) != 1:
            said = f"{len(found)} places are called so: add the municipality" if found else "is not a known place"
            raise PlaceDataError(f"{path.name}, {label!r}: {said}")
        if not isinstance(aliases, list):
            raise PlaceDataError(f"{path.name}, {label!r}: must be a list of names")
        names += [(str(alias), found[0].id, False) for alias in aliases]
    return names


def _yaml(path: Path) -> Any:
    try:
        return load_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlaceDataError(f"{path} does not exist") from None
    except yaml.YAMLError as error:
        raise PlaceDataError(f"{path.name}: {error}") from None


def _mapping(path: Path) -> dict[str, Any]:
    content = _yaml(path)
    if not isinstance(content, dict):
        raise PlaceDataError(f"{path.name}: must be a mapping")
    return content


def _word_set(content: dict[str, Any], field: str, path: Path) -> frozenset[str]:
    words = content.get(field)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise PlaceDataError(f"{path.name}, {field}: must be a list of words (put yes, no, on and off in quotes)")
    return frozenset(key(word) for word in words)
