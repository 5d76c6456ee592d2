"""The one web application, built from its parts: every channel, the pages, health and the description of the API."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata

from fastapi import Depends, FastAPI

from bot.assistant.interface import Assistant
from bot.catalogue.refresher import Refresher
from bot.conversation.message import Reply
from bot.conversation.service import Conversations
from bot.counsellors.demo import demo_organisations
from bot.entitlements.rules import shared_rules
from bot.places import Gazetteer
from bot.referral.consent import load_consent
from bot.referral.desk import Desk
from bot.referral.directory import load_directory
from bot.referral.reception import Reception
from bot.settings import ROOT, Settings
from bot.storage.database import Database
from channels import docs, entitlements, errors, health, rest
from channels.courses import pages as courses
from channels.courses.shelf import Shelf
from channels.desk.install import install as install_desk
from channels.middleware import AccessLog, BodyLimit, LastResort, SecurityHeaders
from channels.push import push_channels
from channels.upkeep import pages as upkeep
from channels.web import api, calendar, overview, pages
from channels.web.bundle import Versions, bundle
from channels.web.origins import Origins
from channels.web.session import Sessions, signing_secret


def create_app(
    settings: Settings,
    assistant: Assistant,
    database: Database,
    conversations: Conversations | None = None,
    *,
    opening: Reply,
    notice: str = "",
) -> FastAPI:
    """The application. `database` must be migrated, and stays open when the application ends.

    `opening` is what the assistant says first in a new conversation on the web: that it is a digital assistant, what it
    can do, where the privacy text is. Its buttons carry Rasa payloads. `notice` is a plain line on top of the page
    ("Dit zijn voorbeelden"). The application starts and stops `conversations` and `assistant`, in the background, so
    that it answers at once. Raises ValueError when the secret or an allowed origin in the settings is unusable.
    """
    conversations = conversations or Conversations(database, assistant, settings)
    places = Gazetteer.load(settings.data_dir / "places")
    directory = load_directory(settings.data_dir / "referral", places, more=demo_organisations(settings))
    desk = Desk(conversations, directory, load_consent(settings.data_dir / "referral"), settings)
    conversations.attend(Reception(conversations, directory, settings))
    startup = health.Startup(assistant, conversations, database)
    pushing = push_channels(settings, conversations)
    refresher = Refresher(settings, database)
    secret = signing_secret(settings)
    sessions = Sessions(secret, settings.session_days)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        startup.begin()
        refresher.start()
        for channel in pushing:
            await channel.start()
        yield
        for channel in pushing:
            await channel.stop()
        await refresher.stop()
        await startup.end()

    async def started() -> None:
        startup.require_conversations()

    app = FastAPI(
        title="Leerwijzer",
        version=version(),
        description="Assistent die volwassenen in Vlaanderen en Brussel als eerste informeert over leren.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    errors.install(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, larger={path: most for channel in pushing for path, most in channel.bodies.items()})
    app.add_middleware(Origins, public_url=settings.public_url, allowed=settings.allowed_origins)
    app.add_middleware(LastResort)
    app.add_middleware(SecurityHeaders, https=settings.public_url.startswith("https://"))
    app.add_middleware(AccessLog)

    app.include_router(health.router(startup))
    app.include_router(docs.router())
    app.include_router(entitlements.router(shared_rules(settings.data_dir)))
    app.include_router(rest.router(conversations, settings), dependencies=[Depends(started)])
    app.include_router(api.router(conversations, sessions, opening), dependencies=[Depends(started)])
    app.include_router(calendar.router(conversations, directory), dependencies=[Depends(started)])
    install_desk(app, settings, database, conversations, desk, directory, secret)
    upkeep.install(app, settings, database)
    for channel in pushing:
        app.include_router(channel.routes(), dependencies=[Depends(started)])
    app.include_router(overview.router(conversations, started))
    widget = Versions(bundle(version()), settings.var_dir / "widget")
    widget.keep()
    courses.install(app, Shelf.of(settings, database))
    pages.install(
        app,
        widget,
        public_url=settings.public_url,
        origins=settings.allowed_origins,
        data_dir=settings.data_dir,
        days={name: getattr(settings, name) for name in pages.TERMS},
        notice=notice,
    )
    return app


def version() -> str:
    """The version of Leerwijzer: of the installed package, else of the source tree."""
    try:
        return metadata.version("leerwijzer")
    except metadata.PackageNotFoundError:
        return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
