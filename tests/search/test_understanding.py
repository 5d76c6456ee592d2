"""What texts are about: words that disagree are weighed, and meaning helps when words say too little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.assistant.nlu.vectors import DIMENSIONS, VectorCache, Vectors
from bot.catalogue.columns import Columns, Entry
from bot.catalogue.matches import How
from bot.catalogue.meaning import Meaning, prepare
from bot.catalogue.subjects import Domain, Subject, Subjects
from bot.catalogue.understanding import Understanding
from bot.catalogue.votes import Votes


@pytest.mark.parametrize(
    ("said", "best"),
    [
        ("tegels leggen in de badkamer", "tegelzetten"),
        ("theoretisch rijexamen auto", "rijbewijs-b"),
        ("nederlands praten oefenen", "conversatie-nederlands"),
        ("een kapotte frigo", "koeltechnieken"),
        ("winkeljuffrouw", "verkoop"),
        ("sollicitatiebrief", "solliciteren"),
        ("lassen", "lassen"),
        ("heftruckchauffeur", "heftruck"),
        ("laskursus", "lassen"),
    ],
)
def test_the_words_that_say_most_decide(subjects: Subjects, said: str, best: str) -> None:
    assert Understanding(subjects).of(said).subject_ids[0] == best


def test_a_field_is_all_of_its_subjects(subjects: Subjects) -> None:
    understood = Understanding(subjects).of("iets in den bouw")
    assert {"metselen", "dakwerken"} <= set(understood.subject_ids)
    assert set(understood.share) == {1.0}


def test_shares_fall_and_coverage_tells_what_is_unknown(subjects: Subjects) -> None:
    votes = Votes(subjects)
    said = "tegels leggen in de badkamer"
    weighed = votes.weigh(said, subjects.resolve(said))
    assert list(weighed.share) == sorted(weighed.share, reverse=True)
    assert weighed.share[0] == 1.0
    known = votes.weigh("lassen", subjects.resolve("lassen")).coverage
    half = votes.weigh("lassen abracadabra", subjects.resolve("lassen abracadabra")).coverage
    assert known == 1.0
    assert half < 0.7


def test_nothing_is_understood_of_letters_by_lot(subjects: Subjects) -> None:
    understood = Understanding(subjects).of("xyzzy plugh")
    assert understood.matches == ()
    assert understood.words == ("xyzzy", "plugh")
    assert Understanding(subjects).of("").matches == ()


def test_a_misspelling_that_was_not_understood_is_suggested(subjects: Subjects) -> None:
    assert "Elektriciteit" in Understanding(subjects).suggestions("elektrisieteyd")
    assert Understanding(subjects).suggestions("zzzzzz") == ()


# -- meaning, with vectors of our own: one dimension for each theme


UNSEEN = 8
"""The dimension of letters that are in no word."""
THEMES = {"dier": 0, "koe": 0, "melk": 0, "muur": 1, "steen": 1, "tele": 2, "ster": 2}


class Themes:
    """An encoder for tests: a text is the themes it names."""

    def __init__(self) -> None:
        self.computed: list[str] = []

    def encode(self, texts: list[str]) -> Vectors:
        self.computed += texts
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word, theme in THEMES.items():
                row[theme] += word in text.lower()
            row[UNSEEN] = not row.any() and any(letters in text for letters in ("xq", "zzg", "vbn", "sdk", "jhg"))
            row[9] = 0.1
        return rows


@pytest.fixture
def few() -> Subjects:
    names = {"landbouw": "Dieren houden", "metselen": "Muren metsen", "astronomie": "Telescopen"}
    return Subjects(
        [Subject(id=id_, name=name, domain="al") for id_, name in names.items()], [Domain(id="al", name="Alles")]
    )


@pytest.fixture
def themes() -> Themes:
    return Themes()


def opened(path: Path, themes: Themes) -> VectorCache:
    return VectorCache(path, None, lambda: themes, lambda: b"themes")  # type: ignore[arg-type,return-value]


def about(path: Path, few: Subjects, themes: Themes) -> Meaning:
    return Meaning(path, few, lambda: themes, lambda file: opened(file, themes))  # type: ignore[arg-type,return-value]


def test_what_means_the_same_is_found_and_marked(tmp_path: Path, few: Subjects, themes: Themes) -> None:
    path = tmp_path / "vectors.npz"
    prepare(opened(path, themes), few)
    understood = Understanding(few, about(path, few, themes)).of("koeien melken")
    assert understood.subject_ids == ("landbouw",)
    assert understood.guessed
    assert understood.matches[0].how is How.MEANING
    assert Understanding(few).of("koeien melken").matches == ()


def test_vectors_are_computed_once(tmp_path: Path, few: Subjects, themes: Themes) -> None:
    path = tmp_path / "vectors.npz"
    prepare(opened(path, themes), few, ["stenen muur"])
    assert "stenen muur" in themes.computed
    themes.computed.clear()
    prepare(opened(path, themes), few, ["stenen muur"])
    meaning = about(path, few, themes)
    meaning.near("koeien melken")
    meaning.near("koeien melken")
    assert themes.computed.count("koeien melken") == 1
    assert not {"Dieren houden", "stenen muur"} & set(themes.computed)


def test_words_the_encoder_never_saw_mean_nothing(tmp_path: Path, few: Subjects, themes: Themes) -> None:
    path = tmp_path / "vectors.npz"
    odd = Subjects([*few, Subject(id="odd", name="Jhgzzg", domain="al")], [Domain(id="al", name="Alles")])
    prepare(opened(path, themes), odd)
    assert about(path, odd, themes).near("vbnxq") == {}
    assert "odd" not in about(path, odd, themes).near("koeien melken")


def test_a_title_without_a_subject_is_found_by_what_it_means(tmp_path: Path, few: Subjects, themes: Themes) -> None:
    path = tmp_path / "vectors.npz"
    none = dict.fromkeys(Entry._fields)
    facts: dict[str, Any] = none | {
        "provider_kind": "cvo", "provider_words": "cvo", "delivery_mode": "online", "moments": 0, "price_kind": "ask",
        "recognised_for": "", "shortage": False,
    }  # fmt: skip
    titles_of = ["sterren kijken", "steen op steen", "muren metsen"]
    rows = [Entry(**facts | {"number": at, "title_words": title}) for at, title in enumerate(titles_of, start=1)]
    columns = Columns.of([rows], [[("metselen", 3, 0)]])
    prepare(opened(path, themes), few, titles_of)
    titles, likeness = about(path, few, themes).near_titles("een muur van steen", columns)
    assert [columns.titles.values[title] for title in titles] == ["steen op steen"]
    assert likeness[0] > 0.9


def test_without_vectors_nothing_is_near(tmp_path: Path, few: Subjects) -> None:
    meaning = Meaning(tmp_path / "absent.npz", few)
    assert meaning.near("koeien melken") == {}
    titles, likeness = meaning.near_titles("koeien melken", Columns.of([]))
    assert (len(titles), len(likeness)) == (0, 0)
