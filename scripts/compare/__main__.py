"""Compares ways to understand a message, and writes the tables into docs/understanding.md.

    leerwijzer evaluate compare            (or: .venv/bin/python -m scripts.compare)

Ways that need another environment make it: Rasa as published (2.5 GB, Python 3.10) for DIET, PyTorch for what looks at
word pieces. DIET takes minutes for one round over all examples, so it is trained on a sample, and the other ways that
were not taught our examples beforehand on that same sample.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.assistant.evaluation import Example, read_examples
from bot.assistant.nlu import scoring
from bot.settings import ROOT
from scripts.compare import environments, figures
from scripts.encoder import report

OUT = ROOT / "var" / "compare"
SETS = ROOT / "tests" / "nlu"
DOCUMENT = ROOT / "docs" / "understanding.md"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to understand: the module of this package that does it, and what that is told."""

    name: str
    module: str
    options: dict[str, Any]
    entities: bool = False


DIET = Way("Rasa's standaard (DIET)", "diet", {"vectors": False}, entities=True)
DIET_E5 = Way("DIET + zinsvector van e5", "diet", {"vectors": True}, entities=True)
GRAMS = Way("LR op letterreeksen", "regression", {"encoder": "none", "grams": True})
E5 = Way("LR op zinsvector van e5 + letterreeksen", "regression", {"encoder": "e5", "grams": True})
TOKENS = Way("klein netwerk over de woordstukken van e5", "tokens", {})
OURS = Way("LR op bijgeleerde e5 (8 bits)", "regression", {"encoder": "ours", "grams": False})
BOTH = Way("LR op bijgeleerde e5 + letterreeksen", "regression", {"encoder": "ours", "grams": True})
LEMMAS = Way("hetzelfde, met lemma's van spaCy", "regression", {**BOTH.options, "rewrite": "lemmas"})
SOUNDS = Way("hetzelfde, gespeld zoals het klinkt", "regression", {**BOTH.options, "rewrite": "sounds"})
DIALECT = Way("hetzelfde, dialectwoorden vertaald", "regression", {**BOTH.options, "rewrite": "dialect"})
TYPOS = Way("hetzelfde, elk voorbeeld ook met tikfouten", "regression", {**BOTH.options, "mistyped": True})
SHIPPED = Way("**Leerwijzer zoals geleverd**", "shipped", {}, entities=True)

ON_ALL = [GRAMS, E5, TOKENS, OURS, BOTH, LEMMAS, SOUNDS, DIALECT, TYPOS, SHIPPED]
ON_SAMPLE = [DIET, DIET_E5, GRAMS, E5, TOKENS]
ON_OTHERS = [DIET, DIET_E5, GRAMS, E5, TOKENS, BOTH]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured of one way.

    Per set: `counts` are right and all per style, `f1` is that of entities by type and by value, `types` the same of each
    type (right, given, wanted). Times are of the processor.
    """

    way: str
    seconds: float | None
    load_s: float
    milliseconds: float
    memory_mb: float
    counts: dict[str, dict[str, tuple[int, int]]]
    ece: dict[str, float]
    f1: dict[str, tuple[float, float] | None]
    types: dict[str, dict[str, dict[str, float]]]


def sampled(found: Sequence[Example], per_intent: int) -> list[Example]:
    """At most so many examples of an intent, whichever come first by a hash of their words."""
    seen: Counter[str] = Counter()
    part = []
    for example in sorted(found, key=lambda one: hashlib.sha256(one.text.encode()).digest()):
        seen[example.intent] += 1
        if seen[example.intent] <= per_intent:
            part.append(example)
    return part


def measured(way: Way, training: Sequence[Example], sets: dict[str, list[Example]], epochs: int) -> Outcome:
    """Trains a way, lets it answer, and counts. Raises `RuntimeError` when a stage fails."""
    folder = OUT / "job"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    asked = [example for found in sets.values() for example in found]
    job = {**way.options, "epochs": epochs, "training": [_plain(example) for example in training]}
    (folder / "job.json").write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
    lines = json.dumps([example.text for example in asked], ensure_ascii=False)
    (folder / "lines.json").write_text(lines, encoding="utf-8")
    if way.options.get("vectors"):
        _write_vectors(folder / "vectors.npz", ["hallo", *(example.text for example in (*training, *asked))])
    seconds = None
    if way is not SHIPPED:
        environments.run(way.module, "train", folder)
        seconds = json.loads((folder / "trained.json").read_text(encoding="utf-8"))["seconds"]
    environments.run(way.module, "answer", folder)
    found = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    counts, ece, f1, types, start = {}, {}, {}, {}, 0
    for name, examples in sets.items():
        answers = found["answers"][start : start + len(examples)]
        start += len(examples)
        hits = figures.right(examples, answers)
        counts[name] = figures.by_style(examples, hits)
        ece[name] = figures.calibration_error([answer["confidence"] for answer in answers], hits)
        f1[name] = figures.entity_f1(examples, answers) if way.entities else None
        pairs = [(example.entities, answer["entities"]) for example, answer in zip(examples, answers, strict=True)]
        types[name] = scoring.score_entities(pairs) if way.entities else {}
    median = statistics.median(found["milliseconds"])
    return Outcome(way.name, seconds, found["load_s"], median, found["memory_mb"], counts, ece, f1, types)


def _plain(example: Example) -> dict[str, Any]:
    entities = [{key: entity[key] for key in ("entity", "start", "end", "value")} for entity in example.entities]
    return {"text": example.text, "intent": example.intent, "entities": entities}


def _write_vectors(path: Path, texts: Sequence[str]) -> None:
    from scripts.compare.regression import E5 as Encoder

    texts = sorted({text.strip() for text in texts})
    keys = [np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype=np.uint8) for text in texts]
    np.savez(path, keys=np.array(keys), vectors=Encoder().encode(texts))


def table(found: Sequence[Outcome], name: str) -> str:
    """The figures of one set: a row for each way."""
    total = found[0].counts[name]
    styles = [style for style in report.STYLES if style in total]
    head = ["", *(f"{report.STYLES[style]} ({total[style][1]})" for style in styles)]
    head += ["ECE", "F1 entiteiten (soort / soort en waarde)", "trainen", "laden", "per bericht", "geheugen"]
    rows = []
    for one in found:
        f1 = one.f1[name]
        rows.append(
            [
                one.way,
                *(report.percent(one.counts[name][style]) for style in styles),
                report.number(100 * one.ece[name]) + " %",
                " / ".join(report.number(part, 3) for part in f1) if f1 else "-",
                f"{one.seconds:.0f} s" if one.seconds is not None else "-",
                report.number(one.load_s) + " s",
                report.number(one.milliseconds) + " ms",
                f"{one.memory_mb:.0f} MB",
            ]
        )
    return report.table(head, rows)


def entities(found: Outcome) -> str:
    """A row for each type of entity, with its F1 (by value too, where values are agreed) on each set."""
    names = sorted({name for lines in found.types.values() for name in lines} - {scoring.ALL})
    rows = [
        [
            f"**{name}**" if name == scoring.ALL else f"`{name}`",
            *(
                f"{report.number(line['f1'], 3)} ({line['right']:.0f} juist, {line['given']:.0f} gegeven, {line['wanted']:.0f} bedoeld)"
                if (line := lines.get(name))
                else "-"
                for lines in found.types.values()
            ),
        ]
        for name in (*names, scoring.ALL)
    ]
    return report.table(["soort", *found.types], rows)


def others(ways: Sequence[Way], folder: Path, epochs: int) -> tuple[str, dict[str, list[Outcome]]]:
    """The table of the sets that others made (`NAME_train*.yml`, `NAME_test.yml`), and what was measured."""
    found: dict[str, list[Outcome]] = {}
    head = [""]
    for test in sorted(folder.glob("*_test.yml")):
        (train,) = folder.glob(test.name.replace("_test.yml", "_train*.yml"))
        training, asked = read_examples(train), read_examples(test)
        name = test.stem.removesuffix("_test")
        head.append(f"{name} ({len(training)} om te leren, {len(asked)} om te meten)")
        found[name] = [_told(measured(way, training, {name: asked}, epochs)) for way in ways]
    rows = [
        [way.name, *(report.percent(outcomes[at].counts[name]["all"]) for name, outcomes in found.items())]
        for at, way in enumerate(ways)
    ]
    return report.table(head, rows), found


def _told(outcome: Outcome) -> Outcome:
    print(json.dumps(asdict(outcome), ensure_ascii=False), flush=True)
    return outcome


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        "leerwijzer evaluate compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--test", action="store_true", help="on tests/nlu/test.yml too: only once a change is final")
    parser.add_argument("--per-intent", type=int, default=30, help="examples of an intent in the sample (30)")
    parser.add_argument("--epochs", type=int, default=40, help="rounds of DIET over its examples (40)")
    parser.add_argument("--others", type=Path, help="folder with NAME_train*.yml and NAME_test.yml that others made")
    parser.add_argument("--part", choices=["all", "sample", "others"], action="append", help="only this table")
    parser.add_argument(
        "--without", nargs="*", default=[], metavar="MODULE", help="leave out: diet, tokens, regression, shipped"
    )
    options = parser.parse_args(given)
    parts = options.part or ["all", "sample", *(["others"] if options.others else [])]
    if "others" in parts and not options.others:
        parser.error("--part others needs --others FOLDER")
    files = {"ontwikkeling": SETS / "development.yml", **({"test": SETS / "test.yml"} if options.test else {})}
    sets = {name: read_examples(path) for name, path in files.items()}
    training = [example for path in sorted((ROOT / "data" / "nlu").glob("*.yml")) for example in _intents(path)]
    filled: dict[str, str] = {}
    kept: dict[str, Any] = {}

    def left(ways: Sequence[Way]) -> list[Way]:
        return [way for way in ways if way.module not in options.without]

    for part, ways, used in (
        ("all", left(ON_ALL), training),
        ("sample", left(ON_SAMPLE), sampled(training, options.per_intent)),
    ):
        if part in parts:
            found = [_told(measured(way, used, sets, options.epochs)) for way in ways]
            kept[part] = [asdict(one) for one in found]
            for one in found:
                if one.way == SHIPPED.name:
                    filled["entities"] = entities(one)
            trained = f"Getraind op {len(used)} voorbeelden" + (
                f" (hoogstens {options.per_intent} per intentie), DIET met {options.epochs} rondes"
                if part == "sample"
                else ""
            )
            filled[f"compare-{part}"] = "\n\n".join(
                [f"{trained}; gemeten op {datetime.now(UTC).date().isoformat()}."]
                + [f"**{name}**\n\n{table(found, name)}" for name in sets]
            )
    if "others" in parts:
        text, found_others = others(left(ON_OTHERS), options.others, options.epochs)
        filled["others"] = (
            f"DIET met {options.epochs} rondes; gemeten op {datetime.now(UTC).date().isoformat()}.\n\n{text}"
        )
        kept["others"] = {name: [asdict(one) for one in found] for name, found in found_others.items()}
    for name, text in filled.items():
        print(f"## {name}\n{text}\n", flush=True)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "outcomes.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
    report.fill(DOCUMENT, filled)


def _intents(path: Path) -> list[Example]:
    """The examples of a file of training data; none of one that holds only synonyms or word lists."""
    blocks = (yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) or {}).get("nlu") or ()
    return read_examples(path) if any("intent" in block for block in blocks) else []


if __name__ == "__main__":
    main()
