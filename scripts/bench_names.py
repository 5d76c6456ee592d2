"""Measures what it costs to read a place or a subject in what people type, beside comparing it with every name.

    python -m scripts.bench_names

The alternative is rapidfuzz's `process.extractOne` over the same names: what one would write with a library in one line. Both read
the same texts in turn; figures are the processor time of one text, half of the texts below the first, none above the second.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial

from rapidfuzz import fuzz, process

from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer
from bot.settings import ROOT

ROUNDS = 20
PLACES = (
    "Gent",
    "9300",
    "Antwerpn",
    "geraardsberge",
    "zottegm",
    "blablabla",
    "in de buurt van denderleuw misschien",
    "x" * 300,
)
SUBJECTS = ("lassen", "laskursus", "verplegng", "blablabla", "iets met kindjes", "in den bouw", "x" * 500)


def cost(read: Callable[[str], object], texts: Iterable[str]) -> list[float]:
    """Milliseconds of processor for each text, the median of `ROUNDS`."""

    def once(text: str) -> float:
        begin = time.process_time()
        read(text)
        return (time.process_time() - begin) * 1000

    return [statistics.median(once(text) for _ in range(ROUNDS)) for text in texts]


def report(name: str, ours: list[float], theirs: list[float]) -> str:
    """A line with the figures of both and the ratio of their medians."""

    def figures(costs: list[float]) -> str:
        return f"{statistics.median(costs):7.3f} {max(costs):7.3f}"

    ratio = statistics.median(ours) / statistics.median(theirs)
    return f"{name:<10} {figures(ours)}   {figures(theirs)}   {ratio:5.2f}"


def main() -> None:
    """Prints a line for places and one for subjects."""
    places, subjects = Gazetteer.load(ROOT / "data" / "places"), Subjects.load(ROOT / "data" / "catalogue")
    print("ms of one text: ours half, slowest; rapidfuzz half, slowest; ratio of halves")
    for name, ours, names, texts in (
        ("places", places.resolve, list(places.names()), PLACES),
        ("subjects", subjects.resolve, [phrase for phrase, _ in subjects.names()], SUBJECTS),
    ):
        theirs = partial(process.extractOne, choices=names, scorer=fuzz.WRatio)
        print(report(name, cost(ours, texts), cost(theirs, texts)))


if __name__ == "__main__":
    main()
