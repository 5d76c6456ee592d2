"""Rasa as it is published: Python 3.10, TensorFlow, its default pipeline and policies, our data, our actions over HTTP."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from scripts.bootstrap import executable, find_python, find_uv

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
BENCH = ROOT / ".bench"
VENV = BENCH / "venv"
PROJECT = BENCH / "stock"


FEATURES: list[dict[str, object]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
"""How Rasa's default pipeline begins, before DIET."""


def default_config(epochs: int) -> dict[str, object]:
    """What Rasa 3.6 chooses when the configuration is empty. Only the number of epochs is ours: speed does not depend on it."""
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": "nl",
        "pipeline": [
            *FEATURES,
            {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True},
            {"name": "EntitySynonymMapper"},
            {"name": "ResponseSelector", "epochs": epochs, "constrain_similarities": True},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
        "policies": [
            {"name": "MemoizationPolicy"},
            {"name": "RulePolicy"},
            {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": epochs},
            {"name": "TEDPolicy", "max_history": 5, "epochs": epochs, "constrain_similarities": True},
        ],
    }


def make_environment() -> None:
    """The environment of stock Rasa, once."""
    stamp = VENV / "stock.stamp"
    lock = HERE / "stock.lock"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    uv, python = find_uv(), find_python("3.10")
    print(f"Omgeving van Rasa zoals gepubliceerd maken ({python}; 2,5 GB) ...", flush=True)
    # Without our own pyproject.toml: it says that Rasa needs no TensorFlow.
    subprocess.run([uv, "venv", "--quiet", "--no-config", "--clear", "--python", python, str(VENV)], check=True)
    inside = executable(str(VENV), "python")
    subprocess.run(
        [uv, "pip", "sync", "--quiet", "--no-config", "--require-hashes", "--python", inside, str(lock)],
        check=True,
        cwd=BENCH,
    )
    shutil.copy(lock, stamp)


def environment(**more: str) -> dict[str, str]:
    """The variables stock Rasa runs with: the machine's, quiet."""
    return {
        **{key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONPATH"}},
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        **more,
    }


def make_project(actions_port: int, epochs: int) -> Path:
    """A Rasa project with our domain, training data and rules, trained when they changed. Gives the model."""
    PROJECT.mkdir(parents=True, exist_ok=True)
    for folder in ("nlu", "rules"):
        shutil.rmtree(PROJECT / "data" / folder, ignore_errors=True)
        shutil.copytree(
            ROOT / "data" / folder,
            PROJECT / "data" / folder,
            ignore=lambda _, names: [n for n in names if n == "gazetteers"],
        )
    shutil.copy(ROOT / "domain.yml", PROJECT / "domain.yml")
    (PROJECT / "config.yml").write_text(yaml.safe_dump(default_config(epochs), sort_keys=False), encoding="utf-8")
    endpoints = {"action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"}}
    (PROJECT / "endpoints.yml").write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    (PROJECT / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    print("Rasa zoals gepubliceerd trainen (minuten; niets als er niets veranderde) ...", flush=True)
    subprocess.run(
        [executable(str(VENV), "rasa"), "train", "--fixed-model-name", "stock"],
        cwd=PROJECT,
        env=environment(),
        check=True,
        stdout=sys.stderr,
    )
    return PROJECT / "models" / "stock.tar.gz"
