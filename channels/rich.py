"""Text with bold and links, apart from how a channel writes them, and how it is cut into messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")
_BOUNDARIES: Final = (
    re.compile(r"\n\s*\n"),  # between paragraphs
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])\s"),
    re.compile(r"\s"),
)
"""Where text may be cut, the best place first."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end`: bold, or a link when there is a `url`."""

    start: int
    end: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Rich:
    """Text and its marks, which are in order and do not overlap."""

    text: str = ""
    marks: tuple[Mark, ...] = ()

    def part(self, start: int, end: int) -> Rich:
        """The characters from `start` to `end`, without blank space at both ends; a mark that is cut stays on both sides."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        text = text.strip()
        end = start + len(text)
        marks = (
            replace(mark, start=max(mark.start, start) - start, end=min(mark.end, end) - start) for mark in self.marks
        )
        return Rich(text, tuple(mark for mark in marks if mark.start < mark.end))


def units(text: str) -> int:
    """The length of a text as providers count it: in UTF-16 code units, of which an emoji is two."""
    return len(text) + sum(char > "\uffff" for char in text)


def read(text: str) -> Rich:
    """The text of a reply: `**bold**` becomes a mark; stars without a partner on their line stay what they are."""
    plain: list[str] = []
    marks: list[Mark] = []
    length = last = 0
    for found in _BOLD.finditer(text):
        before = text[last : found.start()]
        start = length + len(before)
        length = start + len(found[1])
        plain += [before, found[1]]
        marks.append(Mark(start, length))
        last = found.end()
    return Rich("".join((*plain, text[last:])), tuple(marks))


def bold(text: str) -> Rich:
    """A text that is bold throughout."""
    return Rich(text, (Mark(0, len(text)),) if text else ())


def link(text: str, url: str) -> Rich:
    """A text that leads to an address."""
    return Rich(text, (Mark(0, len(text), url),) if text else ())


def join(parts: Iterable[Rich], between: str = "") -> Rich:
    """Texts behind one another, the empty ones left out."""
    text = ""
    marks: list[Mark] = []
    for part in parts:
        if not part.text:
            continue
        text += between if text else ""
        marks += (replace(mark, start=mark.start + len(text), end=mark.end + len(text)) for mark in part.marks)
        text += part.text
    return Rich(text, tuple(marks))


def cut(whole: Rich, limit: int, most_marks: int | None = None) -> list[Rich]:
    """`whole` in pieces of at most `limit` units and `most_marks` marks. Nothing but blank space at a cut is left out.

    A piece ends between paragraphs if that leaves it at least half full, else between lines, sentences, words, and only
    within a word that is longer than a piece.
    """
    pieces = []
    rest = whole.part(0, len(whole.text))
    while rest.text:
        end = _fits(rest.text, limit)
        if most_marks is not None and len(rest.marks) > most_marks:
            end = min(end, rest.marks[most_marks].start)
        if end < len(rest.text):
            end = _boundary(rest.text, end)
        piece = rest.part(0, end)
        if piece.text:
            pieces.append(piece)
        rest = rest.part(end, len(rest.text))
    return pieces


def _fits(text: str, limit: int) -> int:
    """How many characters of a text fit in `limit` units; at least one."""
    if units(text) <= limit:
        return len(text)
    used = 0
    for index, char in enumerate(text):
        used += 1 + (char > "\uffff")
        if used > limit:
            return max(1, index)
    return len(text)


def _boundary(text: str, end: int) -> int:
    """The best place to cut at or before `end`."""
    for boundary in _BOUNDARIES:
        places = [found.start() for found in boundary.finditer(text, 0, end + 1) if found.start() <= end]
        if places and places[-1] >= max(1, end // 2):
            return places[-1]
    return end
