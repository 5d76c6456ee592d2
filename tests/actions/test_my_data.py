"""What is an order to show one's data, or to erase it, and what is only a question about it."""

from __future__ import annotations

import pytest

from actions.my_data import _SAYS_NO, _SAYS_YES, asks_what


@pytest.mark.parametrize(
    "text",
    [
        "mijn gegevens",
        "Toon mijn gegevens!",
        "laat mij eens mijn gegevens zien",
        "wat weet je van mij?",
        "welke gegevens heb je over mij",
        "wat bewaar je allemaal van me",
    ],
)
def test_who_asks_what_is_kept_is_shown_it(text: str) -> None:
    assert asks_what(text)


@pytest.mark.parametrize(
    "text",
    [
        "wat gebeurt er met mijn gegevens?",
        "wis mijn gegevens",
        "hoelang worden mijn gegevens bewaard",
        "wie leest wat ik schrijf",
        "verkoop je mijn gegevens",
    ],
)
def test_other_questions_get_another_answer(text: str) -> None:
    assert not asks_what(text)


@pytest.mark.parametrize(("text", "erases"), [("ja, wis alles", True), ("doe maar", True), ("ja nee toch niet", False)])
def test_only_a_clear_yes_erases(text: str, erases: bool) -> None:
    assert bool(_SAYS_YES.match(text) and not _SAYS_NO.search(text)) is erases
