"""The Rasa component that finds the entities of a message. What it does stands in `recogniser.py`; this ties it to Rasa."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.assistant.nlu import recogniser, sources
from bot.assistant.nlu.kept import keep
from bot.assistant.nlu.mentions import FREE, TYPES, Mention, allowed
from bot.assistant.nlu.recogniser import Example, Recogniser
from bot.settings import get_settings

from rasa.engine.graph import ExecutionContext, GraphComponent  # isort: skip
from rasa.engine.recipes.default_recipe import DefaultV1Recipe  # isort: skip
from rasa.engine.storage.resource import Resource  # isort: skip
from rasa.engine.storage.storage import ModelStorage  # isort: skip
from rasa.nlu.constants import SPACY_DOCS  # isort: skip
from rasa.nlu.extractors.extractor import EntityExtractorMixin  # isort: skip
from rasa.shared.nlu.constants import ENTITIES, EXTRACTOR, INTENT, TEXT  # isort: skip
from rasa.shared.nlu.training_data.message import Message  # isort: skip
from rasa.shared.nlu.training_data.training_data import TrainingData  # isort: skip

_NO_INTENT = "nlu_fallback"


def learn(training_data: TrainingData, config: dict[str, Any], target: Path) -> None:
    """Fits the recogniser on the annotated examples and writes it into the folder `target`.

    `config` as that of the component. What was learnt of the same examples and word lists before is not learnt again.
    """
    examples = [_example(message) for message in training_data.training_examples if message.get(TEXT)]
    data = _data(config)

    def fit(directory: Path) -> None:
        places = sources.places(data)
        recogniser.train(examples, sources.words(data, places), places, directory)

    made_of = (sources.fingerprint(data), *map(repr, examples))
    keep("entities", Path(config["cache"]) / "learnt", made_of, fit, target)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LeerwijzerEntityExtractor(GraphComponent, EntityExtractorMixin):
    """The Rasa component around `Recogniser`.

    It runs after the intent classifier, whose opinion it uses, and after spaCy, whose entity ruler it listens to; it does
    without either when they are not there.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`data`: the folder with the word lists, places and subjects; empty for the one of the settings.

        `cache`: where training keeps what it learnt.
        """
        return {"data": "", "cache": "var/cache"}

    @staticmethod
    def required_packages() -> list[str]:
        """What must be importable."""
        return ["phonenumbers", "rapidfuzz"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Makes Rasa train anew when a word list, a place or a subject changed."""
        return sources.fingerprint(_data(config))

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        trained: Recogniser | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._recogniser = trained

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LeerwijzerEntityExtractor:
        """An untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the recogniser on the annotated examples and keeps it in the model storage."""
        with self._model_storage.write_to(self._resource) as directory:
            learn(training_data, self._config, directory)
            self._recogniser = Recogniser.load(directory, sources.places(_data(self._config)))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LeerwijzerEntityExtractor:
        """A trained component from the model storage, ready for the first message."""
        with model_storage.read_from(resource) as directory:
            trained = Recogniser.load(directory, sources.places(_data(config)))
        return cls(config, model_storage, resource, trained)

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities of each message to those it already has."""
        if self._recogniser is None:
            return messages
        for message in messages:
            text = message.get(TEXT) or ""
            found = self._recogniser.recognise(text, _intent(message), _from_spacy(message))
            entities = [{**entity, EXTRACTOR: self.name} for entity in found]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages


def _data(config: dict[str, Any]) -> Path:
    return Path(config["data"]) if config.get("data") else get_settings().data_dir


def _example(message: Message) -> Example:
    text = message.get(TEXT)
    entities = tuple(
        (entity["start"], entity["end"], entity["entity"], str(entity["value"]))
        for entity in message.get(ENTITIES) or ()
        if entity["entity"] in TYPES
    )
    return Example(text, entities, message.get(INTENT) or "")


def _intent(message: Message) -> str:
    """The likeliest intent, whatever is asked of the person about it."""
    ranking = message.get("intent_ranking") or [message.get(INTENT) or {}]
    names = [entry.get("name") or "" for entry in ranking if isinstance(entry, dict)]
    return next((name for name in names if name != _NO_INTENT), "")


def _from_spacy(message: Message) -> list[Mention]:
    """What the entity ruler of the spaCy pipeline found: its label is the type, its id the value."""
    doc = message.get(SPACY_DOCS[TEXT])
    if doc is None:
        return []
    found: list[Mention] = []
    for span in doc.ents:
        value = span.id_ or (span.text if span.label_ in FREE else "")
        if span.label_ in TYPES and allowed(span.label_, value):
            found.append(Mention(span.label_, span.start_char, span.end_char, value, "words"))
    return found
