"""What a counsellor reads of how far a line got."""

from __future__ import annotations

import pytest

from channels.desk.view import Reach, delivery


@pytest.mark.parametrize(
    ("state", "error", "words", "failed"),
    [
        ("pending", "ProviderDown", "wordt verstuurd", False),
        ("sent", "", "verstuurd", False),
        ("delivered", "", "aangekomen", False),
        ("read", "", "gelezen", False),
        ("dead", "blocked", "niet aangekomen: De persoon blokkeert ons, of verwijderde het gesprek.", True),
        ("dead", "refused:131026", "niet aangekomen: De aanbieder weigert dit bericht. (131026)", True),
        ("dead", "", "niet aangekomen: De aanbieder weigert dit bericht.", True),
    ],
)
def test_words(state: str, error: str, words: str, failed: bool) -> None:
    assert delivery(5, {5: (state, error)}, Reach()) == (words, failed)


def test_on_the_web_it_arrived_when_the_page_fetched_it() -> None:
    assert delivery(5, {5: ("sent", "")}, Reach(arrived=5)) == ("aangekomen", False)


def test_on_the_web_it_is_read_when_the_person_looked_at_the_page() -> None:
    assert delivery(5, {5: ("sent", "")}, Reach(arrived=6, read=5)) == ("gelezen", False)
    assert delivery(6, {6: ("sent", "")}, Reach(arrived=6, read=5)) == ("aangekomen", False)
