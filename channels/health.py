"""Whether the process lives, and whether a message would be answered now: for load balancers, containers, operators."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
import structlog
from alembic.runtime.migration import MigrationContext
from fastapi import APIRouter, Response
from pydantic import BaseModel

from bot.assistant.interface import Assistant
from bot.conversation.service import Conversations, DatabaseInUse
from bot.storage import migrate
from bot.storage.database import Database
from channels.errors import ApiError, places

log = structlog.get_logger(__name__)

_PATIENCE: Final = 5.0
"""Seconds that a part may take to say that it is there."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0


class State(StrEnum):
    """How a part of the application is."""

    OK = "ok"
    STARTING = "starting"
    UNREACHABLE = "unreachable"
    OUTDATED = "outdated"
    """The database lacks a migration."""
    FAILED = "failed"
    """It could not start; the log says why."""


class Readiness(BaseModel):
    """Every part and how it is; `missing` names those that are not ok."""

    ready: bool
    missing: list[str]
    parts: dict[str, State]


class Live(BaseModel):
    """The process answers."""

    status: str = "ok"


class Startup:
    """Starts the conversations and the assistant in the background, and knows how far that is."""

    def __init__(self, assistant: Assistant, conversations: Conversations, database: Database) -> None:
        self._assistant = assistant
        self._conversations = conversations
        self._database = database
        self._newest = migrate.head()
        self._states = {"conversations": State.STARTING, "assistant": State.STARTING}
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begins to start, and gives at once."""
        self._task = asyncio.create_task(self._start())

    async def end(self) -> None:
        """Stops what was started, or is starting."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._states["conversations"] is State.OK:
            try:
                await self._conversations.stop()
            except Exception as error:  # the database went away: what was begun is found back at the next start
                log.error("stop.conversations.failed", error=type(error).__name__, at=places(error))
        await self._assistant.close()

    async def _start(self) -> None:
        await asyncio.gather(self._start_conversations(), self._start_assistant())

    async def _start_conversations(self) -> None:
        # Tried again and again: the database may come up later than we do, or the process before us still has it.
        pause = _FIRST_PAUSE
        while True:
            if await self._database_state() is State.OK:
                try:
                    await self._conversations.start()
                except Exception as error:
                    self._states["conversations"] = State.FAILED
                    reason = {"reason": str(error)} if isinstance(error, DatabaseInUse) else {}  # others may quote rows
                    log.error("start.conversations.failed", error=type(error).__name__, at=places(error), **reason)
                else:
                    self._states["conversations"] = State.OK
                    return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _start_assistant(self) -> None:
        try:
            await self._assistant.start()
        except Exception as error:  # a model that is absent or unusable: its text says what to do, and nobody wrote yet
            self._states["assistant"] = State.FAILED
            log.error("start.assistant.failed", error=type(error).__name__, reason=str(error), at=places(error))
        else:
            self._states["assistant"] = State.OK
            log.info("start.assistant.ready")

    def require_conversations(self) -> None:
        """Raises `ApiError` 503 while messages cannot be stored yet."""
        if self._states["conversations"] is not State.OK:
            raise ApiError(503, "starting", "De dienst start nog. Probeer het zo meteen opnieuw.", {"Retry-After": "2"})

    async def readiness(self) -> Readiness:
        """How every part is now."""
        database, assistant = await asyncio.gather(self._database_state(), self._assistant_state())
        parts = {"database": database, "conversations": self._states["conversations"], "assistant": assistant}
        missing = [name for name, state in parts.items() if state is not State.OK]
        return Readiness(ready=not missing, missing=missing, parts=parts)

    async def _database_state(self) -> State:
        def version(connection: sa.engine.Connection) -> str | None:
            found: str | None = MigrationContext.configure(connection).get_current_revision()
            return found

        try:
            async with asyncio.timeout(_PATIENCE):
                found = await self._database.run(version, readonly=True)
        except (sa.exc.SQLAlchemyError, TimeoutError) as error:
            log.warning("ready.database", error=type(error).__name__)
            return State.UNREACHABLE
        return State.OK if found == self._newest else State.OUTDATED

    async def _assistant_state(self) -> State:
        state = self._states["assistant"]
        if state is not State.OK:
            return state
        try:
            async with asyncio.timeout(_PATIENCE):
                return State.OK if await self._assistant.ready() else State.UNREACHABLE
        except TimeoutError:
            return State.UNREACHABLE


def router(startup: Startup) -> APIRouter:
    """The routes under /health/."""
    routes = APIRouter(prefix="/health", tags=["health"])

    @routes.get("/live")
    async def live() -> Live:
        """Always 200: the process answers."""
        return Live()

    @routes.get("/ready", responses={503: {"model": Readiness}})
    async def ready(response: Response) -> Readiness:
        """200 only when a message would be answered now, else 503 with what is missing."""
        readiness = await startup.readiness()
        response.status_code = 200 if readiness.ready else 503
        response.headers["Cache-Control"] = "no-store"
        return readiness

    return routes
