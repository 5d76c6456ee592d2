"""The questions that measure the knowledge base: apart from what it learns from, and about articles that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assistant.nlu.ngrams import fold
from bot.knowledge.articles import load_library
from bot.knowledge.evaluation import read_questions
from bot.knowledge.figures import load_figures
from bot.knowledge.vocabulary import INFORMATIONAL
from bot.settings import ROOT

LIBRARY = load_library(ROOT / "data" / "knowledge" / "articles", load_figures(ROOT / "data" / "knowledge"))
FILES = sorted(Path(__file__).parent.glob("questions*.yml"))
EVERY = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@EVERY
def test_every_article_that_should_answer_exists(path: Path) -> None:
    for question in read_questions(path):
        assert [identifier for identifier in question.articles if LIBRARY.get(identifier) is None] == []


@EVERY
def test_no_question_is_one_that_an_article_learns_from(path: Path) -> None:
    learnt = {fold(sentence) for article in LIBRARY for sentence in (article.title, *article.questions)}
    assert [question.ask for question in read_questions(path) if fold(question.ask) in learnt] == []


def test_no_held_out_question_shares_nearly_all_its_words_with_what_an_article_learns_from() -> None:
    learnt = [set(fold(sentence).split()) for article in LIBRARY for sentence in (article.title, *article.questions)]
    apart = ("questions-held-out.yml", "questions-november.yml", "questions-late-november.yml")
    for question in (one for name in apart for one in read_questions(Path(__file__).with_name(name))):
        words = set(fold(question.ask).split())
        assert max(len(words & other) / len(words | other) for other in learnt) < 0.8, question.ask


def test_enough_questions_that_the_base_knows_and_does_not() -> None:
    questions = read_questions(Path(__file__).with_name("questions.yml"))
    assert sum(bool(question.articles) for question in questions) >= 120
    assert sum(not question.articles for question in questions) >= 40


def test_enough_questions_are_answered() -> None:
    tail = [article for article in LIBRARY if article.intent is None]
    assert len(tail) >= 120
    assert {article.intent for article in LIBRARY} >= INFORMATIONAL


def test_no_two_articles_are_asked_for_in_the_same_words() -> None:
    seen: dict[str, str] = {}
    for article in LIBRARY:
        for question in article.questions:
            assert seen.setdefault(fold(question), article.id) == article.id, question
