"""What is said at a question for a place and is no place: a question, or something of the person. It is heard, not swallowed."""

from __future__ import annotations

import re

from actions import tracker as look
from actions.answers import found_by_meaning, offer_articles, say_article
from actions.base import Turn
from actions.person import TOLD

_ASKS = re.compile(
    r"\?\s*$|^\W*(en |maar )?(hoe|waar|wat|wanneer|wie|welke?|hoeveel|waarom|kan|kunnen|mag|moet|krijg|is|zijn|heb|bestaat)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(r"\b(ik|'k|mijn)\b.*\b(ben|werk|heb|zit|volg|doe|krijg|was)\b", re.IGNORECASE)
_A_PLACE = 3
"""Words of a misspelt place name at most."""


def too_long_for_a_place(turn: Turn) -> bool:
    """Whether a message is more than a place name, so that a likeness to one means nothing."""
    return not look.value(turn.tracker, "location") and len(look.text(turn.tracker).split()) > _A_PLACE


def answered(turn: Turn) -> bool:
    """Answers a question, or what an article surely answers; False for what is neither."""
    text = look.text(turn.tracker)
    asks = bool(_ASKS.search(text))
    if not asks and len(text.split()) <= _A_PLACE:
        return False
    outcome = found_by_meaning(turn)
    if outcome.article:
        say_article(turn, outcome.article)
    elif not asks:
        return False
    elif outcome.offered:
        offer_articles(turn, outcome.offered)
    else:
        turn.say("Dat weet ik niet zeker. Je kan het straks ook aan een mens vragen.")
    return True


def heard(turn: Turn) -> bool:
    """Answers a question, or says that something of the person was heard; False for what is neither."""
    if answered(turn):
        return True
    if any(look.value(turn.tracker, kind) for kind in TOLD) or _TELLS.search(look.text(turn.tracker)):
        turn.say("Dank je, dat lees ik.")
        return True
    return False
