"""A question about a course that was shown, answered from what is known of that course: the day, the place, the certificate."""

from __future__ import annotations

import re
from collections.abc import Callable

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.answers import PERSON
from actions.base import Event, Turn
from actions.cards import page_of
from actions.pointing import chosen, held_on, named, ordinals, shown_last
from actions.spoken_of import about_courses
from bot.catalogue.model import Offering
from bot.catalogue.presenting import (
    DAY_NAMES,
    MODE_NAMES,
    address_of,
    hours_a_week,
    length_of,
    places_left,
    start_of,
    when,
)
from bot.conversation.message import Button

_POINTS = re.compile(
    r"\b(?:dat|dit|die|deze|daar|daarvan|ervan|daarvoor|daarna|er|het|hem|cursus|opleiding)\b", re.IGNORECASE
)
_BESIDE = frozenset("begint duurt dag dagen krijg krijgt lessen start uur uren week welk welke".split())
"""Words of a question that needs no other to be about what was shown."""
_ELSEWHERE = frozenset({"course_topic", "incentive", "employment_status", "education_level", "age"})
"""What a message names that asks about something else than the course."""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _left(offering: Offering) -> str:
    return (
        f"Er {'is' if offering.places_left == 1 else 'zijn'} {places_left(offering)} vrij."
        if offering.places_left
        else ("De cursus is volzet." if offering.places_left == 0 else "")
    )


def _enrol(offering: Offering) -> str:
    contact = offering.url or offering.provider.url or offering.provider.phone or offering.provider.email
    where = f" Dat kan via {contact}." if contact else ""
    example = " Dit is voorbeeldaanbod: deze cursus bestaat niet echt." if offering.example else ""
    return f"Je schrijft je in bij {offering.provider.name}.{where}{example}"


def _said(words: str, value: str) -> str:
    return f"{words} {value}." if value else ""


def _a_week(offering: Offering) -> str:
    hours = hours_a_week(offering.schedule)
    return f"Dat is {hours}." if hours else ""


QUESTIONS: tuple[tuple[re.Pattern[str], Callable[[Offering], str]], ...] = (
    (_pattern(r"nog (?:\w+ )?plaats|plaatsen? (?:vrij|over)|vrije plaats|volzet|volgeboekt"), _left),
    (_pattern(r"\binschrij\w*|\bschrijf\b"), _enrol),
    (
        _pattern(r"knelpunt"),
        lambda o: (
            f"{'Ja' if o.shortage else 'Nee'}. Deze cursus leidt {'' if o.shortage else 'niet '}naar een knelpuntberoep."
        ),
    ),
    (
        _pattern(r"(?:diplom|getui|attest)\w*.*\bnodig\b|\bzonder diplom\w*"),
        lambda o: _said("Voorwaarden:", o.entry_conditions),
    ),
    (_pattern(r"(?:diplom|getui|attest|certifica|\bpapier)\w*"), lambda o: _said("Je krijgt:", o.certificate)),
    (
        _pattern(r"niveau|(?:hoe goed|hoeveel|genoeg|goed) .*nederlands|nederlands (?:kunnen|kennen|spreken)"),
        lambda o: f"Je hebt Nederlands op niveau {o.language_level.value} nodig." if o.language_level else "",
    ),
    (
        _pattern(r"voorkennis|voorwaarde|iets kunnen|ervaring nodig"),
        lambda o: _said("Voorwaarden:", o.entry_conditions),
    ),
    (
        _pattern(r"(?:hoeveel|hoe vaak|welke) .*\b(?:per|in de|op een) week\b|\b(?:uur|uren|keer|dagen) per week\b"),
        lambda o: ". ".join(filter(None, (_said("De lessen zijn:", when(o.schedule))[:-1], _a_week(o)))),
    ),
    (
        _pattern(r"hoe ?lang|hoelang|\bduurt?\b|hoeveel (?:les|uur|uren)"),
        lambda o: _said("De cursus duurt", length_of(o)),
    ),
    (_pattern(r"wanneer (?:begin|start)\w*|\bstart\w*|\bbegint\b"), lambda o: f"De cursus start: {start_of(o)}."),
    (
        _pattern(r"wanneer|welke dag|hoe laat(?! is het)|welk uur|lesuren"),
        lambda o: _said("De lessen zijn:", when(o.schedule)),
    ),
    (_pattern(r"\bwaar\b|\badres\b"), lambda o: f"De lessen zijn hier: {address_of(o)}."),
    (_pattern(r"\bonline\b"), lambda o: f"Deze cursus gaat {MODE_NAMES[o.delivery_mode.value]} door."),
)
"""What is asked, by its words, and the answer from the course; empty when nothing is known. The first that fits counts."""
_IS_IT = _pattern(r"\b(?:is|zijn|gaat|vallen|valt|geef\w*)\b")


def tell_of_shown(turn: Turn) -> list[Event] | None:
    """The answer to a question about the course that is meant, or of each shown last; None when it asks nothing of a course."""
    words = look.text(turn.tracker)
    pointing = bool(ordinals(turn)) or bool(_POINTS.search(words))
    kinds = {entity.kind for entity in look.entities(turn.tracker)}
    language = look.value(turn.tracker, "language")
    if not words or kinds & _ELSEWHERE or language not in (None, "Nederlands") or not about_courses(turn):
        return None
    pointing = pointing or language == "Nederlands"
    answer = _question(turn, words, pointing)
    if answer is None:
        return None
    one = chosen(turn)
    offerings = [one] if one else named(turn) or shown_last(turn)
    if not offerings or not (pointing or any(map(answer, offerings))):
        return None
    unknown = "Dat weet ik niet. Vraag het aan het centrum."
    if one:
        turn.say(
            f"**{one.title}** bij {one.provider.name}. {answer(one) or unknown}\n{page_of(turn, one)}", _buttons(one)
        )
        return [SlotSet("focus", one.id)]
    shown: list[str] = turn.slot("shown")
    lines = [f"{shown.index(o.id) + 1}. {o.title}, {o.provider.name}. {answer(o) or unknown}" for o in offerings]
    turn.say("\n".join(lines), [PERSON])
    return []


def _question(turn: Turn, words: str, pointing: bool) -> Callable[[Offering], str] | None:
    """What answers the message for a course; None when it asks nothing that a course says."""
    moments = set(look.values(turn.tracker, "schedule"))
    found = ((answer, match) for pattern, answer in QUESTIONS if (match := pattern.search(words)))
    asked, match = next(found, (None, None))
    if match is not None and turn.services.follow_ups.bare(words[: match.start()] + words[match.end() :], _BESIDE):
        pointing = True  # "hoe lang?", "welk diploma krijg ik"
    if moments and asked is None and pointing and _IS_IT.search(words):
        return lambda offering: _is_then(offering, moments)
    return asked if pointing else None


def _is_then(offering: Offering, moments: set[str]) -> str:
    named_moments = " en ".join(DAY_NAMES[moment] for moment in sorted(moments))
    yes = moments <= held_on(offering)
    return (
        f"{'Ja' if yes else 'Nee'}, {'' if yes else 'niet '}{named_moments}. De lessen zijn: {when(offering.schedule)}."
    )


def _buttons(offering: Offering) -> list[Button]:
    return [
        Button(title="Meer hierover", payload=f'/course_details{{"offering":"{offering.id}"}}'),
        Button(title="Wat kost dat?", payload=f'/ask_cost{{"offering":"{offering.id}"}}'),
        PERSON,
    ]
