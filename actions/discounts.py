"""A reduction of the fee: at a CVO, of what the message wants to learn, for who asks it."""

from __future__ import annotations

from actions import tracker as look
from actions.answers import PERSON
from actions.base import Turn
from actions.entitlement_cards import REFUSED, SEARCH
from actions.situation import known_person, told_in_words
from bot.catalogue.model import TariffPrice
from bot.catalogue.query import SearchQuery
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button, Source
from bot.entitlements import FactValue, Outcome, Result
from bot.knowledge.figures import Certainty, Figure, quotable, render_figure

REDUCTION = "cvo-reduction"
_ALIKE = 12
"""Courses of a subject that are looked at to know its tariff."""
_DUTCH = "Nederlands"
"""Of which the price hangs on more than the course."""
_FOR_ME = Button(title="Geldt dit voor mij?", payload='/ask_entitlements{"about":"ask_discount"}')


def tell_reduction(turn: Turn) -> bool:
    """Says whether there is a reduction at a CVO for what the message wants to learn, and for who asks; false when that has
    not one tariff."""
    name, figure = _tariff(turn)
    if figure is None or not quotable(figure, today_in_belgium()):
        return False
    likely = "" if figure.certainty is Certainty.CERTAIN else "vermoedelijk "
    full = f"{likely}{render_figure(figure)} {figure.basis} (lesuur)"
    sources = [Source(title=figure.source_title, url=figure.source_url, checked=figure.checked.isoformat())]
    if figure.reduced is None:
        text = f"daarvoor is er {likely}geen korting in een CVO (avondschool). Iedereen betaalt er {full}."
        turn.say(f"**{name}**: {text}", [SEARCH, PERSON], sources=sources)
        return True
    result = _assessed(turn, figure)
    reduced = f"{likely}niets" if figure.reduced == 0 else f"{likely}{render_figure(figure, 'reduced')} per lestijd"
    buttons = [SEARCH, PERSON]
    if result.outcome in (Outcome.YES, Outcome.PROBABLY):
        proviso = f", {' en '.join(result.provisos)}" if result.provisos else ""
        text = f"jij krijgt er vermoedelijk korting op in een CVO (avondschool){proviso}. Je betaalt dan {reduced} "
        text += (
            f"in plaats van {render_figure(figure)} per lestijd. Cursusmateriaal betaal je apart. {result.next_step}"
        )
    elif result.outcome in REFUSED:
        text = f"in een CVO (avondschool) kost dat {full}. {result.outcome.label}: {result.deciding.text}"
    else:
        text = f"in een CVO (avondschool) kost dat {full}. Met korting betaal je {reduced}. {_groups(turn, figure)}"
        buttons.insert(0, _FOR_ME)
    more = [Source(title=one.title, url=one.url, checked=result.checked.isoformat()) for one in result.sources]
    turn.say(
        f"**{name}**: {text}", buttons, sources=[*sources, *(one for one in more if one.title != sources[0].title)]
    )
    return True


def reducing(turn: Turn, measures: tuple[str, ...]) -> tuple[str, ...]:
    """Of the measures that may lower a price, the reduction and those that surely concern who asks: nobody who said nothing of
    an enterprise is asked about theirs."""
    known = {**known_person(turn), **told_in_words(turn)}
    evaluated = turn.services.rules.assess(known, today_in_belgium(), measures).evaluated
    return tuple(one.result.measure for one in evaluated if one.result.measure == REDUCTION or one.concerns is True)


def _tariff(turn: Turn) -> tuple[str, Figure | None]:
    """What the message wants to learn, and its tariff when it has one at every CVO."""
    catalogue, words = turn.services.catalogue, look.text(turn.tracker)
    if language := look.value(turn.tracker, "language"):
        query = SearchQuery(language=language, provider="CVO") if language != _DUTCH else None
        name, topic = language, ""
    else:
        wanted = look.value(turn.tracker, "course_topic") or words
        topics = catalogue.subjects.resolve(wanted).matches if wanted and catalogue.knows(wanted) else ()
        topic = topics[0].subject_id if len(topics) == 1 else ""
        name = catalogue.subjects.name(topic) if topic else ""
        query = SearchQuery(subject=name, provider="CVO") if topic else None
    if query is None:
        return name, None
    offerings = [hit.offering for hit in catalogue.search(query, limit=_ALIKE).hits]
    prices = [offering.price for offering in offerings if not topic or topic in offering.subjects]
    tariffs = {price.figure for price in prices if isinstance(price, TariffPrice)}
    return name, turn.services.figures[tariffs.pop()] if len(tariffs) == 1 else None


def _assessed(turn: Turn, figure: Figure) -> Result:
    """The reduction for who asks, on a course of this tariff."""
    rules = turn.services.rules
    tariff = next(choice.id for choice in rules.facts["course_tariff"].values if choice.figure == figure.id)
    course: dict[str, FactValue] = {"course_provider": "cvo", "course_tariff": tariff}
    known = {**course, **known_person(turn), **told_in_words(turn)}
    return rules.assess(known, today_in_belgium(), (REDUCTION,)).results[0]


def _groups(turn: Turn, figure: Figure) -> str:
    found = next((one for one in turn.services.reductions if figure.id in one.figures), None)
    return f"Korting is er wellicht voor: {', '.join(found.groups)}. Je hebt een attest nodig." if found else ""
