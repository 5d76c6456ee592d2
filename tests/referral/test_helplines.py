"""What somebody in need is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge import language
from bot.knowledge.articles import Level
from bot.knowledge.datafile import DataError
from bot.referral.directory import load_helplines
from bot.settings import ROOT

DATA = ROOT / "data" / "referral"
HELPLINES = load_helplines(DATA)


def test_every_number_stands_in_the_text() -> None:
    text = HELPLINES.text()
    assert [line.phone for line in HELPLINES.helplines] == ["112", "1813", "106", None]
    for words in ("bel **112**", "Zelfmoordlijn: bel **1813**", "Tele-Onthaal: bel **106**", "OCMW"):
        assert words in text
    assert text.splitlines()[0] == HELPLINES.intro
    assert text.splitlines()[-1] == HELPLINES.closing


def test_the_words_are_warm_and_simple_and_ask_nothing() -> None:
    text = HELPLINES.text()
    assert "?" not in text
    assert language.problems(text, Level.PLAIN) == []
    assert language.measure(text).longest <= 13


def test_a_place_gets_the_help_of_that_place() -> None:
    text = HELPLINES.near("Zelzate")
    assert "Dat van Zelzate helpt" in text and "OCMW" in text
    assert "Dat van je gemeente helpt" in HELPLINES.near()
    assert language.problems(text, Level.PLAIN) == []


def test_only_a_helpline_with_a_website_has_a_card() -> None:
    assert HELPLINES.cards() == ()
    first = HELPLINES.helplines[1].model_copy(update={"url": "https://hulp.example"})
    (card,) = HELPLINES.model_copy(update={"helplines": (first,)}).cards()
    assert (card.title, card.url) == ("Zelfmoordlijn", "https://hulp.example")
    assert card.subtitle == "Als je aan zelfmoord denkt"


def test_the_source_says_when_it_was_checked() -> None:
    (source,) = HELPLINES.sources()
    assert source.checked == "2026-11-23"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('phone: "112"', 'phone: "honderdtwaalf"', "field 'helplines.0.phone'"),
        ("id: ocmw", "id: emergency", "entry 'emergency', field 'id': stands twice"),
        ("closing:", "slot:", "field 'closing': Field required"),
    ],
)
def test_a_wrong_helpline_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (DATA / "helplines.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "helplines.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        load_helplines(tmp_path)
    assert str(raised.value).startswith("helplines.yml")
    assert message in str(raised.value)


def test_the_numbers_stand_in_every_wording_for_who_says_it_again() -> None:
    first, second, third = (HELPLINES.text_again(times) for times in (1, 2, 3))
    assert first != second and third == first
    assert all(f"**{number}**" in text for text in (first, second) for number in ("112", "1813", "106"))
