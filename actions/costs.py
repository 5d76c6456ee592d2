"""What a course costs, line by line; without a course, the general tariff."""

from __future__ import annotations

from collections.abc import Iterable

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.answers import PERSON, found_by_meaning, say_article, tell_article, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.cards import price_for
from actions.entitlement_cards import SEARCH
from actions.search import chosen
from actions.situation import price_for_person
from bot.catalogue.model import Offering, TariffPrice
from bot.catalogue.presenting import price_in_short
from bot.catalogue.price import PriceLine
from bot.catalogue.query import SearchQuery
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button, Source
from bot.knowledge.figures import Certainty, quotable, render_figure

DISCOUNT = Button(title="Minder betalen", payload="/ask_discount")
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
    """The price of the course that is meant, of those shown last, or the general tariff."""

    def name(self) -> str:
        return "action_tell_cost"

    async def act(self, turn: Turn) -> list[Event]:
        outcome = found_by_meaning(turn)
        if outcome.article:
            return say_article(turn, outcome.article)
        if offering := chosen(turn):
            tell_price(turn, offering)
            return [SlotSet("focus", offering.id)]
        shown = [found for found in map(turn.services.catalogue.get, turn.slot("last_shown") or []) if found]
        if not shown:
            said = tell_by_meaning(turn, outcome)
            return tell_article(turn, "ask_cost", outcome.near) if said is None else said
        tell_prices(turn, shown)
        return []


def tell_prices(turn: Turn, offerings: list[Offering]) -> None:
    """The price of each course shown last, one line each, and the sources once."""
    lines: list[str] = []
    sources: dict[str, Source] = {}
    first = len(turn.slot("shown")) - len(offerings) + 1
    for number, offering in enumerate(offerings, start=first):
        price = price_for(turn, offering)
        lines.append(f"{number}. {offering.title}, {offering.provider.name}: {price_in_short(price)}")
        sources |= {source.title: source for source in _sources(price.lines)}
    buttons = [
        Button(title=f"Meer over nummer {number}"[:20], payload=f'/ask_cost{{"offering":"{offering.id}"}}')
        for number, offering in enumerate(offerings, start=first)
    ]
    turn.say("\n".join(lines), [*buttons, DISCOUNT], sources=list(sources.values()))
