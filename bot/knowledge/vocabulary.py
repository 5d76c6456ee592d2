"""The intents, entities and values that articles may name: those the assistant is trained to understand."""

from __future__ import annotations

INFORMATIONAL = frozenset(
    [
        "ask_enrolment",
        "ask_certificate",
        "learn_dutch",
        "second_chance_diploma",
        "basic_skills",
        "recognise_skills",
        "foreign_diploma",
        "shortage_occupations",
        "ask_eligibility",
        "ask_training_leave",
        "ask_training_vouchers",
        "ask_training_credit",
        "ask_career_guidance",
        "ask_study_while_unemployed",
        "ask_study_grant",
        "ask_entitlements",
        "ask_cost",
        "ask_discount",
        "ask_expenses",
        "request_guidance",
        "learning_support",
        "ask_contact_point",
        "ask_privacy",
        "ask_source",
    ]
)
"""The intents that an article answers."""

INTENTS = INFORMATIONAL | frozenset(
    [
        "greet",
        "goodbye",
        "thank",
        "affirm",
        "deny",
        "cancel",
        "restart",
        "help",
        "ask_simpler",
        "bot_challenge",
        "chitchat",
        "praise",
        "complaint",
        "insult",
        "distress",
        "speak_other_language",
        "out_of_scope",
        "search_course",
        "refine_search",
        "more_results",
        "course_details",
        "request_human",
        "ask_referral_status",
        "delete_my_data",
        "inform",
    ]
)

ENTITIES = frozenset(
    [
        "course_topic",
        "location",
        "schedule",
        "delivery_mode",
        "employment_status",
        "education_level",
        "incentive",
        "provider",
        "age",
        "language",
        "ordinal",
        "phone_number",
        "email",
    ]
)

EMPLOYMENT_STATUSES = frozenset(
    [
        "job_seeker",
        "employee",
        "self_employed",
        "incapacitated",
        "inactive",
        "student",
        "retired",
        "living_wage",
        "civil_servant",
        "temporary_worker",
    ]
)

EDUCATION_LEVELS = frozenset(["none", "primary", "lower_secondary", "upper_secondary", "higher"])

INCENTIVES = frozenset(
    ["training_leave", "training_vouchers", "training_credit", "career_vouchers", "study_grant", "time_credit"]
)

REGIONS = frozenset({"flanders", "brussels"})

_SERVE_BRUSSELS = frozenset({"actiris", "bruxelles formation", "tracé brussel", "beroepenpunt"})


def region_served(provider: str) -> str:
    """The region that a service is for, when it is for one alone: who asks about Actiris asks about Brussels. Else empty.

    Source: feiten, part 4.
    """
    return "brussels" if provider.casefold() in _SERVE_BRUSSELS else ""


CONDITIONS: dict[str, frozenset[str] | None] = {
    "incentive": INCENTIVES,
    "provider": None,
    "language": None,
    "employment_status": EMPLOYMENT_STATUSES,
    "education_level": EDUCATION_LEVELS,
    "region": REGIONS,
    "municipality": None,
}
"""What an article's `when` may ask, with the values it may name (None: any). What says most about a question stands
first: of two articles with as many conditions, the one whose condition stands higher answers."""

FOLLOW_UPS = frozenset({"cost", "amount", "apply", "pay", "deadline", "decides", "age", "duration"})
"""What somebody asks of what was said last without naming it; `data/knowledge/follow_ups.yml` has their words."""
ASKED_OF_ARTICLE = FOLLOW_UPS - {"cost", "age"}
"""Those that nothing else answers: when the article has no answer to them, we do not know."""
