"""What is learnt from the sentences of articles: exact, and told apart by what sets sentences apart."""

from __future__ import annotations

import numpy as np
import pytest

from bot.knowledge.recognising import LETTERS, RIDGE, Letters, learn, recognise

SENTENCES = (
    "cheques aanvragen",
    "waar vraag ik cheques",
    "cheques vervallen",
    "zijn mijn cheques vervallen",
    "een attest voor mijn baas",
)
OWNER = np.array([0, 0, 1, 1, 2])


def vectors(count: int, seed: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_what_would_be_said_of_a_sentence_that_is_not_there_is_exact() -> None:
    letters, meaning = Letters(SENTENCES), vectors(len(SENTENCES))
    _, without = learn(meaning, letters, OWNER)
    alike = meaning.astype(np.float64) @ meaning.T + LETTERS * letters.among()
    wanted = np.eye(3)[OWNER] - np.eye(3)[OWNER].mean(axis=0)
    for left in range(len(SENTENCES)):
        rest = [number for number in range(len(SENTENCES)) if number != left]
        shares = np.linalg.solve(alike[np.ix_(rest, rest)] + RIDGE * np.eye(len(rest)), wanted[rest])
        assert without[left] == pytest.approx(alike[left, rest] @ shares, abs=1e-5)


@pytest.mark.parametrize(("asked", "article"), [("vervallen cheques", 1), ("cheques vragen", 0), ("attest", 2)])
def test_the_words_that_set_articles_apart_decide(asked: str, article: int) -> None:
    letters = Letters(SENTENCES)
    nothing = np.zeros((len(SENTENCES), 8), np.float32)
    shares, _ = learn(nothing, letters, OWNER)
    assert int(np.argmax(recognise(shares, np.zeros(len(SENTENCES)), letters.alike(asked)))) == article


@pytest.mark.parametrize("text", ["", "?!", "xyz 123"])
def test_words_that_no_sentence_holds_are_like_none(text: str) -> None:
    assert Letters(SENTENCES).alike(text).max() == pytest.approx(0.0, abs=1e-9)


def test_a_sentence_is_most_like_itself() -> None:
    letters = Letters(SENTENCES)
    for number, sentence in enumerate(SENTENCES):
        alike = letters.alike(sentence)
        assert int(np.argmax(alike)) == number and alike[number] == pytest.approx(1.0)
