"""What the conversation is about, for a question that does not say so itself: "wat kost dat", "hoe vraag ik dat aan"."""

from __future__ import annotations

from actions import tracker as look
from actions.base import Turn
from actions.pointing import ordinals
from bot.knowledge.articles import Article
from bot.knowledge.deciding import NOTHING, Outcome

_COURSES = ("last_shown", "focus")
_MONEY = frozenset({"ask_cost", "ask_discount"})
"""What is said of prices in general is said on the side: the subject stays what it was."""


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


def followed_up(turn: Turn) -> Outcome | None:
    """The article that goes on with the one spoken of last, when the message asks so; `NOTHING` when it asks so of a course.

    None for any other message.
    """
    if ordinals(turn):
        return NOTHING
    kinds = turn.services.follow_ups.kinds(look.text(turn.tracker))
    if not kinds:
        return None
    aside: set[str] = set()
    for name, value in look.newest(turn.tracker, ("last_article", *_COURSES)):
        if name in _COURSES:
            return NOTHING
        article = turn.services.library.get(value)
        if article is None or article.intent in _MONEY:
            continue
        if aside <= set(article.follow_ups.values()) and (follow_up := _follow_up(turn, article, kinds)):
            return Outcome(follow_up, 1.0)
        aside.add(article.id)
    return None


def _follow_up(turn: Turn, article: Article, kinds: list[str]) -> Article | None:
    found = (article.follow_ups.get(kind) for kind in kinds)
    return next((turn.services.library.get(identifier) for identifier in found if identifier), None)
