"""The rules of plain language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.articles import Level
from bot.knowledge.language import (
    BANNED,
    LIMITS,
    banned_words,
    button_problem,
    hedged,
    measure,
    problems,
    sentences,
    unexplained_abbreviations,
)


def test_sentences_end_at_signs_and_lines_but_not_inside_amounts_or_times() -> None:
    text = (
        "Dat kost 3.714,50 euro. Bel tot 16.30 uur! Kan dat?\n- gewone cursus: 2,25 euro\n\n**Volgende stap:** Bel nu."
    )
    assert sentences(text) == [
        "Dat kost 3.714,50 euro.",
        "Bel tot 16.30 uur!",
        "Kan dat?",
        "gewone cursus: 2,25 euro",
        "Bel nu.",
    ]


def test_a_text_is_measured_in_words() -> None:
    size = measure("Je betaalt 2,25 euro. Dat is weinig.")
    assert (size.words, size.sentences, size.longest) == (7, 2, 4)
    assert size.average == 3.5
    assert measure("").average == 0.0


@pytest.mark.parametrize("level", [Level.PLAIN, Level.SIMPLE])
def test_a_sentence_may_be_as_long_as_the_limit_and_no_longer(level: Level) -> None:
    limit = LIMITS[level].longest
    short = "Dit is kort. " * 4
    assert not problems(short + " ".join(["woord"] * limit) + ".", level)
    found = problems(short + " ".join(["woord"] * (limit + 1)) + ".", level)
    assert len(found) == 1 and f"zin van {limit + 1} woorden" in found[0]


def test_sentences_must_be_short_on_average() -> None:
    found = problems((" ".join(["woord"] * 16) + ". ") * 3, Level.PLAIN)
    assert found == ["gemiddeld 16.0 woorden per zin, hoogstens 15"]


@pytest.mark.parametrize("level", list(Level))
def test_a_text_may_not_be_too_long(level: Level) -> None:
    assert any("hoogstens" in problem for problem in problems("Dit is kort. " * LIMITS[level].words, level))


@pytest.mark.parametrize("word", BANNED)
def test_words_of_the_administration_are_found(word: str) -> None:
    assert banned_words(f"{word.capitalize()} je wil leren.") == [word]
    assert any(BANNED[word] in problem for problem in problems(f"Je mag {word} leren.", Level.PLAIN))


def test_words_that_only_contain_a_banned_word_are_not() -> None:
    assert banned_words("Je kan je aanvraag indienen.") == []


@pytest.mark.parametrize("text", ["Kan u dat?", "Neem uw kaart mee.", "U mag komen."])
def test_people_are_called_je(text: str) -> None:
    assert "'u' in plaats van 'je'" in problems(text, Level.PLAIN)


def test_one_question_at_a_time() -> None:
    assert "meer dan één vraag" in problems("Werk je? Zoek je werk?", Level.PLAIN)
    assert problems("Werk je nu?", Level.PLAIN) == []


@pytest.mark.parametrize(
    ("text", "unexplained"),
    [
        ("Ga naar een CVO.", ["CVO"]),
        ("Ga naar een CVO (avondschool). Een CVO is groot.", []),
        ("Er zijn dertig CVO's (avondscholen).", []),
        ("Een centrum voor volwassenenonderwijs (CVO) is groot.", []),
        ("Ga naar het WSE-loket.", ["WSE-loket"]),
        ("Ga naar het WSE-loket (een website).", []),
        ("Bel VDAB, het OCMW of IN-Gent.", []),
        ("Vraag de RVA en de FOD.", ["RVA", "FOD"]),
    ],
)
def test_abbreviations_are_explained(text: str, unexplained: list[str]) -> None:
    assert unexplained_abbreviations(text) == unexplained


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dat kost vermoedelijk 3 euro.", True),
        ("Vraag het aan de school.", True),
        ("Kijk dit na bij VDAB.", True),
        ("Dat kost 3 euro.", False),
        ("Je vraagt het online.", False),
    ],
)
def test_what_is_uncertain_can_be_heard(text: str, expected: bool) -> None:
    assert hedged(text) == expected


def test_buttons_are_short() -> None:
    assert button_problem("Iemand spreken") is None
    assert button_problem("x" * 20) is None
    assert "21 tekens" in (button_problem("x" * 21) or "")
    assert button_problem("  ") == "knop zonder tekst"


@given(st.text(max_size=300), st.sampled_from(list(Level)))
def test_any_text_can_be_judged(text: str, level: Level) -> None:
    assert problems(text, level) == problems(text, level)
    size = measure(text)
    assert size.longest <= size.words
    assert bool(size.words) == bool(size.sentences)
