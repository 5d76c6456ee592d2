"""What somebody says of the organisations that are proposed: which one they mean, what it costs, who they are, when they call."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions import tracker as look
from actions.base import Turn
from actions.referral_choices import chosen_organisation, desks, fallback_of, suggestions
from bot.referral.organisations import Organisation
from bot.referral.wording import IF_NOBODY

_FEW_WORDS = 9
_SUBJECTS = frozenset({"course_topic", "language", "incentive", "phone_number", "email"})
_ABOUT_COURSES = re.compile(r"\b(cursus\w*|opleiding\w*|les\w*|boeken|school)\b", re.IGNORECASE)
_ASKS = re.compile(
    r"\?\s*$|^\W*(en |maar )?(hoe|waar|wat|wa|wanneer|wie|aan wie|naar wie|welke?|hoeveel|is|zijn|kost|moet|als|as)\b",
    re.IGNORECASE,
)
_COST = re.compile(r"\b(kost\w*|prijs|betalen|gratis|tarief)\b", re.IGNORECASE)
_WHO = re.compile(
    r"\b(wie|verschil\w*|vergelijk\w*)\b|\bwat\b.*\b(doen (ze|die|zij)|(is|zijn) (dat|die|ze))\b", re.IGNORECASE
)
_WHEN = re.compile(
    r"\b(wanneer|hoe (snel|laat|lang)|welk uur)\b.*\b(bel\w*|mail\w*|contact\w*|antwoord\w*|hoor)\b", re.IGNORECASE
)
_NOBODY = re.compile(r"\b(als|as)\b.*\b(niet|nie|ni|niemand|niets|niks)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")
"""Shorter words stand in too many names."""


def pointed_at(turn: Turn, proposed: Sequence[Organisation]) -> Organisation | None:
    """The one of some organisations that a message means: by its place in the list, or by a word of its name or address that
    no other has ("die van de Krook")."""
    text = look.text(turn.tracker)
    if not text or len(text.split()) > _FEW_WORDS:
        return None
    for number in look.values(turn.tracker, "ordinal"):
        if number == "last":
            return proposed[-1]
        if number.isdigit() and 0 < int(number) <= len(proposed):
            return proposed[int(number) - 1]
    said = _words(look.without(turn.tracker, {"location"}))
    hits = {one.id: len(said & _words(f"{one.name} {' '.join(one.aliases)} {one.contact.address}")) for one in proposed}
    most = max(hits.values(), default=0)
    best = [one for one in proposed if hits[one.id] == most]
    return best[0] if most and len(best) == 1 else None


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def asks(text: str) -> bool:
    """Whether a message is a question and no choice."""
    return _ASKS.search(text) is not None


async def answered_of_referral(turn: Turn, requested: str) -> bool:
    """Answers a question about the referral that is being made, and none about courses."""
    text = look.text(turn.tracker)
    kinds = {entity.kind for entity in look.entities(turn.tracker)}
    if not asks(text) or len(text.split()) > _FEW_WORDS or kinds & _SUBJECTS or _ABOUT_COURSES.search(text):
        return False
    if _NOBODY.search(text):
        turn.say(IF_NOBODY)
    elif _WHEN.search(text):
        turn.say("Er is nog niets verstuurd. Zodra dat gebeurt, zeg ik je tegen wanneer je iets hoort.")
    elif requested == "referral_organisation":
        return await _told_of(turn, [one.organisation for one in await suggestions(turn)], text)
    elif turn.slot("referral_organisation"):
        return await _told_of_chosen(turn, text)
    else:
        return False
    return True


async def _told_of(turn: Turn, proposed: Sequence[Organisation], text: str) -> bool:
    if _COST.search(text):
        turn.say("\n".join(_cost(one) for one in proposed))
    elif _WHO.search(text):
        lines = [f"• {one.name}: {one.does}" for one in proposed]
        turn.say("\n".join(["Dit weet ik van hen:", *lines]), sources=[one.reference() for one in proposed])
    else:
        return False
    return True


async def _told_of_chosen(turn: Turn, text: str) -> bool:
    organisation = chosen_organisation(turn)
    if _COST.search(text):
        turn.say(_cost(organisation))
    elif _WHO.search(text):
        fallback = fallback_of(turn, organisation, await desks(turn))
        also = f" Neemt daar niemand je vraag op tijd op, dan mag {fallback.called} ze krijgen." if fallback else ""
        turn.say(f"Alleen de mensen die bij {organisation.called} werken, lezen dit.{also}\n{organisation.does}")
    else:
        return False
    return True


def _cost(organisation: Organisation) -> str:
    cost = organisation.cost or "Of dat iets kost, weet ik niet. Vraag het hun."
    return f"{organisation.name}: {cost}"
