"""What is kept of a trained encoder, to write the shipped files again, is what was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts.encoder import e5_file


def test_a_kept_encoder_comes_back_whole(tmp_path: Path) -> None:
    encoder = e5_file.Encoder(
        hidden=4,
        layers=1,
        heads=2,
        inner=8,
        positions=16,
        types=1,
        epsilon=1e-12,
        specials={"pad": 0, "unk": 1},
        pieces=[b"<pad>", b"<unk>", "één".encode()],
        scores=np.array([0, 0, -1.5], dtype=np.float32),
        replaced={0x0130: [0x69, 0x307]},
        tensors={"emb.word": np.arange(12, dtype=np.float32).reshape(3, 4), "l0.q.b": np.ones(4, dtype=np.float32)},
    )
    e5_file.keep(encoder, tmp_path / "weights.npz")
    found = e5_file.kept(tmp_path / "weights.npz")
    assert found.pieces == encoder.pieces and found.specials == encoder.specials and found.replaced == encoder.replaced
    assert (found.hidden, found.heads, found.epsilon) == (4, 2, 1e-12)
    assert set(found.tensors) == set(encoder.tensors)
    assert all((found.tensors[name] == values).all() for name, values in encoder.tensors.items())


def test_a_file_of_another_kind_is_no_encoder(tmp_path: Path) -> None:
    file = tmp_path / "other.bin"
    file.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(e5_file.NotAnEncoder, match=r"other\.bin"):
        e5_file.read(file)
