"""The desk, built from its parts and added to the application."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.conversation.service import Conversations
from bot.counsellors.demo import demo_of
from bot.counsellors.model import AccountError
from bot.counsellors.sign_in import SignIn
from bot.knowledge.meanings import load_meanings
from bot.referral.desk import Desk
from bot.referral.directory import Directory
from bot.settings import Settings
from bot.storage.database import Database
from channels.desk import call_hours, live, manage, referrals, set_aside, sign_in
from channels.desk.access import Access
from channels.desk.pages import Refusal, SignInNeeded, show_refusal, show_sign_in
from channels.desk.room import Room

_STATIC: Final = Path(__file__).parent / "static"


class _Files(StaticFiles):
    """Static files that a browser keeps but asks after, so that a new version shows at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


async def _show_account_error(request, error):  # type: ignore[no-untyped-def]
    return await show_refusal(request, Refusal(422, str(error)))


def install(
    app: FastAPI,
    settings: Settings,
    database: Database,
    conversations: Conversations,
    desk: Desk,
    directory: Directory,
    secret: str,
) -> None:
    """Adds `/desk` to `app`. `secret` is that of the application."""
    access = Access(database, settings.public_url, two_factor=settings.desk_two_factor == "required")
    entrance = SignIn(database, demo=settings.demo)
    demo = demo_of(settings)
    room = Room(desk, conversations, database)
    meanings = dict(load_meanings(settings.data_dir / "knowledge"))
    app.add_exception_handler(Refusal, show_refusal)
    app.add_exception_handler(SignInNeeded, show_sign_in)
    app.add_exception_handler(AccountError, _show_account_error)
    name = settings.oidc_name if settings.oidc_issuer else ""
    if name:
        from channels.desk import identity  # only who uses it loads authlib

        app.include_router(identity.router(settings, entrance, access, secret))
    app.include_router(
        sign_in.router(
            database, entrance, access, identity=name, demo=demo.sign_in_details() if demo else (), left=desk.leave
        )
    )
    app.include_router(live.router(room, access))
    app.include_router(referrals.router(room, access, meanings))
    app.include_router(call_hours.router(database, access))  # before the routes of an account that end on any word
    app.include_router(manage.router(database, directory, access, settings))
    app.include_router(set_aside.router(conversations, access))
    app.mount("/desk/static", _Files(directory=_STATIC), name="desk-static")
