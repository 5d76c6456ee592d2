"""Why a course was found and what gave way, in Dutch words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from babel.dates import format_date

from bot.catalogue.model import Incentive, Offering
from bot.catalogue.presenting import DAY_NAMES, MODE_NAMES
from bot.catalogue.query import SearchQuery, Wish
from bot.catalogue.ranking import Ranked
from bot.catalogue.subjects import Subjects

GAVE_WAY = {
    Wish.OTHER_DAYS: "Er is ook les op een andere dag. Kijk bij elke cursus welke.",
    Wish.RADIUS: "Dichtbij vond ik niets. Deze zijn verder weg.",
    Wish.DISTANCE: "Dichtbij vond ik niets. Deze zijn verder weg.",
    Wish.ONLINE: "Dichtbij vond ik niets. Deze kan je online volgen.",
    Wish.SCHEDULE: "Op dat moment vond ik niets. Deze zijn op een ander moment.",
    Wish.MODE: "Op die manier vond ik niets. Deze gaan anders door.",
    Wish.START: "Zo snel start er geen. Deze starten later.",
    Wish.LEVEL: "Deze vragen meer Nederlands.",
    Wish.PRICE: "Goedkoper vond ik niet, of de prijs is niet bekend.",
    Wish.FREE: "Gratis voor werkzoekenden vond ik niet. Deze kosten iets, of je vraagt de prijs na.",
    Wish.RECOGNISED: "Daarvoor erkend vond ik niets. Deze zijn niet erkend.",
    Wish.SHORTAGE: "Voor een knelpuntberoep vond ik niets. Deze leiden naar een ander beroep.",
    Wish.PROVIDER: "Bij die organisatie vond ik niets. Deze zijn van een andere.",
    Wish.EXCLUDED: "Zonder wat je niet wil, blijft er niets over. Deze passen voor de rest wel.",
}
"""What is said when a wish gave way for all that was found; the subject has words of its own."""
_MISSED = {
    Wish.OTHER_DAYS: "ook op een andere dag",
    Wish.RADIUS: "verder weg",
    Wish.DISTANCE: "ver weg",
    Wish.ONLINE: "online",
    Wish.SCHEDULE: "op een ander moment",
    Wish.MODE: "op een andere manier",
    Wish.START: "start later",
    Wish.LEVEL: "vraagt meer Nederlands",
    Wish.PRICE: "duurder, of prijs niet bekend",
    Wish.FREE: "niet gratis voor werkzoekenden",
    Wish.RECOGNISED: "niet erkend",
    Wish.SHORTAGE: "geen knelpuntberoep",
    Wish.PROVIDER: "bij een andere organisatie",
    Wish.SUBJECT: "verwant",
    Wish.EXCLUDED: "niet wat je vroeg",
}
INCENTIVE_NAMES = {
    Incentive.TRAINING_LEAVE: "Vlaams opleidingsverlof",
    Incentive.TRAINING_VOUCHERS: "opleidingscheques",
    Incentive.TRAINING_CREDIT: "Vlaams opleidingskrediet",
}


def explanation(
    relaxed: Iterable[Wish], query: SearchQuery, subjects: Subjects, meant: Sequence[str], guessed: bool = False
) -> str:
    """What gave way, one or two short sentences a wish; empty when nothing did.

    `guessed`: nothing is called what was asked, and these only mean something like it.
    """
    said = ["Niets heet precies zo. Dit lijkt er het meest op."] if guessed else []
    for wish in relaxed:
        if wish is Wish.SUBJECT:
            name = subjects.name(meant[0]) if len(meant) == 1 else query.subject or query.language
            said.append(f"Over {name} vond ik niets. Deze zijn verwant.")
        else:
            said.append(GAVE_WAY[wish])
    return " ".join(said)


def why(
    offering: Offering, ranked: Ranked, query: SearchQuery, subjects: Subjects, meant: Sequence[str]
) -> tuple[str, ...]:
    """The wishes that a course meets, each in a few words."""
    reasons = [subjects.name(subject) for subject in offering.subjects if subject in meant]
    if not reasons and query.subject:
        reasons.append("woorden uit je vraag")
    if query.place and offering.location:
        if ranked.distance_km is None or query.place.covers(offering.location.municipality_id):
            reasons.append(f"in {query.place.label}" if query.place.is_area else f"in {offering.location.place}")
        else:
            reasons.append(f"op {max(1, round(ranked.distance_km))} km van {query.place.label}")
    if Wish.SCHEDULE not in ranked.missed:
        reasons += [words for name, words in DAY_NAMES.items() if name in query.schedule and _is_then(offering, name)]
    if query.delivery_mode and Wish.MODE not in ranked.missed:
        reasons.append(MODE_NAMES[query.delivery_mode])
    if query.start_until and offering.start and Wish.START not in ranked.missed:
        reasons.append(f"start op {format_date(offering.start, 'd MMMM', locale='nl_BE')}")
    if query.language_level and Wish.LEVEL not in ranked.missed:
        needed = offering.language_level
        reasons.append(f"Nederlands {needed.value} is genoeg" if needed else "geen Nederlands nodig")
    if query.max_price is not None and Wish.PRICE not in ranked.missed:
        reasons.append(
            "gratis"
            if query.max_price == 0
            else f"niet meer dan {query.max_price.normalize():f} euro".replace(".", ",")
        )
    if query.free_for_job_seekers and Wish.FREE not in ranked.missed:
        reasons.append("gratis voor werkzoekenden")
    if query.recognised_for and Wish.RECOGNISED not in ranked.missed:
        reasons.append(f"erkend voor {INCENTIVE_NAMES[query.recognised_for]}")
    if query.shortage and Wish.SHORTAGE not in ranked.missed:
        reasons.append("knelpuntberoep")
    if query.provider and Wish.PROVIDER not in ranked.missed:
        reasons.append(offering.provider.name)
    return tuple(reasons)


def missed(wishes: Iterable[Wish]) -> tuple[str, ...]:
    """The wishes that a course does not meet, each in a few words: "verder weg", "op een ander moment"."""
    return tuple(_MISSED[wish] for wish in wishes)


def _is_then(offering: Offering, name: str) -> bool:
    """Whether a course has lessons in a part of the week or on a weekday."""
    return name in offering.schedule.parts or any(moment.weekday == name for moment in offering.schedule.moments)
