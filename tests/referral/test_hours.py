"""When somebody is there: hours, Belgian holidays, closed days, summer time; what is unknown stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.referrals import ELS, NOW

from bot.referral import hours, presence
from bot.referral.directory import Directory
from bot.referral.hours import BELGIUM, Availability, Hours
from bot.referral.organisations import OpeningHours, Organisation
from bot.storage.database import Database

OFFICE = Hours((OpeningHours(days=(1, 2, 3, 4, 5), opens=time(9), closes=time(16, 30)),))
LUNCH = Hours(
    (
        OpeningHours(days=(1, 3), opens=time(13), closes=time(17)),
        OpeningHours(days=(1, 3), opens=time(9), closes=time(12)),
    )
)


def belgian(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BELGIUM)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 09:00", True),
        ("2026-11-23 08:59", False),
        ("2026-11-23 16:29", True),
        ("2026-11-23 16:30", False),
        ("2026-11-28 11:00", False),  # Saturday
        ("2026-11-11 11:00", False),  # Armistice Day, a Wednesday
        ("2026-12-25 11:00", False),
        ("2026-04-06 11:00", False),  # Easter Monday
        ("2026-03-30 09:00", True),  # the first working day of summer time
    ],
)
def test_open_or_closed(moment: str, is_open: bool) -> None:
    assert OFFICE.open_at(belgian(moment)) is is_open


def test_unknown_hours_stay_unknown_but_a_holiday_is_one() -> None:
    assert Hours().open_at(belgian("2026-11-23 11:00")) is None
    assert Hours().next_opening(NOW) is None
    assert Hours().open_at(belgian("2026-12-25 11:00")) is False


def test_a_day_on_which_the_organisation_is_closed() -> None:
    closed = Hours(OFFICE.weekly, frozenset({date(2026, 11, 24)}))
    assert closed.open_at(belgian("2026-11-24 11:00")) is False
    assert closed.next_opening(belgian("2026-11-23 17:00")) == belgian("2026-11-25 09:00")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23 17:00", "2026-11-24 09:00"),
        ("2026-11-27 17:00", "2026-11-30 09:00"),
        ("2026-12-24 17:00", "2026-12-28 09:00"),  # Christmas is a Friday
        ("2026-11-23 03:00", "2026-11-23 09:00"),
    ],
)
def test_when_it_opens_next(moment: str, opens: str) -> None:
    assert OFFICE.next_opening(belgian(moment)) == belgian(opens)


def test_after_the_morning_comes_the_afternoon() -> None:
    assert LUNCH.next_opening(belgian("2026-11-23 12:10")) == belgian("2026-11-23 13:00")
    assert LUNCH.open_at(belgian("2026-11-23 12:10")) is False


@pytest.mark.parametrize(
    ("moment", "days", "until"),
    [
        ("2026-11-23 14:00", 1, "2026-11-24 16:30"),
        ("2026-11-23 14:00", 2, "2026-11-25 16:30"),
        ("2026-11-27 14:00", 1, "2026-11-30 16:30"),
        ("2026-12-24 14:00", 2, "2026-12-29 16:30"),
        ("2026-11-28 14:00", 1, "2026-11-30 16:30"),  # asked on a Saturday
    ],
)
def test_a_promise_in_working_days(moment: str, days: int, until: str) -> None:
    assert OFFICE.deadline(belgian(moment), days) == belgian(until)
    assert Hours().deadline(belgian(moment), days) == belgian(until).replace(hour=17, minute=0)


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)), st.integers(1, 6))
def test_a_promise_is_never_past_and_ends_on_a_working_day(moment: datetime, days: int) -> None:
    aware = moment.replace(tzinfo=UTC)
    until = OFFICE.deadline(aware, days)
    assert until > aware
    assert OFFICE.works_on(until.astimezone(BELGIUM).date())
    assert not hours.is_holiday(until.astimezone(BELGIUM).date())


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)))
def test_where_it_opens_next_it_is_open(moment: datetime) -> None:
    opens = LUNCH.next_opening(moment.replace(tzinfo=UTC))
    assert opens is not None and opens > moment.replace(tzinfo=UTC)
    assert LUNCH.open_at(opens)
    assert not LUNCH.open_at(opens - timedelta(minutes=1))


def organisation(directory: Directory, identifier: str) -> Organisation:
    found = directory.get(identifier)
    assert found is not None
    return found


def test_availability_has_three_states(database: Database, directory: Directory) -> None:
    vdab = organisation(directory, "vdab")
    works, free, night = belgian("2026-11-23 10:00"), belgian("2026-11-11 10:00"), belgian("2026-11-23 22:00")
    here = ELS.__class__("1", "vdab", "Els")
    with database.begin() as connection:
        assert hours.availability(connection, vdab, works) == (Availability.UNSTAFFED, None)
        presence.beat(connection, here, works)
        assert hours.availability(connection, vdab, works) == (Availability.OPEN, None)
        # A heartbeat of long ago is nobody.
        assert hours.availability(connection, vdab, works + timedelta(minutes=2))[0] is Availability.UNSTAFFED
        # Who is there but not free for a talk.
        presence.beat(connection, here, works, available=False)
        assert hours.availability(connection, vdab, works)[0] is Availability.UNSTAFFED
        # Closed is closed, also when a page was left open.
        for moment, opens in ((free, "2026-11-12 08:00"), (night, "2026-11-24 08:00")):
            presence.beat(connection, here, moment)
            assert hours.availability(connection, vdab, moment) == (Availability.CLOSED, belgian(opens))
        presence.leave(connection, here.id)
        assert presence.present(connection, "vdab", night) == []


def test_with_unknown_hours_only_who_is_there_counts(database: Database, directory: Directory) -> None:
    brussels = organisation(directory, ELS.organisation)
    with database.begin() as connection:
        assert hours.availability(connection, brussels, NOW)[0] is Availability.UNSTAFFED
        presence.beat(connection, ELS, NOW)
        assert hours.availability(connection, brussels, NOW)[0] is Availability.OPEN


def test_an_organisation_sets_its_own_hours(database: Database, directory: Directory) -> None:
    vdab = organisation(directory, "vdab")
    with database.begin() as connection:
        assert hours.of_organisation(connection, vdab).weekly == vdab.hours
        hours.set_mailbox(connection, "vdab", "desk@voorbeeld.be", NOW)
        assert hours.of_organisation(connection, vdab).weekly == vdab.hours
        hours.set_hours(connection, "vdab", LUNCH.weekly, [date(2026, 12, 28)], NOW)
        its = hours.of_organisation(connection, vdab)
        assert its == Hours(LUNCH.weekly, frozenset({date(2026, 12, 28)}))
        hours.set_hours(connection, "vdab", None, [], NOW)
        assert hours.of_organisation(connection, vdab).weekly == vdab.hours
        assert hours.mailbox(connection, "vdab") == "desk@voorbeeld.be"


@pytest.mark.parametrize(
    ("say", "moment", "text"),
    [
        (hours.at_time, "2026-11-30 10:30", "maandag 30 november om 10.30 uur"),
        (hours.at_time, "2026-11-30 09:00", "maandag 30 november om 9 uur"),
        (hours.on_day, "2026-11-30 10:30", "maandag 30 november"),
    ],
)
def test_times_in_dutch(say: Callable[[datetime], str], moment: str, text: str) -> None:
    assert say(belgian(moment).astimezone(UTC)) == text
