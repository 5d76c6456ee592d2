"""What to do with the articles that were found: answer, ask which one, or leave it to what the intent asks.

The thresholds were chosen on the development set of tests/nlu and the articles' own questions; docs/kennis.md has what they
give on questions that were not used for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.articles import Article
from bot.knowledge.finding import Hit

LOST = "nlu_fallback"
"""What the understanding gives when it is not sure of any intent."""
STRANGE = "out_of_scope"

ANSWER = 0.35
"""From this chance on an article is the answer to what no intent was found for."""
BETTER = 0.2
"""From this chance on an article of the long tail fits better than the general one of the intent that was understood."""
CLEAR = 1.6
"""How many times likelier than any other it must be for that: a general question ("heb ik recht op opleidingsverlof") is near
to several articles at once, and the general one answers it."""
OFFER = 0.15
"""From this chance on it is worth asking whether an article is meant, when no intent was found."""
SURE = 0.8
"""The same where more speaks against it: few words, or a question that is taken for none of our business."""
FEW_WORDS = 2
"""Messages of so few words ("opleidingscheques?") ask for the general answer."""
AHEAD = 0.1
"""How much likelier an article must be than the likeliest intent, when no intent was sure enough ("ik wil een cursus volgen")."""
OFFERED = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """One article to answer with, or some to ask about, or neither."""

    article: Article | None = None
    offered: tuple[Article, ...] = ()


NOTHING = Outcome()


def decide(intent: str, question: str, hits: Sequence[Hit], likeliest: float = 0.0) -> Outcome:
    """What the articles found for a question mean, given the intent it was understood as; `NOTHING` leaves it to the intent.

    `likeliest` is the probability of the likeliest intent, which counts when it was not sure enough (`LOST`).

    An article that belongs to an intent is never an answer in place of that of another intent: the understanding of
    intents knows better. In place of the intent's own article only one of the long tail is.
    """
    if not hits:
        return NOTHING
    best = hits[0]
    few = len(question.split()) <= FEW_WORDS
    if intent == STRANGE:
        return Outcome(best.article) if best.chance >= SURE else NOTHING
    if intent == LOST:
        if best.chance >= max(SURE if few else ANSWER, likeliest + AHEAD):
            return Outcome(best.article)
        if likeliest > best.chance:
            return NOTHING
        likely = tuple(hit.article for hit in hits if hit.chance >= OFFER)[:OFFERED]
        return Outcome(offered=likely)
    clear = best.chance >= (SURE if few else BETTER) and all(best.chance >= CLEAR * hit.chance for hit in hits[1:])
    return Outcome(best.article) if clear and best.article.intent is None else NOTHING
