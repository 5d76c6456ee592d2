"""Rasa's `SpacyNLP`, loading each pipeline once: Rasa asks for it as a provider and again as a component, a second each."""

from __future__ import annotations

from pathlib import Path

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.utils.spacy_utils import SpacyModel
from rasa.nlu.utils.spacy_utils import SpacyNLP as RasaSpacyNLP

from bot.assistant.nlu import spacy_tokenizer  # noqa: F401  # makes our tokeniser known to spaCy

_loaded: dict[str, tuple[float, SpacyModel]] = {}
"""By name: when the pipeline was made, 0 of an installed package, and the pipeline."""


# Rasa's recipe finds the provider of the pipeline by this very name.
@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MODEL_LOADER, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=False,
    model_from="SpacyNLP",
)
class SpacyNLP(RasaSpacyNLP):
    """The spaCy pipeline of `config.yml`."""

    @staticmethod
    def load_model(spacy_model_name: str) -> SpacyModel:
        """As Rasa's, from memory when it was loaded before and not made anew since."""
        config = Path(spacy_model_name) / "config.cfg"
        made = config.stat().st_mtime if config.exists() else 0.0
        if spacy_model_name not in _loaded or _loaded[spacy_model_name][0] != made:
            _loaded[spacy_model_name] = made, RasaSpacyNLP.load_model(spacy_model_name)
        return _loaded[spacy_model_name][1]
