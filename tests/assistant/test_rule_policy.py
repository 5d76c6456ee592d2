"""The quicker policy finds the rules that Rasa's own finds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.rule_policy import IndexedRulePolicy

from rasa.core.policies.rule_policy import SHOULD_NOT_BE_SET, RulePolicy  # isort: skip

INTENTS, ACTIONS = ("ask", "greet", "stop"), ("action_listen", "action_answer", "utter_greet")
LOOPS = ("search_form", SHOULD_NOT_BE_SET)


@st.composite
def states(draw: st.DrawFn, rule: bool) -> dict[str, Any]:
    state: dict[str, Any] = {}
    if draw(st.booleans()) or not rule:
        state["prev_action"] = {"action_name": draw(st.sampled_from(ACTIONS))}
    if draw(st.booleans()):
        state["user"] = {"intent": draw(st.sampled_from(INTENTS))}
    if draw(st.booleans()):
        state["active_loop"] = {"name": draw(st.sampled_from(LOOPS if rule else LOOPS[:1]))}
    return state


def bare(kind: type[RulePolicy]) -> RulePolicy:
    """A policy with nothing but what finding rules needs."""
    made = kind.__new__(kind)
    made._indexes = {}
    return made


@given(
    rules=st.lists(st.lists(states(rule=True), min_size=1, max_size=3), max_size=30),
    turns=st.lists(states(rule=False), max_size=4),
)
def test_same_rules_as_rasa(rules: list[list[dict[str, Any]]], turns: list[dict[str, Any]]) -> None:
    lookup = {json.dumps(rule, sort_keys=True): "action_answer" for rule in rules}
    quick, plain = bare(IndexedRulePolicy), bare(RulePolicy)
    assert quick._get_possible_keys(lookup, turns) == plain._get_possible_keys(lookup, turns)
    for key in list(lookup)[:1]:  # a rule less, as in training
        del lookup[key]
    assert quick._get_possible_keys(lookup, turns) == plain._get_possible_keys(lookup, turns)
