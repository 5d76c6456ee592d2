"""Training happens when something the model is made of changed, and only then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot.assistant import training
from bot.settings import ROOT, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings over a small copy of the data that a model is made of."""
    data = tmp_path / "data"
    for name in ("nlu", "rules", "places", "catalogue"):
        (data / name).mkdir(parents=True)
    shutil.copy(ROOT / "data" / "rules" / "search.yml", data / "rules" / "search.yml")
    (data / "nlu" / "some.yml").write_text("nlu: []\n", encoding="utf-8")
    return Settings(_env_file=None, data_dir=data, models_dir=tmp_path / "models", var_dir=tmp_path / "var")


def pretend_trained(settings: Settings) -> None:
    settings.models_dir.mkdir()
    training.model_path(settings).write_bytes(b"model")
    note = {"fingerprint": training.fingerprint(settings)}
    training.model_path(settings).with_suffix(".json").write_text(json.dumps(note), encoding="utf-8")


def test_without_a_model_there_is_none(settings: Settings) -> None:
    assert training.trained_fingerprint(settings) is None
    assert not training.is_current(settings)


def test_nothing_changed_nothing_to_do(settings: Settings) -> None:
    pretend_trained(settings)
    assert training.is_current(settings)
    assert training.train(settings, lambda step, done, total: pytest.fail(f"trained: {step}")) is False


@pytest.mark.parametrize("changed", ["nlu/some.yml", "rules/search.yml", "catalogue/subjects.yml", "places/new.yml"])
def test_what_the_model_is_made_of_makes_it_old(settings: Settings, changed: str) -> None:
    pretend_trained(settings)
    with (settings.data_dir / changed).open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    assert not training.is_current(settings)


def test_what_it_is_not_made_of_does_not(settings: Settings) -> None:
    pretend_trained(settings)
    (settings.data_dir / "catalogue" / "courses.yml").write_text("courses: []\n", encoding="utf-8")
    assert training.is_current(settings)
