"""What holds for every situation: more knowledge never makes less sure, nothing is refused on what is not known."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.entitlements import FactError, Outcome, Rules, load_rules
from bot.entitlements.facts import Kind
from bot.knowledge.vocabulary import INCENTIVES
from bot.settings import ROOT

RULES = load_rules(ROOT / "data")
SURE = {Outcome.YES, Outcome.NO}
REFUSED = {Outcome.NO, Outcome.PROBABLY_NOT}
QUESTION_WORDS = 20


def values(fact: str) -> st.SearchStrategy[Any]:
    kind = RULES.facts[fact]
    if kind.kind is Kind.YES_NO:
        return st.booleans()
    if kind.kind is Kind.CHOICE:
        return st.sampled_from([choice.id for choice in kind.values])
    return st.floats(min_value=kind.minimum, max_value=kind.maximum, allow_nan=False)


everything = st.fixed_dictionaries({}, optional={fact: values(fact) for fact in RULES.facts})
days = st.dates(min_value=date(2018, 1, 1), max_value=date(2028, 1, 1))
measures = sorted(RULES.measures)


@pytest.mark.parametrize(
    ("person", "incentive", "told"),
    [
        pytest.param(
            {"employment_status": "job_seeker", "home_region": "flanders"},
            "training_vouchers",
            {"training-vouchers", "actiris-vouchers"},
            id="niets van Actiris als mogelijkheid voor wie in Vlaanderen woont",
        ),
        pytest.param(
            {"employment_status": "civil_servant"},
            "training_leave",
            {"flemish-training-leave"},
            id="geen Brussels verlof als niemand over Brussel sprak",
        ),
        pytest.param(
            {"employment_status": "employee", "work_region": "brussels"},
            "training_leave",
            {"flemish-training-leave", "brussels-educational-leave"},
            id="allebei voor wie in Brussel werkt",
        ),
        pytest.param(
            {"employment_status": "employee"},
            "training_leave",
            {"flemish-training-leave", "brussels-educational-leave"},
            id="allebei zolang de werkplek niet bekend is",
        ),
        pytest.param(
            {"employment_status": "civil_servant"},
            "time_credit",
            {"time-credit", "care-credit"},
            id="de overheid hoort over haar eigen krediet",
        ),
        pytest.param(
            {"employment_status": "employee", "sector": "private"},
            "time_credit",
            {"time-credit"},
            id="de privésector niet",
        ),
    ],
)
def test_what_is_told_of_what_was_asked_by_name(
    rules: Rules, person: dict[str, Any], incentive: str, told: set[str]
) -> None:
    assessment = rules.assess(person, date(2026, 11, 26), rules.answering("ask_entitlements", incentive))
    assert {result.measure for result in assessment.overview} == told
    possible = {result.measure for result in assessment.overview if result.outcome not in REFUSED}
    assert not (possible & {"actiris-vouchers", "actiris-language-voucher"} and person.get("home_region") == "flanders")


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days, st.sampled_from(sorted(INCENTIVES)))
def test_who_asks_by_name_always_hears_something(facts: dict[str, Any], day: date, incentive: str) -> None:
    assessment = RULES.assess(facts, day, RULES.answering("ask_entitlements", incentive))
    assert bool(assessment.overview) is bool(assessment.results)


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days, st.data())
def test_adding_a_fact_never_makes_a_sure_answer_unknown(facts: dict[str, Any], day: date, data: st.DataObject) -> None:
    before = RULES.assess(facts, day, measures)
    fact = data.draw(st.sampled_from(list(RULES.facts)))
    # What already follows from other facts is known: telling something else would contradict it, not add to it.
    if fact in RULES.facts.complete(facts):
        return
    after = RULES.assess(facts | {fact: data.draw(values(fact))}, day, measures)
    for old, new in zip(before.results, after.results, strict=True):
        if old.outcome in SURE:
            assert new.outcome is old.outcome, (old.measure, fact)
        if old.outcome in REFUSED:
            assert new.outcome in REFUSED, (old.measure, fact)
        if old.outcome is Outcome.PROBABLY and not old.provisos:
            assert new.outcome in {Outcome.PROBABLY, Outcome.YES}, (old.measure, fact)


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts: dict[str, Any], day: date, random: Any) -> None:
    shuffled = list(facts.items())
    random.shuffle(shuffled)
    assert RULES.assess(dict(shuffled), day, measures) == RULES.assess(facts, day, measures)


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days)
def test_a_result_names_its_reasons_its_source_and_its_date(facts: dict[str, Any], day: date) -> None:
    for result in RULES.assess(facts, day, measures).results:
        assert result.reasons and all(reason.text for reason in result.reasons)
        assert result.deciding in result.reasons
        assert result.sources and result.checked
        assert "{" not in f"{result.gives}{result.what}{result.next_step}{result.legal}{result.reasons}"


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days)
def test_an_amount_is_told_only_to_who_gets_something(facts: dict[str, Any], day: date) -> None:
    for result in RULES.assess(facts, day, measures).results:
        if result.gives:
            assert result.outcome in {Outcome.YES, Outcome.PROBABLY}
            assert result.certainty.usable


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days)
def test_what_decides_agrees_with_the_outcome(facts: dict[str, Any], day: date) -> None:
    for result in RULES.assess(facts, day, measures).results:
        met = {Outcome.UNKNOWN: None, Outcome.NO: False, Outcome.PROBABLY_NOT: False}.get(result.outcome, True)
        assert result.deciding.met is met
        assert bool(result.needed) <= (result.outcome is Outcome.UNKNOWN)


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days)
def test_a_refusal_rests_on_facts_that_are_known(facts: dict[str, Any], day: date) -> None:
    known = RULES.facts.complete(facts)
    for result in RULES.assess(facts, day, measures).results:
        if result.outcome in REFUSED and result.in_force:
            assert any(fact in known for fact in result.deciding.facts), result


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days)
def test_what_is_assumed_is_never_told_as_a_fact(facts: dict[str, Any], day: date) -> None:
    known = RULES.facts.complete(facts).keys()
    for result in RULES.assess(facts, day, measures).results:
        for reason in (*result.reasons, *RULES.conditions(result.measure, facts, day)):
            assert reason.met is None or not reason.facts or known & set(reason.facts), (result.measure, reason.text)


def test_a_proviso_is_said_once_and_its_condition_is_not_known() -> None:
    facts = {"employment_status": "job_seeker", "registered_with": "vdab"}
    told = {reason.facts: reason for reason in RULES.conditions("ibo", facts, date(2026, 11, 26))}
    assert told["quit_for_ibo",].met is None
    assert told["quit_for_ibo",].text == "Ik weet nog niet of je je vorige job opzegde om hiermee te starten."
    result = RULES.assess(facts, date(2026, 11, 26), ["ibo"]).results[0]
    assert "als je je vorige job niet opzegde om te starten" in result.provisos
    assert not any("opzegde" in reason.text or "zegde" in reason.text for reason in result.reasons)
    result = RULES.assess(facts | {"quit_for_ibo": False}, date(2026, 11, 26), ["ibo"]).results[0]
    assert any(reason.met and "Je zegde geen job op." in reason.text for reason in result.reasons)


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, days)
def test_a_question_is_about_an_open_measure_and_not_known_yet(facts: dict[str, Any], day: date) -> None:
    assessment = RULES.assess(facts, day)
    known = RULES.facts.complete(facts)
    for fact in assessment.questions():
        assert fact not in known
        assert RULES.facts[fact].asked
        leads_to = {name for result in assessment.results for name in result.needed}
        assert fact in leads_to or fact in RULES.facts.implying(leads_to)


@settings(deadline=None)  # a situation seen for the first time may wait for the rules of its day
@given(everything, st.dates(min_value=date(2025, 1, 1), max_value=date(2028, 1, 1)))
def test_rules_out_of_force_are_not_in_the_overview(facts: dict[str, Any], day: date) -> None:
    assessment = RULES.assess(facts, day)
    for result in assessment.results:
        assert result.in_force
        assert result.valid_from is None or result.valid_from <= day
        assert result.valid_until is None or day <= result.valid_until


def test_the_day_before_and_the_day_after_the_end_differ() -> None:
    facts = {"employment_status": "employee", "sector": "private", "home_region": "flanders"}
    facts |= {"work_years": 10.0, "career_voucher": "never"}
    last = date(2026, 12, 31)
    assert RULES.assess(facts, last).get("career-voucher") is not None
    assert RULES.assess(facts, last + timedelta(days=1)).get("career-voucher") is None
    assert RULES.assess(facts, last).get("career-credit") is None
    assert RULES.assess(facts, last + timedelta(days=1)).get("career-credit") is not None


def test_the_first_question_is_what_somebody_does_and_answers_lead_on(rules: Rules) -> None:
    first = rules.assess({}, date(2026, 11, 26)).questions()
    assert first[0] == "employment_status"
    job_seeker = rules.assess({"employment_status": "job_seeker"}, date(2026, 11, 26)).questions()
    assert not {"sector", "work_region", "hours_per_week", "seniority_years"} & set(job_seeker)
    employee = rules.assess({"employment_status": "employee"}, date(2026, 11, 26)).questions()
    assert not {"registered_with", "children", "unemployment_benefit", "works_as_employee"} & set(employee)


@pytest.mark.parametrize(
    ("fact", "value"),
    [("shoe_size", 43), ("employment_status", "koning"), ("job_share", 101), ("job_share", True), ("children", "ja"),
     ("age", -1), ("age", float("nan")), ("home_region", ["flanders"])],
)  # fmt: skip
def test_a_wrong_fact_is_refused_by_name(rules: Rules, fact: str, value: object) -> None:
    with pytest.raises(FactError) as caught:
        rules.facts.checked({fact: value})
    assert caught.value.fact == fact
    with pytest.raises(FactError):
        rules.assess({fact: value if not isinstance(value, list) else "nergens"}, date(2026, 11, 26))  # type: ignore[dict-item]


def test_questions_are_plain_and_their_buttons_fit_every_channel(rules: Rules) -> None:
    for fact in rules.facts.values():
        if not fact.asked:
            continue
        assert fact.question.endswith(("?", ".")) and fact.question.count("?") == 1
        for sentence in re.split(r"(?<=[.?])\s", fact.question):
            assert len(sentence.split()) <= QUESTION_WORDS
        titles = [choice.title for choice in fact.values if choice.title] + list(fact.buttons.values())
        assert len(titles) == len(set(titles)) <= 9
        assert all(len(title) <= 20 for title in titles)
