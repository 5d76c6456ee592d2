"""What `leerwijzer check` finds: on small data made here, and that the real data hold no error."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.conversation.message import Button, Source
from bot.knowledge.articles import Level, Library, load_library
from bot.knowledge.check import (
    Finding,
    Severity,
    Sort,
    age,
    as_sent,
    channel_findings,
    check,
    claim_findings,
    figure_findings,
    language_findings,
    simpler,
    unused,
)
from bot.knowledge.claims import load_claims
from bot.knowledge.figures import Certainty, Figures, SourceEntry, load_figures
from bot.knowledge.readability import described, flesch_douma, syllables
from bot.knowledge.texts import Text, literals, page_texts, script_texts
from bot.knowledge.upkeep import Due, Kind
from bot.settings import ROOT, Settings

DAY = date(2026, 11, 26)
FIGURES = load_figures(ROOT / "data" / "knowledge")
FEE = FIGURES["cvo-standaard-2025"]


MANY = tuple(Button(title=f"{number}", payload="/affirm") for number in range(11))


def figures(*changed: object) -> Figures:
    return Figures({figure.id: figure for figure in changed}, FIGURES.sources)  # type: ignore[attr-defined]


def sorts(found: object) -> list[tuple[Severity, Sort]]:
    return [(one.severity, one.sort) for one in found if isinstance(one, Finding)]  # type: ignore[attr-defined]


# ---- figures -------------------------------------------------------------------------------------------------------


def test_a_sound_figure_is_not_found() -> None:
    assert sorts(figure_findings(figures(FEE), DAY)) == []


def test_a_figure_without_a_source_to_open_is_an_error() -> None:
    source = SourceEntry(id="x", title="Mondeling", date="zonder datum")
    assert sorts(figure_findings(figures(FEE.model_copy(update={"references": (source,)})), DAY)) == [
        (Severity.ERROR, Sort.SOURCE)
    ]


@pytest.mark.parametrize(
    ("certainty", "severity"), [(Certainty.LIKELY, Severity.ERROR), (Certainty.UNCHECKED, Severity.WARNING)]
)
def test_a_contradicted_figure_is_an_error_only_when_it_may_be_named(certainty: Certainty, severity: Severity) -> None:
    contradicted = FEE.model_copy(update={"contradicted_by": ("actiris",), "certainty": certainty})
    assert sorts(figure_findings(figures(contradicted), DAY)) == [(severity, Sort.CONTRADICTION)]


def test_two_figures_that_measure_the_same_may_not_differ_while_both_are_in_force() -> None:
    other = FEE.model_copy(update={"id": "other", "amount": Decimal(3)})
    assert sorts(figure_findings(figures(FEE, other), DAY)) == [(Severity.ERROR, Sort.CONTRADICTION)]
    past = other.model_copy(update={"valid_from": None, "valid_until": date(2025, 8, 31)})
    assert sorts(figure_findings(figures(FEE, past), DAY)) == [(Severity.WARNING, Sort.AGE)]


def test_a_figure_that_nothing_names_is_found() -> None:
    nobody = Library(())
    assert sorts(unused(figures(FEE), nobody, "", DAY)) == [(Severity.WARNING, Sort.UNUSED)]
    assert sorts(unused(figures(FEE), nobody, "figures: [cvo-standaard-2025]", DAY)) == []
    assert sorts(unused(figures(FEE), nobody, "figures: [cvo-standaard-2025-oud]", DAY)) == [
        (Severity.WARNING, Sort.UNUSED)
    ]
    kept = FEE.model_copy(update={"certainty": Certainty.DATED})
    assert sorts(unused(figures(kept), nobody, "", DAY)) == [(Severity.NOTE, Sort.UNUSED)]
    past = FEE.model_copy(update={"valid_until": date(2026, 1, 1)})
    assert sorts(unused(figures(past), nobody, "", DAY)) == [(Severity.NOTE, Sort.UNUSED)]
    unknown = FEE.model_copy(update={"amount": None, "reduced": None})
    assert sorts(unused(figures(unknown), nobody, "", DAY)) == [(Severity.NOTE, Sort.UNUSED)]
    library = load_library(ROOT / "data" / "knowledge" / "articles", FIGURES)
    assert sorts(unused(figures(FEE), library, "", DAY)) == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 25), [(Severity.WARNING, Sort.AGE)]),
        (date(2026, 11, 26), [(Severity.NOTE, Sort.AGE)]),
        (date(2027, 1, 25), [(Severity.NOTE, Sort.AGE)]),
        (date(2027, 1, 26), []),
    ],
)
def test_age_warns_and_is_never_an_error(day: date, expected: list[object]) -> None:
    one = Due(Kind.FIGURE, "x", "X", "zeker", date(2026, 1, 1), day, ())
    assert sorts(age([one], DAY)) == expected


# ---- texts ---------------------------------------------------------------------------------------------------------


def message(text: str, **other: object) -> Text:
    return Text("hier", text, **({"kind": "response"} | other))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["Gelieve te bellen.", "Neem uw kaart mee.", "Wil je dat? Of wil je dit?", " ".join(["woord"] * 21)]
)
def test_a_text_that_breaks_a_rule_of_plain_language_is_an_error(text: str) -> None:
    assert (Severity.ERROR, Sort.LANGUAGE) in sorts(language_findings(message(text)))


def test_an_abbreviation_in_a_part_of_a_message_is_only_a_warning() -> None:
    assert sorts(language_findings(message("Vraag het aan de RVA."))) == [(Severity.ERROR, Sort.LANGUAGE)]
    assert sorts(language_findings(message("Vraag het aan de RVA.", kind="code"))) == [
        (Severity.WARNING, Sort.LANGUAGE)
    ]


def test_a_simple_text_that_is_no_simpler_is_an_error() -> None:
    plain = Text("artikel a (plain)", "Dat is zo. Kijk maar.", "article", Level.PLAIN)
    hard = Text("artikel a (simple)", "Inschrijvingsmodaliteiten verschillen.", "article", Level.SIMPLE)
    easy = Text("artikel a (simple)", "Ja. Dat is zo.", "article", Level.SIMPLE)
    assert sorts(simpler([plain, hard])) == [(Severity.ERROR, Sort.LANGUAGE)]
    assert sorts(simpler([plain, easy])) == []


def test_a_claim_that_is_no_longer_true_is_an_error_that_says_what_is() -> None:
    found = list(
        claim_findings(message("Een CVO kost 1,50 euro per lestijd."), load_claims(ROOT / "data" / "knowledge"))
    )
    assert sorts(found) == [(Severity.ERROR, Sort.CONTRADICTION)]
    assert "vijf tarieven" in found[0].what


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (message("x" * 4000), []),
        (message("x" * 4097), [(Severity.ERROR, Sort.CHANNEL)]),
        (message("x" * 1025, buttons=(Button(title="Ja", payload="/affirm"),)), [(Severity.WARNING, Sort.CHANNEL)]),
        (message("x", buttons=MANY), [(Severity.ERROR, Sort.CHANNEL)]),
        (message("x", buttons=(Button(title="Ja", payload="/affirm"),) * 2), [(Severity.ERROR, Sort.CHANNEL)]),
    ],
)  # fmt: skip
def test_what_a_channel_cannot_send_is_found(text: Text, expected: list[object]) -> None:
    assert sorts(channel_findings(text)) == expected


def test_sources_count_for_the_length_of_a_message() -> None:
    source = Source(title="Bron", url="https://bron.be", checked="2026-11-23")
    assert as_sent(message("tekst", sources=(source,))).endswith("Bron: Bron, nagekeken op 2026-11-23. https://bron.be")


def test_wording_in_code_is_found_and_what_is_no_wording_is_not() -> None:
    source = '''
"""Een docstring die niemand van de burgers ooit te lezen krijgt."""
SAID = f"Dit is wat {name} van ons te lezen krijgt."
WORDS = "de het een en of ik je".split()
PATTERN = r"\\\\b(?:ik wil dat niet meer)"
log.info("dit is voor het logboek en niet voor de burger")
raise ValueError("dit is een fout en die leest een programmeur")
'''
    assert [text for _, text in literals(source)] == ["Dit is wat {} van ons te lezen krijgt."]


def test_pages_and_scripts_are_read_too() -> None:
    page = "{% block x %}<p>Dit is een {{ soort }} voor de burger.</p><script>var de, het, een, van;</script>{% endblock %}"
    assert list(page_texts(page)) == [("p", "Dit is een {} voor de burger.")]
    script = "/* dit is een opmerking van de maker */ say(`Dit is ${n} keer voor de burger`, 'geen tekst');"
    assert list(script_texts(script)) == ["Dit is {} keer voor de burger"]


# ---- readability ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("kan", 1),
        ("avond", 2),
        ("idee", 2),
        ("bureau", 2),
        ("beantwoorden", 4),
        ("België", 3),
        ("werkloosheidsuitkering", 6),
        ("2,25", 1),
    ],
)
def test_syllables_are_counted(word: str, count: int) -> None:
    assert syllables(word) == count


def test_short_words_and_sentences_read_easier() -> None:
    easy, hard = (
        "Ik ga naar school. Dat is leuk.",
        "De inschrijvingsvoorwaarden van opleidingsinstellingen verschillen onderling aanzienlijk.",
    )
    assert flesch_douma(easy) > 80 > 30 > flesch_douma(hard)
    assert (described(95), described(10)) == ("heel makkelijk", "heel moeilijk")
    assert flesch_douma("") == 100.0


def test_the_formula_is_that_of_douma() -> None:
    assert flesch_douma("Ik ga. Jij wandelt.") == pytest.approx(206.84 - 77 * 5 / 4 - 0.93 * 4 / 2)


# ---- the real data -------------------------------------------------------------------------------------------------


def test_the_real_data_hold_no_error_and_every_kind_of_text_is_read() -> None:
    checked = check(Settings(_env_file=None), DAY)
    assert [f"{one.where}: {one.what}" for one in checked.errors] == []
    assert {text.kind for text in checked.texts} == {"article", "response", "data", "code", "page"}


def test_the_command_ends_with_one_on_an_error_and_zero_on_age_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.knowledge import check as module

    late = CliRunner().invoke(app, ["check", "--on", "2029-01-01"])
    assert late.exit_code == 0 and "let op" in late.output
    monkeypatch.setattr(module, "unused", lambda *_: [Finding(Severity.ERROR, Sort.SOURCE, "hier", "mis")])
    out = tmp_path / "out.json"
    wrong = CliRunner().invoke(app, ["check", "--on", "2026-11-26", "--json", str(out)])
    assert wrong.exit_code == 1 and "fout" in wrong.output
    assert '"what": "mis"' in out.read_text(encoding="utf-8")
