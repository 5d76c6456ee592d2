"""Wishes grow with the conversation, and nothing said is lost or invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.tracker import Entity
from actions.wishes import Wishes, add_spoken, in_words, merge
from bot.catalogue.model import Incentive, LanguageLevel
from bot.catalogue.search import SearchQuery
from bot.places import Gazetteer
from bot.settings import ROOT


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return Gazetteer.load(ROOT / "data" / "places")


def test_a_first_wish(places: Gazetteer) -> None:
    said = [Entity("course_topic", "lassen"), Entity("location", "Gent"), Entity("schedule", "evening")]
    wishes, unclear = merge(Wishes(), said, places)
    assert (wishes.topic, wishes.schedule, unclear) == ("lassen", ("evening",), [])
    assert in_words(wishes, places) == "lassen in Gent, 's avonds"


def test_narrowing_keeps_what_was_wished(places: Gazetteer) -> None:
    wishes, _ = merge(Wishes(), [Entity("course_topic", "lassen"), Entity("location", "Gent")], places)
    wishes, _ = merge(wishes, [Entity("location", "Aalst")], places)
    assert wishes.topic == "lassen"
    assert in_words(wishes, places) == "lassen in Aalst"


def test_a_new_subject_replaces_the_old_and_keeps_the_place(places: Gazetteer) -> None:
    wishes, _ = merge(Wishes(), [Entity("course_topic", "lassen"), Entity("location", "Gent")], places)
    wishes, _ = merge(wishes, [Entity("language", "Spaans")], places)
    assert in_words(wishes, places) == "Spaans in Gent"


def test_no_to_a_place_takes_it_out(places: Gazetteer) -> None:
    wishes, _ = merge(Wishes(), [Entity("course_topic", "koken"), Entity("location", "Gent")], places)
    wishes, _ = merge(wishes, [Entity("location", "Gent", negated=True)], places)
    assert wishes.place == ""
    assert len(wishes.not_places) == 1
    wishes, _ = merge(wishes, [Entity("location", "Gent")], places)
    assert wishes.not_places == ()


def test_no_to_a_time_and_a_way(places: Gazetteer) -> None:
    start = Wishes(schedule=("evening", "weekend"), mode="online")
    wishes, _ = merge(start, [Entity("schedule", "evening", True), Entity("delivery_mode", "online", True)], places)
    assert (wishes.schedule, wishes.not_schedule) == (("weekend",), ("evening",))
    assert (wishes.mode, wishes.not_mode) == ("", "online")


def test_a_place_nobody_knows_is_unclear(places: Gazetteer) -> None:
    wishes, unclear = merge(Wishes(topic="koken"), [Entity("location", "Xanadustad")], places)
    assert wishes.place == ""
    assert [(place.said, place.candidates) for place in unclear] == [("Xanadustad", ())]


words = st.text(max_size=20)
wishes_of_any_kind = st.builds(
    Wishes,
    topic=words,
    language=words,
    place=words,
    schedule=st.lists(words, max_size=3).map(tuple),
    mode=words,
    provider=words,
    not_places=st.lists(words, max_size=3).map(tuple),
    not_schedule=st.lists(words, max_size=3).map(tuple),
    not_mode=words,
)


@given(wishes_of_any_kind)
def test_a_slot_gives_back_what_it_kept(wishes: Wishes) -> None:
    assert Wishes.from_slot(wishes.as_slot()) == wishes


def test_a_slot_of_another_version_is_read_as_far_as_known() -> None:
    assert Wishes.from_slot({"topic": "lassen", "colour": "blue"}) == Wishes(topic="lassen")
    assert Wishes.from_slot(None) == Wishes()


def test_what_no_entity_holds_is_read_from_the_words(places: Gazetteer) -> None:
    said = SearchQuery(
        max_price=Decimal("99.50"), start_from=date(2027, 1, 1), language_level=LanguageLevel.A2,
        recognised_for=Incentive.TRAINING_LEAVE, shortage=True, radius=10.0,
    )  # fmt: skip
    wishes = add_spoken(Wishes(topic="lassen"), said, "")
    assert in_words(wishes, places) == (
        "lassen, niet meer dan 99,5 euro, vanaf 1 januari, Nederlands A2, erkend voor Vlaams opleidingsverlof, "
        "voor een knelpuntberoep"
    )
    assert Wishes.from_slot(wishes.as_slot()) == wishes
    assert add_spoken(wishes, SearchQuery(), "liever in Gent") == wishes


def test_a_newer_price_or_start_replaces_the_older(places: Gazetteer) -> None:
    wishes = add_spoken(Wishes(topic="lassen"), SearchQuery(max_price=Decimal(100)), "")
    wishes = add_spoken(wishes, SearchQuery(free_for_job_seekers=True), "")
    assert in_words(wishes, places) == "lassen, gratis voor werkzoekenden"
    wishes = add_spoken(wishes, SearchQuery(start_until=date(2027, 1, 10)), "")
    wishes = add_spoken(wishes, SearchQuery(max_price=Decimal(0), start_from=date(2027, 2, 1)), "")
    assert in_words(wishes, places) == "lassen, gratis, vanaf 1 februari"
    wishes = add_spoken(wishes, SearchQuery(), "de prijs maakt eigenlijk niet uit")
    assert in_words(wishes, places) == "lassen, vanaf 1 februari"


def test_an_organisation_where_somebody_belongs_is_no_wish(places: Gazetteer) -> None:
    wishes, _ = merge(Wishes(), [Entity("course_topic", "lassen"), Entity("provider", "VDAB", belongs=True)], places)
    assert (wishes.topic, wishes.provider) == ("lassen", "")


def test_either_of_two_subjects(places: Gazetteer) -> None:
    wishes, _ = merge(Wishes(), [Entity("course_topic", "schoonmaak"), Entity("course_topic", "keuken")], places)
    assert in_words(wishes, places) == "schoonmaak of keuken"


def test_a_day_and_its_part(places: Gazetteer) -> None:
    wishes, _ = merge(Wishes(topic="lassen"), [Entity("schedule", "tuesday", part="evening")], places)
    assert in_words(wishes, places) == "lassen, op dinsdag, 's avonds"
