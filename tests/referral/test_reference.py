"""The number of a referral: unambiguous, and found in what people type."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referral.reference import ALPHABET, LENGTH, new_reference, parse_reference

CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


def test_the_alphabet_has_no_signs_that_look_alike() -> None:
    assert not set(ALPHABET) & set("0O1I")
    assert len(set(ALPHABET)) == len(ALPHABET) == 32


def test_references_are_random() -> None:
    made = {new_reference() for _ in range(2000)}
    assert len(made) > 1990
    assert all(re.fullmatch(rf"LW-[{ALPHABET}]{{6}}", reference) for reference in made)
    # Every sign occurs in every position.
    assert all({reference[3 + place] for reference in made} == set(ALPHABET) for place in range(LENGTH))


@given(
    CODES,
    st.sampled_from(["LW-", "lw-", "LW ", "lw", "Lw - "]),
    st.sampled_from(["", " "]),
    st.sampled_from(["", "mijn nummer is ", "Nummer: ", "hoe zit het met "]),
    st.sampled_from(["", ".", " aub", "?", " (van gisteren)"]),
    st.booleans(),
)
def test_a_reference_is_found_however_it_is_typed(
    code: str, prefix: str, gap: str, before: str, after: str, lower: bool
) -> None:
    typed = code[:3] + gap + code[3:]
    assert parse_reference(before + prefix + (typed.lower() if lower else typed) + after) == f"LW-{code}"


@given(CODES)
def test_alone_it_needs_no_letters_in_front(code: str) -> None:
    if not code.startswith("LW"):
        assert parse_reference(f" {code.lower()} ") == f"LW-{code}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "LW-",
        "LW-7K3F9",
        "LW-7K3F9QX",
        "LW-0K3F9Q",
        "LW-7K3F9I",
        "mijn 7K3F9Q",
        "hallo",
        "wanneer belt ze mij",
        "LW7K3F9QQ2",
    ],
)
def test_what_is_no_reference_is_none(text: str) -> None:
    assert parse_reference(text) is None


@given(st.text(max_size=200))
def test_any_text_can_be_asked(text: str) -> None:
    found = parse_reference(text)
    assert found is None or parse_reference(found) == found
