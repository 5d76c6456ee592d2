"""What is consented to, in versions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge import language
from bot.knowledge.articles import Level
from bot.knowledge.datafile import DataError
from bot.referral.consent import Way, load_consent
from bot.settings import ROOT

DATA = ROOT / "data" / "referral"
DAY = date(2026, 11, 26)
TEXT = load_consent(DATA).version(DAY)


def test_the_question_says_what_goes_to_whom_why_and_that_it_can_be_revoked() -> None:
    question = TEXT.question("Leerwinkel Brussel", "je telefoonnummer 0470 12 34 56")
    assert question.startswith("Mag ik dit doorsturen naar Leerwinkel Brussel?")
    for words in (
        "je telefoonnummer 0470 12 34 56",
        "samenvatting",
        "gesprek",
        "Waarom",
        "alleen de mensen die daar werken",
        "intrekken",
    ):
        assert words in question
    assert "{" not in question
    assert "VDAB" not in question


def test_who_else_may_get_it_stands_in_the_question() -> None:
    question = TEXT.question("Leerwinkel Brussel", "je telefoonnummer 0470 12 34 56", "VDAB")
    assert question.endswith("dan mag VDAB alles krijgen.")
    assert language.problems(question, Level.PLAIN) == []


def test_the_acknowledgement_says_who_how_and_when() -> None:
    text = TEXT.acknowledge("GTB", "LW-7K3F9Q", Way.MAIL, "Je krijgt uiterlijk op maandag 30 november een mail.")
    for words in ("GTB", "**LW-7K3F9Q**", "uiterlijk op maandag 30 november een mail"):
        assert words in text


def test_both_are_in_plain_words() -> None:
    for text in (TEXT.question("GTB", "je e-mailadres"), TEXT.acknowledge("GTB", "nummer", Way.CALL, "Straks.")):
        assert language.problems(text, Level.PLAIN) == []


def write(path: Path, *versions: str) -> Path:
    (path / "consent.yml").write_text("versions:\n" + "".join(versions), encoding="utf-8")
    return path


def version(
    identifier: str, begins: str, text: str = "{organisation} {contact}", ack: str = "{organisation} {reference} {way}"
) -> str:
    return f'- {{id: "{identifier}", valid_from: {begins}, text: "{text}", acknowledgement: "{ack}"}}\n'


def test_the_version_in_force_is_the_last_that_began(tmp_path: Path) -> None:
    consent = load_consent(write(tmp_path, version("b", "2027-01-01"), version("a", "2026-01-01")))
    assert [consent.version(day).id for day in (date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))] == [
        "a",
        "a",
        "b",
    ]
    with pytest.raises(LookupError, match="2025-12-31"):
        consent.version(date(2025, 12, 31))
    old = consent.get("a")
    assert old is not None and old.valid_from == date(2026, 1, 1)
    assert consent.get("c") is None


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        (
            [version("a", "2026-01-01", text="Mag het?")],
            "entry 'a', field 'text': Value error, must hold exactly {contact}",
        ),
        ([version("a", "2026-01-01", text="{organisation} {contact} {name}")], "field 'text'"),
        ([version("a", "2026-01-01", text="{organisation} {contact} {")], "a brace that stands alone"),
        ([version("a", "2026-01-01", ack="{reference}")], "field 'acknowledgement'"),
        ([version("a", "2026-01-01"), version("a", "2027-01-01")], "stands twice"),
        ([version("a", "2026-01-01"), version("b", "2026-01-01")], "begins on the same day"),
        ([version("x" * 21, "2026-01-01")], "at most 20"),
    ],
)
def test_a_wrong_text_is_named(tmp_path: Path, versions: list[str], message: str) -> None:
    with pytest.raises(DataError) as raised:
        load_consent(write(tmp_path, *versions))
    assert str(raised.value).startswith("consent.yml")
    assert message in str(raised.value)
