"""Rasa without TensorFlow: it imports, and says so when something computes with what is not there."""

from __future__ import annotations

import os

import pytest

from bot.assistant.rasa_import import NEEDS_TENSORFLOW, ClientAbsent, TensorFlowAbsent, prepare, refuse_tensorflow
from bot.assistant.training import components
from bot.settings import ROOT

prepare()


def test_telemetry_is_off() -> None:
    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"


def test_the_modules_that_import_tensorflow_can_be_imported() -> None:
    import rasa.core.policies.ted_policy
    import rasa.nlu.classifiers.diet_classifier

    assert rasa.nlu.classifiers.diet_classifier.DIETClassifier.__name__ == "DIETClassifier"
    assert rasa.core.policies.ted_policy.TEDPolicy.__name__ == "TEDPolicy"


def test_computing_with_it_says_what_is_missing() -> None:
    import tensorflow as tf

    with pytest.raises(TensorFlowAbsent, match="tensorflow.constant"):
        tf.constant([1.0]).numpy()
    with pytest.raises(TensorFlowAbsent, match="TensorFlow is not installed with Leerwijzer"):
        for _ in tf.data.Dataset.range(3):
            pass
    with pytest.raises(TensorFlowAbsent):
        bool(tf.config.list_physical_devices("GPU"))


def test_names_and_decorators_work_at_import() -> None:
    import tensorflow as tf

    @tf.function
    def unchanged() -> int:
        return 3

    class Layer(tf.keras.layers.Layer):
        pass

    assert unchanged() == 3
    assert issubclass(Layer, tf.keras.layers.Layer)


@pytest.mark.parametrize("name", sorted(NEEDS_TENSORFLOW))
def test_a_configuration_with_a_component_of_tensorflow_is_refused(name: str) -> None:
    with pytest.raises(TensorFlowAbsent, match=name):
        refuse_tensorflow(["WhitespaceTokenizer", name])


def test_our_own_configuration_is_not_refused() -> None:
    refuse_tensorflow(components(ROOT / "config.yml"))


def test_a_service_whose_client_is_not_installed_says_so() -> None:
    from rasa.core.tracker_store import MongoTrackerStore, TrackerStore
    from rasa.utils.endpoints import EndpointConfig

    with pytest.raises(ClientAbsent, match="pymongo"):
        MongoTrackerStore(None)
    with pytest.raises(ClientAbsent, match="pymongo"):
        TrackerStore.create(EndpointConfig(type="mongod", url="mongodb://localhost"))
