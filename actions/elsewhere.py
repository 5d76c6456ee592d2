"""A place or a time said after an article: the same question for another place, or courses of what the article is about."""

from __future__ import annotations

from dataclasses import replace

from actions import tracker as look
from actions.after_need import help_near
from actions.answers import PERSON, known_facts, place_named, reading, remember_place, say_article
from actions.base import Event, Turn, TurnAction
from actions.comparing import tell_comparison
from actions.referral import told_how_to_change
from actions.search import ask_place, gathered, narrow, show
from actions.spoken_of import article_in_mind
from actions.wishes import SUBJECTS, Wishes
from bot.catalogue.search import today_in_belgium
from bot.knowledge.articles import PLACES, Article
from bot.knowledge.vocabulary import REGIONS

_WHERE_OR_WHEN = frozenset({"location", "schedule", "delivery_mode", "provider"})
_LIVES = frozenset("als gemeente liefst naar omgeving postcode regio stad werk werken werkt wonen woon woont".split())
"""Words beside a place that ask nothing new."""
CONTACT = "ask_contact_point"


def answer_again(turn: Turn) -> list[Event] | None:
    """What the article spoken of last leads to for the place or the time that the message names; None when to nothing."""
    kinds = {entity.kind for entity in look.entities(turn.tracker) if not entity.negated}
    if not kinds & _WHERE_OR_WHEN or kinds & SUBJECTS:
        return None
    article = article_in_mind(turn)
    if article is None:
        return None
    return show_courses_of(turn, article) if article.courses else _for_another_place(turn, article)


def show_courses_of(turn: Turn, article: Article) -> list[Event]:
    """The courses of what an article is about, where and when the message says."""
    wishes, unclear = gathered(turn, Wishes(topic=article.courses))
    if unclear:
        return ask_place(turn, wishes, unclear[0])
    wishes = replace(wishes, topic=article.courses, language="")
    if not wishes.place and (home := turn.home()):
        wishes = replace(wishes, place=home.id)
    events = show(turn, wishes, offset=0)
    here = _answering(turn, article)
    if here is not None and here.id != article.id:
        turn.offer(reading(here))
    return [*events, *remember_place(turn)]


def _for_another_place(turn: Turn, article: Article) -> list[Event] | None:
    if not turn.services.follow_ups.bare(look.without(turn.tracker, _WHERE_OR_WHEN), _LIVES):
        return None
    found = _answering(turn, article)
    if found is not None and found.id == article.id and article.intent != CONTACT:
        return _the_same_there(turn, article)
    return None if found is None else say_article(turn, found)


def _the_same_there(turn: Turn, article: Article) -> list[Event] | None:
    """Says that an answer holds for the place that the message names; None for one that hangs on no place."""
    place = place_named(turn)
    question = article.question()
    intent, today = question.pop("intent"), today_in_belgium()
    found = [turn.services.library.find(intent, {**question, "region": region}, today) for region in REGIONS]
    answers = {one.id for one in found if one}
    if place is None or len(answers) < 2:
        return None
    turn.say(f"Voor {place.label} geldt hetzelfde.", [reading(article), PERSON])
    return remember_place(turn)


def _answering(turn: Turn, article: Article) -> Article | None:
    """The article that answers the question of another for the place or the service that the message names."""
    question = article.question()
    if not question:
        return None
    here = {name: value for name, value in known_facts(turn).items() if name in PLACES}
    if provider := look.value(turn.tracker, "provider"):
        here["provider"] = provider
    return turn.services.library.find(question.pop("intent"), {**question, **here}, today_in_belgium())


class ActionRefineSearch(TurnAction):
    """Narrows the last search, earlier wishes kept; after an article, asks the same of it for another place."""

    def name(self) -> str:
        return "action_refine_search"

    async def act(self, turn: Turn) -> list[Event]:
        if await told_how_to_change(turn):
            return []
        if (helped := help_near(turn)) is not None:
            return helped
        if (compared := tell_comparison(turn)) is not None:
            return compared
        going_on = answer_again(turn)
        return narrow(turn) if going_on is None else going_on
