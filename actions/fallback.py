"""Not understood: an article found by meaning, else a question with the likeliest meanings, the second time in a row a person."""

from __future__ import annotations

from actions import my_data
from actions import tracker as look
from actions.after_need import help_near
from actions.answers import PERSON, distinct, found_by_meaning, offer_articles, place_named, tell_by_meaning
from actions.asking import tell_of_shown
from actions.base import Event, Turn, TurnAction
from actions.comparing import tell_comparison
from actions.correcting import corrected
from actions.costs import tell_price_if, tell_price_of_another
from actions.courses import ActionCourseDetails
from actions.courtesy import ActionInform
from actions.elsewhere import only_elsewhere, show_courses_of
from actions.pointing import ORDINAL_WORDS, ordinals
from actions.referral import offered_to_withdraw, told_how_to_change
from actions.search import other_level, said_in_short
from bot.conversation.message import Button

FACTS = frozenset({"location", "schedule", "delivery_mode", "employment_status", "education_level", "age"})
"""What says enough alone, whatever intent it is taken for: a place after a search narrows it."""
_PLEASE = frozenset("aub alstublieft alsjeblieft doe graag svp toon".split())
LIKELY = 0.08
"""From this probability on, a meaning is worth a button."""


class ActionDefaultFallback(TurnAction):
    """Answers or asks by what the articles say; else asks again, or offers a person when it already asked."""

    def name(self) -> str:
        return "action_default_fallback"

    async def act(self, turn: Turn) -> list[Event]:
        if my_data.asks_what(look.text(turn.tracker)):  # two words that must always work
            await my_data.show(turn)
            return []
        if await told_how_to_change(turn) or await offered_to_withdraw(turn):
            return []
        if (helped := help_near(turn)) is not None:
            return helped
        rest = look.without(turn.tracker, FACTS)
        if rest != look.text(turn.tracker) and turn.services.follow_ups.bare(rest):  # "in Kortrijk"
            return await ActionInform().act(turn)
        if ordinals(turn) and turn.services.follow_ups.bare(look.text(turn.tracker), {*ORDINAL_WORDS, *_PLEASE}):
            return await ActionCourseDetails().act(turn)
        for said_in_passing in (
            only_elsewhere,
            tell_price_of_another,
            tell_price_if,
            corrected,
            tell_comparison,
            tell_of_shown,
            other_level,
            said_in_short,
        ):
            if (told := said_in_passing(turn)) is not None:
                return told
        outcome = found_by_meaning(turn)
        if outcome.article and outcome.article.courses and place_named(turn):
            return show_courses_of(turn, outcome.article)
        if outcome.article or outcome.unknown:
            return tell_by_meaning(turn, outcome) or []
        if look.previous_action(turn.tracker) in {"action_default_fallback", "action_other_language"}:
            turn.respond("utter_offer_person")
            return []
        if outcome.offered:
            offer_articles(turn, outcome.offered)
        else:
            ask_meaning(turn)
        return []


def ask_meaning(turn: Turn) -> None:
    """Asks which of the two or three likeliest meanings it was; without any, asks for other words."""
    meanings = turn.services.meanings
    likely = [name for name, confidence in look.ranking(turn.tracker) if confidence >= LIKELY and name in meanings][:3]
    if not likely:
        turn.respond("utter_not_understood_plain")
        return
    buttons = [Button(title=meanings[name], payload=f"/{name}") for name in likely]
    turn.respond("utter_not_understood", buttons=[b.model_dump() for b in distinct([*buttons, PERSON])])
