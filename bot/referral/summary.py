"""The summary that goes with a referral: what is known, in plain Dutch, so that the person tells it once.

Only facts that were understood, no sentence of the person, unless they gave one for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.referral.organisations import Service

MAX_OWN_WORDS = 1000
"""Characters of what the person adds."""

NEEDS: Mapping[Service, str] = {
    Service.INFORM: "wil met iemand spreken over leren",
    Service.GUIDE: "hulp bij het kiezen",
    Service.SUPPORT: "hulp tijdens een cursus",
    Service.JOBS: "hulp bij werk",
    Service.BENEFITS: "uitleg over een uitkering",
    Service.LANGUAGE: "Nederlands leren",
    Service.HEALTH: "leren met een gezondheidsprobleem",
    Service.DEBT: "hulp bij geldzorgen",
    Service.RECOGNITION: "een buitenlands diploma laten erkennen",
}
_STATUSES = {
    "job_seeker": "werkzoekend",
    "employee": "werknemer",
    "self_employed": "zelfstandig",
    "incapacitated": "ziek of arbeidsongeschikt",
    "inactive": "geen werk, niet op zoek",
    "student": "student",
    "retired": "met pensioen",
    "living_wage": "leefloon",
    "civil_servant": "werkt bij de overheid",
    "temporary_worker": "uitzendkracht",
}
_EDUCATION = {
    "none": "geen diploma",
    "primary": "lager onderwijs",
    "lower_secondary": "lager secundair",
    "upper_secondary": "diploma secundair",
    "higher": "diploma hoger onderwijs",
}
_NAMED = {
    "Zoekt": r"wat ik zoek|zoek\w*|cursus|vak",
    "Cursus": r"cursus",
    "Plaats": r"\w*plaats|gemeente|stad|adres|postcode|waar ik woon|woon\w*|dat ik in",
    "Situatie": r"situatie|statuut|werk\w*|job|baan|uitkering|leefloon|ziek\w*|pensioen|zelfstandig\w*",
    "Diploma": r"diploma\w*|studies?|scholing|opleidingsniveau|gestudeerd",
    "Leeftijd": r"leeftijd\w*|hoe oud|oud ik ben|jaar",
    "In eigen woorden": r"eigen woorden|wat ik (?:er)?(?:bij)?(?:schreef|zei|toevoegde)|toevoeging",
}
"""How people name a line of the summary."""


def lines_named(text: str, labels: Iterable[str]) -> list[str]:
    """The lines of a summary that a text names, of those with these labels: "mijn leeftijd", "waar ik woon"."""
    return [
        label for label in labels if re.search(rf"\b(?:{_NAMED.get(label, re.escape(label))})\b", text, re.IGNORECASE)
    ]


def summarise(
    *,
    need: Service = Service.INFORM,
    search: str = "",
    course: str = "",
    place: str = "",
    employment_status: str = "",
    education_level: str = "",
    age: int | str = "",
    own_words: str = "",
) -> str:
    """The summary, one line a fact; what is empty is not known and is left out, the first line always stands there.

    `search` is what they look for in Dutch words (subject, schedule, way of learning), `place` a name, status and
    education the assistant's entities. `own_words` is what the person chose to add, cut at `MAX_OWN_WORDS`. A value
    without a Dutch word is shown as it is: the person reads the summary before it goes.
    """
    lines = (
        ("Vraag", NEEDS[need]),
        ("Zoekt", search),
        ("Cursus", course),
        ("Plaats", place),
        ("Situatie", _STATUSES.get(employment_status, employment_status)),
        ("Diploma", _EDUCATION.get(education_level, education_level)),
        ("Leeftijd", f"{age} jaar" if str(age) else ""),
        ("In eigen woorden", own_words[:MAX_OWN_WORDS]),
    )
    clean = ((label, " ".join(value.split())) for label, value in lines)
    return "\n".join(f"{label}: {value}" for label, value in clean if value)
