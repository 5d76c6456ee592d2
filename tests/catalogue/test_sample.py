"""The sample to measure with: any size, always the same, streaming, and as varied as a real catalogue."""

from __future__ import annotations

import tracemalloc
from datetime import date
from itertools import islice

import pytest

from bot.catalogue.example_lists import ExampleData, load_data
from bot.catalogue.model import DeliveryMode, Offering, ProviderKind
from bot.catalogue.sample import sample
from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer
from bot.settings import ROOT

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def lists(subjects: Subjects, gazetteer: Gazetteer) -> ExampleData:
    return load_data(ROOT / "data" / "catalogue", subjects, gazetteer)


@pytest.fixture(scope="module")
def drawn(lists: ExampleData, gazetteer: Gazetteer) -> list[Offering]:
    return list(sample(lists, gazetteer, TODAY, 3000))


def test_it_is_as_large_as_asked_and_always_the_same(
    lists: ExampleData, gazetteer: Gazetteer, drawn: list[Offering]
) -> None:
    assert len(drawn) == 3000
    assert list(sample(lists, gazetteer, TODAY, 100)) == drawn[:100]
    assert list(sample(lists, gazetteer, TODAY, 100, seed=1)) != drawn[:100]
    assert len({offering.id for offering in drawn}) == 3000
    assert all(offering.example for offering in drawn)


def test_it_is_varied(drawn: list[Offering]) -> None:
    assert {offering.provider.kind for offering in drawn} == set(ProviderKind)
    assert {offering.delivery_mode for offering in drawn} == set(DeliveryMode)
    assert len({offering.municipality_id for offering in drawn}) > 200
    assert len({offering.title for offering in drawn}) > 500
    months = {offering.start.strftime("%Y-%m") for offering in drawn if offering.start}
    assert len(months) > 8
    assert sum(offering.start > TODAY for offering in drawn if offering.start) > 2900


def test_it_streams(lists: ExampleData, gazetteer: Gazetteer) -> None:
    """The memory of a thousand out of a million is not kept."""
    endless = sample(lists, gazetteer, TODAY, 1_000_000)
    list(islice(endless, 100))
    tracemalloc.start()
    try:
        for _ in islice(endless, 2000):
            pass
        assert tracemalloc.get_traced_memory()[0] < 1_000_000  # two thousand kept would take ten times as much
    finally:
        tracemalloc.stop()
