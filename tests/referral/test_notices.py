"""Who can be reached from here."""

from __future__ import annotations

from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.referral import notices
from bot.storage.columns import utcnow
from bot.storage.database import Database


def test_a_fresh_installation_is_a_trial_until_somebody_is_at_the_desk(database: Database) -> None:
    with database.begin() as connection:
        assert notices.desks(connection).trial
        accounts.add(connection, "op@stad.example", "Op", Role.OPERATOR, None, now=utcnow())
        assert notices.desks(connection).trial
        accounts.add(connection, "els@vdab.example", "Els", Role.COUNSELLOR, "vdab", now=utcnow())
        assert not notices.desks(connection).trial
        assert notices.staffed(connection) == {"vdab"}
