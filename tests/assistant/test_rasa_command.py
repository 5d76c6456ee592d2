"""`leerwijzer rasa …` reads our training data and nothing else of data/, unless the user says what to read."""

from __future__ import annotations

import pytest

from bot.assistant.rasa_command import with_defaults
from bot.settings import ROOT, Settings

SETTINGS = Settings(_env_file=None)
NLU, RULES = str(SETTINGS.data_dir / "nlu"), str(SETTINGS.data_dir / "rules")

STORIES = str(ROOT / "tests" / "rasa")


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (["train"], ["train", "--data", NLU, RULES]),
        (["train", "--force"], ["train", "--data", NLU, RULES, "--force"]),
        (["train", "nlu"], ["train", "nlu", "--nlu", NLU]),
        (["train", "core"], ["train", "core", "--stories", RULES]),
        (["train", "--data", "x"], ["train", "--data", "x"]),
        (["data", "validate"], ["data", "validate", "--data", NLU, RULES]),
        (["test", "nlu"], ["test", "nlu", "--nlu", NLU]),
        (["test", "nlu", "-u", "x.yml"], ["test", "nlu", "-u", "x.yml"]),
        (["test", "core"], ["test", "core", "--stories", STORIES]),
        (["test", "--fail-on-prediction-errors"], ["test", "--stories", STORIES, "--fail-on-prediction-errors"]),
        (["shell"], ["shell"]),
        (["run", "actions"], ["run", "actions"]),
        ([], []),
    ],
)
def test_defaults(given: list[str], made: list[str]) -> None:
    assert with_defaults(given, SETTINGS) == made
