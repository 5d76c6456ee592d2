"""The calendar file of an agreed call, behind a link that cannot be guessed."""

from __future__ import annotations

from fastapi import APIRouter, Response

from bot.conversation.service import Conversations
from bot.referral import call_backs
from bot.referral.directory import Directory
from bot.referral.referrals import get
from bot.storage.columns import utcnow
from channels.errors import ApiError, documented


def router(conversations: Conversations, directory: Directory) -> APIRouter:
    """GET /afspraak/TOKEN.ics"""
    routes = APIRouter(tags=["web"])

    @routes.get("/afspraak/{token}.ics", responses=documented(404))
    async def appointment(token: str) -> Response:
        """The call, for the person's own calendar. Says who calls and the reference, nothing else."""

        def find(connection):  # type: ignore[no-untyped-def]
            booking = call_backs.by_token(connection, token)
            return (booking, get(connection, booking.referral_id)) if booking else None

        found = await conversations.read(find)
        if found is None:
            raise ApiError(404, "not_found", "Deze afspraak bestaat niet meer.")
        booking, referral = found
        organisation = directory.get(booking.organisation)
        name = organisation.name if organisation else "een begeleider"
        lines = [f"{name} belt je.", f"Je nummer is {referral.reference}.", "Kan je niet? Zeg het aan Leerwijzer."]
        return Response(
            call_backs.calendar(booking, f"Telefoontje van {name}", lines, utcnow()),
            media_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="afspraak.ics"', "Cache-Control": "no-store"},
        )

    return routes
