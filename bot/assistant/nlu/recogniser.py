"""Entity recognition as a whole: words, candidates, tagger, resolution, places, negation. Knows nothing of Rasa."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.assistant.nlu import tagger as tagging
from bot.assistant.nlu.candidates import CandidateFinder
from bot.assistant.nlu.mentions import VALUES, Mention, allowed
from bot.assistant.nlu.negation import negated
from bot.assistant.nlu.place_values import with_place
from bot.assistant.nlu.resolution import Resolver
from bot.assistant.nlu.tagger import Tagger
from bot.assistant.nlu.text import Token, key, tokenise
from bot.assistant.nlu.typos import misspell
from bot.assistant.nlu.values import ValueFinder
from bot.assistant.nlu.wordlists import Entry, Nearby, WordIndex
from bot.places import Gazetteer

TAGGER_FILE = "tagger.crf"
WORDS_FILE = "words.json"
LEARNT_VALUES = (*VALUES, "ordinal")
"""Types for which the annotated words of the examples become known words."""
MAX_TEXT = 3000
WRONG_INTENT = 0.12
"""Share of the training examples whose intent is replaced: the intent is not always understood when it counts."""
MISSPELT = 0.5
"""Share of the examples with an entity that are learnt from a second time, with typing errors."""
WRONG_WORDS = 0.35
LONG = 200
"""Characters above which an example is a story, that is learnt from once."""
_SEED = 20261123


@dataclass(frozen=True, slots=True)
class Example:
    """An utterance with its entities as (start, end, type, value)."""

    text: str
    entities: tuple[tuple[int, int, str, str], ...] = ()
    intent: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The word lists that a recogniser was made with, and what training added to them."""

    entries: tuple[Entry, ...]
    nearby: tuple[Nearby, ...] = ()
    ordinary: frozenset[str] = frozenset()
    learnt: tuple[Entry, ...] = ()

    def save(self, path: Path) -> None:
        """Writes them as JSON."""
        content = {
            "entries": [[e.entity, e.value, e.words, e.sure] for e in self.entries],
            "nearby": [{**asdict(n), "keys": sorted(n.keys), "near": sorted(n.near)} for n in self.nearby],
            "ordinary": " ".join(sorted(self.ordinary)),
            "learnt": [[e.entity, e.value, e.words, e.sure] for e in self.learnt],
        }
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Words:
        """What `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            tuple(Entry(*entry) for entry in content["entries"]),
            tuple(
                Nearby(n["entity"], frozenset(n["keys"]), frozenset(n["near"]), n["value"]) for n in content["nearby"]
            ),
            frozenset(content["ordinary"].split()),
            tuple(Entry(*entry) for entry in content["learnt"]),
        )


class Recogniser:
    """Finds the entities of a text. Load once; one text at a time."""

    def __init__(self, words: Words, places: Gazetteer | None, tagger: Tagger) -> None:
        self._finder = CandidateFinder(words.entries, places, words.ordinary)
        self._places = places
        self._tagger = tagger
        self._resolver = Resolver(ValueFinder(_value_indexes(words)), words.nearby)

    @classmethod
    def load(cls, directory: Path, places: Gazetteer | None) -> Recogniser:
        """A recogniser that `train` wrote."""
        return cls(Words.load(directory / WORDS_FILE), places, Tagger(directory / TAGGER_FILE))

    def recognise(self, text: str, intent: str = "", more: Iterable[Mention] = ()) -> list[dict[str, Any]]:
        """The entities of a text in order, none overlapping: entity, start, end, value, confidence_entity.

        A location also has `place` (its id) or `candidates` (ids to choose from), a weekday with a part of the day `part`, and
        what the person does not want `negated`. `more`: candidates that others found.
        """
        text = text[:MAX_TEXT]
        tokens = tokenise(text)
        if not tokens:
            return []
        candidates = [*self._finder.find(text, tokens), *more]
        rows = tagging.features(tokens, tagging.marks(tokens, candidates), intent)
        mentions = self._resolver.resolve(text, tokens, candidates, self._tagger.tag(rows), intent)
        return [self._entity(text, tokens, mention) for mention in mentions]

    def _entity(self, text: str, tokens: Sequence[Token], mention: Mention) -> dict[str, Any]:
        if mention.entity == "location" and self._places is not None:
            mention = with_place(mention, text, self._places)
        touched = [at for at, token in enumerate(tokens) if token.start < mention.end and mention.start < token.end]
        entity: dict[str, Any] = {
            "entity": mention.entity,
            "start": mention.start,
            "end": mention.end,
            "value": mention.value,
            "confidence_entity": round(mention.confidence, 4),
            **mention.more,
        }
        if touched and negated(tokens, touched[0], touched[-1] + 1, mention.entity):
            entity["negated"] = True
        return entity


def train(examples: Sequence[Example], words: Words, places: Gazetteer | None, directory: Path) -> None:
    """Fits the tagger on the examples and writes a recogniser into the directory. Raises `ValueError` without any entity."""
    if not any(example.entities for example in examples):
        raise ValueError("no training example has an entity, so there is nothing to learn")
    finder = CandidateFinder(words.entries, places, words.ordinary)
    chance = random.Random(_SEED)  # noqa: S311 - the same model from the same data
    intents = sorted({example.intent for example in examples if example.intent})

    def rows() -> Iterable[tuple[tagging.Features, list[str]]]:
        for example in (*examples, *_with_typos(examples, chance)):
            tokens = tokenise(example.text)
            said = tagging.marks(tokens, finder.find(example.text, tokens))
            intent = example.intent
            if intent and chance.random() < WRONG_INTENT:
                intent = chance.choice([*intents, ""])
            yield tagging.features(tokens, said, intent), tagging.tags(tokens, [e[:3] for e in example.entities])

    tagging.train(rows(), directory / TAGGER_FILE)
    Words(words.entries, words.nearby, words.ordinary, tuple(_learnt(examples))).save(directory / WORDS_FILE)


def _with_typos(examples: Iterable[Example], chance: random.Random) -> Iterator[Example]:
    for example in examples:
        if not example.entities or len(example.text) > LONG or chance.random() >= MISSPELT:
            continue
        spans = [(start, end) for start, end, _, _ in example.entities]
        text, moved = misspell(example.text, spans, chance, WRONG_WORDS)
        kept = (
            (start, end, kind, value) for (start, end), (_, _, kind, value) in zip(moved, example.entities, strict=True)
        )
        yield Example(text, tuple(kept), example.intent)


def _learnt(examples: Iterable[Example]) -> list[Entry]:
    """The words that were annotated with a value, each with the value it has most often."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for example in examples:
        for start, end, entity, value in example.entities:
            said = key(example.text[start:end])
            if entity in LEARNT_VALUES and said and allowed(entity, value):
                counts.setdefault((entity, said), Counter())[value] += 1
    return [
        Entry(entity, seen.most_common(1)[0][0], said, sure=False) for (entity, said), seen in sorted(counts.items())
    ]


def _value_indexes(words: Words) -> dict[str, WordIndex]:
    """For each type an index of what its words mean, the word lists before what was learnt."""
    by_type: dict[str, list[Entry]] = {}
    for entry in (*words.entries, *words.learnt):
        by_type.setdefault(entry.entity, []).append(entry)
    return {
        entity: WordIndex(entries) for entity, entries in by_type.items() if entity not in ("course_topic", "location")
    }
