"""A place or a time said after an article: the same question for another place, or courses of what the article is about."""

from __future__ import annotations

import re
from dataclasses import replace

from actions import tracker as look
from actions.after_need import help_near
from actions.answers import (
    PERSON,
    known_facts,
    place_named,
    reading,
    remember_place,
    say_article,
    say_unknown,
    tell_by_meaning,
)
from actions.base import Event, Turn, TurnAction
from actions.comparing import tell_comparison
from actions.referral import told_how_to_change
from actions.search import ask_place, gathered, narrow, show
from actions.spoken_of import article_in_mind, article_just_said, followed_up
from actions.wishes import SUBJECTS, Wishes
from bot.catalogue.search import today_in_belgium
from bot.entitlements.situation import region_of
from bot.knowledge.articles import PLACES, Article, Level, render
from bot.knowledge.language import sentences
from bot.knowledge.vocabulary import REGIONS
from bot.places import Place

_WHERE_OR_WHEN = frozenset({"location", "schedule", "delivery_mode", "provider"})
_LIVES = frozenset("als gemeente liefst naar omgeving postcode regio stad werk werken werkt wonen woon woont".split())
"""Words beside a place that ask nothing new."""
CONTACT = "ask_contact_point"
_BRUSSELS = re.compile(r"\bBruss|\bActiris\b")


def answer_again(turn: Turn) -> list[Event] | None:
    """What the article spoken of last leads to for the place or the time that the message names; None when to nothing."""
    if (outcome := followed_up(turn)) is not None and (outcome.article or outcome.unknown):
        return tell_by_meaning(turn, outcome)
    kinds = {entity.kind for entity in look.entities(turn.tracker) if not entity.negated}
    if not kinds & _WHERE_OR_WHEN or kinds & SUBJECTS:
        return None
    article = article_in_mind(turn)
    if article is None:
        return None
    return show_courses_of(turn, article) if article.courses else _for_another_place(turn, article)


def only_elsewhere(turn: Turn) -> list[Event] | None:
    """As `answer_again`, of a message that names a place, a time or a service and says no more: "en de VDAB in Brugge"."""
    rest = look.without(turn.tracker, _WHERE_OR_WHEN)
    alone = rest != look.text(turn.tracker) and turn.services.follow_ups.bare(rest)
    return answer_again(turn) if alone else None


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
    if found is not None and (found.id != article.id or article.intent == CONTACT):
        return say_article(turn, found)
    place = place_named(turn)
    if place is None or (not _hangs_on_place(turn, article) and _seeks_course(turn)):
        return None
    return _the_same_there(turn, article, place)


def _hangs_on_place(turn: Turn, article: Article) -> bool:
    """Whether the question of an article is answered otherwise in another region."""
    question = article.question()
    intent, today = question.pop("intent", ""), today_in_belgium()
    found = [turn.services.library.find(intent, {**question, "region": region}, today) for region in REGIONS]
    return len({one.id for one in found if one}) > 1


def _seeks_course(turn: Turn) -> bool:
    return article_just_said(turn) is None or bool(Wishes.from_slot(turn.slot("wishes")).subject)


def _the_same_there(turn: Turn, article: Article, place: Place) -> list[Event]:
    """What an answer that no other takes the place of says of a place: what it tells of Brussels, or that it holds there."""
    rendered = render(article, Level.PLAIN, turn.services.figures, today_in_belgium())
    brussels = [one for one in sentences(rendered.text.split("\n\n")[0]) if _BRUSSELS.search(one)]
    in_brussels = region_of(place) == "brussels"
    if in_brussels and brussels:
        turn.say(
            f"**{article.title}**, voor {place.label}:\n{' '.join(brussels)}",
            [reading(article), PERSON],
            sources=rendered.sources,
        )
    elif in_brussels or article.unknown or _BRUSSELS.search(article.title):
        say_unknown(turn, article, f"Of dat ook voor {place.label} geldt,")
    else:
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
    found = turn.services.library.find(question.pop("intent"), {**question, **here}, today_in_belgium())
    return article if found and not found.when and article.when and not PLACES & article.when.keys() else found


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
