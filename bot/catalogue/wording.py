"""Why a course was found and what gave way, in Dutch words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.catalogue.model import DeliveryMode, Offering, Part, Weekday
from bot.catalogue.query import SearchQuery, Wish
from bot.catalogue.ranking import Ranked
from bot.catalogue.subjects import Subjects

_WHEN = {
    Part.DAY.value: "overdag",
    Part.EVENING.value: "'s avonds",
    Part.WEEKEND.value: "in het weekend",
    Weekday.MONDAY.value: "op maandag",
    Weekday.TUESDAY.value: "op dinsdag",
    Weekday.WEDNESDAY.value: "op woensdag",
    Weekday.THURSDAY.value: "op donderdag",
    Weekday.FRIDAY.value: "op vrijdag",
    Weekday.SATURDAY.value: "op zaterdag",
    Weekday.SUNDAY.value: "op zondag",
}
_MODE = {
    DeliveryMode.ONLINE.value: "online",
    DeliveryMode.CLASSROOM.value: "in de klas",
    DeliveryMode.BLENDED.value: "deels online",
}
_GAVE_WAY = {
    Wish.RADIUS: "Dichtbij vond ik niets. Deze zijn verder weg.",
    Wish.DISTANCE: "Dichtbij vond ik niets. Deze zijn verder weg.",
    Wish.ONLINE: "Dichtbij vond ik niets. Deze kan je online volgen.",
    Wish.SCHEDULE: "Op dat moment vond ik niets. Deze zijn op een ander moment.",
    Wish.MODE: "Op die manier vond ik niets. Deze gaan anders door.",
    Wish.START: "Zo snel start er geen. Deze starten later.",
    Wish.PRICE: "Goedkoper vond ik niet, of de prijs is niet bekend.",
    Wish.PROVIDER: "Bij die organisatie vond ik niets. Deze zijn van een andere.",
}


def explanation(relaxed: Iterable[Wish], query: SearchQuery, subjects: Subjects, meant: Sequence[str]) -> str:
    """What gave way, one or two short sentences a wish; empty when nothing did."""
    said = []
    for wish in relaxed:
        if wish is Wish.SUBJECT:
            name = subjects.name(meant[0]) if len(meant) == 1 else query.subject or query.language
            said.append(f"Over {name} vond ik niets. Deze zijn verwant.")
        else:
            said.append(_GAVE_WAY[wish])
    return " ".join(said)


def why(
    offering: Offering, ranked: Ranked, query: SearchQuery, subjects: Subjects, meant: Sequence[str]
) -> tuple[str, ...]:
    """The wishes that a course meets, each in a few words."""
    reasons = [subjects.name(subject) for subject in offering.subjects if subject in meant]
    if query.place and offering.location:
        if ranked.distance_km is None or query.place.covers(offering.location.municipality_id):
            reasons.append(f"in {query.place.label}" if query.place.is_area else f"in {offering.location.place}")
        else:
            reasons.append(f"op {max(1, round(ranked.distance_km))} km van {query.place.label}")
    if Wish.SCHEDULE not in ranked.missed:
        reasons += [words for name, words in _WHEN.items() if name in query.schedule and _is_then(offering, name)]
    if query.delivery_mode and Wish.MODE not in ranked.missed:
        reasons.append(_MODE[query.delivery_mode])
    if query.provider and Wish.PROVIDER not in ranked.missed:
        reasons.append(offering.provider.name)
    return tuple(reasons)


def _is_then(offering: Offering, name: str) -> bool:
    """Whether a course has lessons in a part of the week or on a weekday."""
    return name in offering.schedule.parts or any(moment.weekday == name for moment in offering.schedule.moments)
