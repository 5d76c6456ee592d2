"""What is an order to show one's data, or to erase it, and what is only a question about it."""

from __future__ import annotations

import pytest

from actions.my_data import asks_what, confirms, wants_all_gone


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


@pytest.mark.parametrize(
    ("text", "erases"),
    [
        ("ja, wis alles", True),
        ("ja verwijder al mijn gegevens", True),
        ("doe alles maar weg", True),
        ("doe maar", False),
        ("ok", False),
        ("ja", False),
        ("ja nee toch niet", False),
        ("nee, wis niets", False),
        ("wis het niet", False),
    ],
)
def test_only_a_yes_in_so_many_words_erases(text: str, erases: bool) -> None:
    assert confirms(text) is erases


@pytest.mark.parametrize(
    "text",
    ["wis alles", "verwijder mijn gegevens", "vergeet mij", "gooi ons gesprek weg", "smijt alles weg wat je hebt"],
)
def test_who_wants_all_of_it_gone_is_asked_to_confirm_that(text: str) -> None:
    assert wants_all_gone(text)


@pytest.mark.parametrize(
    "text", ["laat mijn woonplaats weg", "verwijder de tweede cursus", "bel mij niet meer op", "schrap mijn leeftijd"]
)
def test_one_thing_is_not_all_of_it(text: str) -> None:
    assert not wants_all_gone(text)
