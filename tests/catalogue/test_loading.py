"""Loading: what is new is added, what changed is changed, what vanished is retired, and the same again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.catalogue import store
from bot.catalogue.example import SOURCE
from bot.catalogue.loading import Loaded, load, load_example, prepare
from bot.catalogue.model import Offering
from bot.catalogue.schema import create_search, drop_search
from bot.catalogue.search import Catalogue, SearchQuery
from bot.catalogue.subjects import Subjects
from bot.knowledge.figures import Figures
from bot.places import Gazetteer
from bot.settings import ROOT
from bot.storage.database import Database
from bot.storage.tables import catalogue_loads, offering_subjects, offerings, retired_offerings

TODAY = date(2026, 11, 23)
LISTS = ROOT / "data" / "catalogue"
FIRST, SECOND, THIRD = (datetime(2026, 11, day, 4, tzinfo=UTC) for day in (1, 2, 3))


class Loader:
    """Loads whole offerings in a transaction of its own each time."""

    def __init__(self, database: Database, subjects: Subjects) -> None:
        self.database = database
        self.subjects = subjects

    def __call__(self, found: Iterable[Offering], source: str = "example", at: datetime = FIRST) -> Loaded:
        with self.database.begin() as connection:
            return load(connection, source, (prepare(offering, self.subjects) for offering in found), at=at)


@pytest.fixture
def loader(database: Database, subjects: Subjects) -> Loader:
    return Loader(database, subjects)


def count(connection: sa.engine.Connection, table: sa.Table = offerings) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_the_example_loads_again_when_the_month_or_the_lists_change(database: Database) -> None:
    with database.begin() as connection:
        assert load_example(connection, TODAY)
        total = count(connection)
    with database.begin() as connection:
        assert not load_example(connection, date(2026, 11, 30))
        assert count(connection) == total > 1500
        loaded_at = connection.execute(sa.select(catalogue_loads.c.loaded_at)).scalar_one()
    with database.begin() as connection:
        assert load_example(connection, date(2026, 12, 1))
        assert count(connection) == total
        assert connection.execute(sa.select(catalogue_loads.c.loaded_at)).scalar_one() > loaded_at


def test_the_same_again_changes_nothing(loader: Loader, example: tuple[Offering, ...]) -> None:
    assert loader(example[:700]) == Loaded(added=700)
    assert loader(example[:700], at=SECOND) == Loaded(unchanged=700)
    assert loader(reversed(example[:700]), at=SECOND) == Loaded(unchanged=700)


def test_what_changed_is_found_by_its_new_words_only(
    loader: Loader, database: Database, example: tuple[Offering, ...]
) -> None:
    changed = example[3].model_copy(update={"title": "Abracadabra", "subjects": ("lassen",), "start": None})
    loader(example[:10])
    with database.read() as connection:
        numbers = dict(connection.execute(sa.select(offerings.c.id, offerings.c.number)).all())
    assert loader([*example[:3], changed, *example[4:10]]) == Loaded(changed=1, unchanged=9)
    with database.read() as connection:
        assert store.get(connection, changed.id) == changed
        assert dict(connection.execute(sa.select(offerings.c.id, offerings.c.number)).all()) == numbers
        linked = sa.select(offering_subjects.c.subject_id).where(
            offering_subjects.c.offering_number == numbers[changed.id]
        )
        assert connection.execute(linked).scalars().all() == ["lassen"]
        assert len(store.matching(connection, ["abraca"], together=True)) == 1


def test_what_vanishes_is_retired_and_may_come_back(
    loader: Loader, database: Database, example: tuple[Offering, ...]
) -> None:
    loader(example[:10], at=FIRST)
    assert loader(example[2:12], at=SECOND) == Loaded(added=2, unchanged=8, retired=2)
    with database.read() as connection:
        assert count(connection) == 10
        assert store.get(connection, example[0].id) is None
        rows = connection.execute(sa.select(retired_offerings).order_by(retired_offerings.c.id)).all()
        assert {row.id for row in rows} == {example[0].id, example[1].id}
        assert {(row.last_seen, row.retired_at) for row in rows} == {(FIRST, SECOND)}
        assert Offering.model_validate_json(rows[0].body) in example[:2]
    assert loader(example[:10], at=THIRD) == Loaded(added=2, unchanged=8, retired=2)
    with database.read() as connection:
        gone = connection.execute(sa.select(retired_offerings.c.id, retired_offerings.c.last_seen)).all()
        assert {row.id for row in gone} == {example[10].id, example[11].id}
        assert {row.last_seen for row in gone} == {SECOND}
        assert store.get(connection, example[0].id) == example[0]
        orphans = offering_subjects.c.offering_number.not_in(sa.select(offerings.c.number))
        assert connection.execute(sa.select(sa.func.count()).where(orphans)).scalar_one() == 0


def test_a_load_that_fails_changes_nothing(loader: Loader, database: Database, example: tuple[Offering, ...]) -> None:
    loader(example[:20])
    with pytest.raises(ValueError, match="twice"):
        loader([*example[20:40], example[20]])
    with pytest.raises(ValueError, match="twice"):
        loader([*example[20:640], example[20]])
    with pytest.raises(ValueError, match="source is 'example', not 'other'"):
        loader(example[:1], source="other")
    with database.read() as connection:
        assert count(connection) == 20
        assert count(connection, retired_offerings) == 0
        assert store.get(connection, example[0].id) == example[0]
        assert store.get(connection, example[20].id) is None


def test_sources_stand_beside_each_other(
    loader: Loader,
    database: Database,
    subjects: Subjects,
    example: tuple[Offering, ...],
    gazetteer: Gazetteer,
    figures: Figures,
) -> None:
    other = [
        offering.model_copy(update={"id": f"feed:{n}", "source": "feed"}) for n, offering in enumerate(example[:5])
    ]
    loader(example[:20])
    loader(other, source="feed")
    assert loader(example[20:30]) == Loaded(added=10, retired=20)
    with database.read() as connection:
        assert count(connection) == 15
        assert store.get(connection, "feed:0") is not None
    found = Catalogue(database, LISTS, gazetteer, figures, clock=lambda: TODAY).search(SearchQuery(), limit=100)
    assert found.total <= 15


def test_the_text_index_can_go_and_come_back(
    database: Database, subjects: Subjects, example: tuple[Offering, ...]
) -> None:
    strange = example[0].model_copy(update={"title": "Abracadabra", "start": None, "end": None})
    with database.begin() as connection:
        load(connection, "example", [prepare(strange, subjects)])
        drop_search(connection)
        drop_search(connection)
        create_search(connection)
        assert len(store.matching(connection, ["abracadabra"], together=True)) == 1


@given(loads=st.lists(st.sets(st.integers(0, 30)), min_size=1, max_size=5))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_loads_the_catalogue_is_the_last_one(
    loads: list[set[int]], loader: Loader, database: Database, example: tuple[Offering, ...]
) -> None:
    loader(())
    with database.begin() as connection:
        connection.execute(sa.delete(retired_offerings))
    ever: set[str] = set()
    for chosen in loads:
        result = loader(example[n] for n in chosen)
        ever |= {example[n].id for n in chosen}
        assert result.current == len(chosen)
    with database.read() as connection:
        now = set(connection.execute(sa.select(offerings.c.id)).scalars())
        gone = set(connection.execute(sa.select(retired_offerings.c.id)).scalars())
    assert now == {example[n].id for n in loads[-1]}
    assert gone == ever - now


def test_the_source_of_the_examples_is_named(example: tuple[Offering, ...]) -> None:
    assert {offering.source for offering in example} == {SOURCE}
