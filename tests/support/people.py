"""People who write, and a service that does not make tests wait."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from bot.conversation.message import InboundMessage, Reply
from bot.conversation.service import Accepted, Conversations
from bot.conversation.timing import Timing

QUICK = Timing(lease=2.0, renew=0.5, sweep=0.3, first_retry=0.02, last_retry=0.1, late=1.0, grace=0.3, in_flight=1.0)
"""The timing of the service in tests."""

_numbers = itertools.count(1)


def message(text: str = "hallo", sender: str = "an", channel: str = "web", **more: Any) -> InboundMessage:
    """A message with an id of its own, unless `message_id` is given."""
    more.setdefault("message_id", f"m{next(_numbers)}")
    return InboundMessage(channel=channel, sender=sender, text=text, **more)


async def ask(conversations: Conversations, text: str = "hallo", sender: str = "an", **more: Any) -> list[Reply]:
    """Sends a message and gives the replies to it."""
    return await conversations.replies_to(await conversations.accept(message(text, sender, **more)), 10.0)


async def answered(conversations: Conversations, accepted: Accepted) -> list[str]:
    """The texts of the replies to a message."""
    return [reply.text for reply in await conversations.replies_to(accepted, 10.0)]


async def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    """Waits until something holds; fails when it does not within `seconds`."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 (it watches another thread)
            await asyncio.sleep(0.005)
