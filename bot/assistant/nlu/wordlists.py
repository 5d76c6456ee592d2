"""The word lists of data/nlu/gazetteers: what is a status, an incentive, a language, and how people write it.

A file names its entity, and for each value the words that are `sure` to mean it and those that `maybe` do, depending on the
sentence; a list without values (topics) has them under `words`. Words are found exactly (case, accents, hyphens and spaces do
not count), by sound, and misspelt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.assistant.nlu.mentions import FREE, TYPES, VALUES, allowed
from bot.assistant.nlu.text import Token, key, sound
from bot.trouble import Trouble
from bot.yaml_files import load_yaml

LONGEST = 7
"""Words in the longest entry."""
_SHORTEST_MISSPELT = 5
_SHORTEST_JOINED = 8
_BLOCK = 4096
"""Words compared at once: a few megabytes of distances."""
_NO_ENDS = frozenset(
    "de het een en of in op van voor naar met bij te is ik je ge mijn uw die dat da der dan ook niet nie ni aan als wel".split()
)


class WordListError(Trouble, ValueError):
    """A word list cannot be used; the text names file, entry and field."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to write one value."""

    entity: str
    value: str
    words: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Nearby:
    """A bare name means something else when one of `near` stands in the same text."""

    entity: str
    keys: frozenset[str]
    near: frozenset[str]
    value: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Tokens `start` to `end` (exclusive) of a text are, or look like, an entry. `distance`: sounds that differ."""

    start: int
    end: int
    entry: Entry
    exact: bool = True
    distance: int = 0


def load(folder: Path) -> tuple[list[Entry], list[Nearby]]:
    """All lists of a folder. Raises `WordListError` naming file, entry and field."""
    entries: list[Entry] = []
    nearby: list[Nearby] = []
    for path in sorted(folder.glob("*.yml")):
        content = _read(path)
        entity = content.get("entity")
        if entity not in TYPES:
            raise WordListError(f"{path.name}, entity: {entity!r} is none of {', '.join(sorted(TYPES))}")
        if "words" in content:
            entries += _own_value(path.name, entity, content["words"])
        else:
            entries += _entries(path.name, entity, content.get("values"))
        nearby += _context(path.name, entity, content.get("context") or [])
    return entries, nearby


def _read(path: Path) -> dict[str, Any]:
    try:
        content = load_yaml(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise WordListError(f"{path.name}: {error}") from None
    if not isinstance(content, dict):
        raise WordListError(f"{path.name}: must have entity and values, or entity and words")
    if unknown := set(content) - {"entity", "values", "words", "context"}:
        raise WordListError(f"{path.name}: {', '.join(map(str, sorted(unknown, key=str)))} is unknown")
    return content


def _entries(file: str, entity: str, values: Any) -> Iterator[Entry]:
    if not isinstance(values, dict):
        raise WordListError(f"{file}, values: must be a mapping of value to words")
    for name, lists in values.items():
        value, where = str(name), f"{file}, {name}"
        if (entity in VALUES or entity not in FREE) and not allowed(entity, value):
            raise WordListError(f"{where}: not a value of {entity}")
        if not isinstance(lists, dict) or not set(lists) <= {"sure", "maybe"}:
            raise WordListError(f"{where}: must have sure, maybe or both")
        for field, words in lists.items():
            for text in _strings(f"{where}, {field}", words):
                yield Entry(entity, value, text, field == "sure")


def _own_value(file: str, entity: str, lists: Any) -> Iterator[Entry]:
    if entity not in FREE:
        raise WordListError(f"{file}, words: {entity} has agreed values, so its words stand under values")
    if not isinstance(lists, dict) or not set(lists) <= {"sure", "maybe"}:
        raise WordListError(f"{file}, words: must have sure, maybe or both")
    for field, groups in lists.items():
        where = f"{file}, words, {field}"
        if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
            raise WordListError(f"{where}: must be a list of lists of words")
        for group in groups:
            for text in _strings(where, group):
                yield Entry(entity, text, text, field == "sure")


def _context(file: str, entity: str, rules: Any) -> Iterator[Nearby]:
    if not isinstance(rules, list):
        raise WordListError(f"{file}, context: must be a list")
    for number, rule in enumerate(rules, 1):
        where = f"{file}, context {number}"
        if not isinstance(rule, dict) or set(rule) != {"words", "near", "value"}:
            raise WordListError(f"{where}: must have words, near and value")
        if not allowed(entity, str(rule["value"])):
            raise WordListError(f"{where}, value: {rule['value']!r} is not a value of {entity}")
        words = frozenset(map(key, _strings(f"{where}, words", rule["words"])))
        near = frozenset(map(key, _strings(f"{where}, near", rule["near"])))
        yield Nearby(entity, words, near, str(rule["value"]))


def _strings(where: str, words: Any) -> list[str]:
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise WordListError(f"{where}: must be a list of words (put numbers, yes, no, on and off in quotes)")
    if empty := [word for word in words if not key(word)]:
        raise WordListError(f"{where}: {empty[0]!r} has no letter")
    return words


class WordIndex:
    """Finds entries in a text, in time that does not grow with their number. Build once, then share: it never changes."""

    def __init__(self, entries: Iterable[Entry], ordinary: frozenset[str] = frozenset()) -> None:
        """`ordinary`: keys of common words, which are never taken for a misspelling."""
        self._exact: dict[str, list[Entry]] = {}
        self._sounds: dict[str, list[Entry]] = {}
        self._shapes: dict[tuple[str, int], list[str]] = {}
        self.ordinary = ordinary
        for entry in entries:
            self._add(entry)
        for heard in self._sounds:
            self._shapes.setdefault((heard[:1], len(heard)), []).append(heard)

    def _add(self, entry: Entry) -> None:
        joined = key(entry.words)
        same = self._exact.setdefault(joined, [])
        if not any(other.entity == entry.entity and other.value == entry.value for other in same):
            same.append(entry)
        if len(joined) >= _SHORTEST_MISSPELT:
            self._sounds.setdefault(sound(joined), []).append(entry)

    def lookup(self, text: str) -> Sequence[Entry]:
        """The entries written exactly so."""
        return self._exact.get(key(text), ())

    def exact(self, tokens: Sequence[Token]) -> list[Hit]:
        """All entries in the text, overlapping ones included, in order of their first word."""
        hits: list[Hit] = []
        keys = [token.key for token in tokens]
        for start, first in enumerate(keys):
            if not first:
                continue
            joined = ""
            for end in range(start + 1, min(start + LONGEST, len(keys)) + 1):
                if not keys[end - 1]:
                    break
                joined += keys[end - 1]
                if joined in self._exact:
                    hits += [Hit(start, end, entry) for entry in self._exact[joined]]
        return hits

    def misspelt(self, tokens: Sequence[Token]) -> list[Hit]:
        """What looks like an entry but is written otherwise: by sound, or with one to three wrong letters.

        The longer the word, the more may be wrong; the first sound must be right; an ordinary word is no misspelling.
        """
        hits: list[Hit] = []
        for start in range(len(tokens)):
            joined = ""
            for end in range(start + 1, min(start + 4, len(tokens)) + 1):
                token = tokens[end - 1]
                if not token.key:
                    break
                joined += token.key
                if joined in self._exact or not self._may_be_misspelt(tokens[start:end], joined):
                    continue
                if found := self.closest(joined, several=end - start > 1):
                    hits += [Hit(start, end, entry, exact=False, distance=found[0]) for entry in found[1]]
        return hits

    def _may_be_misspelt(self, window: Sequence[Token], joined: str) -> bool:
        if len(window) == 1:
            return len(joined) >= _SHORTEST_MISSPELT and joined not in self.ordinary
        if len(joined) < _SHORTEST_JOINED or window[0].key in _NO_ENDS or window[-1].key in _NO_ENDS:
            return False
        return not all(token.key in self.ordinary for token in window)

    def closest(self, joined: str, *, several: bool = False, loose: bool = False) -> tuple[int, list[Entry]] | None:
        """The nearest entries to a misspelt key with the number of wrong sounds; nothing when none is near enough.

        `several`: the key is joined from several words, so less is forgiven. `loose`: one more wrong letter is forgiven.
        """
        heard = sound(joined)
        if same := self._sounds.get(heard):
            return 0, same
        size = len(heard)
        allowed_distance = _forgiven(size) + loose
        if several:
            allowed_distance = min(allowed_distance, size // 6)
        best, names = allowed_distance + 1, list[str]()
        for length in range(max(1, size - allowed_distance), size + allowed_distance + 1):
            for name in self._shapes.get((heard[:1], length), ()):
                distance = OSA.distance(heard, name, score_cutoff=best)
                if distance < best:
                    best, names = distance, [name]
                elif distance == best and distance <= allowed_distance:
                    names.append(name)
        if best > allowed_distance:
            return None
        return best, [entry for name in names for entry in self._sounds[name]]

    def resembling(self, keys: Iterable[str]) -> set[str]:
        """Those of many keys of single words for which `closest` finds something, a hundred times as quick."""
        by_shape: dict[tuple[str, int], list[tuple[str, str]]] = {}
        for joined in keys:
            heard = sound(joined)
            by_shape.setdefault((heard[:1], len(heard)), []).append((joined, heard))
        found: set[str] = set()
        for (first, size), words in by_shape.items():
            most = _forgiven(size)
            names = [n for at in range(max(1, size - most), size + most + 1) for n in self._shapes.get((first, at), ())]
            if not names:
                continue
            for at in range(0, len(words), _BLOCK):
                block = words[at : at + _BLOCK]
                distances = process.cdist(
                    [heard for _, heard in block], names, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8
                )
                found.update(
                    joined for (joined, _), near in zip(block, (distances <= most).any(axis=1), strict=True) if near
                )
        return found


def _forgiven(size: int) -> int:
    """How many sounds of a word that long may be wrong."""
    return 0 if size < 5 else 1 if size < 8 else 2 if size < 13 else 3
