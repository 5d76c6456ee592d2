"""Sentences to vectors: deterministic, any text, the cache."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.held_out import SHARE, held_out
from bot.assistant.nlu import vectors
from bot.assistant.nlu.vectors import DIMENSIONS, EncoderAbsent, SentenceEncoder, VectorCache
from bot.assistant.readable import LONGEST, readable


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return vectors.sentence_encoder()


def test_same_sentence_same_vector_alone_and_in_a_batch(encoder: SentenceEncoder) -> None:
    texts = ["Ik zoek een cursus lassen in Gent", "hoeveel kost da", "ja"]
    together = encoder.encode(texts)
    assert together.shape == (3, DIMENSIONS)
    assert np.array_equal(together, encoder.encode(texts))
    for text, vector in zip(texts, together, strict=True):
        assert encoder.encode([text])[0] == pytest.approx(vector, abs=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_capitals_do_not_count_and_meaning_does(encoder: SentenceEncoder) -> None:
    loud, soft, near, other = encoder.encode(
        [
            "HOEVEEL KOST DIE CURSUS?",
            "hoeveel kost die cursus?",
            "wat moet ik betalen voor die les",
            "wis al mijn gegevens",
        ]
    )
    assert np.allclose(loud, soft)
    assert soft @ near > soft @ other + 0.2


def test_nothing_gives_zeros(encoder: SentenceEncoder) -> None:
    assert not encoder.encode(["", "   ", "\n"]).any()
    assert encoder.encode([]).shape == (0, DIMENSIONS)


@given(st.text(max_size=80))
@settings(max_examples=25, deadline=None)
def test_any_text_has_a_vector(text: str) -> None:
    vector = vectors.sentence_encoder().encode([text])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1.0 if readable(text).strip() else 0.0, abs=1e-3)


@pytest.mark.parametrize(
    "text",
    ["\ufdfa" * 200, "\ud800 half", "a\0b", "😀" * 300, "\u202e\u200b\ufeff", "x" * 20_000],
    ids=["becomes eighteen each", "half a pair", "nul", "emoji", "invisible", "long"],
)
def test_texts_made_to_break_things(encoder: SentenceEncoder, text: str) -> None:
    assert np.isfinite(encoder.encode([text])).all()


@given(st.text(max_size=4000))
def test_readable_is_bounded(text: str) -> None:
    assert "\0" not in readable(text)
    assert len(readable(text)) <= 18 * (LONGEST + 1)


def test_of_a_long_story_begin_and_end_count() -> None:
    story = "begin " + "en toen " * 1000 + "einde"
    assert readable(story).startswith("begin") and readable(story).endswith("einde")
    assert len(readable(story)) == LONGEST + 1


def test_absent_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EncoderAbsent, match="scripts/encoder"):
        SentenceEncoder(tmp_path / "none.onnx")
    with pytest.raises(EncoderAbsent, match="cannot be read"):
        vectors.encoder_digest(tmp_path / "none.onnx")
    (tmp_path / "other.onnx").write_bytes(b"no encoder at all")
    with pytest.raises(EncoderAbsent, match=r"pieces\.json is missing"):
        SentenceEncoder(tmp_path / "other.onnx")
    shutil.copy(vectors.ENCODER.with_name(vectors.PIECES), tmp_path)
    with pytest.raises(EncoderAbsent, match="not an encoder"):
        SentenceEncoder(tmp_path / "other.onnx")


class Counting:
    """An encoder that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return np.stack([np.full(DIMENSIONS, len(text) / 7, np.float32) for text in texts])


def test_cache_computes_each_text_once_and_forgets_another_encoder(tmp_path: Path) -> None:
    path, counting = tmp_path / "deep" / "vectors.npz", Counting()
    told: list[tuple[int, int]] = []

    def cache(digest: bytes) -> VectorCache:
        return VectorCache(path, known=None, encoder=lambda: counting, digest=lambda: digest)  # type: ignore[arg-type,return-value]

    first = cache(b"1" * 32).encode(["een", "twee", "EEN", "drie"], batch=2, progress=lambda *now: told.append(now))
    again = cache(b"1" * 32).encode(["drie", "een", "vier"])
    assert np.array_equal(first[3], again[0]) and np.array_equal(first[0], again[1])
    assert sorted(text.lower() for text in counting.asked) == ["drie", "een", "een", "twee", "vier"]
    assert told[-1] == (4, 4)
    counting.asked.clear()
    cache(b"2" * 32).encode(["een"])
    assert counting.asked == ["een"]
    assert cache(b"2" * 32).encode([]).shape == (0, DIMENSIONS)


def test_held_out_is_a_fixed_share() -> None:
    chosen = [held_out(f"zin nummer {number}") for number in range(5000)]
    assert sum(chosen) / 5000 == pytest.approx(SHARE, abs=0.015)
    assert chosen[:100] == [held_out(f"zin nummer {number}") for number in range(100)]
