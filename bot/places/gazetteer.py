"""From what people write to a place: exact names first, then what surrounds them, then misspellings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from rapidfuzz.distance import OSA

from bot.places.load import load
from bot.places.place import Place, PlaceKind, distance_km
from bot.places.spelling import Word, key, sound, words
from bot.remembered import remembered

MAX_TEXT = 300
"""Characters looked at: a place name is short, and a long story is not a place name."""
_LONGEST_NAME = 7
_NEAR_KM = 12.0
_KNOWN = 5000
"""Inhabitants from which a place is known enough to be misspelt by strangers."""
_LONG_NAME = 9


class Method(StrEnum):
    """How sure a match is."""

    EXACT = "exact"
    FUZZY = "fuzzy"
    """The name was misspelt: worth repeating to the person."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """What a text means as a place: one place, several to choose from, or none."""

    places: tuple[Place, ...] = ()
    method: Method = Method.NONE

    @property
    def place(self) -> Place | None:
        """The place, when there is exactly one."""
        return self.places[0] if len(self.places) == 1 else None

    @property
    def ambiguous(self) -> bool:
        """Whether the person must choose."""
        return len(self.places) > 1


@dataclass(frozen=True, slots=True)
class _Span:
    """Words of the text that are a name, and which places bear it."""

    start: int
    end: int
    places: tuple[Place, ...]


class Gazetteer:
    """All places of Flanders and Brussels, by every name people give them. Load once, then share: it never changes."""

    def __init__(self, folder: Path) -> None:
        data = load(folder)
        self._places = dict(data.places)
        self._surface: dict[str, None] = dict.fromkeys(name for name, _, _ in data.names)
        self._ambiguous_words = data.ambiguous_words
        self._fillers = data.fillers
        self._prepositions = data.prepositions
        self._ordinary_words = data.ordinary_words
        self._index = self._build_index(data.names)
        if namesakes := self._with_qualifier():
            self._places |= namesakes
            self._index = self._build_index(data.names)
        self._postcodes = {place.name: place for place in self._places.values() if place.kind is PlaceKind.POSTCODE}
        self._by_sound: dict[str, list[str]] = {}
        for joined in self._index:
            self._by_sound.setdefault(sound(joined), []).append(joined)
        # Only known official names are compared letter by letter: a short word is always one step from some hamlet.
        self._sounds_by_length: dict[int, set[str]] = {}
        for place in self._places.values():
            heard = sound(key(place.name))
            if place.is_area or place.population >= _KNOWN or len(heard) >= _LONG_NAME:
                self._sounds_by_length.setdefault(len(heard), set()).add(heard)

    @classmethod
    def load(cls, folder: Path) -> Gazetteer:
        """The gazetteer of a folder like data/places, the same one for all who ask while its files stay as they are.

        Raises `PlaceDataError` naming file, entry and field.
        """
        return _of_folder(folder)

    def get(self, place_id: str) -> Place | None:
        """The place with an id, if there is one."""
        return self._places.get(place_id)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.values())

    def names(self) -> Iterable[str]:
        """Every name as it is written, for an entity recogniser; "Sint-X" also as "St-X", "St. X" and "St X"."""
        for name in self._surface:
            yield name
            if "-" in name:
                yield name.replace("-", " ")
            if re.match(r"sint[- ]", name, re.IGNORECASE):
                rest = name[5:]
                yield from (f"St-{rest}", f"St. {rest}", f"St {rest}")

    def postcodes(self) -> Iterable[str]:
        """The postcodes of Flanders and Brussels, four digits."""
        return self._postcodes.keys()

    def is_ambiguous_word(self, text: str) -> bool:
        """Whether a name is also an ordinary word ("boom"): in a sentence it needs a capital or a word like "in"."""
        return key(text) in self._ambiguous_words

    def resolve(self, text: str) -> Match:
        """The place a text names: a bare name, a postcode, "ik woon in de buurt van Lokeren", "Hofstade bij Aalst".

        A name of several places is settled by what else the text names, or when one is far larger than the others.
        """
        found = words(text[:MAX_TEXT])
        if not found:
            return Match()
        postcodes = [self._postcodes[w.text] for w in map(_without_country, found) if w.text in self._postcodes]
        spans = self._spans(found)
        if postcodes:
            return self._with_postcode(postcodes, spans)
        if spans:
            return Match(self._settle(spans), Method.EXACT)
        fuzzy = self._misspelt(found)
        return Match(fuzzy, Method.FUZZY) if fuzzy else Match()

    # -- exact names

    def _build_index(self, names: Sequence[tuple[str, str, bool]]) -> dict[str, tuple[Place, ...]]:
        official: dict[str, dict[str, Place]] = {}
        alias: dict[str, dict[str, Place]] = {}
        for name, place_id, is_official in names:
            target = official if is_official else alias
            target.setdefault(key(name), {})[place_id] = self._places[place_id]
        index: dict[str, tuple[Place, ...]] = {}
        for joined in {**alias, **official}:
            # An alias never hides an official name; an area ("Brussel") goes before a municipality of that name.
            bearers = tuple((official.get(joined) or alias[joined]).values())
            areas = tuple(place for place in bearers if place.is_area)
            index[joined] = areas or bearers
        return index

    def _with_qualifier(self) -> dict[str, Place]:
        """The municipalities whose bare name does not lead to them, with what tells them from their namesakes."""
        return {
            place.id: replace(place, qualifier=place.province or "stad")
            for place in self._places.values()
            if place.kind is PlaceKind.MUNICIPALITY and _largest(self._index[key(place.name)]) != (place,)
        }

    def _lookup(self, joined: str) -> tuple[Place, ...]:
        if joined in self._index:
            return self._index[joined]
        if joined.startswith("st") and "sint" + joined[2:] in self._index:  # "stniklaas"
            return self._index["sint" + joined[2:]]
        return ()

    def _spans(self, found: tuple[Word, ...]) -> list[_Span]:
        """The names in a text, longest first, left to right, none inside another.

        A name that is also an ordinary word counts when the text holds nothing but places, and else only after a word
        like "in" or with a capital inside the sentence.
        """
        if places := self._lookup("".join(word.text for word in found)):
            return [_Span(0, len(found), places)]
        spans = self._all_spans(found)
        named = {position for span in spans for position in range(span.start, span.end)}
        if all(at in named or word.text in self._fillers or word.text.isdigit() for at, word in enumerate(found)):
            return spans
        return [span for span in spans if self._surely_place(found, span)]

    def _all_spans(self, found: tuple[Word, ...]) -> list[_Span]:
        spans: list[_Span] = []
        position = 0
        while position < len(found):
            for length in range(min(_LONGEST_NAME, len(found) - position), 0, -1):
                joined = "".join(word.text for word in found[position : position + length])
                if joined not in self._fillers and (places := self._lookup(joined)):
                    spans.append(_Span(position, position + length, places))
                    position += length
                    break
            else:
                position += 1
        return spans

    def _surely_place(self, found: tuple[Word, ...], span: _Span) -> bool:
        joined = "".join(word.text for word in found[span.start : span.end])
        if joined not in self._ambiguous_words:
            return True
        return span.start > 0 and (found[span.start].capital or found[span.start - 1].text in self._prepositions)

    # -- choosing

    def _with_postcode(self, postcodes: list[Place], spans: list[_Span]) -> Match:
        code = postcodes[0]
        named = [place for span in spans for place in span.places]
        inside = [place for place in named if place.municipality_id == code.municipality_id]
        villages = [place for place in inside if place.kind is PlaceKind.LOCALITY]
        if villages:
            return Match((villages[0],), Method.EXACT)
        if inside or not named or any(place.covers(code.municipality_id) for place in named):
            return Match((code,), Method.EXACT)
        return Match((code, *self._settle(spans)), Method.EXACT)

    def _settle(self, spans: list[_Span]) -> tuple[Place, ...]:
        """What remains of the candidates when the names of the text are held against each other."""
        groups = [span.places for span in spans]
        if len(groups) == 1:
            return _largest(groups[0])
        for one, other in [*pairwise(groups), *((b, a) for a, b in pairwise(groups))]:
            for outer in other:
                if inner := tuple(place for place in one if outer.contains(place)):
                    return _largest(inner)
        for one, other in pairwise(groups):
            if len(one) > 1 and len(around := _largest(other)) == 1:
                near = tuple(place for place in one if distance_km(place, around[0]) < _NEAR_KM)
                if len(near) == 1:
                    return near
        chosen = dict.fromkeys(place for group in groups for place in _largest(group))
        return tuple(chosen)

    # -- misspellings

    def _misspelt(self, found: tuple[Word, ...]) -> tuple[Place, ...]:
        content = [word.text for word in found if word.text not in self._fillers and not word.text.isdigit()]
        if not content or len(content) > 6:
            return ()
        best: tuple[float, tuple[Place, ...]] | None = None
        for length in range(min(4, len(content)), 0, -1):
            for start in range(len(content) - length + 1):
                joined = "".join(content[start : start + length])
                if joined in self._ambiguous_words or joined in self._ordinary_words:
                    continue
                hit = self._closest(joined, alone=length == len(content))
                if hit and (best is None or hit[0] < best[0]):
                    best = hit
        return best[1] if best else ()

    def _closest(self, joined: str, *, alone: bool) -> tuple[float, tuple[Place, ...]] | None:
        """The nearest names to a misspelt one with their distance, when near enough to be safe."""
        heard = sound(joined)
        if len(joined) < (4 if alone else 5) or len(heard) < 3:
            return None
        if same := self._by_sound.get(heard):
            return 0.0, _largest(tuple({place: None for name in same for place in self._index[name]}))
        # Below five letters every word is one step from some village: only two letters swapped are forgiven.
        allowed = 0 if len(joined) < 5 else 1 if len(heard) < _LONG_NAME else 2 if len(heard) < 14 else 3
        if not alone:
            allowed = min(allowed, len(heard) // 5)
        nearest: dict[str, int] = {}
        for length in range(len(heard) - max(allowed, 1), len(heard) + max(allowed, 1) + 1):
            for name in self._sounds_by_length.get(length, ()):
                steps = OSA.distance(heard, name, score_cutoff=max(allowed, 1))
                swapped = steps == 1 and sorted(heard) == sorted(name)
                if name[0] != heard[0] and len(heard) < 7:
                    continue
                if steps <= allowed or (swapped and len(heard) >= 4):
                    nearest[name] = steps
        if not nearest:
            return None
        # The first letter is seldom wrong: a name that begins otherwise counts as further away.
        score = {name: steps + (name[0] != heard[0]) * 0.6 for name, steps in nearest.items()}
        closest = min(score.values())
        names = [name for name, value in score.items() if value == closest]
        places = tuple(
            {place: None for name in names for written in self._by_sound[name] for place in self._index[written]}
        )
        return closest, _largest(places)


def _without_country(word: Word) -> Word:
    """B9300 as people write it on a letter."""
    return Word(word.text[1:], word.capital) if re.fullmatch(r"b\d{4}", word.text) else word


def _largest(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """One place when it is far larger than its namesakes, else all of them, largest first."""
    ranked = sorted(places, key=lambda place: (-place.is_area, -place.population, place.id))
    if len(ranked) < 2 or ranked[0].is_area:
        return tuple(ranked[:1]) if ranked and ranked[0].is_area and not ranked[-1].is_area else tuple(ranked)
    first, second = ranked[0], ranked[1]
    needed = 4 if first.kind is PlaceKind.MUNICIPALITY and second.kind is PlaceKind.LOCALITY else 8
    return (first,) if first.population >= needed * max(second.population, 500) else tuple(ranked)


_of_folder = remembered(Gazetteer)
