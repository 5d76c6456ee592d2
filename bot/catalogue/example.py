"""The example catalogue: invented courses of invented providers, with hours, schedules and tariffs as they occur.

Everything follows from data/catalogue/{courses,providers}.yml and the month: the same month gives the same catalogue,
and each offering has a seed of its own, so that one more course does not reshuffle the others. Every offering is marked
`example`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from random import Random
from typing import Literal

from bot.catalogue.example_lists import ExampleCourse, ExampleData, ExampleProvider
from bot.catalogue.model import (
    Course,
    DeliveryMode,
    Incentive,
    Location,
    Moment,
    Offering,
    Part,
    Provider,
    ProviderKind,
    Schedule,
    Weekday,
)
from bot.catalogue.subjects import Subjects
from bot.catalogue.words import fold
from bot.places import Place

SOURCE = "example"
VERSION = "4"
"""Raised when the program makes something else of the same lists."""
_INCENTIVES = {
    "leave": Incentive.TRAINING_LEAVE,
    "vouchers": Incentive.TRAINING_VOUCHERS,
    "credit": Incentive.TRAINING_CREDIT,
}
_SHARE = {"everywhere": 0.35, "common": 0.12, "some": 0.06, "few": 0.03}
"""Which share of the locations that could hold a course do so, per kind of provider."""
_AT_LEAST = {"everywhere": 6, "common": 4, "some": 2, "few": 1}
"""Nor fewer locations than this, where there are as many."""
_RECOGNISED_FROM_HOURS = 32


def generate(data: ExampleData, subjects: Subjects, today: date) -> Iterator[Offering]:
    """The example offerings as they stand in the month of `today`, in a fixed order, each with a unique id."""
    month = today.replace(day=1)
    domain_of = {subject.id: subject.domain for subject in subjects}
    for course in data.courses:
        topics = set(course.subjects) | {domain_of[subject] for subject in course.subjects}
        holders = [p for p in data.providers if course.terms(p.kind) and (not p.topics or topics & set(p.topics))]
        for provider, name, parts in _venues(course, holders, data):
            for part in parts:
                random = _random(course.title, provider.id, name, part, f"{month:%Y-%m}")
                blended = course.online == "blended" and random.random() < 0.5
                mode = DeliveryMode.BLENDED if blended else DeliveryMode.CLASSROOM
                place = data.places[name]
                yield make_offering(course, provider, place, data.postcodes[place.id], part, mode, month, random)
        if course.online is True:
            yield from _online(course, holders, month)


def _random(*seed: str) -> Random:
    """Chance that always falls the same way for the same words."""
    return Random("|".join(seed))  # noqa: S311 - a catalogue, no secret


def _venues(
    course: ExampleCourse, holders: Sequence[ExampleProvider], data: ExampleData
) -> Iterator[tuple[ExampleProvider, str, list[Part]]]:
    """Where a course is held, and at which times: a fixed share of the locations of each kind of provider, by lot.

    What is held everywhere is in every big city by day, in the evening and in the weekend; what is common is in every
    big city at least once.
    """
    by_kind: dict[ProviderKind, list[tuple[ExampleProvider, str]]] = {}
    for provider in holders:
        by_kind.setdefault(provider.kind, []).extend((provider, name) for name in provider.locations)
    for kind, venues in by_kind.items():
        drawn = sorted(venues, key=lambda venue: _random(course.title, venue[0].id, venue[1]).random())
        count = max(_AT_LEAST[course.spread], round(_SHARE[course.spread] * len(venues)))
        served: set[str] = set()
        for position, (provider, name) in enumerate(drawn):
            city = data.places[name].municipality_id
            first = city in data.big_cities and city not in served and course.spread in ("everywhere", "common")
            if position < count or first:
                served.add(city)
                random = _random(course.title, provider.id, name)
                yield provider, name, _parts(course, kind, random, everything=first and course.spread == "everywhere")


def _online(course: ExampleCourse, holders: Sequence[ExampleProvider], month: date) -> Iterator[Offering]:
    kinds = {provider.kind: provider for provider in sorted(holders, key=lambda p: p.id)}
    for provider in kinds.values():
        if provider.kind in (ProviderKind.CVO, ProviderKind.SYNTRA, ProviderKind.OTHER, ProviderKind.VDAB):
            random = _random(course.title, provider.id, "online", f"{month:%Y-%m}")
            yield make_offering(course, provider, None, "", Part.EVENING, DeliveryMode.ONLINE, month, random)


USUAL_PARTS = {
    ProviderKind.CVO: (Part.EVENING, Part.DAY, Part.WEEKEND),
    ProviderKind.LIGO: (Part.DAY, Part.EVENING),
    ProviderKind.VDAB: (Part.DAY,),
    ProviderKind.SYNTRA: (Part.EVENING, Part.WEEKEND),
    ProviderKind.HIGHER_EDUCATION: (Part.EVENING, Part.DAY, Part.WEEKEND),
    ProviderKind.SECTOR: (Part.DAY, Part.WEEKEND),
    ProviderKind.OTHER: (Part.EVENING, Part.WEEKEND, Part.DAY),
}
"""When a kind of provider holds its lessons, most usual first."""
_PART_WEIGHT = {Part.EVENING: 0.8, Part.DAY: 0.5, Part.WEEKEND: 0.25}


def _parts(course: ExampleCourse, kind: ProviderKind, random: Random, *, everything: bool) -> list[Part]:
    """The lesson times a course has at one location."""
    possible = [part for part in USUAL_PARTS[kind] if not course.when or part in course.when] or [USUAL_PARTS[kind][0]]
    if everything:
        return possible
    chosen = [part for part in possible if random.random() < _PART_WEIGHT[part]]
    return chosen[:2] or [possible[0]]


def make_offering(
    course: ExampleCourse,
    provider: ExampleProvider,
    place: Place | None,
    postcode: str,
    part: Part,
    mode: DeliveryMode,
    month: date,
    random: Random,
) -> Offering:
    """One run of a course with a provider at a place; `random` settles what is left open: days, hours, first lesson.

    Raises `ValueError` when that kind of provider does not hold the course.
    """
    terms = course.terms(provider.kind)
    if terms is None:
        raise ValueError(f"{provider.id} does not hold {course.title}")
    price, hours = terms
    unit: Literal["lestijd", "uur", "studiepunt"] = "uur"
    if provider.kind in (ProviderKind.CVO, ProviderKind.LIGO):
        unit = "lestijd"
    elif provider.kind is ProviderKind.HIGHER_EDUCATION:
        unit = "studiepunt"
    moments = _moments(provider.kind, part, hours if unit != "studiepunt" else hours * 5, random)
    start = _start(provider.kind, month, moments, random)
    contact = hours * 5 if unit == "studiepunt" else hours
    end = start + timedelta(days=_days(contact, moments))
    where = place.id if place else "online"
    materials = provider.kind in (ProviderKind.CVO, ProviderKind.SYNTRA)
    recognised = contact >= _RECOGNISED_FROM_HOURS
    return Offering(
        id=f"{SOURCE}:{_slug(course.title)}:{provider.id}:{where}:{part}",
        source=SOURCE,
        title=course.title,
        course=Course(id=f"{SOURCE}:{_slug(course.title)}", title=course.title),
        subjects=course.subjects,
        description=course.about,
        provider=Provider(id=f"{SOURCE}-{provider.id}", name=provider.name, kind=provider.kind, example=True),
        location=_location(provider, place, postcode, random) if place else None,
        delivery_mode=mode,
        schedule=Schedule(moments=moments),
        start=start,
        end=end,
        hours=hours,
        hours_unit=unit,
        price=price,
        material_cost=course.material or None if materials else None,
        language_level=course.level,
        entry_conditions=course.entry,
        certificate=course.certificate,
        recognised_for=tuple(_INCENTIVES[name] for name in course.recognised) if recognised else (),
        shortage=course.shortage,
        places_left=_places_left(f"{course.title}|{provider.id}|{where}|{part}|{start}"),
        example=True,
    )


def _places_left(seed: str) -> int | None:
    """Some say how many places are free. By a lot of its own, so that the other lots fall as they did."""
    random = _random(seed, "places")
    return random.randint(1, 14) if random.random() < 0.3 else None


def _location(provider: ExampleProvider, place: Place, postcode: str, random: Random) -> Location:
    return Location(
        id=f"{SOURCE}-{provider.id}-{place.id}",
        name=f"{provider.name}, {place.label}",
        street=f"Voorbeeldstraat {random.randint(1, 90)}",
        postcode=postcode,
        place_id=place.id,
        municipality_id=place.municipality_id,
        place=place.label,
        latitude=place.latitude,
        longitude=place.longitude,
    )


_WORKDAYS = list(Weekday)[:5]


def _moments(kind: ProviderKind, part: Part, hours: int, random: Random) -> tuple[Moment, ...]:
    """A week of lessons. Long courses have more of them; VDAB and long day courses fill the working week."""
    if part is Part.WEEKEND:
        long = kind in (ProviderKind.SYNTRA, ProviderKind.SECTOR, ProviderKind.HIGHER_EDUCATION) or hours > 80
        return (Moment(weekday=Weekday.SATURDAY, start=time(8, 30), end=time(16, 30) if long else time(12, 0)),)
    if part is Part.EVENING:
        count = 1 if hours <= 60 else 2 if hours <= 320 else 3
        begin = random.choice((time(18, 0), time(18, 30), time(18, 30), time(19, 0)))
        days = sorted(random.sample(range(4), count))
        return tuple(
            Moment(weekday=_WORKDAYS[day], start=begin, end=time(begin.hour + 3, begin.minute)) for day in days
        )
    if kind in (ProviderKind.VDAB, ProviderKind.SECTOR):
        count = min(5, max(1, (hours + 7) // 8))
        first = random.randint(0, 5 - count)
        return tuple(
            Moment(weekday=day, start=time(8, 30), end=time(16, 30)) for day in _WORKDAYS[first : first + count]
        )
    count = 1 if hours <= 60 else 2 if hours <= 160 else 3 if hours <= 400 else 4
    days = sorted(random.sample(range(5), count))
    half_days = hours <= 160 or (hours <= 400 and random.random() < 0.3)
    begin, finish = (time(9, 0), time(12, 0)) if half_days else (time(9, 0), time(16, 0))
    if hours <= 160 and random.random() < 0.35:
        begin, finish = time(13, 0), time(16, 0)
    return tuple(Moment(weekday=_WORKDAYS[day], start=begin, end=finish) for day in days)


def _start(kind: ProviderKind, month: date, moments: tuple[Moment, ...], random: Random) -> date:
    """The first lesson: schools start with the terms, others all year. Mostly soon, some later; always after this month
    where schools are concerned, so that every month has courses to come."""
    if kind in (ProviderKind.VDAB, ProviderKind.SECTOR, ProviderKind.LIGO, ProviderKind.OTHER):
        earliest = month + timedelta(days=random.randint(10, 150))
    else:
        terms = {
            ProviderKind.CVO: ((9, 1), (11, 5), (1, 8), (2, 1), (4, 20)),
            ProviderKind.SYNTRA: ((9, 10), (10, 5), (1, 15), (2, 10), (3, 15)),
        }.get(kind, ((9, 18), (2, 10)))
        after = month + timedelta(days=31)
        starts = sorted(d for y in (month.year, month.year + 1) for m, day in terms if (d := date(y, m, day)) > after)
        earliest = starts[0 if random.random() < 0.6 else 1] + timedelta(days=random.randint(0, 12))
    first = moments[0].weekday.number
    return earliest + timedelta(days=(first - earliest.weekday()) % 7)


def _days(hours: int, moments: tuple[Moment, ...]) -> int:
    """Days from the first lesson to the last, holidays included."""
    a_week = sum((m.end.hour * 60 + m.end.minute - m.start.hour * 60 - m.start.minute) / 55 for m in moments)
    weeks = max(0, round(hours / a_week * 1.12) - 1)
    return weeks * 7 + (moments[-1].weekday.number - moments[0].weekday.number)


def _slug(title: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in fold(title))
    return "-".join(part for part in kept.split("-") if part)[:60]
