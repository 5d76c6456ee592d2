"""How results read: what one gets first, each with why, what to do, its source and the day it was checked."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from rasa_sdk.events import SlotSet

from actions.answers import PERSON
from actions.base import Event, Turn
from actions.situation import SLOT_FACTS, known_facts, known_person, professional
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button, Card, Fact, Source
from bot.entitlements import Assessment, Outcome, Reason, Result
from bot.knowledge.figures import Certainty
from bot.overview.model import Right

REFUSED = frozenset({Outcome.NO, Outcome.PROBABLY_NOT})
SEARCH = Button(title="Cursus zoeken", payload="/search_course")
MOST_REASONS = 3
"""Reasons on a card for a citizen."""
_MARKS = {True: "ja", False: "nee", None: "nog niet bekend"}


def tell_results(turn: Turn, assessment: Assessment) -> list[Event]:
    """Says what came out, with cards for what one gets or may get and a line for what not."""
    told = list(assessment.overview)
    cards = [result for result in told if result.outcome not in REFUSED or professional(turn)]
    refused = [result for result in told if result not in cards]
    sources: dict[str, Source] = {}
    for result in told:
        for one in result.sources:
            sources.setdefault(one.title, Source(title=one.title, url=one.url, checked=result.checked.isoformat()))
    turn.say(
        "\n\n".join(filter(None, [_opening(cards, told), _assumed(turn), _not_for_you(refused)])),
        _buttons(turn, assessment),
        [result_card(turn, result, assessment.on) for result in cards],
        list(sources.values()),
    )
    article = _article(turn, told)
    kept = [right_of(result).model_dump(mode="json") for result in told]
    return [SlotSet("entitlements", kept or None), *([SlotSet("last_article", article)] if article else [])]


def right_of(result: Result) -> Right:
    """A result as the overview keeps it."""
    checked = result.checked.isoformat()
    refused = result.outcome in REFUSED
    reasons = [result.deciding, *(reason for reason in result.reasons if reason != result.deciding)]
    return Right(
        name=result.name,
        outcome=headline(result),
        why=tuple(reason.text for reason in reasons[:MOST_REASONS]),
        gives=result.gives,
        next_step="" if refused else result.next_step,
        where="" if refused else result.apply,
        url=None if refused else result.apply_url,
        sources=tuple(Source(title=one.title, url=one.url, checked=checked) for one in result.sources),
    )


def _opening(cards: list[Result], told: list[Result]) -> str:
    if not told:
        return "Voor jouw situatie vind ik geen steun die ik zeker ken. Een mens kan met je meekijken."
    if not cards:
        return "Hier heb je geen recht op, of vermoedelijk niet."
    return "Dit vind ik voor jou. Het is een eerste inschatting: de dienst zelf beslist."


def _assumed(turn: Turn) -> str:
    """The situation that the results rest on, so that a mistake is seen."""
    facts = turn.services.rules.facts
    known = []
    for name, value in known_person(turn).items():
        if words := facts[name].in_words(value):
            known.append(words)
    return f"Ik ging uit van: {', '.join(dict.fromkeys(known))}." if known else ""


def _not_for_you(refused: list[Result]) -> str:
    return "\n".join(
        f"• **{result.name}**: {_lower(result.outcome.label)}. {result.deciding.text}" for result in refused
    )


def _buttons(turn: Turn, assessment: Assessment) -> list[Button]:
    measures = turn.services.rules.measures
    named = turn.slot("entitlement_scope")
    buttons = [SEARCH, PERSON]
    if named:
        intent = measures[named[0]].intents[0]
        buttons.insert(0, Button(title="Meer uitleg", payload=f"/{intent}"))
        buttons.insert(1, Button(title="Andere steun", payload="/ask_entitlements"))
    return buttons


def _article(turn: Turn, told: list[Result]) -> str | None:
    """The article to fall back on when somebody asks why, or for simpler words."""
    known = {name: str(turn.slot(name) or "") for name in SLOT_FACTS}
    for result in told:
        intent = turn.services.rules.measures[result.measure].intents[0]
        article = turn.services.library.find(intent, known, today_in_belgium())
        if article:
            return article.id
    return None


def result_card(turn: Turn, result: Result, on: date) -> Card:
    """One measure."""
    facts = [("Waarom", " ".join(_why(result)))]
    if result.provisos:
        facts.append(("Let op", f"Dit geldt {' en '.join(result.provisos)}."))
    facts.append(("Je krijgt", result.gives))
    if result.outcome not in REFUSED:
        facts += [("Wat nu", result.next_step), ("Waar", result.apply)]
    if professional(turn):
        facts += [("Voorwaarden", _conditions(turn, result, on)), ("Regel", result.legal)]
        facts.append(("Zekerheid", _certainty(result)))
    facts.append(("Nagekeken op", _day(result.checked)))
    overdue = today_in_belgium() > result.check_again
    return Card(
        title=result.name,
        subtitle=headline(result),
        facts=tuple(Fact(label=label, value=value) for label, value in facts if value),
        notice=f"moest op {_day(result.check_again)} opnieuw nagekeken worden" if overdue else "",
        url=result.apply_url or result.sources[0].url,
    )


def headline(result: Result) -> str:
    """The outcome in a few words."""
    if result.hinges_on_course:
        return "Hangt af van je cursus"
    if result.outcome is Outcome.UNKNOWN and not result.needed:
        return "Dat weet ik niet zeker"
    if result.outcome is Outcome.PROBABLY and result.decides:
        return f"Vermoedelijk wel: {result.decides} beslist"
    return result.outcome.label


def _why(result: Result) -> list[str]:
    reasons = [reason.text for reason in result.reasons]
    return reasons[:MOST_REASONS]


def _conditions(turn: Turn, result: Result, on: date) -> str:
    conditions: tuple[Reason, ...] = turn.services.rules.conditions(result.measure, known_facts(turn), on)
    return " ".join(f"{reason.text.rstrip('.')} ({_MARKS[reason.met]})." for reason in conditions)


def _certainty(result: Result) -> str:
    words = {Certainty.CERTAIN: "zeker", Certainty.LIKELY: "vermoedelijk"}
    return words.get(result.certainty, "onzeker: oude of niet nagekeken bron")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _day(day: date) -> str:
    return format_date(day, "d MMMM yyyy", locale="nl_BE")
