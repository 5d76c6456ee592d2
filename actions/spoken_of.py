"""What the conversation is about, for a question that does not say so itself: "wat kost dat", "en als zelfstandige"."""

from __future__ import annotations

import re

from actions import tracker as look
from actions.base import Turn
from actions.person import ASKS_ITSELF
from actions.pointing import ordinals
from bot.catalogue.search import today_in_belgium
from bot.entitlements.situation import region_of
from bot.knowledge.articles import Article
from bot.knowledge.deciding import ANSWER, LOST, NOTHING, STRANGE, Outcome
from bot.knowledge.follow_ups import words
from bot.knowledge.vocabulary import ASKED_OF_ARTICLE, INFORMATIONAL

_COURSES = ("last_shown", "focus")
_MONEY = frozenset({"ask_cost", "ask_discount"})
"""What is said of prices in general is said on the side: the subject stays what it was."""
_STATUS = frozenset({"employment_status", "education_level"})
_FOR_SOMEBODY = re.compile(
    r"^\W*(?:(?:en|maar|of|dus)\b\W*)?(?:wat |hoe zit het )?(?:als|voor|bij|met|zonder|indien)\b", re.I
)
_BESIDE_STATUS = frozenset("als indien iemand mensen met zonder bij wie werk zit is ben bent geen ooit later".split())
_GOES_ON = re.compile(r"^\W*(?:en|maar|of|vanaf|tot|wat als)\b", re.IGNORECASE)
_SHORT = 6
"""Words of a question that leans on what was said."""
_UNSURE = frozenset(
    {LOST, STRANGE, "search_course", "refine_search", "more_results", "course_details", "inform", "ask_eligibility"}
)
"""What a question that leans on what was said is taken for when it is read alone: "en voor een vzw"."""
_NAMES_ELSE = frozenset({"course_topic", "language", "location", "schedule", "ordinal", "age"})
_RECENT = 2
"""So many messages an article stays what is spoken of for what no article foresaw."""


def about_courses(turn: Turn) -> bool:
    """Whether courses were spoken of last, and not an article that goes on as a subject of its own."""
    if not turn.slot("last_shown") and not turn.slot("focus"):
        return False
    for name, value in look.newest(turn.tracker, ("last_article", *_COURSES)):
        if name in _COURSES:
            return True
        article = turn.services.library.get(value)
        if article and article.follow_ups:
            return False
    return False


def article_in_mind(turn: Turn) -> Article | None:
    """The article that was said last, when no course was shown or spoken of since."""
    for name, value in look.newest(turn.tracker, ("last_article", *_COURSES)):
        return turn.services.library.get(value) if name == "last_article" else None
    return None


def article_just_said(turn: Turn) -> Article | None:
    """`article_in_mind`, when it was said a message or two ago; else the one on the right that a form asks questions for."""
    said = article_in_mind(turn) if look.messages_since(turn.tracker, "last_article") <= _RECENT else None
    return said or _asked_in_form(turn)


def _asked_in_form(turn: Turn) -> Article | None:
    if (turn.tracker.active_loop or {}).get("name") != ASKS_ITSELF:
        return None
    asked = next((name for name in look.intents_before(turn.tracker) if name in INFORMATIONAL - _MONEY), "")
    known = {name: value for name in _STATUS if (value := turn.slot(name))}
    return turn.services.library.find(asked, known, today_in_belgium())


def followed_up(turn: Turn) -> Outcome | None:
    """The article that goes on with the one spoken of last, when the message asks so; `NOTHING` when it asks so of a course.

    None for any other message.
    """
    if ordinals(turn):
        return NOTHING
    return _of_what_it_names(turn) or _by_its_kind(turn) or _for_somebody(turn) or _with_more(turn)


def _of_what_it_names(turn: Turn) -> Outcome | None:
    """The follow-up of an article whose courses the message names: "ik heb een leefloon, wat kost AAV?"."""
    said = words(look.without(turn.tracker, {*_STATUS, "location", "age"}))
    for article in turn.services.library:
        named = words(article.courses)
        if named and named <= said:
            kinds = turn.services.follow_ups.kinds(" ".join(said - named))
            if follow_up := _follow_up(turn, article, kinds):
                return Outcome(follow_up, 1.0)
    return None


def _by_its_kind(turn: Turn) -> Outcome | None:
    """What goes on by the kind of question it is; when the article does not foresee it, that we do not know."""
    kinds = turn.services.follow_ups.kinds(look.text(turn.tracker))
    if not kinds:
        return None
    aside: set[str] = set()
    for name, value in look.newest(turn.tracker, ("last_article", *_COURSES)):
        if name in _COURSES:
            return NOTHING
        article = turn.services.library.get(value)
        if article is None:
            continue
        if aside <= set(article.follow_ups.values()) and (follow_up := _follow_up(turn, article, kinds)):
            return Outcome(follow_up, 1.0)
        if article.intent not in _MONEY:
            aside.add(article.id)
    article = article_just_said(turn)
    if article is None or article.intent in _MONEY:
        return None
    if follow_up := _follow_up(turn, article, kinds):
        return Outcome(follow_up, 1.0)
    return Outcome(unknown=article) if ASKED_OF_ARTICLE.issuperset(kinds) else None


def _follow_up(turn: Turn, article: Article, kinds: list[str]) -> Article | None:
    found = (article.follow_ups.get(kind) for kind in kinds)
    return next((turn.services.library.get(identifier) for identifier in found if identifier), None)


def _for_somebody(turn: Turn) -> Outcome | None:
    """The same for whom the message names: "en als zelfstandige?", "en voor werklozen?"."""
    named = {entity.kind: entity.value for entity in look.entities(turn.tracker) if entity.kind in _STATUS}
    rest = look.without(turn.tracker, _STATUS)
    if not named or not _FOR_SOMEBODY.match(rest) or not turn.services.follow_ups.bare(rest, _BESIDE_STATUS):
        return None
    article = article_just_said(turn)
    if article is None:
        return None
    question = article.question()
    if not question:
        return Outcome(unknown=article)
    home = {"region": region_of(place)} if (place := turn.home()) else {}
    intent, known, today = question.pop("intent"), {**question, **home, **named}, today_in_belgium()
    asked = (intent, "ask_discount") if intent == "ask_cost" else (intent,)  # who pays less
    answers = (turn.services.library.find(one, known, today) for one in asked)
    other = next((one for one in answers if one and one.id != article.id and one.when), None)
    return Outcome(other, 1.0) if other else _with_more(turn) or Outcome(article, 1.0)


def _with_more(turn: Turn) -> Outcome | None:
    """What a short question adds to what was just said, read together with it: "en voor een vzw" after the kmo-portefeuille."""
    text, article = look.text(turn.tracker), article_just_said(turn)
    if (
        article is None
        or look.intent(turn.tracker) not in _UNSURE
        or len(text.split()) > _SHORT
        or not _GOES_ON.match(text)
        or _NAMES_ELSE & {entity.kind for entity in look.entities(turn.tracker)}
        or turn.services.catalogue.knows(text)
    ):
        return None
    today = today_in_belgium()
    near = {article.id, *(one.id for one in turn.services.library if _belong_together(article, one))}
    hits = turn.services.finder.find(f"{article.title} {text}", today)
    found = [hit for hit in hits if hit.article.id in near and hit.chance >= ANSWER]
    return Outcome(found[0].article, 1.0) if found else None


def _belong_together(one: Article, other: Article) -> bool:
    return one.id in {*other.related, *other.follow_ups.values()} or other.id in {
        *one.related,
        *one.follow_ups.values(),
    }
