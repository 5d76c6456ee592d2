"""What somebody takes back within a message: "Spaans, of nee, toch Italiaans" asks for Italian alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_INSTEAD = re.compile(
    r"\b(?:nee|neen|nenee|wacht|bedoel\w*|vergis\w*|sorry|pardon|oeps|oei|of toch|toch (?:liever|maar)|of liever)\b"
    r"(?!.*\b(?:ook|geen)\b)",
    re.IGNORECASE,
)
_NEAR = 40
"""Letters between what is taken back and what takes its place."""
_SAME = {"language": "course_topic"}
"""Kinds that take each other's place."""


def taken_back(text: str, said: Sequence[tuple[str, int, int]]) -> set[int]:
    """Which of the things said, as (kind, begin, end) in order, another of their kind takes the place of: their positions."""
    gone: set[int] = set()
    last: dict[str, int] = {}
    for at, (kind, start, _) in enumerate(said):
        group = _SAME.get(kind, kind)
        if (before := last.get(group)) is not None:
            between = text[said[before][2] : start]
            if len(between) <= _NEAR and _INSTEAD.search(between):
                gone.add(before)
        last[group] = at
    return gone
