"""Sentences as vectors: multilingual-e5-small taught our intents (scripts/encoder), in 8 bits, run by onnxruntime.

384 dimensions, unit length. The file is data/encoder/leerwijzer.onnx; without it nothing is understood, so its
absence is an error and not a lesser mode.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.assistant.readable import key, readable
from bot.settings import ROOT
from bot.trouble import Trouble

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 384
ENCODER = ROOT / "data" / "encoder" / "leerwijzer.onnx"
PIECES = "leerwijzer-pieces.json"
"""The word pieces, beside the encoder."""
KNOWN = ENCODER.with_name("leerwijzer-vectors.npz")
"""Vectors of the training examples, shipped with the encoder: computing them again would take a minute."""
LATEST = 4
"""Vectors kept of the latest texts: the classifier and the search by meaning read the same message."""
PREFIX = "query: "
"""What e5 was taught to read before a text that is compared with others."""


class EncoderAbsent(Trouble, RuntimeError):
    """The file of the sentence encoder is not there, or is no encoder."""


class SentenceEncoder:
    """Vectors of sentences, as e5 "query". Raises `EncoderAbsent` at construction."""

    def __init__(self, path: Path = ENCODER) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        for file in (path, path.with_name(PIECES)):
            if not file.is_file():
                raise EncoderAbsent(
                    f"{file} is missing. It belongs to the project: fetch it again, or make it (scripts/encoder/README.md)."
                )
        options = onnxruntime.SessionOptions()
        # More threads gain little on one message, and on a busy machine they wait for each other.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._pieces: Any = Tokenizer.from_file(str(path.with_name(PIECES)))
            self._session: Any = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # both libraries raise their own kinds
            raise EncoderAbsent(f"{path} is not an encoder that onnxruntime can read: {error}") from error
        self._vector = lru_cache(maxsize=LATEST)(self._encoded)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of `DIMENSIONS` numbers for each text; an empty text gives zeros."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(map(readable, texts)):
            if text.strip():
                vectors[row] = self._vector(text)
        return vectors

    def _encoded(self, text: str) -> Vectors:
        numbers = self._pieces.encode(PREFIX + text).ids
        result: Vectors = self._session.run(None, {"numbers": np.array([numbers], dtype=np.int64)})[0][0]
        return result


@lru_cache(maxsize=1)
def sentence_encoder() -> SentenceEncoder:
    """The encoder of this process, loaded at the first call."""
    return SentenceEncoder()


@lru_cache(maxsize=4)
def encoder_digest(path: Path = ENCODER) -> bytes:
    """A hash of the encoder's file: vectors of another encoder are of no use. Raises `EncoderAbsent`."""
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError as error:
        raise EncoderAbsent(f"{path} cannot be read: {error}") from error


class VectorCache:
    """Vectors of training texts kept on disk, so that training again computes only what is new.

    Those of another encoder than the one that is there are dropped. `known` are vectors that were shipped.
    """

    def __init__(
        self,
        path: Path,
        known: Path | None = KNOWN,
        encoder: Callable[[], SentenceEncoder] = sentence_encoder,
        digest: Callable[[], bytes] = encoder_digest,
    ) -> None:
        self._path, self._encoder, self._digest = path, encoder, digest()
        self._known: dict[bytes, Vectors] = {}
        for stored in (known, path):
            if stored is not None and stored.exists():
                self._known |= self._read(stored)

    def _read(self, path: Path) -> dict[bytes, Vectors]:
        with np.load(path) as stored:
            if "encoder" not in stored or bytes(stored["encoder"]) != self._digest:
                return {}
            return dict(zip(map(bytes, stored["keys"]), stored["vectors"].astype(np.float32), strict=True))

    def has(self, text: str) -> bool:
        """Whether the vector of a text is there without computing it."""
        return key(text) in self._known

    def encode(
        self, texts: Sequence[str], batch: int = 64, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Vectors:
        """As `SentenceEncoder.encode`, from the cache where it can. Keeps on disk what it computed.

        `progress` is told how many of the missing vectors are made.
        """
        missing = sorted({text for text in texts if key(text) not in self._known}, key=len)
        for start in range(0, len(missing), batch):
            part = missing[start : start + batch]
            for text, vector in zip(part, self._encoder().encode(part), strict=True):
                self._known[key(text)] = vector
            progress(start + len(part), len(missing))
        if missing:
            self._save()
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        # Rounded as the cache keeps them, so that training gives the same model with and without a filled cache.
        return np.stack([self._known[key(text)] for text in texts]).astype(np.float16).astype(np.float32)

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial.npz")
        keys = np.array([np.frombuffer(key, dtype=np.uint8) for key in self._known], dtype=np.uint8)
        np.savez(
            partial,
            encoder=np.frombuffer(self._digest, dtype=np.uint8),
            keys=keys,
            vectors=np.stack(list(self._known.values())).astype(np.float16),
        )
        partial.replace(self._path)
