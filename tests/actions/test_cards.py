"""Courses as cards: what they say, and that they lead to the course's own page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions.cards import course_card, details_card
from bot.catalogue.importers import Builder
from bot.catalogue.model import Offering
from bot.catalogue.price import load_reductions
from bot.catalogue.search import Hit
from bot.catalogue.subjects import Subjects
from bot.entitlements.rules import load_rules
from bot.knowledge.figures import load_figures
from bot.places import Gazetteer
from bot.settings import ROOT

DATA = ROOT / "data"


@pytest.fixture(scope="module")
def turn() -> Any:
    services = SimpleNamespace(
        settings=SimpleNamespace(public_url="https://leerwijzer.example"),
        figures=load_figures(DATA / "knowledge"),
        reductions=load_reductions(DATA / "catalogue"),
        rules=load_rules(DATA),
    )
    return SimpleNamespace(services=services, slot=lambda name: None, home=lambda: None)


@pytest.fixture(scope="module")
def offering() -> Offering:
    builder = Builder("cvo", Gazetteer.load(DATA / "places"), Subjects.load(DATA / "catalogue"), ())
    return builder.build(
        {
            "id": "1", "title": "Lassen", "provider": "CVO Ergens", "start": "2027-02-01", "end": "2027-06-15",
            "location": {"postcode": "9000", "place": "Gent", "street": "Kaai 1", "name": "Campus Zuid"},
            "moments": "di 18u30-21u30", "hours": 60, "hours_unit": "lestijden", "price": "245", "places_left": 1,
            "url": "https://www.cvo-ergens.be/lassen",
        }
    )  # fmt: skip


def test_a_card_leads_to_the_page_of_the_course(turn: Any, offering: Offering) -> None:
    page = f"https://leerwijzer.example/opleidingen/{offering.slug}"
    assert course_card(turn, Hit(offering, 2.6), 1).url == page
    assert details_card(turn, offering).url == page
    assert offering.slug.startswith("lassen-gent-")


def test_a_card_says_what_one_must_know(turn: Any, offering: Offering) -> None:
    facts = {fact.label: fact.value for fact in details_card(turn, offering).facts}
    assert facts["Waar"] == "Campus Zuid, Kaai 1, 9000 Gent"
    assert facts["Start"] == "1 februari 2027 tot 15 juni 2027"
    assert facts["Wanneer"] == "dinsdag, 's avonds, 18.30 tot 21.30 uur"
    assert facts["Duur"] == "60 lestijden"
    assert facts["Vrije plaatsen"] == "nog 1 plaats"
    assert details_card(turn, offering).notice == ""
    example = offering.model_copy(update={"example": True, "start": None, "end": None})
    card = course_card(turn, Hit(example, None), 2)
    assert (card.title, card.notice) == ("2. Lassen", "voorbeeldaanbod")
    assert {fact.label: fact.value for fact in card.facts}["Start"] == "wanneer je wil"
