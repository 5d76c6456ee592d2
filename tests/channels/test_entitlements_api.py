"""POST /api/entitlements: other services use the rules; bad input gets a clear refusal; nothing is kept."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from support.site import Site

EMPLOYEE = {
    "employment_status": "employee",
    "sector": "private",
    "work_region": "flanders",
    "home_region": "flanders",
    "education_level": "upper_secondary",
    "job_share": 100,
    "hours_per_week": 38,
    "course_leave": True,
    "course_hours": 120,
}


async def ask(site: Site, body: Any) -> httpx.Response:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        return await client.post("/api/entitlements", content=content, headers={"Content-Type": "application/json"})


async def test_a_situation_is_worked_out_with_reasons_source_and_date(site: Site) -> None:
    response = await ask(site, {"facts": EMPLOYEE, "start": "2026-12-01"})
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    results = {result["measure"]: result for result in response.json()["results"]}
    leave = results["flemish-training-leave"]
    assert leave["outcome"] == "probably"
    assert leave["label"] == "Vermoedelijk wel"
    assert "125 uur" in leave["gives"]
    assert leave["checked"] == "2026-11-23"
    assert leave["sources"][0]["url"].startswith("https://www.vlaanderen.be/")
    assert all(condition["met"] for condition in leave["conditions"])
    assert "25 april 2025" in leave["legal"]


async def test_what_is_only_assumed_is_not_known(site: Site) -> None:
    facts = {"employment_status": "job_seeker", "registered_with": "vdab"}
    answer = (await ask(site, {"facts": facts, "measures": ["ibo"]})).json()
    ibo = answer["results"][0]
    assert ibo["outcome"] == "probably" and ibo["provisos"]
    assumed = [condition for condition in ibo["conditions"] if "quit_for_ibo" in condition["facts"]]
    assert [condition["met"] for condition in assumed] == [None]
    assert not any("quit_for_ibo" in reason["facts"] for reason in ibo["reasons"])


async def test_what_is_missing_is_named_in_the_order_to_ask(site: Site) -> None:
    answer = (await ask(site, {"facts": {"employment_status": "employee"}})).json()
    leave = next(result for result in answer["results"] if result["measure"] == "flemish-training-leave")
    assert leave["outcome"] == "unknown"
    assert {"sector", "work_region"} <= set(leave["needed"])
    assert answer["ask_next"][0] in leave["needed"]
    assert not any(result["outcome"] == "no" for result in answer["results"] if not result["reasons"][0]["facts"])


async def test_the_rules_of_the_day_the_course_starts_are_used(site: Site) -> None:
    facts = {"facts": {"employment_status": "employee", "home_region": "flanders", "work_years": 12}}
    before = (await ask(site, facts | {"start": "2026-12-31"})).json()["results"]
    after = (await ask(site, facts | {"start": "2027-01-01"})).json()["results"]
    assert "career-voucher" in {result["measure"] for result in before}
    assert "career-voucher" not in {result["measure"] for result in after}
    assert "career-credit" in {result["measure"] for result in after}
    named = (await ask(site, facts | {"start": "2027-01-01", "measures": ["career-voucher"]})).json()["results"]
    assert [(result["measure"], result["in_force"], result["successor"]) for result in named] == [
        ("career-voucher", False, "career-credit")
    ]


async def test_an_example_of_the_description_works_as_it_stands(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        description = (await client.get("/openapi.json")).json()["paths"]["/api/entitlements"]["post"]
    schema = description["requestBody"]["content"]["application/json"]["schema"]
    assert (await ask(site, schema["examples"][0])).status_code == 200


async def test_the_facts_that_can_be_told_are_listed(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        listed = (await client.get("/api/entitlements")).json()
    status = next(fact for fact in listed["facts"] if fact["id"] == "employment_status")
    assert "job_seeker" in {value["id"] for value in status["values"]}
    for fact in listed["facts"]:
        value = fact["values"][0]["id"] if fact["values"] else True if fact["kind"] == "yes_no" else fact["maximum"]
        assert (await ask(site, {"facts": {fact["id"]: value}})).status_code == 200, fact


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("geen json", "invalid_json"),
        ([], "invalid_json"),
        ({}, "missing_field"),
        ({"facts": {}, "name": "An"}, "unknown_field"),
        ({"facts": {"shoe_size": 43}}, "unknown_fact"),
        ({"facts": {"employment_status": "koning"}}, "invalid_fact"),
        ({"facts": {"employment_status": True}}, "invalid_fact"),
        ({"facts": {"job_share": 101}}, "invalid_fact"),
        ({"facts": {"job_share": "100"}}, "invalid_fact"),
        ({"facts": {"job_share": None}}, "invalid_field"),
        ({"facts": {"course_leave": 1}}, "invalid_fact"),
        ({"facts": {"employment_status": ["employee"]}}, "invalid_field"),
        ({"facts": {}, "start": "morgen"}, "invalid_field"),
        ({"facts": {}, "start": "1815-06-18"}, "invalid_field"),
        ({"facts": {}, "measures": ["free-beer"]}, "unknown_measure"),
        ({"facts": {}, "measures": ["ibo"] * 101}, "invalid_field"),
        ({"facts": {f"fact_{number}": True for number in range(101)}}, "invalid_field"),
        ({"facts": {"x" * 65: True}}, "invalid_field"),
    ],
)
async def test_what_cannot_be_read_is_refused_and_not_repeated(site: Site, body: Any, code: str) -> None:
    response = await ask(site, body)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == code
    for sent in ("koning", "shoe_size", "free-beer", "morgen", "An"):
        assert f"'{sent}'" not in response.text


async def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    assert (await ask(site, b"x" * 100_000)).status_code == 413


async def test_the_same_measure_twice_is_worked_out_once(site: Site) -> None:
    answer = (await ask(site, {"facts": {}, "measures": ["ibo", "ibo"]})).json()
    assert [result["measure"] for result in answer["results"]] == ["ibo"]
