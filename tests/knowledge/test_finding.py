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
from bot.knowledge.deciding import AHEAD, ANSWER, BETTER, CLEAR, LOST, NOTHING, OFFER, STRANGE, SURE, decide
from bot.knowledge.evaluation import Answered, Measured, Question, read_questions
from bot.knowledge.figures import Certainty
from bot.knowledge.finding import Finder, Hit, Vectors, asked_as, calibrate, keep, kept
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
    calibration = calibrate(ARTICLES, vectors, STRANGERS, ENCODER.encode(STRANGERS))
    return Finder(ARTICLES, vectors, lambda: ENCODER, calibration)


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
    vectors, calibration = ENCODER.encode(["een", "twee"]), Calibration(np.array([1.0, 2.0]))
    assert kept(path, b"1") is None
    keep(path, b"1", vectors, calibration)
    assert kept(path, b"2") is None
    again = kept(path, b"1")
    assert again is not None and again[0] == pytest.approx(vectors, abs=1e-3)
    assert again[1].weights.tolist() == [1.0, 2.0]
    path.write_bytes(b"half a file")
    assert kept(path, b"1") is None


# ---- deciding ------------------------------------------------------------------------------------------------------

TAIL = ARTICLES[0]
OWN = article("own", "Prijs", "wat kost het", "prijs", "kost", intent="ask_cost")
LONG = "kan ik mijn cursus in schijven betalen"


@pytest.mark.parametrize(
    ("intent", "words", "best", "chance", "answered"),
    [
        (LOST, LONG, TAIL, ANSWER, True),
        (LOST, LONG, OWN, ANSWER, True),
        (LOST, LONG, TAIL, ANSWER - 0.01, False),
        (LOST, "betalen", TAIL, ANSWER, False),
        (LOST, "betalen", TAIL, SURE, True),
        (STRANGE, LONG, TAIL, ANSWER, False),
        (STRANGE, LONG, TAIL, SURE, True),
        ("ask_cost", LONG, TAIL, BETTER, True),
        ("ask_cost", LONG, TAIL, BETTER - 0.01, False),
        ("ask_cost", "gratis?", TAIL, ANSWER, False),
        ("ask_cost", LONG, OWN, 0.99, False),
    ],
)
def test_an_article_answers_from_a_chance_that_depends_on_what_was_understood(
    intent: str, words: str, best: Article, chance: float, answered: bool
) -> None:
    assert (decide(intent, words, [Hit(best, chance)]).article is not None) == answered


def test_what_is_likely_but_not_enough_is_offered_only_when_no_intent_was_found() -> None:
    hits = [Hit(TAIL, OFFER), Hit(ARTICLES[1], OFFER), Hit(ARTICLES[2], OFFER - 0.01)]
    assert [one.id for one in decide(LOST, LONG, hits).offered] == ["pay", "hours"]
    assert decide("ask_cost", LONG, hits).offered == ()
    assert decide(STRANGE, LONG, hits).offered == ()
    assert decide(LOST, LONG, []).offered == ()


def test_an_article_must_be_likelier_than_the_likeliest_intent() -> None:
    hits = [Hit(TAIL, 0.5)]
    assert decide(LOST, LONG, hits, likeliest=0.5 - AHEAD).article is TAIL
    between = decide(LOST, LONG, hits, likeliest=0.45)
    assert between.article is None and between.offered == (TAIL,)
    assert decide(LOST, LONG, hits, likeliest=0.6) == NOTHING


# ---- measuring -----------------------------------------------------------------------------------------------------


def test_a_general_question_near_to_several_articles_gets_the_general_answer() -> None:
    near = [Hit(TAIL, 0.62), Hit(OWN, 0.42)]
    assert decide("ask_cost", LONG, near) == NOTHING
    apart = [Hit(TAIL, 0.62), Hit(OWN, 0.62 / CLEAR - 0.01)]
    assert decide("ask_cost", LONG, apart).article is TAIL


def test_the_figures_count_what_was_found_given_offered_and_left() -> None:
    def answered(wanted: tuple[str, ...], found: str, answer: str | None, offered: tuple[str, ...] = ()) -> Answered:
        return Answered(Question(ask="?", articles=wanted), LOST, ((found, 0.5),), answer, offered, 0.01)

    measured = Measured(
        [
            answered(("a",), "a", "a"),
            answered(("a",), "b", "b"),
            answered(("a",), "a", None, ("a",)),
            answered(("a",), "a", None),
            answered((), "a", "a"),
            answered((), "a", None),
        ]
    )
    rows = dict(measured.rows())
    assert rows["zoeken: juiste artikel eerst (hit@1)"] == "75,0% (3 van 4)"
    assert rows["gesprek: juist artikel gegeven"] == "25,0% (1 van 4)"
    assert rows["gesprek: verkeerd artikel gegeven"] == "25,0% (1 van 4)"
    assert rows["gesprek: juist artikel als keuze aangeboden"] == "25,0% (1 van 4)"
    assert rows["niet te beantwoorden: toch een artikel gegeven"] == "50,0% (1 van 2)"
    assert len(list(measured.mistakes())) == 4


def test_questions_are_read_with_errors_that_name_them(tmp_path: Path) -> None:
    path = tmp_path / "q.yml"
    path.write_text("questions:\n  - {ask: hoe, articles: [x]}\n  - {ask: '', articles: []}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"q\.yml.*number 2.*ask"):
        read_questions(path)
