"""One application for all conversations; each has a sender of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from support.live import Live, live_application

from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.referral.life import Counsellor
from bot.referral.presence import beat
from bot.storage.columns import utcnow
from bot.storage.database import Database


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The application, with the trained model and the example catalogue."""
    with live_application(tmp_path_factory.mktemp("conversations")) as live:
        staff(live)
        yield live


def staff(live: Live) -> None:
    """Counsellors at the desk of some organisations; at one of them somebody is there all the time."""
    database = Database(f"sqlite:///{live.var / 'leerwijzer.db'}", threads=1)
    now = utcnow()
    with database.begin() as connection:
        for organisation in ("leerwinkel-oost-vlaanderen", "leerwinkel-brussel", "vdab"):
            added = accounts.add(
                connection, f"els@{organisation}.example", "Els", Role.COUNSELLOR, organisation, now=now
            )
            if organisation == "leerwinkel-brussel":
                beat(connection, Counsellor(str(added.id), organisation, added.name), now + timedelta(days=1))
    database.close()
