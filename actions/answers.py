"""Answers from the articles of data/knowledge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn, TurnAction
from actions.spoken_of import followed_up
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button
from bot.entitlements.situation import region_of
from bot.knowledge.articles import Article, Level, related, render
from bot.knowledge.deciding import LOST, NOTHING, Asked, Outcome, decide
from bot.knowledge.vocabulary import region_served
from bot.places import Place

PERSON = Button(title="Iemand spreken", payload="/request_human")
UNKNOWN = (
    "Daar heb ik geen zeker antwoord op. Ik verzin er ook geen. "
    "Een mens kan je verder helpen. Wil je dat ik iemand voor je zoek?"
)
OFFERED = "Ik ben niet zeker dat ik je begrijp. Bedoel je een van deze? Of zeg het in andere woorden."
OFFERED_ONE = "Ik ben niet zeker dat ik je begrijp. Bedoel je dit? Of zeg het in andere woorden."
MOST_BUTTONS = 3
"""Buttons under an answer with which WhatsApp still shows them at once; what a message itself is near to comes on top."""
_ASKS = re.compile(
    r"^\W*(?:(?:en|maar)\b\W*)?(?:hoe|waar\w*|wat|wanneer|wie|welke?|hoeveel|"
    r"(?:krijg|heb|kan|mag|moet) (?:ik|we|wij|hij|zij|ze))\b",
    re.IGNORECASE,
)
PROFESSIONAL = "professional"
"""The `audience` of someone who helps others, like a counsellor."""


def asks(text: str) -> bool:
    """Whether a message asks something, with or without a question mark."""
    return bool(_ASKS.match(text)) or text.rstrip().endswith("?")


def place_named(turn: Turn) -> Place | None:
    """The one place that the last message names, none when it names none or is ambiguous."""
    named = look.value(turn.tracker, "location")
    return turn.services.places.resolve(named).place if named else None


def remember_place(turn: Turn) -> list[Event]:
    """Keeps the place that the message names as where the person is; not one where they only work."""
    told = look.told_places(turn.tracker)
    for name in filter(None, (told.home, told.neither)):
        if place := turn.services.places.resolve(name).place:
            return [SlotSet("home", place.id)]
    return []


def known_facts(turn: Turn) -> dict[str, str]:
    """What is known about the person and the question, for choosing an article."""
    facts = {name: str(turn.slot(name) or "") for name in ("employment_status", "education_level")}
    for kind in ("incentive", "provider", "language", "employment_status", "education_level"):
        if found := look.value(turn.tracker, kind):
            facts[kind] = found
    place = place_named(turn) or turn.home()
    facts["region"] = region_of(place) if place else region_served(facts.get("provider", ""))
    facts["municipality"] = place.municipality if place else ""
    return {name: value for name, value in facts.items() if value}


def level_for(turn: Turn) -> Level:
    """The wording for this person: someone who said to be a professional gets the rule and its legal basis too,
    someone who asked for simple words gets those, always."""
    if turn.slot("audience") == PROFESSIONAL:
        return Level.PROFESSIONAL
    return Level.SIMPLE if look.simple(turn.tracker) else Level.PLAIN


def say_article(turn: Turn, article: Article, level: Level | None = None, near: Sequence[Article] = ()) -> list[Event]:
    """Says one article, in the wording for this person when no other is asked; under it the articles that are `near` to the
    message, and those that belong to it where there is room."""
    chosen = level or level_for(turn)
    rendered = render(article, chosen, turn.services.figures, today_in_belgium())
    simpler = Button(title="Eenvoudiger", payload=f'/ask_simpler{{"article":"{article.id}"}}')
    asked = [reading(one) for one in near]
    if article.courses and (place := place_named(turn) or turn.home()):
        wanted = json.dumps({"course_topic": article.courses, "location": place.label})
        asked.append(Button(title="Toon cursussen", payload=f"/search_course{wanted}"))
    more = related(turn.services.library, article, known_facts(turn), today_in_belgium())
    room = max(0, MOST_BUTTONS - len(rendered.buttons) - len(asked))
    turn.say(
        rendered.text,
        distinct([*asked, *rendered.buttons, *map(reading, more[:room])]),
        sources=rendered.sources,
        tools=[] if chosen is Level.SIMPLE else [simpler],
    )
    return [SlotSet("last_article", article.id), *remember_place(turn)]


def reading(article: Article) -> Button:
    """The button that reads an article."""
    return Button(title=article.short, payload=f'/read_article{{"article":"{article.id}"}}')


def distinct(buttons: Iterable[Button]) -> list[Button]:
    """The buttons, of two with the same title the first."""
    return list({button.title: button for button in reversed(list(buttons))}.values())[::-1]


def tell_article(turn: Turn, intent: str, near: Sequence[Article] = ()) -> list[Event]:
    """Says the article that answers an intent for this person, with what else was `near`; says so when there is none."""
    article = turn.services.library.find(intent, known_facts(turn), today_in_belgium())
    if article is None:
        turn.say(UNKNOWN, [PERSON])
        return []
    return say_article(turn, article, near=near)


def found_by_meaning(turn: Turn) -> Outcome:
    """What the articles have to say to the words of the message, or to what it goes on with; nothing for a button."""
    words = look.text(turn.tracker)
    if not words:
        return NOTHING
    if (going_on := followed_up(turn)) is not None:
        return going_on
    today, intent, facts = today_in_belgium(), look.intent(turn.tracker), known_facts(turn)
    intent = LOST if intent == "inform" and asks(words) else intent
    likeliest = max((confidence for _, confidence in look.ranking(turn.tracker)), default=0.0)
    general = turn.services.library.find(intent, facts, today)
    return decide(Asked(intent, words, likeliest, facts), turn.services.finder.find(words, today), general, today)


def tell_by_meaning(turn: Turn, outcome: Outcome) -> list[Event] | None:
    """Says the article that fits the words of the message much better than what its intent asks, or asks which one is meant;
    None when neither is called for."""
    if outcome.article:
        return say_article(turn, outcome.article)
    if outcome.unknown:
        say_unknown(turn, outcome.unknown)
        return []
    if outcome.offered:
        offer_articles(turn, outcome.offered)
        return []
    return None


def say_unknown(turn: Turn, article: Article, asked: str = "Dat") -> None:
    """Says that we do not know what is asked of an article, and whom it says to ask."""
    instead = article.model_copy(update={"plain": f"{asked} weet ik niet zeker. Ik verzin er ook geen antwoord op."})
    rendered = render(instead, Level.PLAIN, turn.services.figures, today_in_belgium())
    turn.say(rendered.text, [reading(article), PERSON])


def offer_articles(turn: Turn, offered: tuple[Article, ...]) -> None:
    """Asks which of some articles is meant, by their titles."""
    lines = [f"• {article.title}" for article in offered]
    turn.say("\n".join([OFFERED if len(offered) > 1 else OFFERED_ONE, *lines]), [*map(reading, offered), PERSON])


class ActionReadArticle(TurnAction):
    """The article that a button named."""

    def name(self) -> str:
        return "action_read_article"

    async def act(self, turn: Turn) -> list[Event]:
        article = turn.services.library.get(look.value(turn.tracker, "article") or "")
        if article is None:
            turn.say(UNKNOWN, [PERSON])
            return []
        return say_article(turn, article)


class ActionOutOfScope(TurnAction):
    """A question that is taken for none of our business: says so, unless an article surely answers it."""

    def name(self) -> str:
        return "action_out_of_scope"

    async def act(self, turn: Turn) -> list[Event]:
        said = tell_by_meaning(turn, found_by_meaning(turn))
        if said is None:
            turn.respond("utter_out_of_scope")
            return []
        return said
