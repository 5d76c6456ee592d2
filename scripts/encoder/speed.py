"""How fast one message is understood: `python -m scripts.encoder.speed MODEL_FOLDER FILE_OF_LINES`, for `measure`.

A process of its own, so that loading and memory are those of a fresh start. Times are of the processor, on one core. Prints
JSON.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from pathlib import Path

from bot.assistant.nlu.distress import DistressDetector
from bot.assistant.nlu.intent_model import IntentModel
from bot.assistant.nlu.language import foreign_language, load
from bot.assistant.nlu.vectors import sentence_encoder


def memory() -> float:
    """The memory this process has in use, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main(folder: Path, lines: Path) -> None:
    before, began = memory(), time.process_time()
    model, detector, encoder = IntentModel.load(folder), DistressDetector.load(folder), sentence_encoder()
    encoder.encode(["hallo"])
    load()
    loaded = time.process_time() - began
    coding, deciding = [], []
    for line in lines.read_text(encoding="utf-8").splitlines():
        began = time.process_time()
        vector = encoder.encode([line])[0]
        coded = time.process_time()
        probabilities = model.probabilities(line, vector)
        model.nearness(vector)
        detector.suspicion(model.grams, line, vector, float(probabilities[0]))
        foreign_language(line)
        coding.append(1000 * (coded - began))
        deciding.append(1000 * (time.process_time() - coded))
    total = [one + other for one, other in zip(coding, deciding, strict=True)]
    found = {
        "encoder_ms": statistics.median(coding),
        "rest_ms": statistics.median(deciding),
        "total_ms": statistics.median(total),
        "p95_ms": statistics.quantiles(total, n=20)[-1],
        "load_s": loaded,
        "memory_mb": memory() - before,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
