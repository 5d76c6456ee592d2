"""A mistake of an editor stops the start, with the file, the entry and the field."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.entitlements import Rules, load_rules
from bot.knowledge.datafile import DataError
from bot.settings import ROOT

FILE = "verlof-en-cheques.yml"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for part in ("entitlements", "knowledge"):
        shutil.copytree(ROOT / "data" / part, tmp_path / part)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("{fact: sector, is: private, met", "{fact: sektor, is: private, met", "unknown fact 'sektor'"),
        ("{fact: sector, is: private, met", "{fact: sector, is: privaat, met", "'sector' is een van"),
        ("{fact: sector, is: private, met", "{fact: sector, is: private, isnt: x, met", "Extra inputs"),
        ("{fact: sector, is: private, met: Je werkt in de privésector., unmet: Dit verlof is er voor de privésector.}",
         "{fact: sector, is: private}", "needs 'met' and 'unmet'"),
        ('{fact: job_share, at_least: "vov-doelgroep-2025:job-size"}',
         '{fact: job_share, at_least: "vov-doelgroep-2025:job-sizes"}', "unknown figure"),
        ('{fact: job_share, at_least: "vov-doelgroep-2025:job-size"}', "{fact: job_share, is: true}", "is a number"),
        ("certainty: zeker, met: Je werkt in Vlaanderen.", "certainty: misschien, met: Je werkt in Vlaanderen.", "certainty"),
        ("sources: [vlaanderen-vov-2025, onderwijs-vov-cursisten, asap-vov]", "sources: [mijn-buurman]", "unknown source"),
        ("{figure:vov-doelgroep-2025} verlof", "{figure:opleidingskrediet:full-time} verlof", "may not be named"),
        ("intents: [ask_training_leave]", "intents: [ask_paid_holiday]", "unknown intent"),
        ("valid_until: 2026-12-31", "valid_until: 2024-12-31", "valid_until is before valid_from"),
        ("successor: career-credit", "successor: career-credits", "unknown measure"),
        ("id: brussels-educational-leave", "id: flemish-training-leave", "stands twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(data: Path, old: str, new: str, complaint: str) -> None:
    path = data / "entitlements" / "measures" / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_rules(data)
    assert complaint in str(caught.value)
    assert FILE in str(caught.value)
    assert "entry '" in str(caught.value)


def test_a_value_cannot_imply_what_is_not_there(data: Path) -> None:
    path = data / "entitlements" / "facts.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("implies: {works_as_employee: true}", "implies: {works: true}", 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"facts\.yml, entry 'employment_status'.*unknown fact 'works'"):
        load_rules(data)


def test_no_number_stands_in_a_rule() -> None:
    """Amounts, hours and years stand in the figures: a rule names them, so that they change in one place."""
    for path in (ROOT / "data" / "entitlements" / "measures").glob("*.yml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            for comparison in ("at_least", "more_than", "at_most", "less_than"):
                if f"{comparison}:" in line:
                    assert f'{comparison}: "' in line, line


def test_what_is_only_planned_is_checked_again_before_it_begins(rules: Rules) -> None:
    planned = [rule for measure in rules.measures.values() for rule in measure.rules]
    for one in (*planned, *rules.figures.values()):
        if one.valid_from and one.valid_from > one.checked:
            assert one.check_again < one.valid_from, one
