"""The assistant as Rasa in this process, on a thread with its own event loop.

Rasa computes inside its coroutines: on the loop of the web server, fifty messages at once would stop it for 900 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import structlog

from bot.assistant.interface import Answer, AssistantUnavailable, Turn
from bot.assistant.plain import load_plain
from bot.settings import get_settings
from bot.trouble import Trouble

log = structlog.get_logger(__name__)

T = TypeVar("T")


class NoModel(Trouble):
    """There is no trained model to load."""


class EmbeddedAssistant:
    """Answers with the model at `model`, its conversations in the database of `database_url`, the actions of `actions`."""

    def __init__(self, model: Path, database_url: str, actions: str = "actions", timeout: float = 20.0) -> None:
        self._model = model
        self._database_url = database_url
        self._actions = actions
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._agent: Any = None
        self._store: Any = None
        self._thread: threading.Thread | None = None

    async def start(self) -> None:
        """Loads the model. Raises `NoModel` when there is none, and whatever loading it raises."""
        if not self._model.exists():
            raise NoModel(f"there is no trained model at {self._model}: run `make train`")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rasa", daemon=True)
        self._thread.start()
        self._agent = await self._on_thread(self._load())

    async def _load(self) -> Any:
        # Imported here: a process that asks remote servers never pays for Rasa.
        from bot.assistant.rasa_import import silence_warnings

        silence_warnings()
        from bot.assistant.actions_endpoint import InProcessActions, trust_results
        from bot.assistant.tracker_store import DatabaseTrackerStore

        from rasa.core.agent import Agent  # isort: skip
        from rasa.core.lock_store import InMemoryLockStore  # isort: skip

        load_plain(
            get_settings().data_dir / "knowledge"
        )  # what is wrong with it is told at the start, not at a message
        trust_results()
        self._store = DatabaseTrackerStore(url=self._database_url)
        agent = Agent(
            tracker_store=self._store,
            lock_store=InMemoryLockStore(),
            action_endpoint=InProcessActions(self._actions),
        )
        agent.load_model(self._model)
        return agent

    async def _on_thread(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            coroutine.close()
            raise AssistantUnavailable("the assistant has not been started")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def answer(self, turn: Turn) -> Answer:
        """As `Assistant.answer`."""
        if self._agent is None:
            raise AssistantUnavailable("the model is still loading")
        from bot.assistant.rasa_turn import run_turn

        try:
            return await asyncio.wait_for(self._on_thread(run_turn(self._agent, turn)), self._timeout)
        except TimeoutError as error:
            raise AssistantUnavailable(f"no answer within {self._timeout:g} seconds") from error

    async def understand(self, text: str) -> str | None:
        """As `Assistant.understand`."""
        if self._agent is None:
            raise AssistantUnavailable("the model is still loading")
        from bot.assistant.rasa_turn import read_intent

        try:
            return await asyncio.wait_for(self._on_thread(read_intent(self._agent, text)), self._timeout)
        except TimeoutError as error:
            raise AssistantUnavailable(f"not read within {self._timeout:g} seconds") from error

    async def forget(self, conversation_id: str) -> None:
        """As `Assistant.forget`."""
        if self._agent is None:
            return
        from bot.assistant.rasa_turn import forget

        await self._on_thread(forget(self._agent, conversation_id))

    async def ready(self) -> bool:
        """Whether the model is loaded and its thread answers."""
        if self._agent is None:
            return False
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self._on_thread(_alive()), 3.0)
        return False

    async def close(self) -> None:
        """As `Assistant.close`."""
        if self._loop is None or self._thread is None:
            return
        if self._store is not None:
            self._store.close()
        self._agent = self._store = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join, 5.0)
        self._loop = self._thread = None


async def _alive() -> bool:
    return True
