"""The gate of a channel: its pace and its circuit breaker, on a clock that the test moves."""

from __future__ import annotations

import pytest

from bot.conversation.gate import TRIPS, Gate
from bot.conversation.model import Pace


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_without_a_pace_all_goes(clock: Clock) -> None:
    gate = Gate(Pace(), clock)
    assert [gate.take("an") for _ in range(1000)] == [0.0] * 1000


def test_a_person_gets_a_burst_and_then_one_at_a_time(clock: Clock) -> None:
    gate = Gate(Pace(every=6.0, burst=45), clock)
    assert [gate.take("an") for _ in range(45)] == [0.0] * 45
    assert gate.take("an") == pytest.approx(6.0)
    assert gate.take("bert") == 0.0
    clock.now += 6.0
    assert gate.take("an") == 0.0
    assert gate.take("an") == pytest.approx(6.0)
    clock.now += 3600
    assert [gate.take("an") for _ in range(45)] == [0.0] * 45


def test_all_together_have_a_pace(clock: Clock) -> None:
    gate = Gate(Pace(per_second=30), clock)
    assert [gate.take(f"p{n}") for n in range(30)] == [0.0] * 30
    assert gate.take("x") == pytest.approx(1 / 30)
    clock.now += 1 / 30 + 1e-6
    assert gate.take("x") == 0.0


def test_failures_in_a_row_close_it_and_one_probe_opens_it(clock: Clock) -> None:
    gate = Gate(Pace(), clock)
    for _ in range(TRIPS - 1):
        gate.failed()
    assert gate.take("an") == 0.0
    gate.failed()
    assert 3.0 < gate.take("an") < 7.0
    assert gate.closed_for == gate.take("bert")
    clock.now += 7.0
    assert gate.closed_for == 0.0
    assert gate.take("an") == 0.0  # the probe
    assert gate.take("bert") > 0.0
    gate.failed()
    assert 6.0 < gate.take("an") < 13.0  # longer than the first time
    clock.now += 13.0
    assert gate.take("an") == 0.0
    gate.worked()
    assert [gate.take("an"), gate.take("bert")] == [0.0, 0.0]


def test_what_works_in_between_forgets_failures(clock: Clock) -> None:
    gate = Gate(Pace(), clock)
    for _ in range(3 * TRIPS):
        gate.failed()
        gate.worked()
    assert gate.take("an") == 0.0


def test_a_provider_that_says_how_long_is_obeyed(clock: Clock) -> None:
    gate = Gate(Pace(), clock)
    gate.failed(90.0)
    assert gate.take("an") == pytest.approx(90.0)
    clock.now += 91.0
    assert gate.take("an") == 0.0


def test_a_probe_that_tells_nothing_is_not_waited_for_forever(clock: Clock) -> None:
    gate = Gate(Pace(), clock)
    for _ in range(TRIPS):
        gate.failed()
    clock.now += 7.0
    assert gate.take("an") == 0.0
    clock.now += 40.0
    assert gate.take("bert") == 0.0
