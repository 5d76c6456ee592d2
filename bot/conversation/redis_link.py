"""Wake-ups between processes through Redis publish and subscribe. Only ids of conversations travel."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.conversation.faults import fault

log = structlog.get_logger(__name__)

TOPIC = "leerwijzer:conversations"
_PAUSE = 2.0  # seconds between attempts to reach Redis


class RedisLink:
    """A `bot.conversation.wakeups.Link`. While Redis cannot be reached, wake-ups get lost and nothing else."""

    def __init__(self, url: str) -> None:
        self._client: Redis = Redis.from_url(url, socket_connect_timeout=3.0, socket_timeout=None)
        self._me = secrets.token_hex(8)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, wake: Callable[[str], None], wake_all: Callable[[], None]) -> None:
        """As `Link.start`."""
        self._tasks = [asyncio.create_task(self._listen(wake, wake_all)), asyncio.create_task(self._publish())]

    def tell(self, conversation_id: str) -> None:
        """As `Link.tell`."""
        self._outgoing.put_nowait(conversation_id)

    async def stop(self) -> None:
        """As `Link.stop`."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        await self._client.aclose()

    async def _listen(self, wake: Callable[[str], None], wake_all: Callable[[], None]) -> None:
        while True:
            try:
                async with self._client.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(TOPIC)
                    wake_all()  # what was told before we listened
                    async for message in subscription.listen():
                        sender, _, conversation_id = message["data"].decode().partition(" ")
                        if sender != self._me:
                            wake(conversation_id)
            except (RedisError, OSError) as error:
                log.warning("conversation.redis.unreachable", **fault(error))
            await asyncio.sleep(_PAUSE)

    async def _publish(self) -> None:
        while True:
            conversation_id = await self._outgoing.get()
            try:
                await self._client.publish(TOPIC, f"{self._me} {conversation_id}")
            except (RedisError, OSError):
                # The listener logs that Redis is away, and everybody looks again when it is back.
                while not self._outgoing.empty():
                    self._outgoing.get_nowait()
                await asyncio.sleep(_PAUSE)
