"""What a search is about: its words, weighed, and what it means when its words say too little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.catalogue.matches import How, Resolution, SubjectMatch
from bot.catalogue.meaning import Meaning
from bot.catalogue.subjects import Subjects
from bot.catalogue.votes import Votes, Weighed
from bot.catalogue.words import fold, tokens

SURE = 0.6
"""When the words explain so much of a text, what it means is not looked at."""
_NEAR = 0.2
"""Likeness below which a text and a subject have nothing in common."""
_WEIGHT = 2.5
"""What likeness above that counts for, beside the share of a text that its words explain."""
_KEPT = 0.6
"""A subject with less than this share of the best one's score is left out."""
_ALONE = 0.4
"""Likeness that is enough when the words say nothing at all: one in ten sentences of small talk reaches it."""
_HINT = 0.3
"""Likeness from which a subject is worth suggesting."""
_SPELT = 70
"""How alike, in percent, a phrase must be spelt to suggest its subject."""
_LEAST = 0.2
"""With less than this nothing is understood."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text is about."""

    matches: tuple[SubjectMatch, ...] = ()
    """Subjects, best first."""
    share: tuple[float, ...] = ()
    """How near each is to the best, 0 to 1."""
    words: tuple[str, ...] = ()
    """Words to look for in the texts of courses, when subjects do not say it all."""
    sure: bool = True
    """Whether the words say what is meant; else titles that mean the same are looked for."""

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """The subjects, best first."""
        return tuple(match.subject_id for match in self.matches)

    @property
    def guessed(self) -> bool:
        """Whether nothing but the meaning led to the subjects."""
        return bool(self.matches) and all(match.how in (How.MEANING, How.DESCRIBED) for match in self.matches)


class Understanding:
    """Finds out what texts are about. Made once and shared."""

    def __init__(self, subjects: Subjects, meaning: Meaning | None = None) -> None:
        """Without `meaning` only words count."""
        self._subjects = subjects
        self._meaning = meaning
        self._votes = Votes(subjects)

    def of(self, text: str) -> Understood:
        """What is to be learnt according to a text."""
        found = self._subjects.resolve(text)
        sure = all(match.how in (How.EXACT, How.STEM) for match in found.matches)
        if sure and not found.rest and len({match.words for match in found.matches}) == 1:
            return _plain(found)
        if any(match.how is How.DOMAIN for match in found.matches):
            return _plain(found)
        weighed = self._votes.weigh(text, found)
        near = self._meaning.near(text) if self._meaning is not None and weighed.coverage < SURE else {}
        weighed = _supported(weighed, near)
        words = self._subjects.content(tokens(text))
        rest = words if found.rest or not weighed.matches else ()
        sure = weighed.coverage >= SURE
        if near:
            weighed = _with_meaning(weighed, near, " ".join(words))
        return Understood(weighed.matches, weighed.share, rest, sure)

    def suggestions(self, text: str, most: int = 3) -> tuple[str, ...]:
        """Names of subjects that a text may have meant, when nothing was found: by meaning, else by spelling."""
        near = self._meaning.near(text) if self._meaning is not None else {}
        likely = sorted((id_ for id_, likeness in near.items() if likeness >= _HINT), key=lambda id_: -near[id_])
        if likely:
            return tuple(map(self._subjects.name, likely[:most]))
        phrases = dict(self._subjects.names())
        spelt = process.extract(text, list(phrases), scorer=fuzz.ratio, limit=most, score_cutoff=_SPELT, processor=fold)
        return tuple(dict.fromkeys(self._subjects.name(phrases[phrase]) for phrase, _, _ in spelt))


def _supported(weighed: Weighed, near: Mapping[str, float]) -> Weighed:
    """Without subjects of which only one word of a description is said, unless that is what the text means too."""
    kept = [
        (match, share)
        for match, share in zip(weighed.matches, weighed.share, strict=True)
        if match.how is not How.DESCRIBED or near.get(match.subject_id, 0.0) > _NEAR
    ]
    if len(kept) == len(weighed.matches):
        return weighed
    best = max((share for _, share in kept), default=1.0)
    matches, shares = tuple(match for match, _ in kept), tuple(share / best for _, share in kept)
    return Weighed(matches, shares, weighed.coverage * best if kept else 0.0)


def _with_meaning(weighed: Weighed, near: Mapping[str, float], words: str) -> Weighed:
    """The subjects by what the words explain and by what the text means, together."""
    scores = {
        match.subject_id: share * weighed.coverage for match, share in zip(weighed.matches, weighed.share, strict=True)
    }
    for subject_id, likeness in near.items():
        if likeness > (_NEAR if weighed.matches else _ALONE):
            scores[subject_id] = scores.get(subject_id, 0.0) + (likeness - _NEAR) * _WEIGHT
    best = max(scores.values(), default=0.0)
    if best < _LEAST:
        return weighed
    named = {match.subject_id: match for match in weighed.matches}
    kept = [id_ for id_ in sorted(scores, key=lambda id_: -scores[id_]) if scores[id_] >= _KEPT * best]
    matches = tuple(named.get(id_) or SubjectMatch(id_, How.MEANING, words) for id_ in kept)
    return Weighed(matches, tuple(scores[id_] / best for id_ in kept), min(1.0, best))


def _plain(found: Resolution) -> Understood:
    return Understood(found.matches, tuple(1.0 for _ in found.matches), found.rest)
