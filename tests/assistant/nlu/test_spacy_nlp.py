"""One spaCy pipeline for all components that read with it."""

from __future__ import annotations

import os
from pathlib import Path

import spacy

from bot.assistant.nlu.spacy_nlp import SpacyNLP


def test_a_pipeline_is_loaded_once_and_again_when_it_was_made_anew(tmp_path: Path) -> None:
    spacy.blank("nl").to_disk(tmp_path)
    first = SpacyNLP.load_model(str(tmp_path))
    assert SpacyNLP.load_model(str(tmp_path)) is first
    os.utime(tmp_path / "config.cfg", (1, 1))
    assert SpacyNLP.load_model(str(tmp_path)) is not first


def test_rasas_recipe_knows_it_by_the_name_of_its_own() -> None:
    assert SpacyNLP.__name__ == SpacyNLP.__base__.__name__ == "SpacyNLP"
