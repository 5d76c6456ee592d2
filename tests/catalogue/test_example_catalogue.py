"""The example catalogue: enough of it, everywhere, plainly marked, and the same for the same month."""

from __future__ import annotations

import re
import shutil
from calendar import monthrange
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.catalogue.example import generate
from bot.catalogue.example_lists import FIGURES, load_data
from bot.catalogue.lists import CatalogueDataError
from bot.catalogue.model import FixedPrice, Offering, Part, ProviderKind, TariffPrice
from bot.catalogue.subjects import Subjects
from bot.knowledge.figures import Figures
from bot.places import Gazetteer
from bot.settings import ROOT

TODAY = date(2026, 11, 23)
BIG_CITIES = (
    "Antwerpen",
    "Gent",
    "Brugge",
    "Leuven",
    "Mechelen",
    "Aalst",
    "Kortrijk",
    "Hasselt",
    "Genk",
    "Sint-Niklaas",
    "Turnhout",
    "Oostende",
    "Roeselare",
    "Brussel-stad",
)
COMMON = (
    "lassen",
    "zorgkundige",
    "boekhouden",
    "excel",
    "nt2",
    "frans",
    "engels",
    "spaans",
    "naaien",
    "kinderopvang",
    "elektriciteit",
    "aav",
    "digitale-vaardigheden",
    "koken",
    "heftruck",
    "bedrijfsbeheer",
)
BY_DAY_AND_EVENING = {"zorgkundige"}
"""Held at set times: no weekend courses in reality."""


def test_there_is_enough(example: tuple[Offering, ...]) -> None:
    assert len(example) >= 1500
    assert len({offering.id for offering in example}) == len(example)
    assert {offering.provider.kind for offering in example} == set(ProviderKind)


def test_everything_is_marked_as_an_example(example: tuple[Offering, ...]) -> None:
    assert all(offering.example and offering.provider.example for offering in example)
    assert all("voorbeeld" in offering.provider.name.lower() for offering in example)
    assert all(offering.source == "example" and offering.id.startswith("example:") for offering in example)


def test_every_subject_has_a_course(example: tuple[Offering, ...], subjects: Subjects) -> None:
    taught = {subject for offering in example for subject in offering.subjects}
    assert {subject.id for subject in subjects} - taught == set()


def test_every_province_and_brussels_has_courses(example: tuple[Offering, ...], gazetteer: Gazetteer) -> None:
    count: dict[str, int] = defaultdict(int)
    for offering in example:
        if offering.location and (place := gazetteer.get(offering.location.place_id)):
            count[place.province or place.region] += 1
    assert set(count) == {"Antwerpen", "Limburg", "Oost-Vlaanderen", "Vlaams-Brabant", "West-Vlaanderen", "Brussel"}
    assert min(count.values()) > 100


def test_common_subjects_are_in_every_big_city_at_all_times(
    example: tuple[Offering, ...], gazetteer: Gazetteer
) -> None:
    held: dict[tuple[str, str], set[Part]] = defaultdict(set)
    for offering in example:
        for subject in offering.subjects:
            held[subject, offering.municipality_id].update(offering.schedule.parts)
    missing = []
    for name in BIG_CITIES:
        city = gazetteer.resolve(name).place
        assert city
        for subject in COMMON:
            wanted = {Part.DAY, Part.EVENING} if subject in BY_DAY_AND_EVENING else set(Part)
            if not wanted <= held[subject, city.municipality_id]:
                missing.append((subject, name, held[subject, city.municipality_id]))
    assert missing == []


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_welding_to_come_in_ghent_in_the_evening(
    subjects: Subjects, gazetteer: Gazetteer, month: int
) -> None:
    whole = load_data(ROOT / "data" / "catalogue", subjects, gazetteer)
    lists = replace(whole, courses=tuple(course for course in whole.courses if "lassen" in course.subjects))
    last = date(2027, month, monthrange(2027, month)[1])
    found = [
        offering
        for offering in generate(lists, subjects, last)
        if "lassen" in offering.subjects
        and offering.municipality_id == "44021"
        and Part.EVENING in offering.schedule.parts
        and offering.start
        and offering.start >= last
    ]
    assert found


def test_the_same_month_gives_the_same_catalogue(
    example: tuple[Offering, ...], subjects: Subjects, gazetteer: Gazetteer
) -> None:
    lists = load_data(ROOT / "data" / "catalogue", subjects, gazetteer)
    assert tuple(generate(lists, subjects, date(2026, 11, 1))) == example
    december = tuple(generate(lists, subjects, date(2026, 12, 1)))
    assert [offering.id for offering in december] == [offering.id for offering in example]
    assert december != example


def test_addresses_and_ids_make_sense(example: tuple[Offering, ...], gazetteer: Gazetteer) -> None:
    for offering in example:
        assert offering.id.isascii()
        if location := offering.location:
            postcode = gazetteer.resolve(location.postcode).place
            assert postcode is not None
            assert postcode.municipality_id == location.municipality_id
            assert location.street.startswith("Voorbeeldstraat ")


def test_dates_and_hours_make_sense(example: tuple[Offering, ...]) -> None:
    for offering in example:
        assert offering.start and offering.end
        assert date(2026, 11, 1) <= offering.start <= date(2027, 12, 31)
        assert (offering.end - offering.start).days <= 3 * 366
        assert offering.schedule.moments
        assert offering.start.weekday() == offering.schedule.moments[0].weekday.number


def test_no_legal_amount_stands_in_the_examples(example: tuple[Offering, ...], figures: Figures) -> None:
    public = {ProviderKind.CVO, ProviderKind.LIGO, ProviderKind.VDAB, ProviderKind.HIGHER_EDUCATION}
    assert not [o for o in example if o.provider.kind in public and isinstance(o.price, FixedPrice)]
    named = {o.price.figure for o in example if isinstance(o.price, TariffPrice)}
    assert named == set(FIGURES.values())
    assert {o.price.figure for o in example if not isinstance(o.price, FixedPrice)} - {None} <= set(figures)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "data" / "catalogue", tmp_path / "catalogue"))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "courses.yml",
            "title: Zorgkundige, subjects: [zorgkundige]",
            "title: Zorgkundige, subjects: [zorg]",
            "Zorgkundige, subjects: zorg is unknown",
        ),
        ("courses.yml", "cvo: [knelpunt, 1260]", "cvo: [goedkoop, 1260]", r"courses\.yml, Zorgkundige, cvo\.0: "),
        ("courses.yml", "spread: everywhere", "spread: nowhere", r"courses\.yml, Zorgkundige, spread: "),
        (
            "courses.yml",
            "Leuven, Mechelen",
            "Leuvven-aan-zee-noord, Mechelen",
            "courses.yml, big_cities: 'Leuvven-aan-zee-noord' is not one place",
        ),
        (
            "providers.yml",
            "locations: [Eeklo,",
            "locations: [Hofstade,",
            "providers.yml, cvo-meetjesland, locations: 'Hofstade' is not one place",
        ),
        ("providers.yml", "locations: [Eeklo,", "locations: [Limburg,", "'Limburg' is not one place"),
        ("providers.yml", "kind: ligo", "kind: lego", r"providers\.yml, ligo-antwerpen, kind: "),
        (
            "providers.yml",
            "topics: [metaal]",
            "topics: [goud]",
            "providers.yml, sector-metaal, topics: goud is unknown",
        ),
    ],
)
def test_a_mistake_in_the_lists_is_named(
    folder: Path, subjects: Subjects, gazetteer: Gazetteer, file: str, old: str, new: str, said: str
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueDataError, match=said):
        load_data(folder, subjects, gazetteer)


def test_pages_have_addresses_that_stay(example: tuple[Offering, ...]) -> None:
    keys = {offering.page_key for offering in example}
    assert len(keys) == len(example)
    renamed = example[0].model_copy(update={"title": "Iets anders"})
    assert renamed.page_key == example[0].page_key
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", offering.slug) for offering in example)
