"""What somebody takes back within a message."""

from __future__ import annotations

import pytest

from actions.second_thoughts import taken_back


@pytest.mark.parametrize(
    ("text", "said", "gone"),
    [
        ("Spaans, of nee, toch Italiaans", ["Spaans", "Italiaans"], {0}),
        ("Spaans, nee wacht Italiaans", ["Spaans", "Italiaans"], {0}),
        ("Spaans, sorry Italiaans, nee Frans", ["Spaans", "Italiaans", "Frans"], {0, 1}),
        ("Spaans of Italiaans", ["Spaans", "Italiaans"], set()),
        ("Spaans en toch ook Italiaans", ["Spaans", "Italiaans"], set()),
    ],
)
def test_the_last_of_a_kind_stays(text: str, said: list[str], gone: set[int]) -> None:
    assert taken_back(text, [("language", text.index(name), text.index(name) + len(name)) for name in said]) == gone


def test_another_kind_takes_nothing_back() -> None:
    assert taken_back("Spaans, nee wacht Brugge", [("language", 0, 6), ("location", 18, 24)]) == set()


def test_a_language_takes_the_place_of_another_subject() -> None:
    assert taken_back("lassen, nee wacht Frans", [("course_topic", 0, 6), ("language", 18, 23)]) == {0}
