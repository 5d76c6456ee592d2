"""How a result is kept for the overview."""

from __future__ import annotations

from datetime import date

import pytest

from actions.entitlement_cards import right_of
from bot.entitlements import Rules, load_rules
from bot.settings import ROOT

EMPLOYEE = {"employment_status": "employee", "sector": "private", "work_region": "flanders"}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(ROOT / "data")


@pytest.mark.parametrize(("share", "applies"), [(50.0, False), (100.0, True)])
def test_where_to_apply_is_only_kept_for_what_one_may_get(rules: Rules, share: float, applies: bool) -> None:
    facts = EMPLOYEE | {"job_share": share}
    result = rules.assess(facts, date(2026, 11, 26), ["flemish-training-leave"]).results[0]
    right = right_of(result)
    assert (bool(right.where), bool(right.next_step), right.url is not None) == (applies, applies, applies)
    assert right.why and right.sources
