"""The catalogue on both databases: the search from words to courses, and the loading of a source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.catalogue.loading import load, prepare
from bot.catalogue.model import DeliveryMode, Incentive, LanguageLevel, Offering, Part
from bot.catalogue.search import RADIUS_KM, Catalogue, SearchQuery, SearchResult, Wish
from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer, Place
from bot.settings import ROOT
from bot.storage.database import Database

TODAY = date(2026, 11, 23)
LISTS = ROOT / "data" / "catalogue"


@pytest.fixture
def place(gazetteer: Gazetteer) -> type:
    """place("Gent") is the place of that name."""

    def find(name: str) -> Place:
        found = gazetteer.resolve(name).place
        assert found is not None
        return found

    return find  # type: ignore[return-value]


def offered(result: SearchResult) -> list[Offering]:
    return [hit.offering for hit in result.hits]


EVENING = frozenset({"evening"})


def test_welding_in_ghent_in_the_evening(catalogue: Catalogue, place: type) -> None:
    result = catalogue.search(SearchQuery(subject="lassen", place=place("Gent"), schedule=EVENING))
    assert result.hits
    assert (result.relaxed, result.explanation, result.subjects) == ((), "", ("lassen",))
    first = result.hits[0]
    assert first.offering.municipality_id == "44021"
    assert first.offering.example
    assert {"Lassen", "'s avonds"} <= set(first.why)
    for hit in result.hits:
        assert "lassen" in hit.offering.subjects
        assert hit.offering.schedule.parts == (Part.EVENING,)
        assert hit.offering.start is not None
        assert hit.offering.start >= TODAY
        assert hit.distance_km is None or hit.distance_km <= RADIUS_KM


@pytest.mark.parametrize("said", ["lascursus", "lasser", "laskursus", "las cursus", "ik wil leren lassen"])
def test_other_words_find_the_same(catalogue: Catalogue, place: type, said: str) -> None:
    query = SearchQuery(subject="lassen", place=place("Gent"))
    same = catalogue.search(SearchQuery(subject=said, place=place("Gent")), limit=50)
    assert {o.id for o in offered(same)} == {o.id for o in offered(catalogue.search(query, limit=50))}


def test_a_language_is_searched_when_there_is_no_subject(catalogue: Catalogue, place: type) -> None:
    assert catalogue.search(SearchQuery(language="Spaans", place=place("Gent"))).subjects == ("spaans",)
    assert catalogue.search(SearchQuery(subject="lassen", language="Spaans")).subjects == ("lassen",)


def test_pages_follow_each_other(catalogue: Catalogue, place: type) -> None:
    query = SearchQuery(subject="nt2", place=place("Oost-Vlaanderen"))
    whole = catalogue.search(query, limit=1000)
    assert whole.total == len(whole.hits) > 10
    pages = [offered(catalogue.search(query, limit=4, offset=offset)) for offset in range(0, whole.total, 4)]
    assert [o.id for page in pages for o in page] == [o.id for o in offered(whole)]
    assert catalogue.search(query, offset=whole.total).hits == ()
    assert catalogue.search(query, offset=whole.total).total == whole.total


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (-1, 0), (3, -1)])
def test_an_impossible_page_is_refused(catalogue: Catalogue, limit: int, offset: int) -> None:
    with pytest.raises(ValueError, match="limit must be at least 1"):
        catalogue.search(SearchQuery(), limit=limit, offset=offset)


def test_an_area_is_what_it_covers(catalogue: Catalogue, place: type) -> None:
    limburg = place("Limburg")
    result = catalogue.search(SearchQuery(subject="boekhouden", place=limburg), limit=100)
    near = [hit for hit in result.hits if not hit.missed]
    assert near
    assert all(limburg.covers(hit.offering.municipality_id) and hit.distance_km is None for hit in near)
    assert "in Limburg" in near[0].why


def test_too_far_is_said(catalogue: Catalogue, place: type) -> None:
    result = catalogue.search(SearchQuery(subject="bijen houden", place=place("De Panne")))
    assert result.hits
    assert set(result.relaxed) <= {Wish.RADIUS, Wish.DISTANCE}
    assert "verder weg" in result.explanation
    distance = result.hits[0].distance_km
    assert distance is not None
    assert distance > RADIUS_KM
    assert f"op {round(distance)} km van De Panne" in result.hits[0].why


def test_another_moment_is_said(catalogue: Catalogue, place: type) -> None:
    query = SearchQuery(subject="boekhouden", place=place("Kortrijk"), provider="VDAB", schedule=EVENING)
    result = catalogue.search(query)
    assert result.relaxed == (Wish.SCHEDULE,)
    assert "ander moment" in result.explanation
    assert result.hits[0].offering.provider.kind == "vdab"
    assert result.hits[0].missed == (Wish.SCHEDULE,)


def test_a_neighbouring_subject_is_said(
    gazetteer: Gazetteer, subjects: Subjects, database: Database, example: tuple[Offering, ...]
) -> None:
    """Where nobody teaches a subject, its neighbours are offered."""
    others = [offering for offering in example if "pijpfitter" not in offering.subjects]
    with database.begin() as connection:
        load(connection, "example", (prepare(offering, subjects) for offering in others))
    catalogue = Catalogue(database, LISTS, gazetteer, clock=lambda: TODAY)
    result = catalogue.search(SearchQuery(subject="pijpfitter"))
    assert Wish.SUBJECT in result.relaxed
    assert "Over Pijpfitter vond ik niets" in result.explanation
    assert {"lassen", "sanitair"} & set(result.hits[0].offering.subjects)


def test_without_a_subject_what_starts_soonest_is_near(catalogue: Catalogue, place: type) -> None:
    result = catalogue.search(SearchQuery(place=place("Zele")), limit=10)
    assert len(result.hits) == 10
    assert all(hit.distance_km is not None and hit.distance_km <= RADIUS_KM for hit in result.hits)
    anywhere = catalogue.search(SearchQuery(), limit=20)
    starts = [hit.offering.start for hit in anywhere.hits]
    assert starts == sorted(starts, key=lambda start: start or TODAY)


def test_without_a_subject_a_far_corner_still_gives_something(catalogue: Catalogue, place: type) -> None:
    result = catalogue.search(SearchQuery(place=place("Voeren")))
    assert result.hits
    assert result.relaxed == (Wish.RADIUS,)


def test_words_that_are_no_subject_search_the_text(catalogue: Catalogue) -> None:
    by_text = catalogue.search(SearchQuery(subject="aangifte samenzang"), limit=50)
    assert by_text.subjects == ()
    assert {o.title for o in offered(by_text)} == {"Gitaar en samenzang voor beginners"}
    prefix = catalogue.search(SearchQuery(subject="ziekenhuisapothe"), limit=50)
    assert offered(prefix)[0].title == "Farmaceutisch-technisch assistent"


@pytest.mark.parametrize(
    "said",
    ["kwantumfysica", "xyzzy plugh", "'; DROP TABLE offerings; --", '" OR *', "🙂🙂🙂", "(((", "NEAR/3", "a:b:c"],
)
def test_what_nobody_teaches_gives_nothing_or_something_harmless(catalogue: Catalogue, said: str) -> None:
    result = catalogue.search(SearchQuery(subject=said, place=None))
    assert result.total >= len(result.hits)
    assert catalogue.search(SearchQuery(subject="lassen")).total > 0


def test_what_nobody_teaches_gives_nothing(catalogue: Catalogue) -> None:
    assert catalogue.search(SearchQuery(subject="kwantumfysica")) == SearchResult()


@given(said=st.text(max_size=80))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_are_answered(catalogue: Catalogue, said: str) -> None:
    result = catalogue.search(SearchQuery(subject=said))
    assert len(result.hits) <= 3


def test_what_was_not_wanted_comes_back_only_when_nothing_else_is_left(catalogue: Catalogue, place: type) -> None:
    everywhere = tuple(place(name) for name in ("Vlaanderen", "Brussel"))
    result = catalogue.search(SearchQuery(subject="bijen houden", excluded_places=everywhere))
    assert result.hits
    assert Wish.EXCLUDED in result.relaxed
    assert "wat je niet wil" in result.explanation


def test_when_nothing_is_found_subjects_are_suggested(catalogue: Catalogue) -> None:
    result = catalogue.search(SearchQuery(subject="xoeqhouden"))
    assert (result.total, result.hits) == (0, ())
    assert "Boekhouden" in result.suggestions
    assert catalogue.search(SearchQuery(subject="lassen")).suggestions == ()


def test_filters(catalogue: Catalogue, place: type) -> None:
    free = catalogue.search(SearchQuery(subject="lassen", place=place("Gent"), max_price=Decimal(0)))
    assert (free.relaxed, offered(free)[0].provider.kind) == ((), "vdab")
    cheap = catalogue.search(SearchQuery(subject="spaans", place=place("Gent"), max_price=Decimal(10)))
    assert cheap.relaxed == (Wish.PRICE,)
    within = catalogue.search(SearchQuery(subject="lassen", max_price=Decimal(130)), limit=100)
    assert {o.price.kind for o in offered(within)} == {"tariff", "free"}
    online = catalogue.search(SearchQuery(subject="excel", delivery_mode="online"), limit=50)
    assert {o.delivery_mode for o in offered(online)[: online.fitting]} == {DeliveryMode.ONLINE}
    credit = catalogue.search(SearchQuery(subject="zorgkundige", recognised_for=Incentive.TRAINING_CREDIT), limit=50)
    assert all(Incentive.TRAINING_CREDIT in o.recognised_for for o in offered(credit))
    assert credit.total > 0
    wanted = catalogue.search(SearchQuery(subject="in de bouw", shortage=True), limit=1000)
    assert 0 < wanted.fitting < catalogue.search(SearchQuery(subject="in de bouw")).total
    assert all(o.shortage for o in offered(wanted)[: wanted.fitting])
    for_free = catalogue.search(SearchQuery(subject="lassen", free_for_job_seekers=True), limit=100)
    assert {o.price.kind for o in offered(for_free)[: for_free.fitting]} == {"free"}
    simple = catalogue.search(SearchQuery(subject="boekhouden", language_level=LanguageLevel.A1))
    assert simple.relaxed == (Wish.LEVEL,)
    assert "meer Nederlands" in simple.explanation
    elsewhere = catalogue.search(SearchQuery(subject="lassen", excluded_places=(place("Oost-Vlaanderen"),)), limit=200)
    assert elsewhere.total > 0
    assert not [o for o in offered(elsewhere) if place("Oost-Vlaanderen").covers(o.municipality_id)]


def test_nt2_has_no_known_price(catalogue: Catalogue, place: type) -> None:
    """Its tariff is not sure: a price limit cannot be met at a CVO."""
    query = SearchQuery(subject="nt2", place=place("Gent"), max_price=Decimal(5000), provider="CVO")
    assert Wish.PRICE in catalogue.search(query).relaxed


def test_what_is_typed_is_read_and_filters_go_before_it(catalogue: Catalogue, place: type) -> None:
    typed = catalogue.typed(SearchQuery(subject="lassen in gent 's avonds max 200 euro"))
    assert (typed.subject, typed.place, typed.schedule, typed.max_price) == (
        "lassen", place("Gent"), EVENING, Decimal(200)
    )  # fmt: skip
    filtered = catalogue.typed(SearchQuery(subject="lassen in gent", place=place("Aalst"), max_price=Decimal(5)))
    assert (filtered.subject, filtered.place, filtered.max_price) == ("lassen", place("Aalst"), Decimal(5))
    assert catalogue.typed(SearchQuery(shortage=True)) == SearchQuery(shortage=True)


def test_a_course_by_its_id(catalogue: Catalogue) -> None:
    found = offered(catalogue.search(SearchQuery(subject="excel")))[0]
    assert catalogue.get(found.id) == found
    assert catalogue.get("example:nothing") is None


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("lassen", True),
        ("ik zoek iets met kindjes", True),
        ("laskursus", True),
        ("ja graag", False),
        ("wanneer belt die mevrouw mij terug", False),
        ("", False),
    ],
)
def test_it_knows_what_names_a_subject(catalogue: Catalogue, said: str, known: bool) -> None:
    assert catalogue.knows(said) is known


async def test_it_can_be_searched_off_the_event_loop(catalogue: Catalogue) -> None:
    query = SearchQuery(subject="lassen")
    result = await catalogue.database.run(lambda connection: catalogue.search_in(connection, query), readonly=True)
    assert result == catalogue.search(query)
