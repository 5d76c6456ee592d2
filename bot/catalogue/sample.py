"""A catalogue of any size, to measure with: the courses of the example spread over every municipality by lot.

The same size, month and seed give the same offerings in the same order, and a smaller sample is the beginning of a larger
one. They stream: a million take the memory of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from bot.catalogue.example import USUAL_PARTS, make_offering
from bot.catalogue.example_lists import ExampleCourse, ExampleData, ExampleProvider
from bot.catalogue.model import DeliveryMode, Offering, Part, ProviderKind
from bot.places import Gazetteer, Place, PlaceKind

SOURCE = "sample"
_SPREAD = {"everywhere": 12, "common": 5, "some": 2, "few": 1}
"""How often a course is drawn, beside the others."""
_ONLINE = 0.06
_PROVIDERS_PER_KIND = 60
_VARIANTS = ("", "", "", ": deel 1", ": deel 2", " (intensief)", " voor starters", " - opfris", " met praktijk")
_MONTHS_AHEAD = 10


def sample(
    lists: ExampleData, gazetteer: Gazetteer, today: date, size: int, *, seed: int = 0, source: str = SOURCE
) -> Iterator[Offering]:
    """`size` offerings with ids `source:0` and on. Each is drawn by a lot of its own, from `seed` and its number."""
    draw = _Draw(lists, gazetteer)
    month = today.replace(day=1)
    for number in range(size):
        random = Random(f"{seed}-{number}")  # noqa: S311 - a catalogue, no secret
        yield draw.offering(number, month, random, source)


class _Draw:
    def __init__(self, lists: ExampleData, gazetteer: Gazetteer) -> None:
        self._courses = lists.courses
        self._course_weights = list(accumulate(_SPREAD[course.spread] for course in lists.courses))
        self._places = sorted(
            (place for place in gazetteer if place.kind in (PlaceKind.MUNICIPALITY, PlaceKind.LOCALITY)),
            key=lambda place: place.id,
        )
        self._place_weights = list(accumulate(max(place.population, 200) for place in self._places))
        codes = {place.municipality_id: place.name for place in gazetteer if place.kind is PlaceKind.POSTCODE}
        self._postcodes = {place.id: codes.get(place.municipality_id, "") for place in self._places}
        self._providers = {kind: _providers(kind, lists.providers) for kind in ProviderKind}

    def offering(self, number: int, month: date, random: Random, source: str) -> Offering:
        """The offering of one number."""
        [course] = random.choices(self._courses, cum_weights=self._course_weights)
        kind = random.choice([kind for kind in ProviderKind if course.terms(kind)])
        provider = random.choice(self._providers[kind])
        online = course.online is True and random.random() < _ONLINE * 3
        place: Place | None = None
        if not online:
            [place] = random.choices(self._places, cum_weights=self._place_weights)
        blended = course.online is not None and not online and random.random() < 0.3
        mode = DeliveryMode.ONLINE if online else DeliveryMode.BLENDED if blended else DeliveryMode.CLASSROOM
        part = random.choice(_possible(course, kind))
        month = (month + timedelta(days=31 * random.randrange(_MONTHS_AHEAD))).replace(day=1)
        made = make_offering(
            course, provider, place, self._postcodes[place.id] if place else "", part, mode, month, random
        )
        return made.model_copy(
            update={
                "id": f"{source}:{number}",
                "source": source,
                "title": made.title + random.choice(_VARIANTS),
                "places_left": random.choice((None, None, *range(0, 13, 3))),
            }
        )


def _possible(course: ExampleCourse, kind: ProviderKind) -> Sequence[Part]:
    usual = USUAL_PARTS[kind]
    return [part for part in usual if not course.when or part in course.when] or usual[:1]


def _providers(kind: ProviderKind, known: Sequence[ExampleProvider]) -> list[ExampleProvider]:
    """Those of the example and more of them, told apart by a number."""
    own = [provider for provider in known if provider.kind is kind]
    return [
        provider.model_copy(update={"id": f"{provider.id}-{round_}", "name": f"{provider.name} {round_}"})
        for round_ in range(1, _PROVIDERS_PER_KIND // len(own) + 2)
        for provider in own
    ]
