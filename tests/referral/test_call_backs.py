"""Agreed calls: free times from the hours of who calls, booked once, and their calendar file."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta

import icalendar
import pytest
import sqlalchemy as sa
from support.referrals import NOW, add_conversation, make

from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.referral import call_backs, hours
from bot.referral.call_backs import Booking, SlotTaken, book, calendar, free_slots
from bot.referral.callers import own_hours, set_own_hours
from bot.referral.directory import Directory
from bot.referral.hours import BELGIUM
from bot.referral.organisations import OpeningHours, Organisation
from bot.storage.database import Database

TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=BELGIUM)


@pytest.fixture
def vdab(directory: Directory) -> Organisation:
    found = directory.get("vdab")
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def conversation(database: Database) -> str:
    return add_conversation(database)


def staff(database: Database, count: int = 1) -> None:
    with database.begin() as connection:
        for number in range(count):
            accounts.add(connection, f"n{number}@voorbeeld.be", f"N{number}", Role.COUNSELLOR, "vdab", now=NOW)


def test_times_are_offered_in_the_hours_of_the_organisation(database: Database, vdab: Organisation) -> None:
    with database.read() as connection:
        assert free_slots(connection, vdab, NOW) == []  # nobody there who could call
    staff(database)
    with database.read() as connection:
        slots = free_slots(connection, vdab, NOW)
    assert len(slots) == 6
    assert {slot.begins.astimezone(BELGIUM).date().isoformat() for slot in slots} == {
        "2026-11-23",
        "2026-11-24",
        "2026-11-25",
    }
    for slot in slots:
        assert slot.begins >= NOW + call_backs.LEAD
        assert time(8) <= slot.begins.astimezone(BELGIUM).time() <= time(16)
        assert slot.ends - slot.begins == call_backs.LENGTH


def test_no_time_on_a_holiday_or_a_closed_day(database: Database, vdab: Organisation) -> None:
    staff(database)
    before = datetime(2026, 12, 24, 20, tzinfo=BELGIUM)  # Christmas is a Friday
    with database.begin() as connection:
        hours.set_hours(connection, "vdab", None, [datetime(2026, 12, 28).date()], NOW)
        slots = free_slots(connection, vdab, before)
    assert slots[0].begins.astimezone(BELGIUM).date().isoformat() == "2026-12-29"


def test_hours_of_counsellors_go_before_those_of_the_organisation(database: Database, vdab: Organisation) -> None:
    staff(database, 2)
    with database.begin() as connection:
        for one, opens in zip(accounts.of_organisation(connection, "vdab"), (time(9), time(9, 30)), strict=True):
            set_own_hours(connection, one.id, "vdab", [OpeningHours(days=(2,), opens=opens, closes=time(10, 30))])
        slots = free_slots(connection, vdab, NOW, a_day=9, most=9)
        assert [slot.begins for slot in slots[:3]] == [
            TUESDAY - timedelta(minutes=30),
            TUESDAY,
            TUESDAY + timedelta(minutes=30),
        ]
        # One place at nine, two at half past.
        nine = TUESDAY - timedelta(minutes=30)
        book(connection, make_in(connection).id, vdab, nine, NOW)
        with pytest.raises(SlotTaken):
            book(connection, make_in(connection).id, vdab, nine, NOW)
        book(connection, make_in(connection).id, vdab, TUESDAY, NOW)
        book(connection, make_in(connection).id, vdab, TUESDAY, NOW)
        with pytest.raises(SlotTaken):
            book(connection, make_in(connection).id, vdab, TUESDAY, NOW)


def test_hours_of_one_counsellor_leave_the_others_theirs(database: Database, vdab: Organisation) -> None:
    staff(database, 2)
    evening = OpeningHours(days=(2, 4), opens=time(18), closes=time(19))
    with database.begin() as connection:
        first, second = accounts.of_organisation(connection, "vdab")
        set_own_hours(connection, first.id, "vdab", [evening])
        assert own_hours(connection, first.id) == [evening]
        assert own_hours(connection, second.id) == []
        slots = [slot.begins.astimezone(BELGIUM) for slot in free_slots(connection, vdab, NOW, a_day=99, most=99)]
    tuesday = [slot.time() for slot in slots if slot.isoweekday() == 2]
    assert {time(10), time(18), time(18, 30)} <= set(tuesday)
    with database.begin() as connection:
        accounts.deactivate(connection, first.id)  # who is not there any more calls nobody
        slots = [slot.begins.astimezone(BELGIUM) for slot in free_slots(connection, vdab, NOW, a_day=99, most=99)]
        assert time(18) not in {slot.time() for slot in slots}
        set_own_hours(connection, second.id, "vdab", [evening])
        set_own_hours(connection, second.id, "vdab", [])  # those of the organisation again
        assert own_hours(connection, second.id) == []
        again = [slot.begins.astimezone(BELGIUM) for slot in free_slots(connection, vdab, NOW, a_day=99, most=99)]
        assert again == slots


def make_in(connection: sa.engine.Connection) -> object:
    from support.referrals import new

    from bot.referral.referrals import create

    return create(connection, new(organisation="vdab"), now=NOW)


def test_the_last_place_goes_to_one(database: Database, vdab: Organisation) -> None:
    staff(database)
    made = [make(database, organisation="vdab") for _ in range(5)]
    booked: list[Booking] = []
    refused: list[int] = []
    barrier = threading.Barrier(len(made))

    def try_it(identifier: int) -> None:
        barrier.wait()
        try:
            with database.begin() as connection:
                booked.append(book(connection, identifier, vdab, TUESDAY, NOW))
        except SlotTaken:
            refused.append(identifier)

    threads = [threading.Thread(target=try_it, args=[one.id]) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(booked), len(refused)) == (1, 4)
    with database.begin() as connection:
        assert TUESDAY not in [slot.begins for slot in free_slots(connection, vdab, NOW, a_day=99, most=99)]
        assert book(connection, booked[0].referral_id, vdab, TUESDAY, NOW) == booked[0]  # the same again
        call_backs.free(connection, booked[0].referral_id)
        assert TUESDAY in [slot.begins for slot in free_slots(connection, vdab, NOW, a_day=99, most=99)]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 24, 9, 10, tzinfo=BELGIUM),  # no time that was offered
        datetime(2026, 11, 24, 7, 30, tzinfo=BELGIUM),  # before they open
        datetime(2026, 11, 28, 9, 30, tzinfo=BELGIUM),  # Saturday
        datetime(2026, 11, 20, 9, 30, tzinfo=BELGIUM),  # past
    ],
)
def test_a_time_that_is_none_is_refused(database: Database, vdab: Organisation, moment: datetime) -> None:
    staff(database)
    referral = make(database, organisation="vdab")
    with database.begin() as connection, pytest.raises(SlotTaken):
        book(connection, referral.id, vdab, moment, NOW)


def test_when_summer_time_begins_nine_is_nine(database: Database, vdab: Organisation) -> None:
    staff(database)
    friday = datetime(2027, 3, 26, 20, tzinfo=BELGIUM)  # Easter Monday is a holiday; the clock moves on the 28th
    with database.begin() as connection:
        hours.set_hours(connection, "vdab", [OpeningHours(days=(2,), opens=time(9), closes=time(9, 30))], [], NOW)
        (slot,) = free_slots(connection, vdab, friday, most=1)
    assert slot.begins.astimezone(UTC) == datetime(2027, 3, 30, 7, tzinfo=UTC)


def test_the_calendar_file_holds_the_call_and_nothing_personal() -> None:
    booking = Booking(1, "vdab", TUESDAY, TUESDAY + call_backs.LENGTH, "geheim" * 6)
    file = calendar(booking, "Telefoontje van VDAB", ["Je nummer is LW-222222.", "Tot dan; hou je gsm bij."], NOW)
    event = icalendar.Calendar.from_ical(file).walk("VEVENT")[0]
    assert event["summary"] == "Telefoontje van VDAB"
    assert event.decoded("dtstart") == TUESDAY
    assert event.decoded("dtend") - event.decoded("dtstart") == call_backs.LENGTH
    assert str(event["description"]) == "Je nummer is LW-222222.\nTot dan; hou je gsm bij."
    assert b"geheimgeheimgeheim" not in file  # the token opens it, so it does not stand in it
