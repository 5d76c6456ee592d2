"""Training data read quickly: the same as Rasa reads, and clearer about what is wrong."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.entities_parser import find_entities_in_training_example

from bot.assistant.training_importer import (
    Example,
    InvalidTrainingData,
    LeerwijzerImporter,
    entities,
    read,
)

SEVERAL = """\
version: "3.1"
nlu:
  - intent: search
    metadata: {style: learner}
    examples: |
      - ik zoek [lassen](course_topic) in [Gent](location:Gent)
      - [avondles]{"entity": "schedule", "value": "evening"} in [Aalst]{"entity": "location", "role": "near", "group": "1"}
      - [Syntra West][{"entity": "provider"}, {"entity": "organisation", "value": "Syntra"}] of niet
      - ik zoek [lassen](course_topic) in [Gent](location:Gent)
  - intent: greet
    examples:
      - text: |
          hallo
        metadata: {style: short}
  - synonym: Gent
    examples: |
      - Gand
  - regex: postcode
    examples: |
      - [0-9]{4}
  - lookup: place
    examples: |
      - Aalst
      - Ninove
"""
RULES = """\
version: "3.1"
rules:
  - rule: Say hello
    steps:
      - intent: greet
      - action: utter_greet
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.yml").write_text(SEVERAL, encoding="utf-8")
    (tmp_path / "two.yml").write_text(SEVERAL.replace("zoek", "vind"), encoding="utf-8")
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    (tmp_path / "test_stories.yml").write_text(RULES.replace("rule", "story").replace("storys", "stories"))
    (tmp_path / "notes.txt").write_text("nlu: this is no training data")
    return tmp_path


def test_reads_what_rasa_reads(folder: Path) -> None:
    ours, theirs = (
        kind(training_data_paths=[str(folder)]).get_nlu_data() for kind in (LeerwijzerImporter, RasaFileImporter)
    )
    assert ours.fingerprint() == theirs.fingerprint()
    assert [message.as_dict() for message in ours.training_examples] == [
        message.as_dict() for message in theirs.training_examples
    ]
    assert len(ours.training_examples) == 5, "what stands twice is one example"


def test_sorts_files_by_what_they_hold(folder: Path) -> None:
    ours, theirs = (kind(training_data_paths=[str(folder)]) for kind in (LeerwijzerImporter, RasaFileImporter))
    for kind in ("_nlu_files", "_story_files", "_conversation_test_files"):
        assert sorted(getattr(ours, kind)) == sorted(getattr(theirs, kind)), kind


SOME_TEXT = st.text(st.sampled_from('{}():," abé'), max_size=30)


@given(before=SOME_TEXT, text=st.text("abc é,", min_size=1), after=SOME_TEXT)
def test_finds_the_same_places_as_rasa(before: str, text: str, after: str) -> None:
    example = f'{before}[{text}]{{"entity": "location"}} en [{text}](schedule:evening){after}'
    try:
        expected: Any = find_entities_in_training_example(example)
    except Exception:
        with pytest.raises(ValueError):
            list(entities(example))
        return
    assert list(entities(example)) == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nlu: [", "no YAML"),
        ("nlu: hallo", "a list under `nlu`"),
        ("- nlu", "a list under `nlu`"),
        ("nlu:\n  - intent: greet\n    examples: 3", "intent greet"),
        ('nlu:\n  - intent: greet\n    examples: |\n      - dag [jij]{"entity": }', "dag [jij]"),
        ('nlu:\n  - intent: greet\n    examples: |\n      - dag [jij]{"value": "u"}', "needs `entity`"),
        ('nlu:\n  - intent: greet\n    examples: |\n      - dag [jij]{"entity": "a", "color": "b"}', "knows only"),
        ('nlu:\n  - intent: greet\n    examples: |\n      - dag [jij]{"entity": "a", "value": 3}', "no text"),
    ],
)
def test_what_is_wrong_names_the_file_and_the_entry(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "wrong.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidTrainingData, match=r"wrong\.yml") as caught:
        read([str(tmp_path / "wrong.yml")])
    assert named in str(caught.value)


def test_a_copy_is_another_message_that_compares_equal() -> None:
    example = Example(data={"text": "dag", "intent": "greet", "entities": [{"entity": "a", "value": "b"}]})
    copied = copy.deepcopy(example)
    assert copied == example and hash(copied) == hash(example)
    copied.get("entities")[0]["value"] = "c"
    copied.set("intent", "goodbye")
    assert example.get("entities")[0]["value"] == "b" and example.get("intent") == "greet"
    assert copied != example


def test_our_configuration_reads_with_it() -> None:
    config = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))
    assert config["importers"] == [{"name": f"{LeerwijzerImporter.__module__}.{LeerwijzerImporter.__qualname__}"}]


def test_a_word_may_mean_different_things_without_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text(
        """\
version: "3.1"
nlu:
  - intent: learn
    examples: |
      - mijn [cheque]{"entity": "incentive", "value": "training_vouchers"}
  - intent: be_guided
    examples: |
      - mijn [cheque]{"entity": "incentive", "value": "career_vouchers"}
""",
        encoding="utf-8",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read([str(file)])
    assert [e.get("entities")[0]["value"] for e in found.training_examples] == ["training_vouchers", "career_vouchers"]
