"""Which language a text is in, and what its writer hears."""

from __future__ import annotations

import pytest

from bot.knowledge.languages import load_languages
from bot.settings import ROOT

LANGUAGES = load_languages(ROOT / "data" / "knowledge")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("do you speak english", "I only speak Dutch"),
        ("je ne parle pas néerlandais", "Je parle seulement néerlandais"),
        ("هل تتكلم العربية", "أتكلم الهولندية"),
        ("czy mówisz po polsku", "Mówię tylko po niderlandzku"),
    ],
)
def test_the_line_is_in_the_language_of_the_text(text: str, line: str) -> None:
    assert line in LANGUAGES.line(text)
    assert LANGUAGES.readable(text)


def test_who_asks_in_dutch_for_a_language_hears_it() -> None:
    assert "I only speak Dutch" in LANGUAGES.line("kan dit gesprek ook in een andere taal", "Engels")
    assert "alleen Nederlands" in LANGUAGES.line("kan dit gesprek ook in een andere taal", "Klingon")


@pytest.mark.parametrize("text", ["qsdf jkl mqsdf wxcv", "wxcvbn poiuy aze", "azertyuiop", "", "?!"])
def test_what_is_typed_at_random_is_in_no_language(text: str) -> None:
    assert not LANGUAGES.readable(text)
