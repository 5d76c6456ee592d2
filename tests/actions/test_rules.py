"""Rules, domain, actions and responses fit each other: no intent without an answer, no form that hangs, no dead words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor

from actions.digression import BY_INTENT, SAID
from actions.entitlements import ValidateEntitlementsForm
from actions.forms import OneQuestionForm
from actions.my_data import ValidateDeleteForm
from actions.referral_form import ValidateReferralForm
from actions.search import ValidateCourseSearchForm
from bot.knowledge.vocabulary import INTENTS
from bot.settings import ROOT

DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [
    rule
    for path in sorted((ROOT / "data" / "rules").glob("*.yml"))
    for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
]
FORMS: dict[str, type[OneQuestionForm]] = {
    "course_search_form": ValidateCourseSearchForm,
    "referral_form": ValidateReferralForm,
    "entitlements_form": ValidateEntitlementsForm,
}
LEAVES_ANYWHERE = {"cancel", "delete_my_data", "distress", "restart"}


def intents_of(rule: dict[str, Any]) -> set[str]:
    found = set()
    for step in rule["steps"]:
        found |= {step["intent"]} if "intent" in step else set()
        found |= {one["intent"] for one in step.get("or", [])}
    return found


def form_of(rule: dict[str, Any]) -> str | None:
    return next((condition["active_loop"] for condition in rule.get("condition", [])), None)


def test_the_domain_names_every_intent_of_the_contract() -> None:
    assert set(DOMAIN["intents"]) >= INTENTS


@pytest.mark.parametrize("intent", [intent for intent in DOMAIN["intents"] if intent != "restart"])
def test_every_intent_has_a_rule_outside_forms(intent: str) -> None:
    assert any(form_of(rule) is None and intent in intents_of(rule) for rule in RULES), f"{intent} gets no answer"


@pytest.mark.parametrize("form", FORMS)
def test_in_a_form_every_intent_answers_digresses_or_leaves(form: str) -> None:
    ruled = set().union(*(intents_of(rule) for rule in RULES if form_of(rule) == form))
    starts_another = {"request_human", "request_guidance", "learning_support"} if form != "referral_form" else set()
    if form == "referral_form":  # asked again in its own form: goes on with it
        ruled |= {"request_guidance", "learning_support"}
    handled = ruled | FORMS[form].answers | LEAVES_ANYWHERE | starts_another
    assert set(DOMAIN["intents"]) - handled == set()


def test_whatever_is_said_answers_whether_everything_must_go() -> None:
    form = ValidateDeleteForm()
    for intent in DOMAIN["intents"]:
        tracker = Tracker("c", {}, {"intent": {"name": intent}}, [], False, None, {"name": "delete_form"}, None)
        assert form.is_answer(tracker, "delete_confirmed") is (intent not in {"cancel", "distress"})


def test_a_digression_can_answer_whatever_its_rules_send_it() -> None:
    from bot.knowledge.vocabulary import INFORMATIONAL

    for rule in RULES:
        if {"action": "action_digress"} in rule["steps"]:
            unanswered = intents_of(rule) - set(BY_INTENT) - SAID - INFORMATIONAL - {"unreadable"}
            assert unanswered == set()
    for intent in SAID:
        assert f"utter_{intent}" in DOMAIN["responses"]


def test_the_actions_of_the_domain_are_those_that_exist() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(DOMAIN["actions"]) == set(executor.actions)


def test_every_response_is_said_somewhere() -> None:
    places = [
        *(ROOT / "data" / "rules").glob("*.yml"),
        *(ROOT / "actions").glob("*.py"),
        ROOT / "channels" / "server.py",
    ]
    text = "\n".join(Path(place).read_text(encoding="utf-8") for place in places)
    by_name = {f"utter_{intent}" for intent in SAID} | {"utter_restart"}
    by_form = {
        f"utter_ask_{form}_{slot}" for form in DOMAIN["forms"] for slot in DOMAIN["forms"][form]["required_slots"]
    }
    for response in DOMAIN["responses"]:
        assert response in by_name | by_form or re.search(rf"\b{response}\b", text), f"{response} is never said"


def test_buttons_fit_every_channel_and_mean_something() -> None:
    for name, variants in DOMAIN["responses"].items():
        for variant in variants:
            for button in variant.get("buttons", []):
                assert len(button["title"]) <= 20, f"{name}: {button['title']}"
                assert button["payload"].lstrip("/") in DOMAIN["intents"], f"{name}: {button['payload']}"
