"""Which course comes first, and which wish gives way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import moments
from bot.catalogue.columns import Columns, Entry
from bot.catalogue.model import Incentive, LanguageLevel
from bot.catalogue.query import SearchQuery, Wish
from bot.catalogue.ranking import BIT, ENOUGH, Order, Wanted, distances_from, order, provider_matches
from bot.places import Gazetteer, Place, PlaceKind, distance_between

TODAY = date(2026, 11, 23).toordinal()
EVENING, DAY = moments.of_wish({"evening"}), moments.of_wish({"day"})
GHENT = Place("44021", PlaceKind.MUNICIPALITY, "Gent", "44021", "Gent", "Oost-Vlaanderen", "Vlaanderen", 51.05, 3.72)
NEAR, HALF_AN_HOUR, FAR = (51.05, 3.75), (51.05, 4.10), (50.93, 5.34)


class Candidate(NamedTuple):
    """An entry of the columns with its nearness to the subject."""

    entry: Entry
    rank: int
    neighbour: bool

    @property
    def number(self) -> int:
        return self.entry.number


def candidate(number: int = 1, at: tuple[float, float] | None = NEAR, **values: Any) -> Candidate:
    base: dict[str, Any] = {
        "number": number,
        "municipality_id": "44021" if at == NEAR else "99999" if at else None,
        "latitude": at[0] if at else None,
        "longitude": at[1] if at else None,
        "delivery_mode": "classroom" if at else "online",
        "moments": EVENING,
        "start_day": TODAY + 30,
        "hours": 100,
        "price_kind": "fixed",
        "price_cents": 10_000,
        "figure": None,
        "free_for": None,
        "language_level": None,
        "provider_kind": "cvo",
        "provider_words": "cvo voorbeeld gent rand",
        "recognised_for": "training_leave",
        "shortage": False,
        "title_words": "lassen basis",
    }
    rank, neighbour = values.pop("rank", 0), values.pop("neighbour", False)
    return Candidate(Entry(**base | values), rank, neighbour)


def ranked(query: SearchQuery, *candidates: Candidate) -> Order:
    columns = Columns.of([sorted(found.entry for found in candidates)] if candidates else [])
    best = {found.number: found for found in candidates}
    order_of = [best[number] for number in columns.number]
    wanted = Wanted.of(
        query,
        today=TODAY,
        prices=lambda known, rows: np.where(known.cents[rows] < 0, np.nan, known.cents[rows]),
    )
    neighbours = {found.neighbour for found in candidates}
    assert len(neighbours) < 2
    return order(
        columns,
        np.arange(len(columns), dtype=np.int32),
        np.array([found.rank for found in order_of], dtype=np.int64),
        wanted,
        top=1000,
        missed=BIT[Wish.SUBJECT] if True in neighbours else 0,
    )


def numbers(result: Order) -> list[int]:
    return [found.number for found in result.ranked]


def fitting(result: Order) -> list[int]:
    """Without what only nearly fits."""
    return numbers(result)[: result.fitting]


IN_GHENT = SearchQuery(subject="lassen", place=GHENT, schedule=frozenset({"evening"}))


def test_what_meets_every_wish_stands_alone() -> None:
    result = ranked(IN_GHENT, candidate(1, FAR), candidate(2), candidate(3, moments=DAY))
    assert (fitting(result), result.relaxed) == ([2], ())


def test_what_nearly_fits_comes_after_what_fits() -> None:
    far, fits, day = candidate(1, FAR), candidate(2), candidate(3, moments=DAY)
    further, two = candidate(4, HALF_AN_HOUR), candidate(5, HALF_AN_HOUR, moments=DAY)
    result = ranked(IN_GHENT, far, fits, day, further, two)
    assert (numbers(result), result.total) == ([2, 4, 3], 3)
    assert [found.missed for found in result.ranked] == [(), (Wish.RADIUS,), (Wish.SCHEDULE,)]


def test_a_day_that_was_named_and_another_is_nearer_than_far_away() -> None:
    monday, both = moments.of_wish({"monday"}), moments.of_wish({"monday", "tuesday"})
    week = moments.of_wish({"day"})
    far, near = candidate(1, HALF_AN_HOUR, moments=monday), candidate(2, moments=both)
    five, other = candidate(3, moments=week), candidate(4, moments=moments.of_wish({"friday"}))
    result = ranked(SearchQuery(place=GHENT, schedule=frozenset({"monday"})), far, near, five, other)
    assert (fitting(result), result.relaxed) == ([2, 3], (Wish.OTHER_DAYS,))


def test_what_is_only_on_the_day_that_was_named_comes_first() -> None:
    only, both = (
        candidate(1, moments=moments.of_wish({"monday"})),
        candidate(2, moments=moments.of_wish({"monday", "friday"})),
    )
    result = ranked(SearchQuery(schedule=frozenset({"monday"})), both, only)
    assert (fitting(result), numbers(result)) == ([1], [1, 2])


def test_how_many_are_in_the_place_itself() -> None:
    beside = candidate(2, municipality_id="44083")
    result = ranked(SearchQuery(place=GHENT), candidate(1), beside, candidate(3, None))
    assert (result.inside, result.around, result.fitting) == (1, 1, 3)


def test_what_is_for_the_advanced_comes_first_for_them() -> None:
    basis, further = candidate(1, title_words="engels beginners"), candidate(2, title_words="engels gevorderden")
    assert numbers(ranked(SearchQuery(subject="engels"), basis, further)) == [1, 2]
    assert numbers(ranked(SearchQuery(subject="engels", advanced=True), basis, further)) == [2, 1]


def test_what_is_nearest_comes_first_for_whom_all_is_too_far() -> None:
    near, named = candidate(1, (51.05, 3.72), rank=3), candidate(2, (51.05, 3.80))
    assert numbers(ranked(SearchQuery(place=GHENT), near, named)) == [2, 1]
    assert numbers(ranked(SearchQuery(place=GHENT, nearest=True), near, named)) == [1, 2]


def test_when_enough_fits_nothing_else_is_shown() -> None:
    fits = [candidate(number) for number in range(1, ENOUGH + 1)]
    result = ranked(IN_GHENT, *fits, candidate(99, HALF_AN_HOUR))
    assert (result.total, result.fitting) == (ENOUGH, ENOUGH)
    assert 99 not in numbers(result)
    assert ranked(IN_GHENT, *fits[1:], candidate(99, HALF_AN_HOUR)).total == ENOUGH


@pytest.mark.parametrize(
    ("gives_way", "found"),
    [
        (Wish.RADIUS, candidate(1, HALF_AN_HOUR)),
        (Wish.ONLINE, candidate(2, None)),
        (Wish.SCHEDULE, candidate(3, moments=DAY)),
        (Wish.DISTANCE, candidate(4, FAR)),
        (Wish.SUBJECT, candidate(5, neighbour=True)),
    ],
)
def test_a_wish_gives_way_when_nothing_meets_it(gives_way: Wish, found: Candidate) -> None:
    result = ranked(IN_GHENT, found)
    assert (numbers(result), result.relaxed) == ([found.number], (gives_way,))


def test_wishes_give_way_in_their_order() -> None:
    """Each kind of near miss against all that give way later."""
    query = SearchQuery(
        place=GHENT, schedule=frozenset({"evening"}), delivery_mode="classroom", max_price=Decimal(50), provider="vdab",
        start_until=date.fromordinal(TODAY + 60),
    )  # fmt: skip
    fits = {"provider_kind": "vdab", "price_cents": 5000}
    misses = {
        Wish.RADIUS: candidate(1, HALF_AN_HOUR, **fits),
        Wish.SCHEDULE: candidate(3, **fits | {"moments": DAY}),
        Wish.MODE: candidate(4, **fits | {"delivery_mode": "blended"}),
        Wish.START: candidate(5, **fits | {"start_day": TODAY + 90}),
        Wish.PRICE: candidate(6, **fits | {"price_cents": 9900}),
        Wish.PROVIDER: candidate(7, **fits | {"provider_kind": "syntra"}),
        Wish.DISTANCE: candidate(8, FAR, **fits),
    }
    left = list(misses)
    while left:
        assert ranked(query, *(misses[wish] for wish in left)).relaxed == (left[0],)
        left.pop(0)


def test_the_costs_keep_the_order_of_the_wishes() -> None:
    assert list(BIT) == list(Wish)
    assert all(bit > sum(BIT[other] for other in list(BIT)[:at]) for at, bit in enumerate(BIT.values()))


def test_online_comes_after_what_is_near() -> None:
    result = ranked(IN_GHENT, candidate(1, None, start_day=TODAY + 1), candidate(2))
    assert (numbers(result), result.relaxed) == ([2, 1], ())


def test_online_is_left_out_for_who_wants_a_classroom() -> None:
    query = SearchQuery(place=GHENT, delivery_mode="classroom")
    assert fitting(ranked(query, candidate(1, None), candidate(2))) == [2]


def test_online_needs_no_place_for_who_wants_it() -> None:
    result = ranked(SearchQuery(place=GHENT, delivery_mode="online"), candidate(1, None), candidate(2))
    assert (fitting(result), result.relaxed) == ([1], ())


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (SearchQuery(excluded_mode="online"), [1, 3, 4]),
        (SearchQuery(excluded_schedule=frozenset({"day"})), [1, 2, 4]),
        (SearchQuery(excluded_places=(GHENT,)), [2, 4]),
        (SearchQuery(excluded_provider="syntra"), [1, 2, 3]),
        (SearchQuery(start_from=date.fromordinal(TODAY + 31)), []),
    ],
)
def test_what_is_excluded_never_comes_back(query: SearchQuery, left: list[int]) -> None:
    all_sorts = (
        candidate(1),
        candidate(2, None),
        candidate(3, moments=DAY),
        candidate(4, FAR, provider_kind="syntra", shortage=True),
    )
    assert sorted(numbers(ranked(query, *all_sorts))) == left


def test_a_course_that_began_is_not_shown() -> None:
    assert numbers(ranked(SearchQuery(), candidate(1, start_day=TODAY - 1), candidate(2, start_day=TODAY))) == [2]


def test_what_a_course_is_recognised_for_asks_and_costs_are_wishes() -> None:
    """Each new wish: what meets it comes first, and when nothing does, that is said."""
    for query, wish, fits in (
        (SearchQuery(shortage=True), Wish.SHORTAGE, {"shortage": True}),
        (
            SearchQuery(recognised_for=Incentive.TRAINING_CREDIT),
            Wish.RECOGNISED,
            {"recognised_for": "training_leave training_credit"},
        ),
        (SearchQuery(language_level=LanguageLevel.A2), Wish.LEVEL, {"language_level": "A2"}),
        (SearchQuery(free_for_job_seekers=True), Wish.FREE, {"price_kind": "free", "free_for": "job_seekers"}),
    ):
        misses = candidate(1, language_level="B1", start_day=TODAY + 1)
        result = ranked(query, misses, candidate(2, **{"language_level": "B1"} | fits))
        assert (numbers(result), fitting(result), result.relaxed) == ([2, 1], [2], ())
        assert result.ranked[1].missed == (wish,)
        assert ranked(query, misses).relaxed == (wish,)
    no_dutch_asked = candidate(3, language_level=None)
    assert ranked(SearchQuery(language_level=LanguageLevel.A1), no_dutch_asked).relaxed == ()


def test_a_full_course_waits_for_one_with_places_left() -> None:
    full = candidate(1, places_left=0, start_day=TODAY + 1)
    assert numbers(ranked(IN_GHENT, full, candidate(2, places_left=3), candidate(3)))[-1] == 1


def test_one_can_always_start_what_has_no_start() -> None:
    assert numbers(ranked(SearchQuery(), candidate(1), candidate(2, start_day=None))) == [2, 1]


def test_the_order_within_one_cost() -> None:
    query = SearchQuery(subject="lassen gevorderd", place=GHENT)
    result = ranked(
        query,
        candidate(1, title_words="lassen basis"),
        candidate(2, title_words="lassen gevorderd", start_day=TODAY + 60),
        candidate(3, rank=1, title_words="lassen gevorderd"),
        candidate(4, (51.05, 3.86), title_words="lassen gevorderd"),
        candidate(5, title_words="lassen gevorderd", start_day=TODAY + 10),
    )
    assert numbers(result) == [5, 2, 4, 1, 3]


def test_the_advanced_course_waits_for_who_asks_for_it() -> None:
    both = (candidate(1, title_words="excel gevorderd", start_day=TODAY), candidate(2, title_words="excel basis"))
    assert numbers(ranked(SearchQuery(subject="excel"), *both)) == [2, 1]
    assert numbers(ranked(SearchQuery(subject="excel gevorderden"), *both)) == [1, 2]


def test_no_provider_is_favoured() -> None:
    """Equal courses come in an order that has nothing to do with who gives them."""
    equal = [candidate(number, provider_kind="cvo" if number <= 100 else "syntra") for number in range(1, 201)]
    first = numbers(ranked(SearchQuery(), *equal))[:100]
    assert 35 <= sum(number <= 100 for number in first) <= 65
    assert numbers(ranked(SearchQuery(), *reversed(equal)))[:100] == first


places = st.sampled_from([NEAR, HALF_AN_HOUR, FAR, None])
candidates = st.lists(
    st.builds(
        candidate,
        number=st.integers(min_value=1, max_value=10_000),
        at=places,
        moments=st.sampled_from([EVENING, DAY, EVENING | DAY, 0]),
        start_day=st.integers(min_value=TODAY - 10, max_value=TODAY + 300) | st.none(),
        price_cents=st.integers(min_value=0, max_value=100_000) | st.none(),
    ),
    max_size=12,
    unique_by=lambda found: found.number,
)
queries = st.builds(
    SearchQuery,
    place=st.sampled_from([None, GHENT]),
    schedule=st.sets(st.sampled_from(["day", "evening", "weekend", "monday"])).map(frozenset),
    delivery_mode=st.sampled_from([None, "online", "classroom"]),
    max_price=st.sampled_from([None, Decimal(0), Decimal(200)]),
    excluded_mode=st.sampled_from([None, "online"]),
)


@given(candidates, queries)
def test_the_best_is_never_worse_than_what_is_left_out(found: list[Candidate], query: SearchQuery) -> None:
    result = ranked(query, *found)
    costs = [sum(BIT[wish] for wish in one.missed) for one in result.ranked]
    assert costs[: result.fitting] == sorted(costs[: result.fitting])
    assert costs[result.fitting :] == sorted(costs[result.fitting :])
    to_come = [c for c in found if c.entry.start_day is None or c.entry.start_day >= TODAY]
    allowed = [c for c in to_come if c.entry.delivery_mode != query.excluded_mode]
    assert bool(result.ranked) == bool(allowed)
    if result.ranked:
        assert result.relaxed == result.ranked[0].missed
        for one in found:
            alone = ranked(query, one)
            if alone.ranked:
                assert costs[0] <= sum(BIT[wish] for wish in alone.ranked[0].missed)


@pytest.mark.parametrize(
    ("words", "kind", "name", "matches"),
    [
        ({"vdab"}, "vdab", "vdab voorbeeld gent", True),
        ({"cvo"}, "cvo", "avondschool voorbeeld", True),
        ({"cvo", "gent"}, "cvo", "cvo voorbeeld gent rand", True),
        ({"cvo", "aalst"}, "cvo", "cvo voorbeeld gent rand", False),
        ({"hogeschool"}, "higher_education", "hogeschool voorbeeld gent", True),
        ({"syntra"}, "cvo", "cvo voorbeeld gent rand", False),
        (set(), "cvo", "cvo", True),
    ],
)
def test_a_provider_is_meant_by_kind_or_name(words: set[str], kind: str, name: str, matches: bool) -> None:
    assert provider_matches(words, kind, name) is matches


def test_the_distance_from_an_area_is_to_its_nearest_municipality(gazetteer: Gazetteer) -> None:
    municipalities = [place for place in gazetteer if place.kind is PlaceKind.MUNICIPALITY]
    westhoek = gazetteer.resolve("Westhoek").place
    assert westhoek
    around = distances_from(westhoek, municipalities)
    assert not set(around) & westhoek.members
    inside = [place for place in municipalities if place.id in westhoek.members]
    ghent = next(place for place in municipalities if place.name == "Gent")
    nearest = min(distance_between(ghent.latitude, ghent.longitude, p.latitude, p.longitude) for p in inside)
    assert around[ghent.id] == pytest.approx(nearest, rel=0.01)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"schedule": frozenset({"nacht"})}, "schedule: 'nacht'"),
        ({"excluded_schedule": frozenset({"nacht"})}, "excluded_schedule: 'nacht'"),
        ({"delivery_mode": "thuis"}, "delivery_mode: 'thuis'"),
        ({"excluded_mode": "thuis"}, "excluded_mode: 'thuis'"),
        ({"radius": 0.0}, "radius"),
        ({"max_price": Decimal(-1)}, "max_price"),
        ({"start_from": date(2027, 2, 1), "start_until": date(2027, 1, 1)}, "start_until"),
    ],
)
def test_an_impossible_wish_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        SearchQuery(**values)
