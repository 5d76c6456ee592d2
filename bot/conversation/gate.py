"""How fast a push channel may send, and whether it sends at all: the provider's pace, and a circuit breaker.

Kept in memory, for one process: what several processes send together, the provider itself holds back (429), which is
obeyed.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from bot.conversation.model import Pace

TRIPS = 5
"""Failures of the provider in a row after which nothing more is tried for a while."""
_FIRST_OPEN, _LAST_OPEN = 5.0, 60.0
_PROBE = 35.0
"""Seconds after which a probe that told nothing counts as lost: a little more than a sending may take."""
_PEOPLE = 10_000
"""People whose pace is remembered before those who may write at once are forgotten."""


class Gate:
    """Lets messages of one channel through. Asked on the threads of the database, so it has a lock.

    The pace is that of a bucket (the generic cell rate algorithm): each message takes the place of `1 / per_second`, for
    its person of `every` seconds.
    """

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._clock = clock
        self._lock = threading.Lock()
        self._all = 0.0  # when, at the sustained pace, the next message would be due
        self._people: dict[str, float] = {}
        self._failures = 0
        self._closed_until = 0.0
        self._probe_until = 0.0

    def take(self, person: str) -> float:
        """0 when a message to this person may go now, which then counts; else in how many seconds to ask again."""
        with self._lock:
            now = self._clock()
            wait = max(self._closed_until, self._probe_until) - now
            if wait > 0:
                return wait
            wait = max(self._wait_for_all(now), self._wait_for(person, now))
            if wait > 0:
                return wait
            if self._failures >= TRIPS:
                self._probe_until = now + _PROBE
            self._all = max(self._all, now) + 1 / self._pace.per_second
            if self._pace.every:
                self._forget(now)
                self._people[person] = max(self._people.get(person, 0.0), now) + self._pace.every
            return 0.0

    def worked(self) -> None:
        """The provider answered: it is there."""
        with self._lock:
            self._failures = 0
            self._closed_until = self._probe_until = 0.0

    def failed(self, seconds: float | None = None) -> None:
        """The provider did not take a message; `seconds` is for how long it said that it takes none."""
        with self._lock:
            now = self._clock()
            self._failures += 1
            self._probe_until = 0.0
            if seconds is not None:
                self._closed_until = max(self._closed_until, now + seconds)
            elif self._failures >= TRIPS:
                wait = min(_LAST_OPEN, _FIRST_OPEN * 2.0 ** min(self._failures - TRIPS, 10))
                spread = random.uniform(0.75, 1.25)  # noqa: S311 (spreads load, keeps no secret)
                self._closed_until = max(self._closed_until, now + wait * spread)

    @property
    def closed_for(self) -> float:
        """Seconds for which nothing is sent; 0 when the channel works."""
        with self._lock:
            return max(0.0, self._closed_until - self._clock())

    def _wait_for_all(self, now: float) -> float:
        # A burst of one second's worth may go at once.
        return self._all - 1.0 - now + 1 / self._pace.per_second

    def _wait_for(self, person: str, now: float) -> float:
        due = self._people.get(person, 0.0)
        return due - now - (self._pace.burst - 1) * self._pace.every

    def _forget(self, now: float) -> None:
        if len(self._people) >= _PEOPLE:
            self._people = {person: due for person, due in self._people.items() if due > now}
