"""What a course costs, line by line; without a course, the general tariff."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.answers import PERSON, found_by_meaning, known_facts, say_article, tell_article, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.entitlement_cards import SEARCH
from actions.pointing import ORDINAL_WORDS, chosen, named, ordinals, shown_last
from actions.search import search
from actions.situation import price_for_person
from actions.spoken_of import about_courses
from bot.catalogue.model import Offering, TariffPrice
from bot.catalogue.presenting import price_in_short
from bot.catalogue.price import PriceLine
from bot.catalogue.query import SearchQuery
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button, Source
from bot.entitlements.personal_price import in_short
from bot.knowledge.articles import ANY
from bot.knowledge.figures import Certainty, quotable, render_figure

DISCOUNT = Button(title="Minder betalen", payload="/ask_discount")
NOTED = "Dank je, dat onthoud ik. Dit wordt dan de prijs:"
MONEY = frozenset({"ask_cost", "ask_discount"})
_PAYS = re.compile(r"\b(?:betaal\w*|kost\w*|gratis|prijs)\b", re.IGNORECASE)
_GOES_ON = re.compile(r"\b(?:en|voor)\b", re.IGNORECASE)
_ALIKE = 12
"""Courses of a subject that are looked at to know its tariff."""


def tell_price(turn: Turn, offering: Offering) -> None:
    """The price of one course for this person, line by line, with where it comes from."""
    price = price_for_person(turn, offering)
    lines = "\n".join(f"• {line.text}" for line in price.lines)
    buttons = [DISCOUNT, PERSON]
    if price.missing:
        about = f'/ask_entitlements{{"offering":"{offering.id}"}}'
        buttons.insert(0, Button(title="Wat betaal ik?", payload=about))
    turn.say(f"**{offering.title}** bij {offering.provider.name}:\n{lines}", buttons, sources=_sources(price.lines))


def tell_no_reduction(turn: Turn) -> bool:
    """Says so when what the message wants to learn has one tariff at every CVO, on which nobody gets a reduction."""
    catalogue, words = turn.services.catalogue, look.text(turn.tracker)
    topics = catalogue.subjects.resolve(words).matches if words and catalogue.knows(words) else ()
    if len(topics) != 1 or look.value(turn.tracker, "language"):  # an article tells of languages
        return False
    topic, name = topics[0].subject_id, catalogue.subjects.name(topics[0].subject_id)
    hits = catalogue.search(SearchQuery(subject=name, provider="CVO"), limit=_ALIKE).hits
    prices = [hit.offering.price for hit in hits if topic in hit.offering.subjects]
    tariffs = {price.figure for price in prices if isinstance(price, TariffPrice)}
    figure = turn.services.figures[tariffs.pop()] if len(tariffs) == 1 else None
    if figure is None or figure.reduced is not None or not quotable(figure, today_in_belgium()):
        return False
    likely = "" if figure.certainty is Certainty.CERTAIN else "vermoedelijk "
    turn.say(
        f"**{name}**: daarvoor is er {likely}geen korting in een CVO (avondschool). "
        f"Iedereen betaalt er {likely}{render_figure(figure)} {figure.basis} (lesuur).",
        [SEARCH, PERSON],
        sources=[Source(title=figure.source_title, url=figure.source_url, checked=figure.checked.isoformat())],
    )
    return True


def _sources(lines: Iterable[PriceLine]) -> list[Source]:
    found = dict.fromkeys(line.source for line in lines if line.source)
    return [Source(title=one.title, url=one.url, checked=one.checked.isoformat()) for one in found]


class ActionTellCost(TurnAction):
    """The price of the course that is meant, of those shown last, of those that the message asks for, or the general tariff."""

    def name(self) -> str:
        return "action_tell_cost"

    async def act(self, turn: Turn) -> list[Event]:
        outcome = found_by_meaning(turn)
        if outcome.article and not seeks_course(turn):
            return say_article(turn, outcome.article)
        if not named(turn) and seeks_course(turn):
            return search(turn)
        if (told := tell_price_of_shown(turn)) is not None:
            return told
        said = tell_by_meaning(turn, outcome)
        return tell_article(turn, "ask_cost", outcome.near) if said is None else said


def seeks_course(turn: Turn) -> bool:
    """Whether a question for the price names what is to be learnt: a subject of the catalogue, or a language and where.

    Not a language that an article names: Dutch, of which the price hangs on more than the course.
    """
    if topic := look.value(turn.tracker, "course_topic"):
        return turn.services.catalogue.knows(topic)
    if not look.value(turn.tracker, "language") or not look.value(turn.tracker, "location"):
        return False
    article = turn.services.library.find("ask_cost", known_facts(turn), today_in_belgium())
    return article is None or article.when.get("language", (ANY,)) == (ANY,)


def tell_price_of_shown(turn: Turn) -> list[Event] | None:
    """The price of the course that is meant, or of each that was shown last; None when no course was shown."""
    if offering := chosen(turn):
        tell_price(turn, offering)
        return [SlotSet("focus", offering.id)]
    if shown := shown_last(turn):
        tell_prices(turn, shown)
        return []
    return None


def tell_price_for_me(turn: Turn) -> list[Event] | None:
    """The price of the courses shown, when a question for a discount asks what they cost: "is dat gratis voor mij"."""
    asks = about_courses(turn) and bool(_PAYS.search(look.text(turn.tracker)))
    return tell_price_of_shown(turn) if asks else None


def tell_price_of_another(turn: Turn) -> list[Event] | None:
    """The price of another course that the message names, when the question before was for a price ("en voor de tweede?")."""
    words = look.text(turn.tracker)
    asks = (
        look.previous_intent(turn.tracker) in MONEY
        and bool(ordinals(turn))
        and bool(_GOES_ON.search(words))
        and turn.services.follow_ups.bare(words, ORDINAL_WORDS)
    )
    return tell_price_of_shown(turn) if asks else None


def tell_new_prices(turn: Turn) -> bool:
    """What the course that is meant, or those shown last, cost somebody who just told something; false when nothing changes."""
    focus = chosen(turn)
    offerings = [focus] if focus else shown_last(turn)
    if not any(price_for_person(turn, offering).personal for offering in offerings):
        return False
    tell_prices(turn, offerings, NOTED)
    return True


def tell_prices(turn: Turn, offerings: list[Offering], opening: str = "") -> None:
    """The price of each course shown last, one line each, with what this person pays, and the sources once."""
    lines: list[str] = [opening] if opening else []
    sources: dict[str, Source] = {}
    shown: list[str] = turn.slot("shown") or []
    numbered = [(shown.index(offering.id) + 1, offering) for offering in offerings if offering.id in shown]
    for number, offering in numbered:
        price = price_for_person(turn, offering)
        yours = f". Voor jou: {short}" if (short := in_short(price)) else ""
        lines.append(f"{number}. {offering.title}, {offering.provider.name}: {price_in_short(price.price)}{yours}")
        sources |= {source.title: source for source in _sources(price.lines)}
    buttons = [
        Button(title=f"Meer over nummer {number}"[:20], payload=f'/ask_cost{{"offering":"{offering.id}"}}')
        for number, offering in numbered
    ]
    turn.say("\n".join(lines), [*buttons, DISCOUNT], sources=list(sources.values()))
