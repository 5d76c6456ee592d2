"""The demo: made once, let in while it is on, and routed to first."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.counsellors import accounts, replies
from bot.counsellors.demo import load_demo, make
from bot.counsellors.model import Refused
from bot.counsellors.sign_in import SignIn
from bot.places import Gazetteer
from bot.referral.directory import load_directory
from bot.referral.organisations import Service
from bot.referral.overview import listed
from bot.settings import ROOT
from bot.storage.database import Database
from bot.storage.tables import inbox, utcnow

DEMO = load_demo(ROOT / "data" / "referral")


async def test_the_demo_is_made_once(database: Database) -> None:
    for _ in range(2):
        with database.begin() as connection:
            make(connection, DEMO)
    with database.read() as connection:
        assert len(accounts.of_organisation(connection, DEMO.organisation.id)) == 2
        assert len(replies.of_organisation(connection, DEMO.organisation.id)) == len(DEMO.replies)
        assert len(listed(connection, DEMO.organisation.id, utcnow())) == len(DEMO.referrals)
        waiting = sa.select(sa.func.count()).where(inbox.c.status == "pending")
        assert connection.execute(waiting).scalar() == 0  # the assistant does not answer them again
    email, password = DEMO.sign_in_details()[0].split(" / ")
    assert (await SignIn(database, demo=True).with_password(email, password)).complete
    with pytest.raises(Refused):
        await SignIn(database).with_password(email, password)


def test_the_assistant_suggests_the_demo_first_and_only_while_it_is_on() -> None:
    places = Gazetteer.load(ROOT / "data" / "places")
    with_demo = load_directory(ROOT / "data" / "referral", places, more=[DEMO.organisation])
    for need in (Service.INFORM, Service.GUIDE, Service.SUPPORT):
        assert with_demo.route(need)[0].organisation.demo
    without = load_directory(ROOT / "data" / "referral", places)
    assert not any(organisation.demo for organisation in without)
