"""Vectors of the training examples, kept beside the encoder, so that training elsewhere need not compute them.

python -m scripts.encoder.known            (after changing data/nlu a lot; PyTorch computes them ten times quicker)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from bot.assistant.readable import key, readable
from scripts.encoder import e5_file, examples
from scripts.encoder.network import Network
from scripts.encoder.pieces import Tokenizer

ROOT = Path(__file__).parents[2]


@torch.no_grad()
def write(file: Path, texts: Iterable[str]) -> Path:
    """Computes the vectors of the texts with the encoder in `file`; gives where they were written."""
    encoder = e5_file.read(file)
    network, tokenizer = Network(encoder, 0).eval(), Tokenizer(encoder)
    numbers = {key(text): tokenizer.numbers(readable(text)) for text in texts}
    keys = sorted(numbers, key=lambda one: len(numbers[one]))
    parts = []
    for start in range(0, len(keys), 64):
        with torch.autocast("cpu", torch.bfloat16):
            vectors = network(network.batch([numbers[one] for one in keys[start : start + 64]]))
        parts.append(vectors.float().numpy().astype(np.float16))
    out = file.with_name(f"{file.stem}-vectors.npz")
    np.savez(
        out,
        encoder=np.frombuffer(hashlib.sha256(file.read_bytes()).digest(), dtype=np.uint8),
        keys=np.array([np.frombuffer(one, dtype=np.uint8) for one in keys]),
        vectors=np.concatenate(parts),
    )
    return out


if __name__ == "__main__":
    print(
        write(ROOT / "data" / "encoder" / "leerwijzer-q4.bin", [e.text for e in examples.read(ROOT / "data" / "nlu")])
    )
