"""Signs that pass: who is typing now, and up to which line the other side got. In memory, in no table and no log.

With Redis they also reach the other processes; without it, those of PostgreSQL do without.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TypeVar

from bot.conversation.message import Author
from bot.conversation.wakeups import Wakeups

TYPING = 6.0
"""Seconds that a sign of typing holds; who goes on typing gives one every three."""
_REMEMBERED = 10_000
"""Signs that are kept; the oldest go."""
_TYPES, _GOT = "types", "got"

K = TypeVar("K")
V = TypeVar("V")


class Signs:
    """Who types in which conversation, and what arrived there. Who waits for lines of the conversation is woken."""

    def __init__(self, wakeups: Wakeups) -> None:
        self._wakeups = wakeups
        self._typing: OrderedDict[tuple[str, Author], float] = OrderedDict()
        self._got: OrderedDict[tuple[str, Author], int] = OrderedDict()
        wakeups.listen(self._heard)

    def types(self, conversation_id: str, author: Author, still: bool = True) -> None:
        """Somebody is typing, or (`still` False) stopped."""
        self._tell(_TYPES, conversation_id, author, int(still))

    def got(self, conversation_id: str, author: Author, seq: int) -> None:
        """The side of `author` got every line up to this number."""
        if seq > self.arrived(conversation_id, author):
            self._tell(_GOT, conversation_id, author, seq)

    def typing(self, conversation_id: str, author: Author) -> bool:
        """Whether somebody is typing now."""
        return self._typing.get((conversation_id, author), 0.0) > time.monotonic()

    def arrived(self, conversation_id: str, author: Author) -> int:
        """The last line that the side of `author` is known to have got; 0 when nothing is known."""
        return self._got.get((conversation_id, author), 0)

    def _tell(self, what: str, conversation_id: str, author: Author, number: int) -> None:
        self._wakeups.notify(f"{what}:{author.value}:{number}:{conversation_id}")

    def _heard(self, topic: str) -> str | None:
        """Keeps a sign; gives the conversation to wake, None when the topic is no sign."""
        what, _, rest = topic.partition(":")
        if what not in (_TYPES, _GOT):
            return None
        author, number, conversation_id = rest.split(":", 2)
        key = (conversation_id, Author(author))
        if what == _GOT:
            _keep(self._got, key, max(int(number), self._got.get(key, 0)))
        elif int(number):
            _keep(self._typing, key, time.monotonic() + TYPING)
        else:
            self._typing.pop(key, None)
        return conversation_id


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _REMEMBERED:
        kept.popitem(last=False)
