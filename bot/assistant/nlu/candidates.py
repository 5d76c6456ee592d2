"""Everything in a text that may be an entity, before anyone decides: from the word lists, the patterns and the place names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.assistant.nlu.ages import ages
from bot.assistant.nlu.contact_details import emails, phone_numbers
from bot.assistant.nlu.mentions import Mention
from bot.assistant.nlu.ordinals import ordinals
from bot.assistant.nlu.text import Token, key
from bot.assistant.nlu.times import day_parts, hours
from bot.assistant.nlu.wordlists import Entry, Hit, WordIndex
from bot.places import Gazetteer

_SAME_SOUND = 7
"""A word of so many letters that sounds as an entry is that entry."""
_ONE_WRONG = 11
"""And a word of so many letters with one wrong sound."""
_YEARS = range(1900, 2041)
_POSTCODE_WORDS = frozenset("postcode postkode post woon woont wonen woonachtig".split())
_UNITS = frozenset("euro eur uur uren km kilometer meter m2 m² keer mensen personen kg lesuren".split())
_PEOPLE_OF = re.compile(r"(?:se|s|er|aar|enaar|naar)$")


class CandidateFinder:
    """Finds candidates. Build once from the word lists and the gazetteer of places, then share: it never changes."""

    def __init__(
        self, entries: Iterable[Entry], places: Gazetteer | None = None, ordinary: frozenset[str] = frozenset()
    ) -> None:
        """`ordinary`: keys of common words, never taken for a misspelling."""
        known = list(entries)
        self._postcodes: frozenset[str] = frozenset()
        if places is not None:
            known += place_entries(places)
            self._postcodes = frozenset(places.postcodes())
        self.index = WordIndex(known, ordinary)

    def find(self, text: str, tokens: Sequence[Token]) -> list[Mention]:
        """The candidates in a text, overlapping and contradicting ones included."""
        found = [*emails(text), *phone_numbers(text), *hours(text)]
        found += [*day_parts(tokens), *ages(tokens), *ordinals(tokens), *self._postcodes_in(tokens)]
        found += [_mention(tokens, hit) for hit in self.index.exact(tokens)]
        found += [_mention(tokens, hit) for hit in self.index.misspelt(tokens)]
        found += self._of_a_place(tokens)
        return found

    def _postcodes_in(self, tokens: Sequence[Token]) -> list[Mention]:
        found: list[Mention] = []
        for at, token in enumerate(tokens):
            digits = token.key[1:] if token.key.startswith("b") else token.key
            if digits in self._postcodes and not _is_amount(tokens, at):
                year = int(digits) in _YEARS and len(tokens) > 1
                if year and not self._names_a_place(tokens, at):
                    continue
                found.append(Mention("location", token.start, token.end, digits, "pattern"))
        return found

    def _names_a_place(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether a number that may be a year is a postcode: beside a place name, or after a word that says so."""
        before = {token.key for token in tokens[max(0, at - 3) : at]}
        if before & _POSTCODE_WORDS:
            return True
        beside = [tokens[there].key for there in (at - 1, at + 1) if 0 <= there < len(tokens)]
        return any(
            entry.entity == "location" and entry.sure for word in beside if word for entry in self.index.lookup(word)
        )

    def _of_a_place(self, tokens: Sequence[Token]) -> list[Mention]:
        """Adjectives and inhabitants: "Gentse", "Limburgs", "Brugse" name a place, in some sentences."""
        found: list[Mention] = []
        for token in tokens:
            if len(token.key) < 5 or not _PEOPLE_OF.search(token.key):
                continue
            stem = _PEOPLE_OF.sub("", token.key)
            for ending in ("", "e", "en", "ge", "t"):
                hits = [
                    entry for entry in self.index.lookup(stem + ending) if entry.entity == "location" and entry.sure
                ]
                if hits and len(stem) >= 3:
                    found.append(Mention("location", token.start, token.end, hits[0].value, "words", sure=False))
                    break
        return found


def place_entries(places: Gazetteer) -> list[Entry]:
    """The place names as entries: sure, unless the name is an ordinary word as well ("boom", "as")."""
    return [
        Entry("location", name, name, sure=not places.is_ambiguous_word(name))
        for name in places.names()
        if len(key(name)) > 1
    ]


def _is_amount(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number of four digits is money, a measure, or part of a longer number ("1500 euro", "€ 2000", "9300/12")."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    before = tokens[at - 1] if at else None
    if following is not None:
        if following.key in _UNITS or following.text in ("€", "%"):
            return True
        glued = following.start == tokens[at].end and following.text in ("/", ".", ",", "-")
        if glued and at + 2 < len(tokens) and tokens[at + 2].key.isdigit():
            return True
    return before is not None and (
        before.text in ("€", "#", "+")
        or before.key == "eur"
        or (before.text in ("/", ".") and before.end == tokens[at].start)
    )


def _mention(tokens: Sequence[Token], hit: Hit) -> Mention:
    written = sum(len(token.key) for token in tokens[hit.start : hit.end])
    plain = hit.exact or (hit.distance == 0 and written >= _SAME_SOUND) or (hit.distance == 1 and written >= _ONE_WRONG)
    return Mention(
        hit.entry.entity,
        tokens[hit.start].start,
        tokens[hit.end - 1].end,
        hit.entry.value,
        "words" if plain else "misspelt",
        sure=hit.entry.sure and plain,
        confidence=(1.0 if hit.exact else 0.95) - 0.1 * hit.distance,
    )
