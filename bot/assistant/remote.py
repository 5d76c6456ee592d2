"""The assistant as Rasa servers elsewhere, over HTTP.

Each server runs `leerwijzer rasa run --enable-api` (for its status). Its channel, `bot.assistant.rasa_channel.LeerwijzerInput`,
takes a `Turn` and gives an `Answer`, as JSON. A conversation goes to the same server while that one answers, and to another
when it does not.
"""

from __future__ import annotations

import zlib

import httpx
import structlog
from pydantic import ValidationError

from bot.assistant.interface import Answer, AssistantUnavailable, Turn

log = structlog.get_logger(__name__)

ROOT = "/webhooks/leerwijzer"
PATH = f"{ROOT}/webhook"
READ, FORGET = f"{ROOT}/read", f"{ROOT}/forget"


class RemoteAssistant:
    """Answers by asking one of `urls`. `timeout` in seconds is for one whole answer."""

    def __init__(self, urls: tuple[str, ...], token: str = "", timeout: float = 20.0) -> None:
        if not urls:
            raise ValueError("a remote assistant needs at least one address")
        self._urls = tuple(url.rstrip("/") for url in urls)
        self._params = {"token": token} if token else {}
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """Opens the connections; does not wait for the servers, `ready` tells about them."""
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(self._timeout, connect=3.0), trust_env=False)

    def _order(self, conversation_id: str) -> tuple[str, ...]:
        first = zlib.crc32(conversation_id.encode()) % len(self._urls)
        return self._urls[first:] + self._urls[:first]

    async def answer(self, turn: Turn) -> Answer:
        """As `Assistant.answer`."""
        if self._client is None:
            raise AssistantUnavailable("the assistant has not been started")
        for url in self._order(turn.conversation_id):
            try:
                response = await self._client.post(url + PATH, params=self._params, json=turn.model_dump(mode="json"))
            except httpx.ConnectError:
                log.warning("assistant.remote.unreachable", url=url)
                continue  # nothing was handled there, so another may
            except httpx.HTTPError as error:
                # The server may be half-way through the turn: another one must not begin it at the same time.
                raise AssistantUnavailable(f"{url}: {type(error).__name__}") from error
            if response.status_code != 200:
                raise AssistantUnavailable(f"{url} answered {response.status_code}")
            try:
                return Answer.model_validate_json(response.content)
            except ValidationError as error:
                raise AssistantUnavailable(f"{url} answered something that is no answer") from error
        raise AssistantUnavailable("no Rasa server can be reached")

    async def understand(self, text: str) -> str | None:
        """As `Assistant.understand`: any server knows as much as another."""
        if self._client is None:
            raise AssistantUnavailable("the assistant has not been started")
        reason = ""
        for url in self._urls:
            try:
                response = await self._client.post(url + READ, params=self._params, json={"text": text})
                response.raise_for_status()
                intent = response.json()["intent"]
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                reason = f"{url}: {type(error).__name__}"
                continue
            return None if intent is None else str(intent)
        raise AssistantUnavailable(reason)

    async def forget(self, conversation_id: str) -> None:
        """As `Assistant.forget`, on every server: any of them may have answered. One that is down remembers nothing."""
        for url in self._urls if self._client is not None else ():
            try:
                body = {"conversation_id": conversation_id}
                await self._client.post(url + FORGET, params=self._params, json=body, timeout=3.0)  # type: ignore[union-attr]
            except httpx.HTTPError as error:
                log.warning("assistant.remote.not_forgotten", url=url, error=type(error).__name__)

    async def ready(self) -> bool:
        """Whether at least one server has a model loaded."""
        if self._client is None:
            return False
        for url in self._urls:
            try:
                response = await self._client.get(url + "/status", params=self._params, timeout=3.0)
            except httpx.HTTPError:
                continue
            if response.status_code == 200:
                return True
        return False

    async def close(self) -> None:
        """As `Assistant.close`."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
