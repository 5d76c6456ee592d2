"""Overviews and kept courses: once, unguessable, for a while, of one person alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from support.referrals import add_conversation

from bot.conversation.message import Card
from bot.overview import kept, store
from bot.overview.model import Overview, Right
from bot.storage.database import Database
from bot.storage.tables import overviews

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
AN, BO = "a" * 32, "b" * 32


def overview(title: str = "Lassen: basis", made_at: datetime = NOW) -> Overview:
    return Overview(made_at=made_at, kept=True, courses=(Card(title=title),))


def test_courses_are_kept_once_in_order_and_for_one_person(database: Database) -> None:
    for identifier in (AN, BO):
        add_conversation(database, identifier)
    with database.begin() as connection:
        for minute, offering in enumerate(["b", "a", "b"]):
            assert kept.keep(connection, AN, offering, NOW + timedelta(minutes=minute))
        assert kept.kept(connection, AN) == ["b", "a"]
        assert kept.kept(connection, BO) == []
        kept.drop(connection, AN, "b")
        kept.drop(connection, AN, "niets")
        assert kept.kept(connection, AN) == ["a"]


def test_an_overview_stays_within_two_sheets(database: Database) -> None:
    add_conversation(database, AN)
    with database.begin() as connection:
        for number in range(kept.MOST):
            assert kept.keep(connection, AN, f"c{number}", NOW)
        assert not kept.keep(connection, AN, "een te veel", NOW)
        assert kept.keep(connection, AN, "c0", NOW)  # it is there already
        assert len(kept.kept(connection, AN)) == kept.MOST


def test_an_overview_is_found_by_its_token_until_it_expires(database: Database) -> None:
    add_conversation(database, AN)
    with database.begin() as connection:
        token = store.make(connection, AN, "m1", overview(), days=30)
        assert store.TOKEN.fullmatch(token)
        found = store.find(connection, token, NOW + timedelta(days=29))
        assert found == (overview(), NOW + timedelta(days=30))
        assert store.find(connection, token, NOW + timedelta(days=30)) is None
        assert store.purge(connection, NOW + timedelta(days=30)) == 1
        assert store.purge(connection, NOW + timedelta(days=30)) == 0


@pytest.mark.parametrize("token", ["", "x", "a" * 32, "a" * 33, "' OR 1=1 --" + "a" * 21, "%" * 32, "\0" * 32])
def test_no_other_text_opens_one(database: Database, token: str) -> None:
    add_conversation(database, AN)
    with database.begin() as connection:
        store.make(connection, AN, "m1", overview(), days=30)
        assert store.find(connection, token, NOW) is None


def test_a_message_handled_twice_makes_one(database: Database) -> None:
    add_conversation(database, AN)
    with database.begin() as connection:
        first = store.make(connection, AN, "m1", overview(), days=30)
        second = store.make(connection, AN, "m1", overview("anders"), days=30)
        assert store.find(connection, first, NOW) is None
        found = store.find(connection, second, NOW)
        assert found is not None
        assert found[0].courses[0].title == "anders"


def test_the_database_tells_nobody_what_stands_in_it(database: Database) -> None:
    add_conversation(database, AN)
    with database.begin() as connection:
        token = store.make(connection, AN, "m1", overview("GEHEIM"), days=30)
        row = connection.exec_driver_sql("SELECT token_hash, body FROM overviews").one()
    assert token not in str(row)
    assert "GEHEIM" not in str(row)


def test_those_of_before_go_when_a_new_one_is_made(database: Database) -> None:
    add_conversation(database, AN)
    with database.begin() as connection:
        store.make(connection, AN, "m1", overview(), days=1)
        store.make(connection, AN, "m2", overview(made_at=NOW + timedelta(days=2)), days=1)
        assert connection.execute(sa.select(sa.func.count()).select_from(overviews)).scalar_one() == 1


def test_what_is_empty_is_said_to_be() -> None:
    assert Overview(made_at=NOW, kept=False).empty
    assert not overview().empty
    assert not Overview(made_at=NOW, kept=False, rights=(Right(name="VOV", outcome="Ja"),)).empty
