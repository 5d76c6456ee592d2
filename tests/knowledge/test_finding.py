"""Finding an article by words and meaning. The encoder is a small one made here: a text is the words it holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.articles import Article
from bot.knowledge.calibration import Calibration, fit
from bot.knowledge.deciding import (
    ANSWER,
    BETTER,
    CLEAR,
    DOUBT,
    FOREIGN,
    GENERAL,
    KNOWN,
    LIKELIER,
    LOST,
    NEAR,
    NOTHING,
    OFFER,
    STRANGE,
    STRANGER,
    SURE,
    TAKEN,
    Asked,
    Outcome,
    decide,
)
from bot.knowledge.evaluation import Answered, Measured, Question, read_questions
from bot.knowledge.figures import Certainty
from bot.knowledge.finding import Finder, Hit, Learnt, Vectors, asked_as, keep, kept, study
from bot.knowledge.words import WordIndex, terms

DAY = date(2026, 11, 26)
STRANGERS = ("hoe bak ik een taart", "wie wint de koers", "mijn fiets is stuk", "wat is het weer")


class LetterEncoder:
    """Vectors of the letter pairs of a text: what looks alike is near."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), 26 * 26), np.float32)
        for row, text in enumerate(texts):
            letters = [ord(char) - 97 for char in text.lower() if "a" <= char <= "z"]
            for first, second in zip(letters, letters[1:], strict=False):
                vectors[row, first * 26 + second] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(lengths == 0, 1, lengths), np.float32)


def article(identifier: str, *questions: str, intent: str | None = None, **other: object) -> Article:
    values: dict[str, object] = {
        "id": identifier,
        "intent": intent,
        "title": questions[0],
        "short": identifier,
        "questions": questions[1:],
        "plain": "Dat is zo. Vraag het na.",
        "simple": "Vraag het na.",
        "professional": "Zo staat het er.",
        "next_step": "Bel.",
        "sources": ("bron",),
        "certainty": Certainty.CERTAIN,
        "checked": date(2026, 11, 1),
        "check_again": date(2027, 11, 1),
    }
    return Article.model_validate(values | other)


ARTICLES = (
    article("pay", "Gespreid betalen", "Kan ik gespreid betalen?", "in schijven betalen", "betalen in delen"),
    article("hours", "Hoeveel uren verlof", "hoeveel uren verlof krijg ik", "uren opleidingsverlof", "verlof per jaar"),
    article("exam", "De examencommissie", "wat is de middenjury", "examens bij de examencommissie", "examencommissie"),
    article(
        "old",
        "Oude cheque",
        "oude cheque gebruiken",
        "cheque van vroeger",
        "oude cheques",
        valid_until=date(2026, 1, 1),
    ),
)
ENCODER = LetterEncoder()


@pytest.fixture(scope="module")
def finder() -> Finder:
    vectors = ENCODER.encode([sentence for one in ARTICLES for sentence in asked_as(one)])
    return Finder(ARTICLES, vectors, lambda: ENCODER, study(ARTICLES, vectors, STRANGERS, ENCODER.encode(STRANGERS)))


# ---- words ---------------------------------------------------------------------------------------------------------


def test_a_word_counts_whole_and_in_pieces_and_common_words_do_not() -> None:
    counted = terms("Wat is het verlof")
    assert "=verlof" in counted and " ver" in counted
    assert not {"=wat", "=is", "=het"} & counted.keys()


def test_a_misspelt_word_still_finds_its_text() -> None:
    index = WordIndex(["opleidingsverlof aanvragen", "gespreid betalen", "nederlands leren"])
    assert int(np.argmax(index.scores("opleidingsverlov"))) == 0


def test_a_word_that_no_text_holds_counts_against_all() -> None:
    index = WordIndex(["gespreid betalen", "nederlands leren"])
    assert index.scores("gespreid betalen hond")[0] < index.scores("gespreid betalen")[0]
    assert index.scores("de het een").tolist() == [0.0, 0.0]


def test_an_abbreviation_of_three_letters_is_found() -> None:
    index = WordIndex(["wat is een ibo", "wat is een aav", "wat is een cvo"])
    assert int(np.argmax(index.scores("wat betekent AAV?"))) == 1


def test_without_its_own_sentence_a_text_scores_less_but_keeps_the_rest() -> None:
    index = WordIndex(["gespreid betalen\nbetalen in delen", "nederlands leren"])
    whole = index.scores("gespreid betalen")[0]
    left = index.score_without(0, "gespreid betalen", "gespreid betalen")
    assert 0 < left < whole


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5), st.text(max_size=60))
def test_any_question_has_a_finite_score_of_nothing_or_more(texts: list[str], question: str) -> None:
    scores = WordIndex(texts).scores(question)
    assert np.isfinite(scores).all() and (scores >= 0).all()


# ---- calibration ---------------------------------------------------------------------------------------------------


def test_the_chance_is_the_share_that_was_right() -> None:
    features = np.array([[0.0]] * 100 + [[1.0]] * 100)
    right = np.array([True] * 20 + [False] * 80 + [True] * 90 + [False] * 10)
    low, high = fit(features, right).chance(np.array([[0.0], [1.0]]))
    assert low == pytest.approx(0.2, abs=0.04) and high == pytest.approx(0.9, abs=0.04)


@pytest.mark.parametrize("right", [True, False])
def test_what_was_always_right_or_never_teaches_nothing(right: bool) -> None:
    with pytest.raises(ValueError, match="right and answers that were wrong"):
        fit(np.zeros((3, 1)), np.array([right] * 3))


# ---- finding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "expected"),
    [("mag ik in schijven betalen?", "pay"), ("hoeveel uur verlof heb ik", "hours"), ("middenjurie", "exam")],
)
def test_the_article_that_is_asked_for_comes_first(finder: Finder, question: str, expected: str) -> None:
    assert finder.find(question, DAY)[0].article.id == expected


def test_what_the_articles_do_not_know_gets_a_lower_chance_than_what_they_do(finder: Finder) -> None:
    known = [finder.find(question, DAY)[0].chance for question in ("kan ik gespreid betalen", "wat is de middenjury")]
    unknown = [finder.find(question, DAY)[0].chance for question in ("waar koop ik brood", "hoe oud is de zon")]
    assert max(unknown) < min(known)


def test_an_article_out_of_force_is_not_found(finder: Finder) -> None:
    assert "old" not in {hit.article.id for hit in finder.find("oude cheque gebruiken", DAY)}
    assert finder.find("oude cheque gebruiken", date(2025, 12, 1))[0].article.id == "old"


def test_nothing_asked_finds_nothing(finder: Finder) -> None:
    assert finder.find("  \n", DAY) == []


@given(st.text(max_size=80))
def test_any_text_finds_at_most_three_with_a_chance(finder: Finder, text: str) -> None:
    hits = finder.find(text, DAY)
    assert len(hits) <= 3
    assert all(0.0 <= hit.chance <= 1.0 for hit in hits)


def test_what_is_kept_is_used_again_only_for_the_same_articles(tmp_path: Path) -> None:
    path = tmp_path / "a" / "finder.npz"
    vectors, learnt = (
        ENCODER.encode(["een", "twee"]),
        Learnt(np.eye(2, dtype=np.float32), Calibration(np.array([1.0, 2.0]))),
    )
    assert kept(path, b"1") is None
    keep(path, b"1", vectors, learnt)
    assert kept(path, b"2") is None
    again = kept(path, b"1")
    assert again is not None and again[0] == pytest.approx(vectors, abs=1e-3)
    assert again[1].calibration.weights.tolist() == [1.0, 2.0]
    assert again[1].shares.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    path.write_bytes(b"half a file")
    assert kept(path, b"1") is None


# ---- deciding ------------------------------------------------------------------------------------------------------

TAIL = ARTICLES[0]
OWN = article("own", "Prijs", "wat kost het", "prijs", "kost", intent="ask_cost")
LONG = "kan ik mijn cursus in schijven betalen"


def decided(
    intent: str,
    hits: list[Hit],
    *,
    words: str = LONG,
    general: Article | None = OWN,
    likeliest: float = 1.0,
    **facts: str,
) -> Outcome:
    return decide(Asked(intent, words, likeliest, facts), hits, general, DAY)


@pytest.mark.parametrize(
    ("intent", "words", "best", "chance", "likeliest", "answered"),
    [
        (LOST, LONG, TAIL, ANSWER, 0.4, True),
        (LOST, LONG, OWN, ANSWER, 0.4, True),
        (LOST, LONG, TAIL, ANSWER - 0.01, 0.4, False),
        (LOST, "betalen", TAIL, ANSWER, 0.4, False),
        (LOST, "betalen", TAIL, SURE, 0.4, True),
        (STRANGE, LONG, TAIL, STRANGER - 0.01, 0.6, False),
        (STRANGE, LONG, TAIL, STRANGER, 0.6, True),
        (STRANGE, LONG, OWN, 0.99, 0.6, False),
        (STRANGE, LONG, TAIL, 0.99, FOREIGN, False),
        ("search_course", LONG, TAIL, TAKEN, 1.0, True),
        ("search_course", LONG, TAIL, TAKEN - 0.01, 1.0, False),
        ("search_course", "betalen", TAIL, 0.99, 1.0, False),
        ("search_course", LONG, OWN, 0.99, 1.0, False),
        ("greet", LONG, TAIL, 0.99, 1.0, False),
        ("ask_cost", LONG, TAIL, BETTER, 1.0, True),
        ("ask_cost", LONG, TAIL, BETTER - 0.01, 1.0, False),
        ("ask_cost", "gratis?", TAIL, ANSWER, 1.0, False),
        ("ask_cost", LONG, OWN, 0.99, 1.0, False),
        ("ask_enrolment", LONG, OWN, 0.99, 1.0, False),
    ],
)
def test_an_article_answers_from_a_chance_that_depends_on_what_was_understood(
    intent: str, words: str, best: Article, chance: float, likeliest: float, answered: bool
) -> None:
    assert (decided(intent, [Hit(best, chance)], words=words, likeliest=likeliest).article is not None) == answered


def test_what_is_likely_but_not_enough_is_offered_when_no_intent_was_found() -> None:
    hits = [Hit(TAIL, OFFER), Hit(ARTICLES[1], OFFER), Hit(ARTICLES[2], OFFER - 0.01)]
    assert [one.id for one in decided(LOST, hits, likeliest=0.2).offered] == ["pay", "hours"]
    assert decided(LOST, hits, likeliest=OFFER + LIKELIER + 0.01) == NOTHING
    assert decided(STRANGE, hits).offered == ()
    assert decided(LOST, []) == NOTHING


def test_a_general_question_near_to_several_articles_gets_the_general_answer_with_those_below() -> None:
    near = [Hit(TAIL, 0.62), Hit(ARTICLES[1], 0.5)]
    assert decided("ask_cost", near) == Outcome(near=(TAIL, ARTICLES[1]))
    assert decided("ask_cost", [Hit(TAIL, 0.62), Hit(ARTICLES[1], 0.62 / CLEAR - 0.01)]).article is TAIL
    assert decided("ask_cost", [Hit(TAIL, 0.62), Hit(OWN, 0.62 / GENERAL + 0.01)]).article is None
    assert decided("ask_cost", [Hit(OWN, 0.9), Hit(TAIL, NEAR - 0.01)]) == NOTHING


def test_an_unsure_intent_for_words_that_no_article_knows_is_asked_about() -> None:
    hits = [Hit(TAIL, BETTER - 0.01)]
    assert decided("ask_cost", hits, likeliest=DOUBT - 0.01).offered == (OWN, TAIL)
    assert decided("ask_cost", hits, likeliest=DOUBT).offered == ()
    assert decided("ask_cost", [Hit(OWN, KNOWN)], likeliest=0.5) == NOTHING


def test_an_article_for_one_region_answers_only_who_is_known_to_be_of_it() -> None:
    brussels = article("b", "Prijs", "wat kost het", "prijs", "kost", intent="ask_cost", when={"region": "brussels"})
    for intent in (LOST, "ask_cost"):
        assert decided(intent, [Hit(brussels, 0.9)]) == NOTHING
        assert decided(intent, [Hit(brussels, 0.9)], region="flanders") == NOTHING
    assert decided(LOST, [Hit(brussels, 0.9)], region="brussels").article is brussels


def test_of_the_same_intent_only_an_article_for_what_is_not_known_answers_in_place_of_the_general_one() -> None:
    sick = article(
        "s", "Prijs", "wat kost het", "prijs", "kost", intent="ask_cost", when={"employment_status": "student"}
    )
    assert decided("ask_cost", [Hit(sick, 0.9)]).article is sick
    assert decided("ask_cost", [Hit(sick, 0.9), Hit(OWN, 0.9 / CLEAR)]).article is sick
    assert decided("ask_cost", [Hit(sick, 0.9), Hit(OWN, 0.91 / CLEAR)]).article is None  # nobody said so
    assert decided("ask_cost", [Hit(sick, 0.9)], employment_status="employee") == NOTHING
    assert decided("ask_cost", [Hit(OWN, 0.9)], general=sick, employment_status="student") == NOTHING


# ---- measuring -----------------------------------------------------------------------------------------------------


def test_the_figures_count_what_was_found_given_offered_and_left() -> None:
    def answered(wanted: tuple[str, ...], found: str, answer: str | None, offered: tuple[str, ...] = ()) -> Answered:
        return Answered(Question(ask="?", articles=wanted), LOST, ((found, 0.5),), answer, offered, 0.01)

    measured = Measured(
        [
            answered(("a",), "a", "a"),
            answered(("a",), "b", "b"),
            answered(("a",), "a", None, ("a",)),
            answered(("a",), "b", "b", ("a",)),
            answered(("a",), "a", None),
            answered((), "a", "a"),
            answered((), "a", None),
        ]
    )
    rows = dict(measured.rows())
    assert rows["zoeken: juiste artikel eerst (hit@1)"] == "60,0% (3 van 5)"
    assert rows["gesprek: juist artikel gegeven"] == "20,0% (1 van 5)"
    assert rows["gesprek: verkeerd artikel gegeven"] == "20,0% (1 van 5)"
    assert rows["gesprek: algemeen antwoord, met het juiste artikel als knop"] == "20,0% (1 van 5)"
    assert rows["gesprek: juist artikel als keuze aangeboden"] == "20,0% (1 van 5)"
    assert rows["niet te beantwoorden: toch een artikel gegeven"] == "50,0% (1 van 2)"
    assert len(list(measured.mistakes())) == 5


def test_questions_are_read_with_errors_that_name_them(tmp_path: Path) -> None:
    path = tmp_path / "q.yml"
    path.write_text("questions:\n  - {ask: hoe, articles: [x]}\n  - {ask: '', articles: []}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"q\.yml.*number 2.*ask"):
        read_questions(path)
