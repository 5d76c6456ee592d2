"""Training: the Dutch spaCy pipeline and the Rasa model, made again only when something they are made of changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bot.assistant.rasa_import import prepare, refuse_tensorflow, silence_warnings
from bot.settings import ROOT, Settings
from bot.yaml_files import load_yaml

if TYPE_CHECKING:
    from rasa.shared.nlu.training_data.training_data import TrainingData

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done and how much there is; 0 of 0 when that is not known."""

MODEL_NAME = "leerwijzer.tar.gz"


def training_paths(settings: Settings) -> list[Path]:
    """Where the training data of Rasa stand. The other YAML under data/ is not Rasa's, and would only slow it."""
    return [settings.data_dir / "nlu", settings.data_dir / "rules"]


def model_path(settings: Settings) -> Path:
    """Where the trained model stands."""
    return settings.models_dir / MODEL_NAME


def _made_of(settings: Settings) -> Iterator[Path]:
    yield ROOT / "config.yml"
    yield ROOT / "domain.yml"
    for folder in (*training_paths(settings), settings.data_dir / "places", ROOT / "bot" / "assistant" / "nlu"):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in {".yml", ".py", ".json"})
    yield from sorted((settings.data_dir / "catalogue").glob("subjects*.yml"))
    yield from sorted(path for path in (settings.data_dir / "encoder").glob("*.onnx"))
    for name in ("spacy_pipeline", "held_out", "readable", "training_importer"):
        yield ROOT / "bot" / "assistant" / f"{name}.py"


def fingerprint(settings: Settings) -> str:
    """A hash of everything that the model is made of."""
    digest = hashlib.sha256(f"{version('rasa')} {version('spacy')} {settings.spacy_model}".encode())
    for path in _made_of(settings):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def trained_fingerprint(settings: Settings) -> str | None:
    """The fingerprint of the model that stands there, None without one."""
    note = model_path(settings).with_suffix(".json")
    if not model_path(settings).exists() or not note.exists():
        return None
    result: str | None = json.loads(note.read_text(encoding="utf-8")).get("fingerprint")
    return result


def is_current(settings: Settings) -> bool:
    """Whether the trained model is made of what stands in data/ now."""
    return trained_fingerprint(settings) == fingerprint(settings)


def components(config: Path) -> list[str]:
    """The names of the components and policies of a Rasa configuration."""
    read: dict[str, Any] = load_yaml(config.read_text(encoding="utf-8")) or {}
    return [part["name"] for part in (*(read.get("pipeline") or ()), *(read.get("policies") or ())) if "name" in part]


def train(settings: Settings, progress: Progress, force: bool = False) -> bool:
    """Trains when needed; gives whether it did. Raises what Rasa raises on data it cannot use."""
    if not force and is_current(settings):
        return False
    refuse_tensorflow(components(ROOT / "config.yml"))
    prepare()
    silence_warnings()
    from bot.assistant import spacy_pipeline

    progress("Nederlandse woordenlijsten", 0, 0)
    spacy_pipeline.build(settings.models_dir / "nl_leerwijzer")
    data = _examples(settings.data_dir)
    _vectors(data, progress)
    _learn(data, settings.data_dir, progress)
    progress("model", 0, 0)

    from rasa.model_training import train as train_rasa

    made_from = fingerprint(settings)
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    result = train_rasa(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(path) for path in training_paths(settings)],
        output=str(settings.models_dir),
        fixed_model_name=MODEL_NAME,
        force_training=force,
    )
    if result.model is None or result.code:
        raise RuntimeError(
            f"Rasa gave no model (code {result.code}): `leerwijzer rasa data validate` says what is wrong"
        )
    note = {"fingerprint": made_from, "trained_at": datetime.now(UTC).isoformat(timespec="seconds")}
    model_path(settings).with_suffix(".json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    return True


def _examples(data_dir: Path) -> TrainingData:
    from bot.assistant.training_importer import LeerwijzerImporter

    return LeerwijzerImporter(training_data_paths=[str(data_dir / "nlu")]).get_nlu_data()


def _vectors(data: TrainingData, progress: Progress) -> None:
    """Computes the vectors of all training sentences beforehand, the one long step, so that its progress can be shown."""
    from bot.assistant.nlu.vectors import VectorCache

    texts = [example.get("text") for example in data.intent_examples]
    VectorCache(ROOT / "var" / "cache" / "vectors.npz").encode(
        texts, progress=lambda done, total: progress("zinnen lezen", done, total)
    )


def _learn(data: TrainingData, data_dir: Path, progress: Progress) -> None:
    """Learns beforehand what Rasa would have learnt one after the other: the entities in a process of their own."""
    from bot.assistant.nlu import intent_classifier

    progress("woorden en bedoelingen", 0, 2)
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside,
        TemporaryDirectory() as directory,
    ):
        entities = beside.submit(_learn_entities, data_dir)
        options = intent_classifier.LeerwijzerIntentClassifier.get_default_config() | _options(
            "LeerwijzerIntentClassifier"
        )
        intent_classifier.learn(data, options, Path(directory))
        progress("woorden en bedoelingen", 1, 2)
        entities.result()
    progress("woorden en bedoelingen", 2, 2)


def _learn_entities(data_dir: Path) -> None:
    """In a process of its own, which starts with nothing."""
    prepare()
    silence_warnings()
    from bot.assistant.nlu import entity_extractor

    options = entity_extractor.LeerwijzerEntityExtractor.get_default_config() | _options("LeerwijzerEntityExtractor")
    with TemporaryDirectory() as directory:
        entity_extractor.learn(_examples(data_dir), options, Path(directory))


def _options(component: str) -> dict[str, Any]:
    """What config.yml sets of a component of the pipeline."""
    read: dict[str, Any] = load_yaml((ROOT / "config.yml").read_text(encoding="utf-8")) or {}
    return next((part for part in read.get("pipeline") or () if part["name"].endswith(f".{component}")), {})
