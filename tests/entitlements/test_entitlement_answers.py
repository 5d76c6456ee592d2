"""What people type to a question, and how professionals make themselves known."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from bot.catalogue.model import (
    DeliveryMode,
    FreePrice,
    Incentive,
    Location,
    Moment,
    Offering,
    Provider,
    ProviderKind,
    Schedule,
    TariffPrice,
    Weekday,
)
from bot.entitlements import Rules
from bot.entitlements.answers import Said, employer, plainly_answers, read_answer, skipped
from bot.entitlements.audience import Audience, Professionals, load_professionals
from bot.entitlements.situation import facts_of, region_of
from bot.knowledge.datafile import DataError
from bot.places import Gazetteer
from bot.settings import ROOT


@pytest.fixture(scope="session")
def places() -> Gazetteer:
    return Gazetteer.load(ROOT / "data" / "places")


@pytest.fixture(scope="session")
def professionals() -> Professionals:
    return load_professionals(ROOT / "data" / "entitlements")


@pytest.mark.parametrize(
    ("fact", "text", "value"),
    [
        ("sector", "in de privé", "private"),
        ("sector", "ik werk voor de gemeente", "government"),
        ("sector", "overhied", "government"),
        ("sector", "privé of overheid, allebei", None),
        ("sector", "banaan", None),
        ("work_region", "Gent", "flanders"),
        ("work_region", "1000", "brussels"),
        ("work_region", "in Molenbeek", "brussels"),
        ("work_region", "in Luik", "wallonia"),
        ("home_region", "9300", "flanders"),
        ("home_region", "Timboektoe", None),
        ("education_level", "secundair", "upper_secondary"),
        ("education_level", "niet afgemaakt", "lower_secondary"),
        ("registered_with", "ja bij vdab", "vdab"),
        ("registered_with", "nee", "nobody"),
        ("registered_with", "ja", None),
        ("career_voucher", "nee, nog nooit", "never"),
        ("employment_status", "ik zoek werk", "job_seeker"),
        ("employment_status", "ik heb geen werk", "job_seeker"),
        ("employment_status", "ik werk niet", None),
        ("employment_status", "ziek", "incapacitated"),
        ("education_level", "ik heb geen diploma", "none"),
        ("education_level", "geen diploma secundair", None),
        ("sector", "niet bij de overheid", None),
        ("hours_per_week", "38", 38.0),
        ("hours_per_week", "37,5 uur", 37.5),
        ("hours_per_week", "achtendertig", 38.0),
        ("hours_per_week", "tussen 30 en 38", None),
        ("hours_per_week", "900", None),
        ("job_share", "4/5", 80.0),
        ("job_share", "voltijds", 100.0),
        ("job_share", "ik werk halftijds", 50.0),
        ("job_share", "80%", 80.0),
        ("work_years", "twaalf jaar", 12.0),
        ("work_years", "", None),
        ("unemployment_benefit", "ja hoor", True),
        ("unemployment_benefit", "neen", False),
        ("unemployment_benefit", "misschien", None),
        ("unemployment_benefit", "nee ja", False),
    ],
)
def test_a_typed_answer(rules: Rules, places: Gazetteer, fact: str, text: str, value: object) -> None:
    assert read_answer(rules.facts[fact], Said(text), places) == value


@pytest.mark.parametrize(
    ("fact", "entities", "value"),
    [
        ("sector", {"answer": "government"}, "government"),
        ("sector", {"answer": "koning"}, None),
        ("children", {"answer": "yes"}, True),
        ("children", {"answer": "1"}, None),
        ("job_share", {"answer": "80"}, 80.0),
        ("job_share", {"answer": "veel"}, None),
        ("job_share", {"answer": "1000"}, None),
        ("employment_status", {"employment_status": "incapacitated"}, "incapacitated"),
        ("education_level", {"education_level": "higher"}, "higher"),
        ("age", {"age": "50"}, 50.0),
    ],
)
def test_a_button_or_what_was_understood(
    rules: Rules, places: Gazetteer, fact: str, entities: dict[str, str], value: object
) -> None:
    assert read_answer(rules.facts[fact], Said("", "inform", entities), places) == value


@pytest.mark.parametrize(
    "text", ["weet ik niet", "ik weet het niet", "geen idee", "sla maar over", "zeg ik liever niet"]
)
def test_a_question_can_be_left(text: str) -> None:
    assert skipped(Said(text))


@pytest.mark.parametrize("text", ["ik zoek werk", "ja", "Gent", "weet jij dat?"])
def test_an_answer_is_not_taken_for_leaving(text: str) -> None:
    assert not skipped(Said(text))


@pytest.mark.parametrize(
    ("fact", "text", "plain"),
    [
        ("employment_status", "ik zoek werk", True),
        ("employment_status", "ik zoek werk als lasser in Gent en ook 's avonds", False),
        ("employment_status", "wat is een werknemer?", False),
        ("hours_per_week", "4", True),
        ("hours_per_week", "38 uur", True),
        ("hours_per_week", "de 4de cursus", False),
        ("children", "ja", True),
        ("children", "nee dank u", True),
        ("children", "ja maar wat kost de opvang?", False),
        ("sector", "geen idee", True),
        ("sector", "toon nog cursussen", False),
    ],
)
def test_only_a_bare_answer_goes_before_another_meaning(rules: Rules, fact: str, text: str, plain: bool) -> None:
    assert plainly_answers(rules.facts[fact], Said(text)) is plain


@pytest.mark.parametrize(
    ("text", "sector"),
    [
        ("mag ik minder werken als ik bij de gemeente werk", "government"),
        ("ik werk voor de stad Mechelen", "government"),
        ("ik werk al tien jaar bij het OCMW", "government"),
        ("ik werk bij een bedrijf in de stad", "private"),
        ("mijn vrouw werkt bij de gemeente", None),
        ("ik zoek werk bij de gemeente", None),
        ("ik werk niet bij de overheid", None),
        ("ik ben werkloos en vroeg het al bij de gemeente", None),
        ("ik werk voltijds", None),
    ],
)
def test_for_whom_somebody_says_to_work(rules: Rules, text: str, sector: str | None) -> None:
    assert employer(rules.facts["sector"], text) == sector


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("ik ben trajectbegeleider bij VDAB", Audience.PROFESSIONAL),
        ("Als maatschappelijk werker heb ik een vraag", Audience.PROFESSIONAL),
        ("wij zijn jobcoach", Audience.PROFESSIONAL),
        ("heeft mijn cliënt recht op cheques?", Audience.PROFESSIONAL),
        ("toon mij de gewone uitleg", Audience.CITIZEN),
        ("ik ben geen trajectbegeleider", None),
        ("ik wil jobcoach worden", None),
        ("mijn trajectbegeleider zegt dat ik cheques krijg", None),
        ("ik werk als lasser", None),
        ("", None),
    ],
)
def test_who_asks(professionals: Professionals, text: str, audience: Audience | None) -> None:
    assert professionals.audience(text) is audience


def test_a_mistake_in_the_words_of_professionals_is_named(tmp_path: Any) -> None:
    (tmp_path / "professionals.yml").write_text("roles: [jobcoach]\nphrases: []\nback: [gewoon]\n", encoding="utf-8")
    with pytest.raises(DataError, match="phrases"):
        load_professionals(tmp_path)


def offering(**values: Any) -> Offering:
    kind = values.pop("kind", ProviderKind.CVO)
    place = {"place_id": "44021", "municipality_id": "44021", "place": "Gent", "latitude": 51.0, "longitude": 3.7}
    return Offering(
        **{
            "id": "x:1",
            "source": "x",
            "title": "Lassen",
            "provider": Provider(id="p", name="CVO", kind=kind),
            "location": Location(id="l", name="Campus", **place),
            "price": TariffPrice(figure="cvo-knelpunt-2025"),
            "hours": 120,
            **values,
        }
    )


def test_a_course_gives_only_what_the_catalogue_surely_says(rules: Rules) -> None:
    facts = facts_of(offering(), rules.facts)
    assert facts["course_provider"] == "cvo"
    assert facts["course_tariff"] == "shortage"
    assert facts["course_hours"] == 120.0
    assert facts["course_self_study"] is False
    for absent in (
        "course_leave",
        "course_vouchers",
        "course_higher",
        "course_weeks",
        "course_vdab",
        "course_shortage",
    ):
        assert absent not in facts
    assert rules.facts.checked(facts) == facts


def test_a_course_with_marks_dates_and_hours(rules: Rules) -> None:
    lessons = Schedule(moments=(Moment(weekday=Weekday.MONDAY, start=time(9), end=time(12)),))
    facts = facts_of(
        offering(
            kind=ProviderKind.VDAB,
            price=FreePrice(figure="vdab-erkend-gratis", audience="job_seekers"),
            recognised_for=(Incentive.TRAINING_LEAVE, Incentive.TRAINING_CREDIT),
            start=date(2027, 1, 4),
            end=date(2027, 3, 28),
            hours=360,
            schedule=lessons,
            shortage=True,
        ),
        rules.facts,
    )
    assert facts["course_leave"] is True and facts["course_credit"] is True
    assert facts["course_weeks"] == 12.0 and facts["course_hours_per_week"] == 30.0
    assert facts["course_daytime"] is True and facts["course_vdab"] is True and facts["course_shortage"] is True
    assert facts["course_hours_per_year"] == 360.0


def test_evening_lessons_online_in_credits(rules: Rules) -> None:
    evening = Schedule(moments=(Moment(weekday=Weekday.MONDAY, start=time(18), end=time(21)),))
    facts = facts_of(
        offering(
            kind=ProviderKind.HIGHER_EDUCATION,
            delivery_mode=DeliveryMode.ONLINE,
            hours=60,
            hours_unit="studiepunt",
            schedule=evening,
            start=date(2027, 2, 1),
            end=date(2029, 1, 28),
        ),
        rules.facts,
    )
    assert facts["course_higher"] is True
    assert facts["course_daytime"] is False
    assert facts["course_credits"] == 60.0 and round(facts["course_credits_per_year"]) == 30
    assert "course_self_study" not in facts and "course_hours" not in facts


def test_the_region_of_a_place(places: Gazetteer) -> None:
    for name, region in (
        ("Gent", "flanders"),
        ("Anderlecht", "brussels"),
        ("Limburg", "flanders"),
        ("1120", "brussels"),
    ):
        place = places.resolve(name).place
        assert place is not None and region_of(place) == region
