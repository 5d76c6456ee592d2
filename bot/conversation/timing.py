"""How long things may take. Constants of the design rather than settings: an operator has no reason to change them."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, unless said otherwise. The defaults are for use; tests shorten them."""

    lease: float = 30.0
    """How long a process may work on a conversation without saying that it lives; what is left after a crash."""
    renew: float = 10.0
    """How often it says so. Far below `lease`, because the clocks of two machines differ."""
    sweep: float = 3.0
    """How often the tables are searched for work that no wake-up told of: of processes that died, or of lost leases."""
    first_retry: float = 0.5
    last_retry: float = 30.0
    failures: int = 5
    """Attempts of one message that may go wrong while the assistant says that it is ready."""
    late: float = 20.0
    """After how much trouble a person is told that the answer is late."""
    grace: float = 5.0
    """How long turns may still take when the process stops."""
    send: float = 30.0
    """How long a provider may take to accept one reply."""
    in_flight: float = 60.0
    """When a reply whose sending never ended, because the process died, is sent again. Above `send`."""
    undelivered: float = 24 * 3600.0
    """When a reply that the provider keeps putting off is set aside."""
    faults: int = 6
    """Attempts after which a reply that fails by a fault of ours is set aside, so that the next one may go."""
    operator_retry: float = 60.0
    """How often it is tried again when the provider refuses our settings: an operator has to change them."""
    unanswered: float = 7 * 24 * 3600.0
    """When a reply that waits for the person to write is set aside."""
    window_check: float = 12 * 3600.0
    """How often such a reply is looked at. A message of the person has it sent at once."""

    def backoff(self, attempts: int) -> float:
        """How long to wait after `attempts` attempts (at least 1): doubling, with a quarter of chance either way."""
        delay = min(self.last_retry, self.first_retry * 2.0 ** min(attempts - 1, 30))
        return min(self.last_retry, self.spread(delay))

    @staticmethod
    def spread(seconds: float) -> float:
        """`seconds` with a quarter of chance either way, so that what failed together does not come back together."""
        return seconds * random.uniform(0.75, 1.25)  # noqa: S311 (spreads load, keeps no secret)
