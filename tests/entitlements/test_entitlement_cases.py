"""The worked cases of cases.yml: written by hand from the facts, each with its source."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.entitlements import Outcome, Result, Rules

DATA: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = DATA["cases"]
KNOWN = {"name", "source", "of", "facts", "day", "expect", "measure", "says", "silent", "deciding", "needed"}


def told(case: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for person in case.get("of", []):
        facts |= DATA["people"][person]
    return facts | case.get("facts", {})


def everything_said(result: Result) -> str:
    return " ".join(
        [
            result.what,
            result.gives,
            result.next_step,
            result.apply,
            *result.provisos,
            *(reason.text for reason in result.reasons),
        ]
    )


def test_there_are_enough_cases_each_with_a_source_and_a_name_of_its_own() -> None:
    assert len(CASES) >= 60
    assert len({case["name"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert case["source"], case["name"]
        assert not case.keys() - KNOWN, case["name"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_worked_case(case: dict[str, Any], rules: Rules) -> None:
    on = case.get("day", date(2026, 11, 26))
    facts = rules.facts.checked(told(case))
    results = {result.measure: result for result in rules.assess(facts, on, case["expect"]).results}
    assert {name: result.outcome for name, result in results.items()} == {
        name: Outcome(outcome) for name, outcome in case["expect"].items()
    }, [result.reasons for result in results.values()]
    if "measure" not in case:
        return
    result = results[case["measure"]]
    said = everything_said(result)
    for words in case.get("says", []):
        assert words in said
    for words in case.get("silent", []):
        assert words not in said
    assert case.get("deciding", "") in result.deciding.text
    if "needed" in case:
        assert set(result.needed) == set(case["needed"])


def test_every_measure_is_worked_out_in_a_case(rules: Rules) -> None:
    assert {measure for case in CASES for measure in case["expect"]} == set(rules.measures)
