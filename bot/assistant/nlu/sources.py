"""Where the known words come from: the lists that editors keep in data/, and the Dutch dictionary of spaCy."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.assistant.nlu.candidates import place_entries
from bot.assistant.nlu.recogniser import Words
from bot.assistant.nlu.text import key
from bot.assistant.nlu.wordlists import Entry, WordIndex, load
from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer

_DICTIONARY = ("nl_lemma_lookup.json.gz", "nl_lemma_index.json.gz")
_LENGTHS = range(5, 13)
"""Letters of the ordinary words that are looked at: a shorter one is never taken for a misspelling, a longer one rarely."""


def files(data: Path) -> Iterator[Path]:
    """The files under data/ that the words come from."""
    yield from sorted((data / "nlu" / "gazetteers").glob("*.yml"))
    yield from sorted(path for path in (data / "places").iterdir() if path.suffix in {".yml", ".csv"})
    yield from sorted((data / "catalogue").glob("subjects*.yml"))


def fingerprint(data: Path) -> str:
    """A hash of those files."""
    digest = hashlib.sha256()
    for path in files(data):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def places(data: Path) -> Gazetteer:
    """The gazetteer of places. Raises `bot.places.PlaceDataError`."""
    return Gazetteer.load(data / "places")


def words(data: Path, gazetteer: Gazetteer) -> Words:
    """The word lists, the names of the catalogue's subjects, and the ordinary words that only resemble one of all these.

    Raises `WordListError` or `CatalogueDataError` naming file, entry and field.
    """
    listed, nearby = load(data / "nlu" / "gazetteers")
    all_entries = _with_subjects(listed, data)
    index = WordIndex([*all_entries, *place_entries(gazetteer)])
    return Words(tuple(all_entries), tuple(nearby), ordinary_words(index))


def entries(data: Path) -> list[Entry]:
    """The word lists and the names of the catalogue's subjects. Raises as `words` does."""
    return _with_subjects(load(data / "nlu" / "gazetteers")[0], data)


def _with_subjects(listed: list[Entry], data: Path) -> list[Entry]:
    return [*listed, *_subjects(Subjects.load(data / "catalogue"), listed)]


def _subjects(subjects: Subjects, known: Iterable[Entry]) -> Iterator[Entry]:
    """The names of subjects that are in no list yet. A language is always a language, and a word that is listed as `maybe` a
    topic stays that."""
    taken = {key(entry.words) for entry in known if entry.entity in ("course_topic", "language")}
    for phrase, _ in subjects.names():
        if (said := key(phrase)) and said not in taken:
            taken.add(said)
            yield Entry("course_topic", phrase, phrase, sure=len(said) > 3)


def ordinary_words(index: WordIndex) -> frozenset[str]:
    """The words of the Dutch dictionary that would be taken for a misspelling of an entry but are none ("dessert", "Dessel").

    Takes some seconds: for training, not for a message. The dictionary is that of `spacy-lookups-data`.
    """
    return frozenset(index.resembling(word for word in _dictionary() if not index.lookup(word)))


def _dictionary() -> frozenset[str]:
    import spacy_lookups_data

    folder = Path(spacy_lookups_data.__file__).parent / "data"
    lookup, by_class = (json.loads(gzip.decompress((folder / name).read_bytes())) for name in _DICTIONARY)
    listed = (word for words_of_class in by_class.values() for word in words_of_class)
    return frozenset(
        folded
        for word in (*lookup, *lookup.values(), *listed)
        if len(word) in _LENGTHS and len(folded := key(word)) in _LENGTHS
    )
