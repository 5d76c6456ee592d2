"""Rasa's own way: DIET as its default pipeline has it, or with the vector of the sentence beside it.

Runs in the environment of Rasa as published (`scripts.bench.stock`), with this folder on the path.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from scripts.bench.stock import FEATURES
from scripts.compare import stage


def config(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Rasa's default pipeline; with `vectors`, those of the sentences as dense features."""
    vectors = [{"name": "scripts.compare.diet_vectors.KnownVectors", "path": str(folder / "vectors.npz")}]
    return {
        "recipe": "default.v1",
        "assistant_id": "compare",
        "language": "nl",
        "pipeline": [
            *FEATURES,
            *(vectors if job["vectors"] else []),
            {"name": "DIETClassifier", "epochs": job["epochs"], "constrain_similarities": True, "random_seed": 1},
            {"name": "EntitySynonymMapper"},
        ],
        "policies": [{"name": "RulePolicy"}],
    }


def train(folder: Path, job: dict[str, Any]) -> None:
    """Trains as `rasa train nlu` does."""
    from rasa.model_training import train_nlu
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    messages = [
        Message({"text": example["text"], "intent": example["intent"], "entities": example["entities"]})
        for example in job["training"]
    ]
    (folder / "nlu.yml").write_text(TrainingData(messages).nlu_as_yaml(), encoding="utf-8")
    (folder / "config.yml").write_text(yaml.safe_dump(config(folder, job), sort_keys=False), encoding="utf-8")
    names = {entity["entity"] for example in job["training"] for entity in example["entities"]}
    domain = {
        "version": "3.1",
        "intents": sorted({example["intent"] for example in job["training"]}),
        "entities": sorted(names),
    }
    (folder / "domain.yml").write_text(yaml.safe_dump(domain), encoding="utf-8")
    made = train_nlu(
        config=str(folder / "config.yml"),
        nlu_data=str(folder / "nlu.yml"),
        output=str(folder),
        domain=str(folder / "domain.yml"),
        fixed_model_name="diet",
    )
    if not made:
        sys.exit("Rasa trained nothing")


def load(folder: Path, job: dict[str, Any]) -> stage.Reading:
    """The trained model, without conversation."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    agent = Agent()
    agent.load_model(folder / "diet.tar.gz")
    loop = asyncio.new_event_loop()

    def read(text: str) -> dict[str, Any]:
        parsed = loop.run_until_complete(agent.processor.parse_message(UserMessage(text.lstrip("/ ") or "?")))
        entities = [
            {key: entity[key] for key in ("entity", "start", "end", "value")} for entity in parsed.get("entities") or ()
        ]
        intent = parsed["intent"]
        return {"intent": intent["name"], "confidence": float(intent["confidence"]), "entities": entities}

    return read


if __name__ == "__main__":
    stage.run(train, load)
