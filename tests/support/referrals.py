"""Referrals for tests: made as the assistant makes them, without the assistant."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.referral.life import Counsellor
from bot.referral.referrals import NewReferral, Referral, Way, create
from bot.storage.database import Database
from bot.storage.tables import conversations

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
"""A Monday, 14.05 uur in Belgium."""
ORGANISATION = "leerwinkel-brussel"
ELS = Counsellor("1", ORGANISATION, "Els")
BRAM = Counsellor("2", ORGANISATION, "Bram")
STRANGER = Counsellor("9", "vdab", "Sam")

_numbers = itertools.count(1)


def new(**changes: Any) -> NewReferral:
    """A referral as the assistant asks for it."""
    way = changes.get("way", Way.CALL)
    values: dict[str, Any] = {
        "conversation_id": "a" * 32,
        "message_key": f"message-{next(_numbers)}",
        "organisation": ORGANISATION,
        "way": way,
        "contact": {Way.CALL: "0470/12 34 56", Way.MAIL: "jan@voorbeeld.be"}.get(way, ""),
        "summary": "Vraag: hulp bij het kiezen",
        "with_transcript": True,
        "consent_version": "2026-11",
        "consent_text": "Mag ik dit doorsturen, met je telefoonnummer 0470 12 34 56?",
        "channel": "web",
    }
    return NewReferral(**values | changes)


def add_conversation(database: Database, identifier: str = "a" * 32, channel: str = "web") -> str:
    """A conversation without a line."""
    with database.begin() as connection:
        connection.execute(
            sa.insert(conversations).values(id=identifier, channel=channel, sender=identifier, created_at=NOW)
        )
    return identifier


def make(database: Database, now: datetime = NOW, **changes: Any) -> Referral:
    """A referral in the database."""
    with database.begin() as connection:
        return create(connection, new(**changes), now=now)
