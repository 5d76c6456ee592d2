"""Text with marks: read, joined, cut. Nothing is lost at a cut, nothing is larger than asked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.rich import Mark, Rich, bold, cut, join, link, read, units

_texts = st.text(st.sampled_from("ab é🙂\n. *?"), max_size=200)
_pieces = st.one_of(
    _texts.map(read), _texts.map(bold), st.tuples(_texts, st.just("https://a.be")).map(lambda two: link(*two))
)
_riches = st.lists(_pieces, max_size=5).map(lambda parts: join(parts, "\n\n"))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def marked(rich: Rich) -> list[tuple[str, str | None]]:
    return [(rich.text[mark.start : mark.end], mark.url) for mark in rich.marks]


@pytest.mark.parametrize(
    ("text", "plain", "strong"),
    [
        ("gewoon", "gewoon", []),
        ("de **prijs** is **180 euro**.", "de prijs is 180 euro.", ["prijs", "180 euro"]),
        ("**half", "**half", []),
        ("**a** en **b", "a en **b", ["a"]),
        ("**niet\nover regels**", "**niet\nover regels**", []),
        ("****", "****", []),
    ],
)
def test_stars_in_pairs_are_bold(text: str, plain: str, strong: list[str]) -> None:
    found = read(text)
    assert found.text == plain
    assert marked(found) == [(word, None) for word in strong]


def test_joined_texts_keep_their_marks() -> None:
    whole = join([bold("a"), Rich(), Rich("bc"), link("d", "https://d.be")], " / ")
    assert whole.text == "a / bc / d"
    assert marked(whole) == [("a", None), ("d", "https://d.be")]


def test_an_emoji_counts_for_two() -> None:
    assert units("a🙂") == 3
    assert [piece.text for piece in cut(Rich("🙂🙂🙂"), 4)] == ["🙂🙂", "🙂"]


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("een\n\ntwee drie", 10, ["een\n\ntwee", "drie"]),
        ("een twee.\n\ndrie vier vijf", 20, ["een twee.", "drie vier vijf"]),
        ("een twee\ndrie vier", 12, ["een twee", "drie vier"]),
        ("Ik zoek. Jij vindt.", 12, ["Ik zoek.", "Jij vindt."]),
        ("aaaaaaaaaa", 4, ["aaaa", "aaaa", "aa"]),
    ],
)
def test_the_best_place_to_cut(text: str, limit: int, pieces: list[str]) -> None:
    assert [piece.text for piece in cut(Rich(text), limit)] == pieces


def test_a_mark_that_is_cut_stays_on_both_sides() -> None:
    first, second = cut(bold("aaaa bbbb"), 5)
    assert marked(first) == [("aaaa", None)]
    assert marked(second) == [("bbbb", None)]


def test_marks_have_a_limit_too() -> None:
    whole = join([bold("a"), bold("b"), bold("c")], " ")
    assert [len(piece.marks) for piece in cut(whole, 100, 2)] == [2, 1]


@given(rich=_riches, limit=st.integers(2, 60), most=st.none() | st.integers(1, 3))
def test_nothing_is_lost_at_a_cut(rich: Rich, limit: int, most: int | None) -> None:
    pieces = cut(rich, limit, most)
    assert squeezed("".join(piece.text for piece in pieces)) == squeezed(rich.text)
    for piece in pieces:
        assert 0 < units(piece.text) <= limit
        assert piece.text == piece.text.strip()
        assert most is None or len(piece.marks) <= most
        assert all(0 <= mark.start < mark.end <= len(piece.text) for mark in piece.marks)
        assert list(piece.marks) == sorted(piece.marks, key=lambda mark: mark.start)
    # Every marked character stays marked, with the same address.
    assert [(char, url) for piece in pieces for text, url in marked(piece) for char in squeezed(text)] == [
        (char, url) for text, url in marked(rich) for char in squeezed(text)
    ]


def test_a_mark_is_a_place_in_the_text() -> None:
    assert bold("").marks == ()
    assert bold("ja").marks == (Mark(0, 2),)
