"""The comparison of ways to understand: what its figures say, and that a way is trained and asked as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.evaluation import Example, read_examples
from bot.assistant.nlu.grams import Grams
from scripts.compare import __main__ as compare
from scripts.compare import figures
from scripts.compare.regression import seen_by_grams
from scripts.compare.rewritten import REWRITES, mistyped

NLU = """\
version: "3.1"
nlu:
  - intent: greet
    metadata: {style: short}
    examples: |
      - hallo daar
      - hallo vriend
      - goeiendag hallo
      - dag en hallo
  - intent: thank
    metadata: {style: standard}
    examples: |
      - bedankt vriend
      - dank en bedankt
      - bedankt voor alles
      - heel erg bedankt
"""


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    file = tmp_path / "nlu.yml"
    file.write_text(NLU, encoding="utf-8")
    return read_examples(file)


def test_a_way_is_trained_and_asked(examples: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "OUT", tmp_path / "out")
    found = compare.measured(compare.GRAMS, examples, {"some": examples, "few": examples[:4]}, 1)
    assert found.counts["some"]["all"] == (8, 8) and found.counts["some"]["short"] == (4, 4)
    assert found.counts["few"] == {"all": (4, 4), "short": (4, 4)}
    assert found.seconds and found.milliseconds > 0 and found.memory_mb > 10 and found.f1["some"] is None
    written = compare.table([found], "some")
    assert "heel kort (4)" in written and "100,0 %" in written


def test_without_n_grams_all_texts_are_alike() -> None:
    _, rows = Grams.learn([seen_by_grams(text, {"grams": False}) for text in ("hallo daar", "wat kost dat")])
    assert rows.shape[1] > 0 and (rows[0] != rows[1]).nnz == 0
    assert seen_by_grams("hallo daar", {"grams": True}) == "hallo daar"


def test_a_way_that_fails_says_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "OUT", tmp_path / "out")
    with pytest.raises(RuntimeError, match="regression train failed"):
        compare.measured(compare.GRAMS, [Example("hallo", "greet", [])], {"some": []}, 1)


def test_a_sample_takes_the_same_few_of_each_intent(examples: list[Example]) -> None:
    part = compare.sampled(examples, 2)
    assert [e.intent for e in part].count("greet") == 2 and [e.intent for e in part].count("thank") == 2
    assert compare.sampled(examples[::-1], 2) == part


def test_calibration_error_is_the_gap_between_chance_and_outcome() -> None:
    assert figures.calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0)
    assert figures.calibration_error([0.95] * 2, [False, False]) == pytest.approx(0.95)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_calibration_error_is_a_share(found: list[tuple[float, bool]]) -> None:
    assert 0 <= figures.calibration_error([sure for sure, _ in found], [hit for _, hit in found]) <= 1


def test_entities_are_counted_with_and_without_their_value() -> None:
    evening = {"entity": "schedule", "start": 0, "end": 8, "value": "evening"}
    raw = {**evening, "value": "'s avonds"}
    example = Example("'s avonds", "refine_search", [evening])
    assert figures.entity_f1([example], [{"entities": [raw]}]) == (1.0, 0.0)
    assert figures.entity_f1([example], [{"entities": [evening]}]) == (1.0, 1.0)


def test_entities_of_each_type_are_told_per_set() -> None:
    score = {"precision": 1.0, "recall": 0.5, "f1": 0.667, "right": 1, "given": 1, "wanted": 2}
    types = {"some": {"age": score, "alle": score}, "few": {"alle": score}}
    found = compare.Outcome("x", None, 1.0, 1.0, 1.0, {}, {}, {}, types)
    assert compare.entities(found).splitlines()[2:] == [
        "| `age` | 0,667 (1 juist, 1 gegeven, 2 bedoeld) | - |",
        "| **alle** | 0,667 (1 juist, 1 gegeven, 2 bedoeld) | 0,667 (1 juist, 1 gegeven, 2 bedoeld) |",
    ]


def test_rewriting_makes_alike_what_is_written_otherwise() -> None:
    assert REWRITES["sounds"]("Ik weit dat nict") == REWRITES["sounds"]("ik wijt dat nikt")
    assert REWRITES["dialect"]("'k wil da ni") == "ik wil dat niet"
    assert REWRITES["lemmas"]("twee cursussen") == "twee cursus"
    assert mistyped("een cursus lassen in Gent") == mistyped("een cursus lassen in Gent") != "een cursus lassen in gent"
