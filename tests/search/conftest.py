"""The lists that a typed search is read with."""

from __future__ import annotations

import pytest

from bot.catalogue.spoken import Reader
from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer
from bot.settings import ROOT


@pytest.fixture(scope="session")
def subjects() -> Subjects:
    return Subjects.load(ROOT / "data" / "catalogue")


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(ROOT / "data" / "places")


@pytest.fixture(scope="session")
def reader(subjects: Subjects, gazetteer: Gazetteer) -> Reader:
    return Reader(gazetteer, subjects, ROOT / "data" / "nlu" / "gazetteers")
