"""The fault-injection run, small: the process and the providers die, nothing is lost, what is doubled is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.faults.run import Plan, run


@pytest.mark.slow
async def test_nothing_is_lost_when_everything_dies(tmp_path: Path) -> None:
    plan = Plan(
        messages=120, each=20, seed=7, life=(1.0, 3.0), provider_life=(2.0, 5.0), provider_away=(0.2, 1.0), trouble=0.1
    )
    outcome = await run(plan, tmp_path)
    assert outcome.kills >= 1
    assert outcome.provider_deaths >= 1
    assert (outcome.lost, outcome.unexplained) == ([], [])
    assert outcome.answered == plan.messages
