"""What to do with the articles that were found: answer, ask which one, or leave it to what the intent asks.

The thresholds were chosen on tests/knowledge/questions.yml, questions-fresh.yml and questions-spoken.yml and on the development
set of tests/nlu; docs/kennis.md has what they give on questions that were not used for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.knowledge.articles import PLACES, Article
from bot.knowledge.finding import Hit
from bot.knowledge.vocabulary import INFORMATIONAL

LOST = "nlu_fallback"
"""What the understanding gives when it is not sure of any intent."""
STRANGE = "out_of_scope"
WHERE = "ask_contact_point"
"""Asks where a service is: what holds for the person's own place is preciser than anything else."""
SIMPLER = "ask_simpler"
"""Asks to explain: the last answer, or a word that an article explains ("wat betekent AAV")."""
ELSEWHERE = frozenset({"search_course", "course_details", "more_results", "speak_other_language"})
"""Wishes that a question for information is sometimes taken for ("cevora opleidingen")."""

ANSWER = 0.3
"""From this chance on an article is the answer to what no intent was found for."""
BETTER = 0.2
"""From this chance on a preciser article fits better than the general one of the intent that was understood."""
SUPPOSED = 0.65
"""From this chance on an article for a situation that nobody told of fits: it takes the person to be what was not said."""
CLEAR = 1.3
"""How many times likelier than the next one it must be for that: a general question ("heb ik recht op opleidingsverlof") is
near to several articles at once, and the general one answers it."""
GENERAL = 1.1
"""How many times likelier it must be than the general one."""
OFFER = 0.1
"""From this chance on it is worth asking whether an article is meant, when no intent was found."""
NEAR = 0.08
"""From this chance on an article is worth a button under the general answer."""
SURE = 0.65
"""What answers where more speaks against it: few words ("opleidingscheques?" asks for the general answer), or somebody who
did not understand ("ik snap het niet" is about the answer before)."""
TAKEN = 0.65
"""What answers a message that was taken for another wish (`ELSEWHERE`)."""
STRANGER = 0.55
"""What answers a message that was taken for none of our business, when that was not quite sure (`FOREIGN`)."""
FOREIGN = 0.95
DOUBT = 0.95
"""An intent less sure than this, for words that no article knows (`KNOWN`), is asked about: "hoeveel verdient een lasser"."""
KNOWN = 0.25
FEW_WORDS = 2
LIKELIER = 0.4
"""How much likelier than any article an intent must be, when none was sure, to ask which intent was meant."""
OFFERED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A message as it was understood."""

    intent: str
    words: str
    likeliest: float = 0.0
    """The probability of the likeliest intent, also when it was not sure enough (`LOST`)."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What is known of the person and the question, as `Article.when` names it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One article to answer with, or some to ask about, or neither: then the general one answers, with the near ones below."""

    article: Article | None = None
    chance: float = 0.0
    """How likely the article is the right one."""
    offered: tuple[Article, ...] = ()
    near: tuple[Article, ...] = ()
    unknown: Article | None = None
    """What the message asks more of than we know."""


NOTHING = Outcome()


def decide(asked: Asked, hits: Sequence[Hit], general: Article | None, on: date) -> Outcome:
    """What the articles found for a message mean; `NOTHING` leaves it to the intent.

    `general` is the article with which the intent answers this person. An article that belongs to another intent never answers:
    the understanding of intents knows better. Nor does one for a region that is not known to be the person's.
    """
    hits = [hit for hit in hits if _of_region(hit.article, asked, on) and not _for_others(hit.article, asked)]
    if not hits:
        return NOTHING
    best, few = hits[0], len(asked.words.split()) <= FEW_WORDS
    if asked.intent == LOST:
        return _lost(asked, hits, SURE if few else ANSWER)
    if asked.intent == STRANGE:
        return _if(best, best.chance >= STRANGER and asked.likeliest < FOREIGN)
    if asked.intent in ELSEWHERE:
        return _if(best, best.chance >= TAKEN and not few)
    if asked.intent not in INFORMATIONAL | {SIMPLER}:
        return NOTHING
    others = [hit for hit in hits if _preciser(hit, asked, on)]
    if asked.intent == WHERE and general is not None and PLACES & general.when.keys():
        return NOTHING
    of_general = max((hit.chance for hit in hits if hit.article == general), default=0.0)
    if others:
        first, next_chance = others[0], max((hit.chance for hit in others[1:]), default=0.0)
        enough = first.chance >= (SURE if few or asked.intent == SIMPLER else BETTER)
        ahead = GENERAL if first.article.intent is None else CLEAR  # a situation that nobody told of
        if enough and first.chance >= CLEAR * next_chance and first.chance >= ahead * of_general:
            return Outcome(first.article, first.chance)
    near = tuple(hit.article for hit in others if hit.chance >= NEAR)[: OFFERED - 1]
    if asked.likeliest < DOUBT and best.chance < KNOWN and not few and general is not None:
        return Outcome(offered=(general, *near))
    return Outcome(near=near)


def _lost(asked: Asked, hits: Sequence[Hit], enough: float) -> Outcome:
    best, next_chance = hits[0], max((hit.chance for hit in hits[1:]), default=0.0)
    if best.chance >= max(enough, CLEAR * next_chance):
        return Outcome(best.article, best.chance)
    if asked.likeliest > best.chance + LIKELIER:
        return NOTHING
    return Outcome(offered=tuple(hit.article for hit in hits if hit.chance >= OFFER)[:OFFERED])


def _if(hit: Hit, enough: bool) -> Outcome:
    return Outcome(hit.article, hit.chance) if enough and hit.article.intent is None else NOTHING


def _of_region(article: Article, asked: Asked, on: date) -> bool:
    """Whether an article holds for the region of the person, as far as it holds for one alone."""
    return "region" not in article.when or article.fits(asked.facts, on)


def _for_others(article: Article, asked: Asked) -> bool:
    """Whether an article of the long tail is for another situation than the person told of."""
    return article.intent is None and article.contradicted(asked.facts)


def _preciser(hit: Hit, asked: Asked, on: date) -> bool:
    """Whether an article may answer in place of the general one: one of the long tail, or of the same intent for a situation
    that may be the person's but is not known to be (else it would be the general one, or lost to it), when the words leave
    little doubt."""
    article = hit.article
    if article.contradicted(asked.facts):
        return False
    if article.intent is None:
        return True
    return article.intent == asked.intent and not article.fits(asked.facts, on) and hit.chance >= SUPPOSED
