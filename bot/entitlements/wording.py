"""Words with figures in them: `{figure:id}`, `{figure:id:reduced}`, `{figure:id:part}`, as in the articles."""

from __future__ import annotations

import re
from datetime import date

from bot.knowledge.figures import Figures, quotable, render_figure

_MARKER = re.compile(r"\{figure:(?P<reference>[a-z0-9-]+(?::[a-z0-9-]+)?)\}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def figures_in(text: str) -> tuple[str, ...]:
    """The references to figures in a text: "id" or "id:part"."""
    return tuple(match["reference"] for match in _MARKER.finditer(text))


def split_reference(reference: str) -> tuple[str, str]:
    """The id and the part of a reference; the part is empty for the amount itself."""
    name, _, part = reference.partition(":")
    return name, part


def fill(text: str, figures: Figures, on: date) -> str:
    """The text with its figures as they stand on a day, without the sentences whose figure may not be quoted then."""
    kept = []
    for sentence in _SENTENCE_END.split(text):
        references = [split_reference(reference) for reference in figures_in(sentence)]
        if all(quotable(figures[name], on) for name, _ in references):
            kept.append(_MARKER.sub(lambda match: _amount(match["reference"], figures), sentence))
    return " ".join(kept)


def _amount(reference: str, figures: Figures) -> str:
    name, part = split_reference(reference)
    return render_figure(figures[name], part)
