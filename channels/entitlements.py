"""The rules for other services: a situation in, who is entitled to what out. Nothing of it is kept or logged."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.catalogue.search import today_in_belgium
from bot.entitlements import FactError, Outcome, Reason, Result, Rules
from bot.entitlements.facts import Fact, Kind
from channels.errors import ApiError, documented, json_body, parse

MOST_FACTS: Final = 100
MOST_MEASURES: Final = 100
_EARLIEST: Final = date(2000, 1, 1)
_LATEST: Final = date(2100, 1, 1)
_EXAMPLE: Final[dict[str, Any]] = {
    "facts": {
        "employment_status": "employee",
        "sector": "private",
        "work_region": "flanders",
        "home_region": "flanders",
        "education_level": "upper_secondary",
        "job_share": 100,
        "hours_per_week": 38,
        "course_leave": True,
        "course_hours": 120,
    },
    "start": "2027-02-01",
}

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Situation(BaseModel):
    """What is known of a person and a course. Leave out what you do not know: it never counts as a no."""

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    facts: dict[Name, bool | float | Name] = Field(
        max_length=MOST_FACTS, description="Fact to value, as GET /api/entitlements lists them. No personal data."
    )
    start: date | None = Field(
        default=None, strict=False, description="The day the course starts; its rules count. Today when left out."
    )
    measures: list[Name] | None = Field(
        default=None,
        max_length=MOST_MEASURES,
        description="Only these, also when not in force; all in force when left out.",
    )


class ReasonOut(BaseModel):
    """One condition."""

    text: str = Field(description="As a citizen may read it, in Dutch.")
    met: bool | None = Field(description="null: not known, or only assumed (see `provisos`).")
    certainty: str
    facts: list[str]


class SourceOut(BaseModel):
    """A page on which the rule rests."""

    title: str
    url: str | None
    date: str


class MeasureOut(BaseModel):
    """The result for one measure."""

    measure: str
    name: str
    what: str
    outcome: Outcome
    label: str = Field(description="The outcome in Dutch.")
    in_force: bool = Field(description="Whether a version of the rule holds on that day.")
    reasons: list[ReasonOut]
    deciding: ReasonOut
    conditions: list[ReasonOut] = Field(description="Every condition of the rule with its truth.")
    provisos: list[str] = Field(description='What must hold besides, as "als je …".')
    needed: list[str] = Field(description="The facts that would help to decide, the most telling first.")
    hinges_on_course: bool
    gives: str = Field(description="What one gets; only for yes and probably.")
    next_step: str
    apply: str
    apply_url: str | None
    decides: str = Field(description="The body that decides in the end.")
    legal: str
    certainty: str
    sources: list[SourceOut]
    checked: date
    check_again: date
    valid_from: date | None
    valid_until: date | None
    successor: str


class AssessmentOut(BaseModel):
    """What a situation comes to. Indicative: the body that is named decides."""

    start: date
    results: list[MeasureOut]
    ask_next: list[str] = Field(description="The facts worth asking next, the most telling over all measures first.")


class ValueOut(BaseModel):
    """One value of a fact with choices."""

    id: str
    label: str


class FactOut(BaseModel):
    """A fact that rules use."""

    id: str
    kind: Kind
    about: str
    label: str = Field(description='As the end of "Ik weet nog niet …".')
    question: str = Field(description="How the assistant asks it; empty for what it never asks.")
    values: list[ValueOut]
    minimum: float | None = None
    maximum: float | None = None


class CatalogueOut(BaseModel):
    """What can be told and what can be worked out."""

    facts: list[FactOut]
    measures: list[ValueOut]


def router(rules: Rules) -> APIRouter:
    """The routes under /api/entitlements."""
    routes = APIRouter(prefix="/api", tags=["entitlements"])

    @routes.get("/entitlements")
    async def describe() -> CatalogueOut:
        """The facts that can be told, with their values, and the measures that can be worked out."""
        return CatalogueOut(
            facts=[_fact(fact) for fact in rules.facts.values()],
            measures=[ValueOut(id=measure.id, label=measure.name) for measure in rules.measures.values()],
        )

    @routes.post("/entitlements", responses=documented(413, 422), openapi_extra=json_body(Situation))
    async def evaluate(request: Request, response: Response) -> AssessmentOut:
        """Works out a situation: per measure yes, probably, unknown, probably not or no, with the reasons.

        Stores nothing. Do not send names, national numbers or other personal data: no fact asks for them.
        """
        situation = parse(Situation, await request.body())
        on = situation.start or today_in_belgium()
        if not _EARLIEST <= on <= _LATEST:
            raise ApiError(422, "invalid_field", f"Het veld 'start' ligt tussen {_EARLIEST} en {_LATEST}.")
        for name in situation.measures or ():
            if name not in rules.measures:
                raise ApiError(422, "unknown_measure", "Een maatregel in 'measures' kennen we niet.")
        try:
            told = rules.facts.checked(situation.facts)
        except FactError as error:
            known = error.fact in rules.facts
            text = str(error) if known else "Een feit in 'facts' kennen we niet. GET /api/entitlements geeft de lijst."
            raise ApiError(422, "invalid_fact" if known else "unknown_fact", text) from None
        assessment = rules.assess(
            told, on, None if situation.measures is None else list(dict.fromkeys(situation.measures))
        )
        response.headers["Cache-Control"] = "no-store"
        return AssessmentOut(
            start=on,
            results=[_measure(result, rules.conditions(result.measure, told, on)) for result in assessment.results],
            ask_next=list(assessment.questions()),
        )

    return routes


def _fact(fact: Fact) -> FactOut:
    number = fact.kind is Kind.NUMBER
    return FactOut(
        id=fact.id,
        kind=fact.kind,
        about=fact.about,
        label=fact.label,
        question=fact.question,
        values=[ValueOut(id=choice.id, label=choice.label) for choice in fact.values],
        minimum=fact.minimum if number else None,
        maximum=fact.maximum if number else None,
    )


def _reason(reason: Reason) -> ReasonOut:
    return ReasonOut(text=reason.text, met=reason.met, certainty=reason.certainty, facts=list(reason.facts))


def _measure(result: Result, conditions: tuple[Reason, ...]) -> MeasureOut:
    return MeasureOut(
        measure=result.measure,
        name=result.name,
        what=result.what,
        outcome=result.outcome,
        label=result.outcome.label,
        in_force=result.in_force,
        reasons=[_reason(reason) for reason in result.reasons],
        deciding=_reason(result.deciding),
        conditions=[_reason(reason) for reason in conditions],
        provisos=list(result.provisos),
        needed=list(result.needed),
        hinges_on_course=result.hinges_on_course,
        gives=result.gives,
        next_step=result.next_step,
        apply=result.apply,
        apply_url=result.apply_url,
        decides=result.decides,
        legal=result.legal,
        certainty=result.certainty,
        sources=[SourceOut(title=source.title, url=source.url, date=source.date) for source in result.sources],
        checked=result.checked,
        check_again=result.check_again,
        valid_from=result.valid_from,
        valid_until=result.valid_until,
        successor=result.successor,
    )
