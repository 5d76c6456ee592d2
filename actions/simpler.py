"""The last answer in simpler words."""

from __future__ import annotations

from actions import tracker as look
from actions.answers import PERSON, found_by_meaning, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.correcting import corrected
from bot.catalogue.search import today_in_belgium
from bot.knowledge.articles import Level, render


class ActionExplainSimpler(TurnAction):
    """The last answer again, in simpler words; when a word is asked for that an article explains, that article."""

    def name(self) -> str:
        return "action_explain_simpler"

    async def act(self, turn: Turn) -> list[Event]:
        if (events := corrected(turn)) is not None:  # "Aalst bedoelde ik"
            return events
        if (said := tell_by_meaning(turn, found_by_meaning(turn))) is not None:
            return said
        named = look.value(turn.tracker, "article")  # by the button under an answer of before
        article = turn.services.library.get(named or turn.slot("last_article") or "")
        if article is None:
            turn.respond("utter_nothing_to_simplify")
            return []
        rendered = render(article, Level.SIMPLE, turn.services.figures, today_in_belgium())
        if look.said_last(turn.tracker) == rendered.text:
            turn.respond("utter_simplest_said")
            return []
        turn.say(rendered.text, [*rendered.buttons[:2], PERSON], sources=rendered.sources)
        return []
