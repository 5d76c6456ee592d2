"""Typed searches, read as wishes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue.model import Incentive, LanguageLevel
from bot.catalogue.query import SearchQuery
from bot.catalogue.spoken import Reader

TODAY = date(2026, 11, 26)


def wishes(query: SearchQuery) -> dict[str, object]:
    """What is wished, places by name."""
    found = {name: getattr(query, name) for name in SearchQuery.__dataclass_fields__}
    if query.place:
        found["place"] = query.place.name
    found["excluded_places"] = tuple(place.name for place in query.excluded_places)
    plain = SearchQuery()
    return {
        name: set(value) if isinstance(value, frozenset) else value
        for name, value in found.items()
        if value != getattr(plain, name)
    }


@pytest.mark.parametrize(
    ("said", "wished"),
    [
        ("lassen", {"subject": "lassen"}),
        ("lassen gent 's avonds", {"subject": "lassen", "place": "Gent", "schedule": {"evening"}}),
        ("spaans in st niklaas dinsdagavond", {"subject": "spaans", "place": "Sint-Niklaas", "schedule": {"tuesday", "evening"}}),
        ("excel online onder de 100 euro", {"subject": "excel", "delivery_mode": "online", "max_price": Decimal(100)}),
        ("excel max 99,50", {"subject": "excel", "max_price": Decimal("99.50")}),
        ("koken maximum €200", {"subject": "koken", "max_price": Decimal(200)}),
        ("koken 150 euro of minder", {"subject": "koken", "max_price": Decimal(150)}),
        ("heftruck gratis", {"subject": "heftruck", "max_price": Decimal(0)}),
        ("gratis heftruck voor werkzoekenden", {"subject": "heftruck", "free_for_job_seekers": True}),
        ("naaien start in januari", {"subject": "naaien", "start_from": date(2027, 1, 1), "start_until": date(2027, 1, 31)}),
        ("engels vanaf februari", {"subject": "engels", "start_from": date(2027, 2, 1)}),
        ("engels voor maart 2027", {"subject": "engels", "start_until": date(2027, 2, 28)}),
        ("engels in november", {"subject": "engels", "start_from": TODAY, "start_until": date(2026, 11, 30)}),
        ("engels volgende maand", {"subject": "engels", "start_from": date(2026, 12, 1), "start_until": date(2026, 12, 31)}),
        ("frans zo snel mogelijk", {"subject": "frans", "start_until": date(2027, 1, 10)}),
        ("frans na nieuwjaar", {"subject": "frans", "start_from": date(2027, 1, 1)}),
        ("bakker, ik spreek nog geen nederlands", {"subject": "bakker", "language_level": LanguageLevel.A1}),
        ("bakker taalniveau b1", {"subject": "bakker", "language_level": LanguageLevel.B1}),
        ("nederlands niveau b1", {"subject": "nederlands niveau b1"}),
        ("ik spreek geen nederlands", {"subject": "nederlands"}),
        ("knelpuntberoepen zorg", {"subject": "zorg", "shortage": True}),
        ("boekhouden met opleidingscheques", {"subject": "boekhouden", "recognised_for": Incentive.TRAINING_VOUCHERS}),
        ("vdab lassen", {"subject": "lassen", "provider": "VDAB"}),
        ("lassen binnen 10 km van aalst", {"subject": "lassen", "place": "Aalst", "radius": 10.0}),
        ("engels gevorderd", {"subject": "engels gevorderd", "advanced": True}),
        ("geen beginners, ik ken al wat", {"subject": "beginners, ik ken al wat", "advanced": True}),
        ("excel voor iemand die al wat kan", {"subject": "excel voor iemand die al wat kan", "advanced": True}),
        ("spaans voor beginners", {"subject": "spaans voor beginners", "advanced": False}),
        ("lassen, niet met de auto, enkel trein", {"subject": "lassen"}),
        ("leren rijden met de bus", {"subject": "leren rijden met de bus"}),
        ("lassen 9300", {"subject": "lassen", "place": "9300"}),
        ("lassen maar niet online", {"subject": "lassen", "excluded_mode": "online"}),
        ("lassen, niet in gent", {"subject": "lassen", "excluded_places": ("Gent",)}),
        ("haken", {"subject": "haken"}),
        ("", {}),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(reader: Reader, said: str, wished: dict[str, object]) -> None:
    assert wishes(reader.read(said, TODAY)) == wished


@given(said=st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_anything_can_be_typed(reader: Reader, said: str) -> None:
    query = reader.read(said, TODAY)
    assert len(query.subject) <= 300
