"""The Dutch spaCy pipeline: made once, made again when a list changed, loadable by Rasa."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import bot.assistant.nlu  # noqa: F401 - makes Rasa importable
from bot.assistant.spacy_pipeline import NOTE, RULER, PipelineError, build
from bot.settings import ROOT, Settings

GAZETTEER = """
entity: incentive
values:
  training_leave: {sure: [opleidingsverlof, VOV], maybe: [verlof]}
"""


@pytest.fixture
def settings(tmp_path: Path, make_settings: Callable[..., Settings]) -> Settings:
    """Settings on a data folder of one word list, all places and all subjects."""
    data = tmp_path / "data"
    (data / "nlu" / "gazetteers").mkdir(parents=True)
    (data / "nlu" / "gazetteers" / "incentives.yml").write_text(GAZETTEER, encoding="utf-8")
    shutil.copytree(ROOT / "data" / "places", data / "places")
    (data / "catalogue").mkdir()
    for name in ("subjects.yml", "words.yml", "descriptions.yml"):
        shutil.copy(ROOT / "data" / "catalogue" / name, data / "catalogue")
    return make_settings(data_dir=data)


def test_it_is_made_once_and_finds_the_words(tmp_path: Path, settings: Settings) -> None:
    import spacy

    target = tmp_path / "models" / "nl"
    assert build(target, settings) is True
    assert build(target, settings) is False
    nlp = spacy.load(target)
    found = {
        (span.text, span.label_, span.id_)
        for span in nlp("Ik wil VOV voor een cursus in Sint-Niklaas, geen verlof").ents
    }
    assert ("VOV", "incentive", "training_leave") in found
    assert ("Sint-Niklaas", "location", "") in found
    assert "verlof" not in {text for text, _, _ in found}


def test_a_changed_list_makes_it_again(tmp_path: Path, settings: Settings) -> None:
    target = tmp_path / "nl"
    build(target, settings)
    path = settings.data_dir / "nlu" / "gazetteers" / "incentives.yml"
    path.write_text(GAZETTEER.replace("VOV", "VOV, leerverlof"), encoding="utf-8")
    assert build(target, settings) is True
    assert "leerverlof" in (target / RULER / "patterns.jsonl").read_text(encoding="utf-8")


def test_a_broken_one_is_made_again(tmp_path: Path, settings: Settings) -> None:
    target = tmp_path / "nl"
    build(target, settings)
    (target / NOTE).write_text("{", encoding="utf-8")
    assert build(target, settings) is True
    (target / "config.cfg").unlink()
    assert build(target, settings) is True


def test_lemmas_on_request(tmp_path: Path, settings: Settings) -> None:
    import spacy

    target = tmp_path / "nl"
    assert build(target, settings, lemmas=True) is True
    assert build(target, settings) is True
    build(target, settings, lemmas=True)
    assert [token.lemma_ for token in spacy.load(target)("opleidingen zoeken")] == ["opleiding", "zoeken"]


def test_an_installed_model_gets_the_ruler(
    tmp_path: Path, settings: Settings, make_settings: Callable[..., Settings]
) -> None:
    import spacy

    own = tmp_path / "own"
    base = spacy.blank("nl")
    base.add_pipe("sentencizer")
    base.to_disk(own)
    chosen = make_settings(data_dir=settings.data_dir, spacy_model=str(own))
    build(tmp_path / "nl", chosen)
    assert spacy.load(tmp_path / "nl").pipe_names == ["sentencizer", RULER]


def test_a_model_that_is_not_installed_is_named(
    tmp_path: Path, settings: Settings, make_settings: Callable[..., Settings]
) -> None:
    chosen = make_settings(data_dir=settings.data_dir, spacy_model="nl_core_news_huge")
    with pytest.raises(PipelineError, match="nl_core_news_huge.*LEERWIJZER_SPACY_MODEL"):
        build(tmp_path / "nl", chosen)
    assert not (tmp_path / "nl").exists()


def test_rasa_can_load_it(tmp_path: Path, settings: Settings) -> None:
    from rasa.nlu.utils.spacy_utils import SpacyNLP

    build(tmp_path / "nl", settings)
    assert SpacyNLP.load_model(str(tmp_path / "nl")).model.lang == "nl"
