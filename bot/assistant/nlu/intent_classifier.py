"""The Rasa component that tells what someone means, how sure that is, and whether they are in acute need.

It sets `intent` and `intent_ranking`, as Rasa's own classifiers do, and `understanding`: what a fallback can ask with.
The thresholds were chosen on the development set; docs/understanding.md has the figures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bot.assistant.held_out import held_out
from bot.assistant.nlu import language
from bot.assistant.nlu.distress import DISTRESS, DistressDetector, train_distress
from bot.assistant.nlu.intent_model import IntentModel, Strengths, train_intent_model
from bot.assistant.nlu.kept import keep
from bot.assistant.nlu.vectors import VectorCache, Vectors, encoder_digest, sentence_encoder

from rasa.engine.graph import ExecutionContext, GraphComponent  # isort: skip
from rasa.engine.recipes.default_recipe import DefaultV1Recipe  # isort: skip
from rasa.engine.storage.resource import Resource  # isort: skip
from rasa.engine.storage.storage import ModelStorage  # isort: skip
from rasa.nlu.classifiers.classifier import IntentClassifier  # isort: skip
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT  # isort: skip
from rasa.shared.nlu.training_data.message import Message  # isort: skip
from rasa.shared.nlu.training_data.training_data import TrainingData  # isort: skip

FALLBACK = "nlu_fallback"
INTENT_RANKING = "intent_ranking"
UNDERSTANDING = "understanding"
OTHER_LANGUAGE = "speak_other_language"
RANKED = 10


def learn(training_data: TrainingData, config: dict[str, Any], target: Path) -> None:
    """Fits both models on the examples that have an intent and writes them into the folder `target`.

    `config` as that of the component. What was learnt of the same examples before is not learnt again.
    """
    examples = [message for message in training_data.intent_examples if message.get(TEXT)]
    texts: list[str] = [message.get(TEXT) for message in examples]
    labels: list[str] = [message.get(INTENT) for message in examples]
    strengths = Strengths(config["vector_strength"], config["gram_strength"])
    cache = Path(config["cache"])

    def fit(directory: Path) -> None:
        vectors = VectorCache(cache / "vectors.npz").encode(texts)
        model, sparse = train_intent_model(texts, labels, vectors, [held_out(text) for text in texts], strengths)
        model.save(directory)
        distress = train_distress(sparse, vectors, labels)
        if distress is not None:
            distress.save(directory)

    made_of = (encoder_digest().hex(), repr(strengths), *texts, *labels)
    keep("intents", cache / "learnt", made_of, fit, target)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LeerwijzerIntentClassifier(GraphComponent, IntentClassifier):
    """The Rasa component around `IntentModel` and `DistressDetector`."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Makes Rasa train anew when the encoder changed."""
        return encoder_digest().hex()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings that config.yml may change.

        `sure`: from this probability on the answer is given without a doubt. `unsure`: below it the person is asked.
        `close`: two intents whose probabilities differ less than this are both asked about, unless the first is sure.
        `far`: below this nearness to all training examples nothing can be made of it. `foreign`: a message wholly in
        another language means `speak_other_language`, unless an intent is likelier than this. `hardly_foreign`: below
        this probability of `speak_other_language` a message in our letters is not in another language, whatever its
        few words look like. `distress`: from this suspicion on it is acute need. `vector_strength`, `gram_strength`: see
        `Strengths`. `cache`: where training keeps vectors and what it learnt.
        """
        return {
            "sure": 0.85,
            "unsure": 0.5,
            "close": 0.15,
            "far": 0.58,
            "foreign": 0.95,
            "hardly_foreign": 0.03,
            "distress": 0.35,
            "vector_strength": Strengths().vector,
            "gram_strength": Strengths().gram,
            "cache": "var/cache",
        }

    @staticmethod
    def required_packages() -> list[str]:
        """What must be importable to train."""
        return ["onnxruntime", "tokenizers", "sklearn"]

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
        distress: DistressDetector | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model
        self._distress = distress

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LeerwijzerIntentClassifier:
        """An untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits both models on the examples that have an intent and keeps them in the model storage."""
        with self._model_storage.write_to(self._resource) as directory:
            learn(training_data, self._config, directory)
            self._read(directory)
        return self._resource

    def _read(self, directory: Path) -> None:
        self._model = IntentModel.load(directory)
        self._distress = DistressDetector.load(directory) if (directory / "distress.json").exists() else None

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LeerwijzerIntentClassifier:
        """A trained component from the model storage; the encoder is loaded with it, not at the first message."""
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            loaded._read(directory)
        sentence_encoder()
        language.load()
        return loaded

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent, the ranking and the understanding of each message."""
        if self._model is None or not messages:
            return messages
        texts = [message.get(TEXT) or "" for message in messages]
        for message, text, vector in zip(messages, texts, sentence_encoder().encode(texts), strict=True):
            ranking, understanding = self.rank(text, vector)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING, ranking, add_to_output=True)
            message.set(UNDERSTANDING, understanding, add_to_output=True)
        return messages

    def rank(self, text: str, vector: Vectors) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The likeliest intents of a text, likeliest first, and how they are to be taken.

        First stands `distress` where the detector says so, else `nlu_fallback` where the person must be asked. The
        second result holds `sure` (act without a doubt), `far` (nothing like it is known, so no likely meanings to
        offer), `language` (the code of the language it is wholly in; None for Dutch or mixed), `nearness` and
        `suspicion`. Raises `RuntimeError` before training.
        """
        model = self._model
        if model is None:
            raise RuntimeError("the intent classifier is not trained")
        probabilities = model.probabilities(text, vector)
        order = np.argsort(probabilities)[::-1][:RANKED]
        ranking = [_entry(model.classes[index], float(probabilities[index])) for index in order]
        nearness = model.nearness(vector)
        suspicion = self._suspicion(model, text, vector, probabilities)
        best = float(probabilities[order[0]])
        next_best = float(probabilities[order[1]]) if len(order) > 1 else 0.0
        far = nearness < self._config["far"]
        written_in = self._foreign_language(model, text, probabilities)
        alarmed = suspicion >= self._config["distress"]
        sure = alarmed or (best >= self._config["sure"] and not far)
        if alarmed:
            _put_first(ranking, DISTRESS, max(suspicion, best))
        elif written_in and best < self._config["foreign"] and OTHER_LANGUAGE in model.classes:
            _put_first(ranking, OTHER_LANGUAGE, max(1.0 - best, best))
        elif far or best < self._config["unsure"] or (not sure and best - next_best < self._config["close"]):
            ranking.insert(0, _entry(FALLBACK, 1.0 - best))
        understanding = {
            "sure": sure,
            "far": far,
            "language": written_in,
            "nearness": round(nearness, 4),
            "suspicion": round(suspicion, 4),
        }
        return ranking, understanding

    def _foreign_language(self, model: IntentModel, text: str, probabilities: Vectors) -> str | None:
        # Letters alone mislead on a few words: "is Ligo gratis" looks English. The intents know other languages too.
        written_in = language.foreign_language(text)
        if written_in is None or OTHER_LANGUAGE not in model.classes or not language.in_latin(text):
            return written_in
        likely = float(probabilities[model.classes.index(OTHER_LANGUAGE)])
        return written_in if likely >= self._config["hardly_foreign"] else None

    def _suspicion(self, model: IntentModel, text: str, vector: Vectors, probabilities: Vectors) -> float:
        if self._distress is None or DISTRESS not in model.classes:
            return 0.0
        likely = float(probabilities[model.classes.index(DISTRESS)])
        return self._distress.suspicion(model.grams, text, vector, likely)


def _entry(name: str, confidence: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}


def _put_first(ranking: list[dict[str, Any]], name: str, confidence: float) -> None:
    others = [entry for entry in ranking if entry[INTENT_NAME_KEY] != name]
    ranking[:] = [_entry(name, confidence), *others[: RANKED - 1]]
