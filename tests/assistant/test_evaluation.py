"""Measuring: what is read from a file, and what the figures say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assistant.evaluation import Example, NotExamples, Result, read_examples, report

FILE = """
version: "3.1"
nlu:
  - intent: search_course
    examples:
      - text: |
          een cursus [lassen](course_topic) [savonds]{"entity": "schedule", "value": "evening"}
        metadata: {style: short}
  - intent: thank
    metadata: {style: standard}
    examples: |
      - dank u
      - merci
"""


def test_examples_keep_entities_and_style(tmp_path: Path) -> None:
    file = tmp_path / "some.yml"
    file.write_text(FILE, encoding="utf-8")
    first, second, third = read_examples(file)
    assert (first.intent, first.style, first.text) == ("search_course", "short", "een cursus lassen savonds")
    assert [(entity["entity"], entity["value"]) for entity in first.entities] == [
        ("course_topic", "lassen"),
        ("schedule", "evening"),
    ]
    assert (second.intent, second.style, third.style) == ("thank", "standard", "standard")


@pytest.mark.parametrize("text", ["", "nlu: 3", "version: '3.1'\nnlu: []", "{{{", "rules: []"])
def test_what_is_no_nlu_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(NotExamples, match="wrong.yml"):
        read_examples(file)


def result(intent: str, given: str, style: str = "short", fallback: bool = False) -> Result:
    return Result(Example("x", intent, [], style), given, 0.9, fallback, [])


def test_the_figures() -> None:
    results = [
        result("thank", "thank"),
        result("thank", "greet", "story", fallback=True),
        result("greet", "greet"),
        result("greet", "greet", "story"),
    ]
    figures = report(results)
    assert (figures.examples, figures.accuracy, figures.asked_back) == (4, 0.75, 0.25)
    assert figures.styles == {"short": {"accuracy": 1.0, "examples": 2}, "story": {"accuracy": 0.5, "examples": 2}}
    assert figures.intents["thank"]["precision"] == 1.0
    assert figures.intents["thank"]["recall"] == 0.5
    assert figures.intents["greet"]["precision"] == pytest.approx(2 / 3)
    assert figures.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2)
    assert figures.confusions == [{"intent": "thank", "taken_for": "greet", "count": 1}]
