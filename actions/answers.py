"""Answers from the articles of data/knowledge."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn, TurnAction
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button
from bot.knowledge.articles import Level, render
from bot.places import Place

PERSON = Button(title="Iemand spreken", payload="/request_human")
UNKNOWN = (
    "Daar heb ik geen zeker antwoord op. Ik verzin er ook geen. "
    "Een mens kan je verder helpen. Wil je dat ik iemand voor je zoek?"
)
BRUSSELS = "Brussel"


def region_of(place: Place | None) -> str:
    """The region of a place as articles know it: "brussels", "flanders", or empty."""
    if place is None:
        return ""
    return "brussels" if BRUSSELS in place.region else "flanders"


def place_named(turn: Turn) -> Place | None:
    """The one place that the last message names, none when it names none or is ambiguous."""
    named = look.value(turn.tracker, "location")
    return turn.services.places.resolve(named).place if named else None


def known_facts(turn: Turn) -> dict[str, str]:
    """What is known about the person and the question, for choosing an article."""
    facts = {name: str(turn.slot(name) or "") for name in ("employment_status", "education_level")}
    for kind in ("incentive", "provider", "language", "employment_status", "education_level"):
        if found := look.value(turn.tracker, kind):
            facts[kind] = found
    facts["region"] = region_of(place_named(turn) or turn.home())
    return {name: value for name, value in facts.items() if value}


def tell_article(turn: Turn, intent: str, level: Level = Level.PLAIN) -> list[Event]:
    """Says the article that answers an intent for this person; says so when there is none."""
    article = turn.services.library.find(intent, known_facts(turn), today_in_belgium())
    if article is None:
        turn.say(UNKNOWN, [PERSON])
        return []
    rendered = render(article, level, turn.services.figures, today_in_belgium())
    turn.say(rendered.text, rendered.buttons, sources=rendered.sources)
    return [SlotSet("last_article", article.id)]


class ActionAnswer(TurnAction):
    """The article for the intent of the message."""

    def name(self) -> str:
        return "action_answer"

    async def act(self, turn: Turn) -> list[Event]:
        return tell_article(turn, look.intent(turn.tracker))


class ActionExplainSimpler(TurnAction):
    """The last answer again, in simpler words."""

    def name(self) -> str:
        return "action_explain_simpler"

    async def act(self, turn: Turn) -> list[Event]:
        article = turn.services.library.get(turn.slot("last_article") or "")
        if article is None:
            turn.respond("utter_nothing_to_simplify")
            return []
        rendered = render(article, Level.SIMPLE, turn.services.figures, today_in_belgium())
        turn.say(rendered.text, [*rendered.buttons[:2], PERSON], sources=rendered.sources)
        return []
