"""Which subjects a text is about when its words do not agree: each word votes, and a rare word counts for more.

"tegels leggen in de badkamer" names tiling by two words and bathrooms by one. `Subjects.resolve` finds what words name; here
they are weighed, and words count that stand inside a longer phrase of a subject ("een kapotte frigo" beside "frigo's
herstellen").
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bot.catalogue.matches import How, Resolution, SubjectMatch
from bot.catalogue.subjects import Subjects
from bot.catalogue.words import stem, tokens

_ALONE = {How.EXACT: 1.0, How.STEM: 0.95, How.COMPOUND: 0.85, How.SPELLING: 0.7}
"""How surely a word that was found in such a way is the subject."""
_PHRASE = 1.3
"""A phrase of several words counts for more than its words one by one."""
_INSIDE = 0.5
"""A word that is but one of a longer phrase."""
_DESCRIBED = 0.3
"""A word of a description."""
_HALF = 0.45
"""A word of which one half is known ("winkeljuffrouw"), or each half something else ("hondenkapsalon")."""
_WEAK = 0.3
"""What a verb that belongs to every subject weighs beside another word."""
_KEPT = 0.5
"""A subject with less than this share of the best one's votes is left out."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a text is about, weighed."""

    matches: tuple[SubjectMatch, ...] = ()
    """Best first."""
    share: tuple[float, ...] = ()
    """Of each match its votes beside those of the best, 1 to `_KEPT`."""
    coverage: float = 0.0
    """How much of what the text says the best subject explains, 0 to 1: low for words that nobody knows."""


class Votes:
    """Weighs the words of a text. Made once from the subjects; it never changes."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects
        self._count = max(len(subjects), 1)
        self._inside: dict[str, dict[str, float]] = {}
        """For each stem the subjects whose names or descriptions hold it, and how surely it hints at each."""
        for phrases, surely in ((subjects.names(), _INSIDE), (subjects.descriptions(), _DESCRIBED)):
            for phrase, subject_id in phrases:
                for word in subjects.content(tokens(phrase)):
                    self._inside.setdefault(stem(word), {}).setdefault(subject_id, surely)

    def weigh(self, text: str, found: Resolution) -> Weighed:
        """The subjects of a text, of which `found` is what its words name by themselves."""
        words = self._subjects.content(tokens(text))
        if not words:
            return _as_found(found)
        quality = self._qualities(words, found)
        if not quality:
            return Weighed()
        votes: dict[str, float] = {}
        for (subject_id, word), one in quality.items():
            votes[subject_id] = votes.get(subject_id, 0.0) + one * self._weight(word)
        hows = {match.subject_id: match for match in found.matches}
        best = max(votes.values())
        # Equal votes keep the order in which the words named the subjects.
        order = sorted(votes, key=lambda id_: -votes[id_])
        kept = [id_ for id_ in order if votes[id_] >= _KEPT * best]
        matches = tuple(
            hows.get(id_) or _hinted(id_, {word: quality[id_, word] for word in words if (id_, word) in quality})
            for id_ in kept
        )
        total = sum(self._weight(word) for word in words)
        return Weighed(matches, tuple(votes[id_] / best for id_ in kept), min(1.0, best / total))

    def _qualities(self, words: tuple[str, ...], found: Resolution) -> dict[tuple[str, str], float]:
        """For each subject and word how surely the one is about the other."""
        quality: dict[tuple[str, str], float] = {}

        def tell(subject_id: str, word: str, surely: float) -> None:
            quality[subject_id, word] = max(surely, quality.get((subject_id, word), 0.0))

        for match in found.matches:
            said = self._subjects.content(tokens(match.words)) or tokens(match.words)
            surely = _ALONE.get(match.how, _HALF)
            if match.how is How.COMPOUND and not self._subjects.is_tailed(match.words):
                surely = _HALF
                for subject_id in self._subjects.half_of(match.words):
                    tell(subject_id, match.words, _HALF)
            for word in said:
                tell(match.subject_id, word, surely * (_PHRASE if len(said) > 1 else 1.0))
        for phrase, subject_ids in self._subjects.phrases_in(words):
            for word in words:
                if stem(word) in phrase:
                    for subject_id in subject_ids:
                        tell(subject_id, word, _PHRASE)
        for word in words:
            for subject_id, surely in self._hints(word):
                tell(subject_id, word, surely)
        return quality

    def _weight(self, word: str) -> float:
        """How much a word says: one that belongs to few subjects, or to none that we know, says most."""
        spread = len(self._inside.get(stem(word), ())) or 1
        return math.log(1 + self._count / spread) * (_WEAK if self._subjects.is_weak(word) else 1.0)

    def _hints(self, word: str) -> list[tuple[str, float]]:
        """The subjects that a word hints at without naming them."""
        hinted = sorted(self._inside.get(stem(word), {}).items())
        if not hinted:
            hinted = [(id_, _HALF) for id_ in self._subjects.half_of(word)]
        return hinted


def _hinted(subject_id: str, quality: Mapping[str, float]) -> SubjectMatch:
    """A subject that no words name: by words inside its names, or only by one of a description."""
    described = len(quality) == 1 and max(quality.values()) <= _DESCRIBED
    return SubjectMatch(subject_id, How.DESCRIBED if described else How.INSIDE, " ".join(quality))


def _as_found(found: Resolution) -> Weighed:
    return Weighed(found.matches, tuple(1.0 for _ in found.matches), 1.0 if found.matches else 0.0)
