"""The intent model, the detector of need, and the Rasa component around them, on a small invented language."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.nlu.distress import DistressDetector, train_distress
from bot.assistant.nlu.intent_classifier import FALLBACK, INTENT_RANKING, UNDERSTANDING, LeerwijzerIntentClassifier
from bot.assistant.nlu.intent_model import IntentModel, find_trust, softmax, train_intent_model
from bot.assistant.nlu.ngrams import fold, ngrams
from bot.assistant.nlu.vectors import DIMENSIONS, Vectors

WORDS = {
    "greet": ["hallo", "goeiedag", "dag", "hey", "hoi"],
    "ask_cost": ["kost", "prijs", "betalen", "euro", "duur"],
    "distress": ["wanhopig", "dood", "honger", "straat", "bang"],
}


def invented(count: int = 60) -> tuple[list[str], list[str], Vectors]:
    """Texts of three intents, and vectors that lie around a point for each intent."""
    chance = np.random.default_rng(4)
    texts, labels, vectors = [], [], []
    for number, (intent, words) in enumerate(WORDS.items()):
        for index in range(count):
            texts.append(f"{words[index % 5]} {words[(index // 5) % 5]} {chance.integers(100)}")
            labels.append(intent)
            vector = chance.normal(size=DIMENSIONS) * 0.02
            vector[number] += 1
            vectors.append(vector / np.linalg.norm(vector))
    return texts, labels, np.array(vectors, dtype=np.float32)


@pytest.fixture(scope="module")
def model() -> IntentModel:
    texts, labels, vectors = invented()
    return train_intent_model(texts, labels, vectors, [index % 3 == 0 for index in range(len(texts))])[0]


@pytest.fixture(scope="module")
def detector(model: IntentModel) -> DistressDetector:
    texts, labels, vectors = invented()
    found = train_distress(model.grams.matrix(texts), vectors, labels)
    assert found is not None
    return found


def at(*numbers: int) -> Vectors:
    """A vector halfway between the points of these intents."""
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[list(numbers)] = 1 / np.sqrt(len(numbers))
    return vector


@pytest.mark.parametrize(
    ("text", "plain"), [("Één  vraag: wat kóst dat?", "een vraag wat kost dat?"), ("!!", ""), ("ÇA va", "ca va")]
)
def test_fold(text: str, plain: str) -> None:
    assert fold(text) == plain


def test_ngrams_stay_within_words() -> None:
    found = ngrams("ja nee", 2, 3)
    assert found[" ja"] == 1 and found["{ja nee}"] == 1 and found["{nee}"] == 1
    assert not any(" " in gram.strip("{} ") and not gram.startswith("{") for gram in found)
    assert not ngrams("")


def test_weights_have_unit_length_and_unknown_is_nothing(model: IntentModel) -> None:
    rows, values = model.grams.weigh("hallo hallo prijs")
    assert len(rows) == len(values) == len(set(rows.tolist()))
    assert np.linalg.norm(values) == pytest.approx(1.0)
    assert len(model.grams.weigh("qqqq")[0]) == 0
    assert model.grams.matrix(["hallo", "qqqq"]).shape == (2, len(model.grams.rows))


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_probabilities_sum_to_one_for_any_text(model: IntentModel, text: str) -> None:
    probabilities = model.probabilities(text, at(0))
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-5)
    assert (probabilities >= 0).all()


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=8), st.floats(0.1, 0.9))
def test_less_trust_is_less_sure_and_changes_no_order(scores: list[float], trust: float) -> None:
    full, less = softmax(np.array(scores, np.float32)), softmax(np.array(scores, np.float32) * np.float32(trust))
    assert less.max() <= full.max() + 1e-6
    assert full[np.argmax(scores)] == full.max() and less[np.argmax(scores)] == less.max()


def test_trust_tames_what_is_overconfident() -> None:
    chance = np.random.default_rng(1)
    right = chance.integers(3, size=400)
    scores = np.eye(3, dtype=np.float32)[np.where(chance.random(400) < 0.7, right, chance.integers(3, size=400))] * 20
    vector, grams = find_trust(scores, np.zeros_like(scores), right)
    best = softmax(vector * scores + grams * 0).max(axis=1).mean()
    assert best == pytest.approx((scores.argmax(axis=1) == right).mean(), abs=0.03)


def test_learns_and_is_less_sure_between_two(model: IntentModel) -> None:
    assert model.classes == sorted(WORDS)
    assert model.classes[int(np.argmax(model.probabilities("prijs euro", at(1))))] == "ask_cost"
    assert model.probabilities("prijs", at(1)).max() > model.probabilities("prijs hallo", at(0, 1)).max()


def test_nearness(model: IntentModel) -> None:
    assert model.nearness(at(0)) > 0.9 > model.nearness(at(200))
    few = IntentModel(model.classes, model.grams, model.weights, model.trust, model.examples[:2])
    assert few.nearness(model.examples[0]) == pytest.approx(1.0, abs=1e-3)


def test_detector(model: IntentModel, detector: DistressDetector) -> None:
    assert detector.suspicion(model.grams, "wanhopig en bang", at(2), 0.9) > 0.8
    assert detector.suspicion(model.grams, "hallo", at(0), 0.01) < 0.2
    doubt = detector.suspicion(model.grams, "wanhopig en bang", at(2), 0.1)
    assert 0.2 < doubt < detector.suspicion(model.grams, "wanhopig en bang", at(2), 0.9)


def test_detector_needs_both_kinds(model: IntentModel) -> None:
    texts, _, vectors = invented(3)
    assert train_distress(model.grams.matrix(texts), vectors, ["greet"] * len(texts)) is None


def test_saved_is_loaded_the_same(model: IntentModel, detector: DistressDetector, tmp_path: Path) -> None:
    model.save(tmp_path)
    detector.save(tmp_path)
    loaded, loaded_detector = IntentModel.load(tmp_path), DistressDetector.load(tmp_path)
    assert loaded.classes == model.classes and loaded.trust == pytest.approx(model.trust)
    for text, vector in (("hallo", at(0)), ("wat kost dat", at(1)), ("zzz", at(0, 2))):
        assert loaded.probabilities(text, vector) == pytest.approx(model.probabilities(text, vector), abs=2e-3)
        assert loaded.nearness(vector) == pytest.approx(model.nearness(vector), abs=2e-3)
        suspicion = detector.suspicion(model.grams, text, vector, 0.5)
        assert loaded_detector.suspicion(loaded.grams, text, vector, 0.5) == pytest.approx(suspicion, abs=2e-3)


@pytest.fixture
def component(model: IntentModel, detector: DistressDetector) -> LeerwijzerIntentClassifier:
    config = {**LeerwijzerIntentClassifier.get_default_config(), "far": 0.5, "sure": 0.9, "unsure": 0.4, "close": 0.15}
    return LeerwijzerIntentClassifier(config, None, None, model, detector)  # type: ignore[arg-type]


def test_plain_case_is_ranked(component: LeerwijzerIntentClassifier) -> None:
    ranking, understanding = component.rank("prijs betalen", at(1))
    assert ranking[0]["name"] == "ask_cost"
    assert [entry["confidence"] for entry in ranking] == sorted(
        (entry["confidence"] for entry in ranking), reverse=True
    )
    assert understanding["far"] is False


def test_two_likely_meanings_are_both_kept_behind_the_fallback(component: LeerwijzerIntentClassifier) -> None:
    component._config["unsure"] = 0.9999
    ranking, understanding = component.rank("hallo prijs", at(0, 1))
    assert ranking[0]["name"] == FALLBACK and understanding["sure"] is False
    assert {entry["name"] for entry in ranking[1:3]} == {"greet", "ask_cost"}


def test_far_from_everything_is_the_fallback(component: LeerwijzerIntentClassifier) -> None:
    ranking, understanding = component.rank("prijs", at(300))
    assert ranking[0]["name"] == FALLBACK
    assert understanding == {**understanding, "far": True, "sure": False}


def test_need_stands_before_all_else(component: LeerwijzerIntentClassifier) -> None:
    ranking, understanding = component.rank("wanhopig bang dood", at(2, 300, 301))
    assert ranking[0]["name"] == "distress" and understanding["sure"] is True
    assert [entry["name"] for entry in ranking].count("distress") == 1


@pytest.mark.parametrize(
    ("likely", "text", "meant"),
    [
        (0.0, "is Ligo gratis", "ask_cost"),  # which fastText takes for English
        (0.3, "how much is it", "speak_other_language"),
        (0.0, "скільки коштує", "speak_other_language"),
    ],
)
def test_few_words_in_our_letters_are_foreign_when_the_intents_think_so_too(
    component: LeerwijzerIntentClassifier, monkeypatch: pytest.MonkeyPatch, likely: float, text: str, meant: str
) -> None:
    model = component._model
    assert model is not None
    # The intent of other languages takes the place of `greet`.
    monkeypatch.setattr(model, "classes", ["ask_cost", "distress", "speak_other_language"])
    monkeypatch.setattr(IntentModel, "probabilities", lambda *_: np.array([0.9 - likely, 0.1, likely], np.float32))
    ranking, understanding = component.rank(text, at(1))
    assert ranking[0]["name"] == meant
    assert (understanding["language"] is None) is (meant == "ask_cost")


def test_another_encoder_is_trained_with_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    config = LeerwijzerIntentClassifier.get_default_config()
    before = LeerwijzerIntentClassifier.fingerprint_addon(config)
    assert before == LeerwijzerIntentClassifier.fingerprint_addon(config)
    monkeypatch.setattr("bot.assistant.nlu.intent_classifier.encoder_digest", lambda: b"another")
    assert LeerwijzerIntentClassifier.fingerprint_addon(config) != before


def test_untrained_says_so() -> None:
    untrained = LeerwijzerIntentClassifier(LeerwijzerIntentClassifier.get_default_config(), None, None)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="not trained"):
        untrained.rank("hallo", at(0))
    assert untrained.process([]) == []


class Storage:
    """Rasa's model storage, as a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def write_to(self, resource: Any) -> Iterator[Path]:
        yield self._folder

    read_from = write_to


def test_component_trains_persists_and_reads(tmp_path: Path) -> None:
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    lines = {
        "greet": ["hallo daar", "goeiemorgen", "dag iedereen", "hey hoi"],
        "ask_cost": ["wat kost dat", "hoeveel moet ik betalen", "wat is de prijs", "is dat duur"],
        "distress": ["ik wil niet meer leven", "mijn man slaat mij", "wij hebben geen eten meer", "ik slaap op straat"],
    }
    data = TrainingData([Message.build(text=text, intent=intent) for intent, texts in lines.items() for text in texts])
    config = {
        **LeerwijzerIntentClassifier.get_default_config(),
        "cache": str(tmp_path),
        "unsure": 0.0,
        "close": 0.0,
    }
    storage: Any = Storage(tmp_path)
    trained = LeerwijzerIntentClassifier.create(config, storage, None, None)  # type: ignore[arg-type]
    trained.train(data)
    loaded = LeerwijzerIntentClassifier.load(config, storage, None, None)  # type: ignore[arg-type]
    message = Message.build(text="hoeveel kost dat dan")
    loaded.process([message])
    assert message.get("intent")["name"] == "ask_cost"
    assert {entry["name"] for entry in message.get(INTENT_RANKING)} == set(lines)
    assert set(message.get(UNDERSTANDING)) == {"sure", "far", "language", "nearness", "suspicion"}
    empty = Message.build(text="")
    loaded.process([empty])
    assert empty.get("intent")["name"]


def test_loading_imports_no_training_library() -> None:
    """scikit-learn and pandas cost seconds at every start."""
    code = (
        "import sys; import bot.assistant.nlu.intent_model, bot.assistant.nlu.distress, bot.assistant.nlu.vectors as v;"
        "v.sentence_encoder().encode(['hallo']);"
        "print(sorted({'sklearn', 'pandas', 'scipy', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
