"""Cleaning what people type: nothing invisible gets in, nothing visible gets lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.text import clean, one_line, shows

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)  # lone surrogates included


@given(ANY)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY)
def test_what_is_left_can_be_stored_and_hides_nothing(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()  # no surrogate is left
    assert cleaned == cleaned.strip()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in cleaned)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=200))
def test_what_can_be_seen_stays(text: str) -> None:
    blanks = set("\u115f\u1160\u2800\u3164\uffa0\ufffd")
    visible = "".join(char for char in text if char not in blanks)
    assert clean(text) == unicodedata.normalize("NFC", visible)
    assert shows(clean(text)) == bool(visible)


@given(
    st.text(st.sampled_from(" \t\n\r\x00\x1b\u200b\u200d\u200e\u202e\u2066\u3164\ufeff\ud83d\udc00\u0301"), max_size=30)
)
def test_what_shows_nothing_is_seen_through(text: str) -> None:
    cleaned = clean(text)
    # A high and a low surrogate together are a real character.
    assert shows(cleaned) == any(ord(char) > 0xFFFF for char in cleaned)


@given(ANY, st.integers(1, 50))
def test_one_line_is_one_short_line(text: str, most: int) -> None:
    line = one_line(text, most)
    assert "\n" not in line
    assert len(line) <= most


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  hallo  ", "hallo"),
        ("een\ttwee", "een twee"),
        ("een\r\ntwee\rdrie\u2028vier\u0085vijf\x0bzes", "een\ntwee\ndrie\nvier\nvijf\nzes"),
        ("e\u0301e\u0301n", "\u00e9\u00e9n"),
        ("las\x00sen\x1b[31m", "lassen[31m"),
        ("las\u200bsen\ufeff in\u00ad Gent", "lassen in Gent"),
        ("\u202etneG ni\u202c", "tneG ni"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\ud83d ok", "ok"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("\U000e0068\U000e0069 hoi", "hoi"),
        ("\u0643\u064a\u0641 \u062d\u0627\u0644\u0643", "\u0643\u064a\u0641 \u062d\u0627\u0644\u0643"),
    ],
)
def test_examples(typed: str, read: str) -> None:
    assert clean(typed) == read
