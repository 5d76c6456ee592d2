"""One application for all conversations; each has a sender of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from support.live import Live, live_application
from support.sourced import Ledger

from bot.catalogue.model import Offering
from bot.catalogue.price import load_reductions
from bot.catalogue.store import bodies
from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.knowledge.articles import load_library
from bot.knowledge.figures import load_figures
from bot.places import Gazetteer
from bot.referral.directory import load_directory
from bot.referral.life import Counsellor
from bot.referral.presence import beat
from bot.settings import ROOT, Settings
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


@pytest.fixture(scope="session")
def ledger(application: Live) -> Ledger:
    """What may be said of amounts: the figures, the articles, and the courses of the application's own catalogue."""
    database = Database(f"sqlite:///{application.var / 'leerwijzer.db'}")
    with database.begin() as connection:
        numbers = [row[0] for row in connection.execute(sa.text("SELECT number FROM offerings"))]
        offerings: dict[str, list[Offering]] = {}
        for start in range(0, len(numbers), 500):
            for offering in bodies(connection, numbers[start : start + 500]).values():
                offerings.setdefault(offering.title, []).append(offering)
    database.close()
    figures = load_figures(ROOT / "data" / "knowledge")
    library = load_library(ROOT / "data" / "knowledge" / "articles", figures)
    directory = load_directory(ROOT / "data" / "referral", Gazetteer.load(ROOT / "data" / "places"))
    kept = {(Decimal(Settings(_env_file=None).conversation_days), "dag")}
    return Ledger(
        figures, library, offerings, load_reductions(ROOT / "data" / "catalogue"), tuple(directory), terms=kept
    )
