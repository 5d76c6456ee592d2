"""A counsellor for tests in a browser: what she does at the desk, over HTTP, to the newest conversation."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from support.referrals import ELS, new

from bot.conversation.message import Author
from bot.conversation.service import Conversations
from bot.referral.consent import Way
from bot.referral.desk import Desk
from bot.referral.reception import Reception
from bot.referral.referrals import create
from bot.storage.columns import utcnow
from bot.storage.counsellor_tables import counsellors
from bot.storage.database import Database
from bot.storage.tables import conversations as table


def add_els(connection: sa.engine.Connection) -> None:
    """Els has an account at the desk, under the id that the tests know her by."""
    if connection.execute(sa.select(counsellors.c.id).where(counsellors.c.id == int(ELS.id))).first():
        return
    row = {"name": ELS.name, "role": "counsellor", "organisation": ELS.organisation, "active": True, "demo": False}
    connection.execute(
        sa.insert(counsellors).values(
            id=int(ELS.id), email="els@voorbeeld.be", created_at=utcnow(), totp_confirmed=False, tries=0, **row
        )
    )


def attend(app: FastAPI, conversations: Conversations, desk: Desk, reception: Reception, database: Database) -> None:
    """Adds POST /_els/{what}: wait, claim, say, type, see, end. What it needs stands in the JSON body."""

    async def newest() -> str:
        query = sa.select(table.c.id).order_by(table.c.created_at.desc()).limit(1)
        return str(await conversations.read(lambda connection: connection.execute(query).scalar_one()))

    @app.post("/_els/wait", include_in_schema=False)
    async def wait() -> dict[str, str]:
        await database.run(add_els)
        identifier = await newest()
        asked = new(conversation_id=identifier, way=Way.CHAT)
        made = await database.run(lambda connection: create(connection, asked))
        await conversations.change(identifier, lambda change: reception.answered(change, asked.message_key))
        return {"reference": made.reference, "conversation": identifier}

    @app.post("/_els/{what}", include_in_schema=False)
    async def act(what: str, request: Request) -> dict[str, bool]:
        body: dict[str, Any] = await request.json()
        reference = body["reference"]
        if what == "claim":
            await desk.claim(reference, ELS)
        elif what == "say":
            await desk.say(reference, ELS, body["text"], key=secrets.token_hex(4))
        elif what == "type":
            conversations.signs.types(body["conversation"], Author.COUNSELLOR)
        elif what == "see":
            await desk.opened(reference, ELS)
        else:
            await desk.end_talk(reference, ELS)
        return {"done": True}
