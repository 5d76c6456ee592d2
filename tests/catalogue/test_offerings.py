"""What an offering may be, and its forms as a row and as JSON."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.catalogue import exporting
from bot.catalogue.importers import Builder, Feed, Found, importer_for
from bot.catalogue.importers.values import text_of
from bot.catalogue.model import (
    AskPrice,
    Course,
    DeliveryMode,
    FixedPrice,
    FreePrice,
    Incentive,
    LanguageLevel,
    Location,
    Module,
    Moment,
    Offering,
    Provider,
    ProviderKind,
    Schedule,
    TariffPrice,
    Weekday,
)
from bot.catalogue.subjects import Subjects
from bot.knowledge.figures import Figures
from bot.places import Gazetteer

PROVIDER = Provider(id="example:p", name="CVO Voorbeeld", kind=ProviderKind.CVO)
LOCATION = Location(
    id="example:l",
    name="Campus",
    place_id="44021",
    municipality_id="44021",
    place="Gent",
    latitude=51.05,
    longitude=3.72,
)


def offering(**values: Any) -> Offering:
    base: dict[str, Any] = {
        "id": "example:1",
        "source": "example",
        "title": "Lassen",
        "provider": PROVIDER,
        "location": LOCATION,
        "price": FixedPrice(amount=Decimal("120.00")),
    }
    return Offering(**base | values)


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=30).map(
    lambda text: text_of("text", text.replace(";", ",").replace("<", "(")) or "x"
)
euros = st.decimals(min_value=0, max_value=10_000, places=2)
moments = st.builds(
    lambda day, begin, length: Moment(weekday=day, start=time(begin), end=time(begin + length)),
    st.sampled_from(Weekday),
    st.integers(min_value=7, max_value=19),
    st.integers(min_value=1, max_value=4),
)
prices = st.one_of(
    st.builds(FixedPrice, amount=euros.filter(lambda amount: amount > 0)),
    st.builds(TariffPrice, figure=st.sampled_from(["cvo-standaard-2025", "cvo-nt2-2025"])),
    st.builds(FreePrice, figure=st.just("cbe-gratis"), audience=st.sampled_from(["everyone", "most", "job_seekers"])),
    st.builds(FreePrice),
    st.builds(AskPrice, figure=st.sampled_from([None, "studiegeld-ho"])),
)
modules = st.builds(Module, title=words.map(lambda text: text.replace("|", "/")), hours=st.integers(1, 99))
offerings = st.builds(
    offering,
    id=words.map(lambda text: f"example:offering-{text}"),  # never that of its course
    title=words.map(lambda text: text + "en"),
    description=words,
    subjects=st.lists(st.sampled_from(["lassen", "frans", "excel"]), min_size=1, unique=True).map(tuple),
    schedule=st.builds(Schedule, moments=st.lists(moments, max_size=4, unique=True).map(tuple)),
    start=st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 1, 1)) | st.none(),
    hours=st.integers(min_value=1, max_value=2000),
    hours_unit=st.sampled_from(["lestijd", "uur", "studiepunt"]),
    price=prices,
    material_cost=euros | st.none(),
    language_level=st.sampled_from(LanguageLevel) | st.none(),
    recognised_for=st.lists(st.sampled_from(Incentive), unique=True).map(tuple),
    shortage=st.booleans(),
    delivery_mode=st.sampled_from(DeliveryMode),
    places_left=st.integers(0, 50) | st.none(),
    modules=st.lists(modules, max_size=2).map(tuple),
    course=st.just(Course(id="example:c", title="Las")) | st.none(),
)


@pytest.mark.parametrize("form", ["csv", "jsonld", "jsonl"])
def test_whatever_goes_out_comes_in_unchanged(
    form: str,
    tmp_path_factory: pytest.TempPathFactory,
    gazetteer: Gazetteer,
    subjects: Subjects,
    figures: Figures,
) -> None:
    path = tmp_path_factory.mktemp("feed") / "feed"
    builder = Builder("example", gazetteer, subjects, figures)

    @given(offerings)
    @settings(deadline=None)
    def check(before: Offering) -> None:
        path.write_text("".join(exporting.FORMATS[form](iter([before]))), encoding="utf-8", newline="")
        feed = Feed(path, "feed")
        [after] = importer_for(feed).read(feed, builder)
        assert isinstance(after, Found), after
        assert after.offering == before

    check()


@given(offerings)
def test_json_comes_back_unchanged(before: Offering) -> None:
    assert Offering.model_validate_json(before.model_dump_json()) == before


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"location": None}, "location: needed"),
        ({"title": "x"}, "title"),
        ({"hours": 0}, "hours"),
        ({"price": TariffPrice(figure="cvo-standaard-2025")}, "hours: needed for a price per lestijd"),
        ({"start": date(2027, 2, 1), "end": date(2027, 1, 1)}, "end: earlier than start"),
        ({"material_cost": Decimal(-1)}, "material_cost"),
        ({"delivery_mode": "hybride"}, "delivery_mode"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_impossible_offering_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        offering(**values)


def test_an_online_course_needs_no_place() -> None:
    online = offering(location=None, delivery_mode="online")
    assert (online.municipality_id, online.place_name) == ("", "online")


def test_a_lesson_ends_after_it_begins() -> None:
    with pytest.raises(ValidationError, match="end must be later than start"):
        Moment(weekday=Weekday.MONDAY, start=time(12), end=time(9))
