"""Which language a message is wholly in; what is Dutch or mixed is never another language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.nlu.language import foreign_language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("How much does the welding course cost?", "en"),
        ("je ne comprends pas le néerlandais", "fr"),
        ("Merhaba, kaynakçılık kursu arıyorum", "tr"),
        ("скільки коштує навчання на медсестру", "uk"),
        ("أريد أن أسجل في دورة تدريبية", "ar"),
        ("Dzień dobry, szukam kursu spawania", "pl"),
    ],
)
def test_another_language(text: str, code: str) -> None:
    assert foreign_language(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Ik zoek een cursus lassen in Gent",
        "kunde gij mij zegge waar da te doen is",
        "c'est combien pour de cursus fotografie, weet jij dat?",
        "ik wil graag apprendre à lire",
        "bonjour",
        "ok merci",
        "9300",
        "",
        "😀",
    ],
)
def test_dutch_mixed_or_too_short(text: str) -> None:
    assert foreign_language(text) is None


@given(st.text(max_size=100))
@settings(max_examples=60, deadline=None)
def test_any_text(text: str) -> None:
    found = foreign_language(text)
    assert found is None or found.isalpha()
