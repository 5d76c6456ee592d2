"""Measures how well intents are understood, and writes the tables of docs/understanding.md and its learning curve.

    .venv/bin/python -m scripts.encoder.measure            (from the root of the project)
    .venv/bin/python -m scripts.encoder.measure --test     (also the test set: only once a change is final)

Runs with Leerwijzer's own environment; no PyTorch.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bot.assistant.held_out import held_out
from bot.assistant.nlu import distress as need
from bot.assistant.nlu.intent_classifier import FALLBACK, LeerwijzerIntentClassifier
from bot.assistant.nlu.intent_model import IntentModel, Strengths, train_intent_model
from bot.assistant.nlu.vectors import ENCODER, VectorCache, Vectors
from bot.assistant.training import is_current, model_path
from bot.settings import ROOT, get_settings
from scripts.compare.figures import by_style, calibration_error
from scripts.encoder import augment, chart, report
from scripts.encoder.examples import Example, read

DOCS = ROOT / "docs"
SETS = ROOT / "tests" / "nlu"
NOT_OURS = {"speak_other_language", "out_of_scope", FALLBACK}
"""What it may take a foreign, off-topic or meaningless line for."""


def _unpacked(archive: Path, folder: Path) -> Path:
    """The folder of the intent classifier, out of a model of Rasa."""
    with tarfile.open(archive) as packed:
        packed.extractall(
            folder, [one for one in packed if LeerwijzerIntentClassifier.__name__ in one.name], filter="data"
        )
    (found,) = (path.parent for path in folder.rglob("intent.npz"))
    return found


class Measure:
    """The trained model, and the sets to measure it on."""

    def __init__(self) -> None:
        self.config = LeerwijzerIntentClassifier.get_default_config()
        self.training = read(ROOT / "data" / "nlu")
        self.development = read(SETS / "development.yml")
        self.cache = VectorCache(ROOT / "var" / "cache" / "vectors.npz")
        self.labels = [example.intent for example in self.training]
        self.strengths = Strengths(self.config["vector_strength"], self.config["gram_strength"])
        settings = get_settings()
        if not is_current(settings):
            raise SystemExit("The model is not made of what stands in data/ now: first `leerwijzer train`")
        with tempfile.TemporaryDirectory() as folder:
            trained = _unpacked(model_path(settings), Path(folder))
            self.model, self.detector = IntentModel.load(trained), need.DistressDetector.load(trained)
        self.component = LeerwijzerIntentClassifier(self.config, None, None, self.model, self.detector)  # type: ignore[arg-type]

    def vectors(self, found: Sequence[Example]) -> Vectors:
        return self.cache.encode([example.text for example in found])


def predictions(model: IntentModel, found: Sequence[Example], vectors: Vectors, which: str) -> list[str]:
    """The likeliest intents by the `vector`, the `grams`, or `both`."""
    chosen = []
    for example, vector in zip(found, vectors, strict=True):
        if which == "both":
            scores = model.scores(example.text, vector)
        elif which == "vector":
            scores = model.weights.by_vector(vector)
        else:
            scores = model.weights.by_grams(*model.grams.weigh(example.text))
        chosen.append(model.classes[int(np.argmax(scores))])
    return chosen


def right(found: Sequence[Example], given: Sequence[str]) -> list[bool]:
    return [example.intent == name for example, name in zip(found, given, strict=True)]


def pipelines(measure: Measure, found: Sequence[Example]) -> dict[str, dict[str, tuple[int, int]]]:
    """Accuracy of each half of the classifier, and of both."""
    vectors = measure.vectors(found)
    names = {
        "alleen letterreeksen (n-grams)": "grams",
        "alleen e5 bijgeleerd (8 bits)": "vector",
        "**e5 bijgeleerd (8 bits) + letterreeksen**": "both",
    }
    return {
        name: by_style(found, right(found, predictions(measure.model, found, vectors, which)))
        for name, which in names.items()
    }


def mistyped(found: Sequence[Example]) -> list[Example]:
    """The same utterances with seeded typing errors: one, and one more for every 40 characters."""
    chance = random.Random(2026)
    return [
        replace(example, text=augment.mistyped(example.text.lower(), chance, 1 + len(example.text) // 40))
        for example in found
    ]


def calibration(measure: Measure, found: Sequence[Example]) -> dict[str, Any]:
    """How far probabilities and what is right differ (ECE, 10 bins), and what happens at the thresholds."""
    vectors = measure.vectors(found)
    best, hits, acted, asked, among = [], [], [], 0, 0
    for example, vector in zip(found, vectors, strict=True):
        probabilities = measure.model.probabilities(example.text, vector)
        best.append(float(probabilities.max()))
        hits.append(measure.model.classes[int(np.argmax(probabilities))] == example.intent)
        ranking, understanding = measure.component.rank(example.text, vector)
        if understanding["sure"]:
            acted.append(ranking[0]["name"] == example.intent)
        if ranking[0]["name"] == FALLBACK:
            asked += 1
            among += example.intent in [entry["name"] for entry in ranking[1:4]]
    return {
        "ece": calibration_error(best, hits),
        "sure": (len(acted), len(found)),
        "right_where_sure": (sum(acted), len(acted)),
        "asked": (asked, len(found)),
        "meant_among_three": (among, asked),
    }


def not_ours(measure: Measure, found: Sequence[Example]) -> dict[str, tuple[int, int]]:
    """Of each kind of foreign line: how many are seen as such."""
    names = [
        measure.component.rank(e.text, v)[0][0]["name"] for e, v in zip(found, measure.vectors(found), strict=True)
    ]
    return by_style(found, [name in NOT_OURS for name in names])


def needs(measure: Measure, found: Sequence[Example]) -> dict[str, tuple[int, int]]:
    """Of need: how many are seen. Of all else: how many are wrongly taken for need."""
    alarms = [
        measure.component.rank(e.text, v)[0][0]["name"] == need.DISTRESS
        for e, v in zip(found, measure.vectors(found), strict=True)
    ]
    wanted = [example.intent == need.DISTRESS for example in found]
    pairs = list(zip(alarms, wanted, strict=True))
    return {
        "seen": (sum(a and w for a, w in pairs), sum(wanted)),
        "false": (sum(a and not w for a, w in pairs), len(found) - sum(wanted)),
    }


def speed(measure: Measure) -> dict[str, float]:
    """Milliseconds of one message on one core (median and 95th percentile), seconds of loading, megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        measure.model.save(Path(folder))
        measure.detector.save(Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        lines = Path(folder) / "lines.txt"
        lines.write_text("\n".join(" ".join(example.text.split()) for example in measure.development), encoding="utf-8")
        done = subprocess.run(
            ["taskset", "-c", "0", sys.executable, "-m", "scripts.encoder.speed", folder, str(lines)],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    return {**json.loads(done.stdout), "encoder_mb": ENCODER.stat().st_size / 1e6, "model_mb": size / 1e6}


def curve(measure: Measure, shares: Sequence[float]) -> dict[str, list[tuple[float, float]]]:
    """Accuracy on the development set against examples per intent, with a share of the examples of each.

    The encoder stays the one that was taught all of them, so with it the beginning of the curve is too high.
    """
    order = sorted(measure.training, key=lambda example: random.Random(example.text).random())
    counts = Counter(measure.labels)
    vectors = measure.vectors(measure.development)
    result: dict[str, list[tuple[float, float]]] = {"letterreeksen": [], "met de encoder": []}
    for share in shares:
        seen: Counter[str] = Counter()
        part = []
        for example in order:
            seen[example.intent] += 1
            if seen[example.intent] <= max(2, round(share * counts[example.intent])):
                part.append(example)
        texts = [example.text for example in part]
        held = [held_out(text) for text in texts]
        labels = [example.intent for example in part]
        if share < 1:
            model, _ = train_intent_model(texts, labels, measure.cache.encode(texts), held, measure.strengths)
        else:
            model = measure.model
        for name, which in zip(result, ("grams", "both"), strict=True):
            hits = right(measure.development, predictions(model, measure.development, vectors, which))
            result[name].append((round(len(part) / len(counts)), sum(hits) / len(hits)))
    return result


def confusions(measure: Measure, found: Sequence[Example]) -> list[list[str]]:
    """What is taken for what, commonest first."""
    names = predictions(measure.model, found, measure.vectors(found), "both")
    pairs = Counter(
        (example.intent, name) for example, name in zip(found, names, strict=True) if example.intent != name
    )
    return [[f"`{meant}`", f"`{taken}`", str(count)] for (meant, taken), count in pairs.most_common(10)]


def _summed(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(some for some, _ in counts), sum(total for _, total in counts)


class Parts(dict[str, str]):
    """Parts of the document by name; each is printed as it comes."""

    def __setitem__(self, name: str, part: str) -> None:
        print(f"## {name}\n{part}\n", flush=True)
        super().__setitem__(name, part)


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", action="store_true", help="measure on tests/nlu/test.yml too")
    parser.add_argument(
        "--quick", action="store_true", help="only print, without halves, typing errors and the learning curve"
    )
    options = parser.parse_args(given)
    measure = Measure()
    sets = {"ontwikkeling": measure.development}
    if options.test:
        sets["test"] = read(SETS / "test.yml")
    foreign = read(SETS / "foreign.yml")
    needing = {f"tests/nlu/{name}": read(SETS / name) for name in ("distress.yml", "distress-november.yml")}
    parts = Parts()
    goals: list[report.Goal] = []
    for name, found in sets.items():
        if options.quick:
            hits = right(found, predictions(measure.model, found, measure.vectors(found), "both"))
            parts[f"styles-{name}"] = report.styles({"**bijgeleerd + letterreeksen**": by_style(found, hits)})
        else:
            rows = pipelines(measure, found)
            rough = mistyped(found)
            hits = right(rough, predictions(measure.model, rough, measure.vectors(rough), "both"))
            rows["dezelfde zinnen, met tikfouten erbij"] = by_style(rough, hits)
            parts[f"styles-{name}"] = report.styles(rows)
            ours, typed = list(rows.values())[-2:]
            lowest = min((count[0] / count[1], style) for style, count in ours.items() if style != "all")[1]
            if name == "test":
                goals += [
                    ("juiste intentie, in het geheel", "95 %", ours["all"]),
                    (f"in de zwakste stijl ({report.STYLES[lowest]})", "90 %", ours[lowest]),
                    ("met tikfouten erbij", "92 %", typed["all"]),
                ]
    certainty = {name: calibration(measure, found) for name, found in sets.items()}
    parts["certainty"] = report.certainty(certainty)
    kinds = not_ours(measure, foreign)
    names = {"foreign": "andere talen", "off_topic": "andermans zaken", "gibberish": "onzin", "all": "**alles**"}
    parts["foreign"] = report.table(
        ["", "herkend als niet voor ons"],
        [[names[style], report.counted(count)] for style, count in sorted(kinds.items())],
    )
    rows_of_need = []
    seen_in = {}
    for name, found in {**sets, **needing, "tests/nlu/foreign.yml": foreign}.items():
        seen = seen_in[name] = needs(measure, found)
        rows_of_need.append(
            [name, report.counted(seen["seen"]) if seen["seen"][1] else "-", report.counted(seen["false"])]
        )
    parts["distress"] = report.table(["", "gezien", "vals alarm"], rows_of_need)
    if "test" in certainty and goals:
        alike = [seen_in[name]["seen"] for name in ("test", *needing)]
        goals += [
            ("juist waar ze zeker is", "97 %", certainty["test"]["right_where_sure"]),
            ("andere talen, andermans zaken en onzin herkend", "90 %", kinds["all"]),
            ("nood gezien (testset en de sets met nood samen)", "98 %", _summed(alike)),
            ("vals alarm op gewone zinnen (testset)", "onder 1 %", seen_in["test"]["false"]),
            (
                "vals alarm op zinnen die op nood lijken of over een moeilijk leven gaan",
                "-",
                _summed([seen_in[name]["false"] for name in needing]),
            ),
        ]
        parts["goals"] = report.goals(goals)
    parts["confusions"] = report.table(["bedoeld", "begrepen als", "keer"], confusions(measure, measure.development))
    fast = speed(measure)
    parts["speed"] = report.table(
        ["wat", "gemeten"],
        [
            ["één bericht: zin naar vector (mediaan, één kern)", report.number(fast["encoder_ms"]) + " ms"],
            ["één bericht: al de rest", report.number(fast["rest_ms"]) + " ms"],
            ["één bericht, alles samen: mediaan", report.number(fast["total_ms"]) + " ms"],
            ["één bericht, alles samen: 95 % blijft onder", report.number(fast["p95_ms"]) + " ms"],
            ["laden", report.number(fast["load_s"], 2) + " s"],
            ["geheugen erbij na laden en gebruiken", report.number(fast["memory_mb"], 0) + " MB"],
            ["bestand van de encoder", report.number(fast["encoder_mb"]) + " MB"],
            ["getraind model", report.number(fast["model_mb"]) + " MB"],
            ["voorbeelden", str(len(measure.training))],
            [
                "gewicht van vector en letterreeksen",
                " en ".join(report.number(part, 2) for part in measure.model.trust),
            ],
        ],
    )
    if not options.quick:
        points = curve(measure, (0.1, 0.25, 0.5, 1.0))
        parts["curve"] = report.table(
            ["voorbeelden per intentie", *(f"{across:.0f}" for across, _ in points["letterreeksen"])],
            [[name, *(report.number(100 * up) + " %" for _, up in line)] for name, line in points.items()],
        )
        drawing = chart.lines(points, "Leercurve op de ontwikkelset", "voorbeelden per intentie", "juiste intentie")
        (DOCS / "learning-curve.svg").write_text(drawing, encoding="utf-8")
    parts["made"] = f"Gemeten op {datetime.now(UTC).date().isoformat()} met `python -m scripts.encoder.measure`."
    if not options.quick:
        report.fill(DOCS / "understanding.md", parts)


if __name__ == "__main__":
    main()
