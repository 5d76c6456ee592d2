"""The last answer in simpler words."""

from __future__ import annotations

import re

from actions import tracker as look
from actions.answers import PERSON, found_by_meaning, say_article, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.correcting import corrected
from actions.pointing import chosen, shown_last
from actions.prices import tell_prices
from actions.spoken_of import article_in_mind
from bot.catalogue.search import today_in_belgium
from bot.knowledge.articles import Article, Level, render

_WHY = re.compile(r"\bwaarom\b", re.IGNORECASE)
_PRICE = 'Dit kost het. "Met vermindering" is de prijs voor wie korting krijgt.'


class ActionExplainSimpler(TurnAction):
    """The last answer again, in simpler words; when a word is asked for that an article explains, that article."""

    def name(self) -> str:
        return "action_explain_simpler"

    async def act(self, turn: Turn) -> list[Event]:
        if (events := corrected(turn)) is not None:  # "Aalst bedoelde ik"
            return events
        if (said := tell_by_meaning(turn, found_by_meaning(turn))) is not None:
            return said
        article = _said_last(turn)
        if article is None:
            if look.previous_action(turn.tracker) == "action_tell_cost" and shown_last(turn):
                one = chosen(turn)
                tell_prices(turn, [one] if one else shown_last(turn), _PRICE)
            else:
                turn.respond("utter_nothing_to_simplify")
            return []
        if _WHY.search(look.text(turn.tracker)):
            return say_article(turn, article)
        rendered = render(article, Level.SIMPLE, turn.services.figures, today_in_belgium())
        if look.said_last(turn.tracker) == rendered.text:
            turn.respond("utter_simplest_said")
            return []
        turn.say(rendered.text, [*rendered.buttons[:2], PERSON], sources=rendered.sources)
        return []


def _said_last(turn: Turn) -> Article | None:
    """The article that a button names, or that was said last."""
    if named := look.value(turn.tracker, "article"):  # by the button under an answer of before
        return turn.services.library.get(named)
    return article_in_mind(turn)
