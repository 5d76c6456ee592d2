"""Leerwijzer as it is: the trained model in models/, intents and entities, as Rasa runs it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.assistant.evaluation import Example, Reader
from bot.assistant.training import model_path
from bot.settings import get_settings
from scripts.compare import stage


def train(folder: Path, job: dict[str, Any]) -> None:
    raise SystemExit("leerwijzer train does that")


def load(folder: Path, job: dict[str, Any]) -> stage.Reading:
    reader, loop = Reader(model_path(get_settings())), asyncio.new_event_loop()

    def read(text: str) -> dict[str, Any]:
        (result,) = loop.run_until_complete(reader.results([Example(text, "", [])]))
        entities = [{key: entity[key] for key in ("entity", "start", "end", "value")} for entity in result.entities]
        return {"intent": result.intent, "confidence": result.confidence, "entities": entities}

    return read


if __name__ == "__main__":
    stage.run(train, load)
