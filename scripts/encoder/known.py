"""Vectors of the training examples, kept beside the encoder, so that training elsewhere need not compute them.

python -m scripts.encoder.known            (after changing data/nlu a lot)
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.assistant.nlu.vectors import ENCODER, KNOWN, SentenceEncoder, VectorCache, encoder_digest
from scripts.encoder import examples

ROOT = Path(__file__).parents[2]


def write_known(folder: Path, texts: Iterable[str]) -> Path:
    """Computes the vectors of the texts with the encoder in `folder`; gives where they were written."""
    encoder = SentenceEncoder(folder / ENCODER.name)
    out = folder / KNOWN.name
    out.unlink(missing_ok=True)
    VectorCache(out, None, lambda: encoder, lambda: encoder_digest(folder / ENCODER.name)).encode(sorted(set(texts)))
    return out


if __name__ == "__main__":
    print(write_known(ENCODER.parent, [example.text for example in examples.read(ROOT / "data" / "nlu")]))
