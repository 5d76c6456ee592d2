"""From what people say to what there is to learn."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.lists import CatalogueDataError
from bot.catalogue.matches import How
from bot.catalogue.subjects import Subjects
from bot.catalogue.words import stem
from bot.settings import ROOT

PHRASES = [
    # as it is called
    ("lassen", "lassen"),
    ("Lassen", "lassen"),
    ("zorgkundige", "zorgkundige"),
    ("boekhouden", "boekhouden"),
    ("Excel", "excel"),
    ("NT2", "nt2"),
    ("AAV", "aav"),
    ("VCA", "veiligheid-vca"),
    ("EHBO", "eerste-hulp"),
    ("C#", "programmeren"),
    (".NET", "programmeren"),
    ("rijbewijs C", "vrachtwagen"),
    ("rijbewijs", "rijbewijs-b"),
    ("make-up", "make-up"),
    ("koeltechnieken", "koeltechnieken"),
    ("digitale vaardigheden", "digitale-vaardigheden"),
    ("alfabetisering", "alfabetisering"),
    # with words around it
    ("een cursus lassen", "lassen"),
    ("ik wil graag een opleiding boekhouden volgen", "boekhouden"),
    ("Excel voor beginners", "excel"),
    ("spaanse les", "spaans"),
    ("avondcursus Frans", "frans"),
    ("lasopleiding in de avond", "lassen"),
    # occupations
    ("lasser", "lassen"),
    ("heftruckchauffeur", "heftruck"),
    ("verpleegster worden", "verpleegkunde"),
    ("loodgieter", "sanitair"),
    ("frigorist", "koeltechnieken"),
    ("kapster", "kapper"),
    ("magazijnier", "magazijn"),
    ("onthaalmoeder", "kinderopvang"),
    ("juf", "lerarenopleiding"),
    ("kuisvrouw", "schoonmaak"),
    ("camionchauffeur", "vrachtwagen"),
    ("beenhouwer", "slager"),
    ("elektricien", "elektriciteit"),
    ("garagist", "automechanica"),
    ("hondenkapper", "trimmen"),
    ("pompier", "politie-brandweer"),
    # everyday words
    ("iets met kindjes", "kinderopvang"),
    ("met kinderen werken", "kinderopvang"),
    ("oude mensen verzorgen", "zorgkundige"),
    ("met de clark rijden", "heftruck"),
    ("met de camion rijden", "vrachtwagen"),
    ("pc", "digitale-vaardigheden"),
    ("met de computer leren werken", "digitale-vaardigheden"),
    ("brood bakken", "bakker"),
    ("haar knippen", "kapper"),
    ("foto's trekken", "fotografie"),
    ("in de tuin werken", "tuinaanleg"),
    ("iets met dieren", "dierenverzorging"),
    ("iets met bloemetjes", "bloemschikken"),
    ("in een winkel werken", "verkoop"),
    ("in de horeca werken", "zaal"),
    ("voor mezelf beginnen", "bedrijfsbeheer"),
    ("mijn diploma middelbaar halen", "aav"),
    ("tweedekansonderwijs", "aav"),
    ("leren lezen en schrijven", "alfabetisering"),
    ("Nederlands leren", "nt2"),
    ("beter Nederlands praten", "nt2"),
    ("een website maken", "webdesign"),
    ("computers herstellen", "netwerken"),
    ("auto's herstellen", "automechanica"),
    ("leren masseren", "massage"),
    ("chauffage", "verwarming"),
    ("airco", "koeltechnieken"),
    ("met doven praten", "gebarentaal"),
    ("nageltjes doen", "nagels"),
    # inflected, joined, split
    ("zorgkundigen", "zorgkundige"),
    ("verpleegkundig", "verpleegkunde"),
    ("bloemen schikken", "bloemschikken"),
    ("lascursus", "lassen"),
    ("las cursus", "lassen"),
    ("naailes", "naaien"),
    ("naaicursus", "naaien"),
    ("bloemschikcursus", "bloemschikken"),
    ("boekhoudcursus", "boekhouden"),
    ("boek houden", "boekhouden"),
    ("bakkersopleiding", "bakker"),
    ("computercursus", "digitale-vaardigheden"),
    ("heftruck attest", "heftruck"),
    ("taartjes maken", "patisserie-hobby"),
    ("yogales", "wellness"),
    # misspelt
    ("laskursus", "lassen"),
    ("hefftruck", "heftruck"),
    ("heftruk", "heftruck"),
    ("exel", "excel"),
    ("boekhoudn", "boekhouden"),
    ("electriciteit", "elektriciteit"),
    ("verplegng", "verpleegkunde"),
    ("bloemschiken", "bloemschikken"),
    ("kinderopfang", "kinderopvang"),
    ("zorgkundigge", "zorgkundige"),
    ("programeren", "programmeren"),
    ("italjaans", "italiaans"),
    ("engles", "engels"),
    # other languages
    ("learn dutch", "nt2"),
    ("plombier", "sanitair"),
    ("welding", "lassen"),
    ("парикмахер", "kapper"),
    ("لحام", "lassen"),
]


@pytest.mark.parametrize(("said", "subject"), PHRASES)
def test_a_phrase_leads_to_a_subject(subjects: Subjects, said: str, subject: str) -> None:
    assert subjects.resolve(said).subject_ids[:1] == (subject,)


def test_the_table_is_long_enough() -> None:
    assert len(PHRASES) >= 80


@pytest.mark.parametrize(
    ("said", "domain"),
    [
        ("in den bouw", "bouw"),
        ("iets in de bouw", "bouw"),
        ("ergens in de zorg", "zorg"),
        ("een taal leren", "talen"),
        ("iets technisch", "metaal"),
        ("kantoorwerk", "kantoor"),
        ("iets creatiefs", "creatief"),
    ],
)
def test_a_field_gives_all_its_subjects(subjects: Subjects, said: str, domain: str) -> None:
    found = subjects.resolve(said)
    assert len(found.matches) > 3
    meant = {subject.id for subject in subjects if subject.domain == domain}
    if found.matches[0].how is How.DOMAIN:
        assert set(found.subject_ids) == meant
    else:
        assert set(found.subject_ids) <= meant


@pytest.mark.parametrize(
    ("said", "both"),
    [
        ("lassen of elektriciteit", {"lassen", "elektriciteit"}),
        ("Excel voor boekhouders", {"excel", "boekhouden"}),
        ("heftruck en lascursus", {"heftruck", "lassen"}),
    ],
)
def test_several_subjects_are_all_found(subjects: Subjects, said: str, both: set[str]) -> None:
    assert set(subjects.resolve(said).subject_ids) == both


@pytest.mark.parametrize(
    "said",
    [
        "",
        "   ",
        "een opleiding",
        "cursus",
        "iets",
        "blablabla",
        "kwantumfysica",
        "vliegtuigen",
        "geen idee",
        "?!",
        "🙂",
        "123",
    ],
)
def test_what_is_no_subject_gives_none(subjects: Subjects, said: str) -> None:
    assert subjects.resolve(said).matches == ()


def test_what_is_left_over_is_kept_for_the_text_search(subjects: Subjects) -> None:
    assert subjects.resolve("een cursus kwantumfysica").rest == ("kwantumfysica",)
    assert subjects.resolve("een cursus").rest == ()


def test_a_sure_subject_takes_no_guess_beside_it(subjects: Subjects) -> None:
    assert subjects.resolve("heftruck rijdn").subject_ids == ("heftruck",)


def test_a_language_is_only_a_language(subjects: Subjects) -> None:
    assert subjects.language("Spaans").subject_ids == ("spaans",)
    assert subjects.language("Nederlands").subject_ids == ("nt2",)
    assert subjects.language("lassen").subject_ids == ()


def test_neighbours_begin_with_the_related_ones(subjects: Subjects) -> None:
    near = subjects.neighbours(["lassen"])
    assert near[:3] == ("metaalbewerking", "pijpfitter", "plaatbewerking")
    assert "lassen" not in near
    assert all(id_ in subjects for id_ in near)


def test_every_phrase_leads_back_to_its_subject(subjects: Subjects) -> None:
    """What an editor writes down works: no stop word or other rule swallows it."""
    lost = [
        (phrase, subject) for phrase, subject in subjects.names() if subject not in subjects.resolve(phrase).subject_ids
    ]
    assert lost == []


def test_there_are_enough_subjects(subjects: Subjects) -> None:
    assert len(subjects) >= 150


@given(st.text(max_size=600))
def test_any_text_is_answered(subjects: Subjects, text: str) -> None:
    found = subjects.resolve(text)
    assert len(set(found.subject_ids)) == len(found.subject_ids)
    assert all(id_ in subjects for id_ in found.subject_ids)


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("taart", "taarten", "taartjes"), True),
        (("kat", "katten", "katjes"), True),
        (("bloem", "bloemen", "bloemetjes"), True),
        (("boom", "bomen", "boompjes"), True),
        (("brief", "brieven"), True),
        (("huis", "huizen"), True),
        (("frans", "franse"), True),
        (("lassen", "lezen"), False),
        (("kok", "koek"), False),
        (("bakken", "bakker"), False),
    ],
)
def test_stems(words: tuple[str, ...], same: bool) -> None:
    assert (len({stem(word) for word in words}) == 1) is same


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "data" / "catalogue", tmp_path / "catalogue"))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "subjects.yml",
            "domain: zorg, synonyms: [zorgkunde",
            "domain: zorrg, synonyms: [zorgkunde",
            "zorgkundige, domain: 'zorrg' is unknown",
        ),
        (
            "subjects.yml",
            "related: [verzorgende, verpleegkunde",
            "related: [verzorgend, verpleegkunde",
            "zorgkundige, related: verzorgend is unknown",
        ),
        ("subjects.yml", "{id: verzorgende,", "{id: zorgkundige,", "zorgkundige stands there more than once"),
        (
            "subjects.yml",
            "{id: verzorgende, name:",
            "{id: Verzorgende Hulp, name:",
            r"subjects\.yml, Verzorgende Hulp, id: ",
        ),
        (
            "subjects.yml",
            "{id: verzorgende, name: Verzorgende,",
            "{id: verzorgende, naam: Verzorgende,",
            r"subjects\.yml, verzorgende, (naam|name): ",
        ),
        ("words.yml", "stop_words:", "stopwords:", r"words\.yml, stop_words: must be a list of words"),
        ("words.yml", "heads: [", "heads: [no, ", r"words\.yml, heads: must be a list of words"),
        ("words.yml", "heads: [", "heads: [[", r"words\.yml: "),
        ("descriptions.yml", "  kapper:", "  kaper:", r"descriptions\.yml, kaper: is no subject"),
        ("descriptions.yml", "  kapper: [", "  kapper: [1, ", r"descriptions\.yml, kapper: must be a list of texts"),
        ("descriptions.yml", "descriptions:", "texts:", r"descriptions\.yml, descriptions: must be"),
    ],
)
def test_a_mistake_is_named(folder: Path, file: str, old: str, new: str, said: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueDataError, match=said):
        Subjects.load(folder)


def test_every_subject_says_what_is_done_with_it(subjects: Subjects) -> None:
    described = [subject_id for _, subject_id in subjects.descriptions()]
    assert set(described) == {subject.id for subject in subjects}
    assert not {text for text, _ in subjects.descriptions()} & {name for name, _ in subjects.names()}


@pytest.mark.parametrize(
    ("text", "near"),
    [("ik wil piloot worden", True), ("dronepiloot", False), ("lassen", False), ("", False)],
)
def test_a_word_that_leads_only_to_something_alike(subjects: Subjects, text: str, near: bool) -> None:
    assert subjects.only_near(text) is near


@pytest.mark.parametrize(("text", "named"), [("ik zoek haken", "haken"), ("ik zoek er een", "")])
def test_the_words_that_name_a_subject(subjects: Subjects, text: str, named: str) -> None:
    assert subjects.named(text) == named
