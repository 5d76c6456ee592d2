"""Utterances of Rasa NLU YAML, with what stands in them, read without Rasa."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_ENTITY = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<short>[^)]+)\)|(?P<long>\{[^}]*\}))")


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance. `entities` are (begin, end, name) in `text`; `style` is how it is written, where that is told."""

    text: str
    intent: str
    entities: tuple[tuple[int, int, str], ...]
    style: str


def _plain(marked: str) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    text, entities, end = "", [], 0
    for match in _ENTITY.finditer(marked):
        text += marked[end : match.start()]
        name = match["short"].partition(":")[0] if match["short"] else json.loads(match["long"])["entity"]
        entities.append((len(text), len(text) + len(match["text"]), name))
        text += match["text"]
        end = match.end()
    return text + marked[end:], tuple(entities)


def _lines(block: dict[str, Any]) -> list[tuple[str, str]]:
    style = str((block.get("metadata") or {}).get("style", "-"))
    given = block["examples"]
    if isinstance(given, str):
        return [(line.strip()[1:].strip(), style) for line in given.splitlines() if line.strip().startswith("-")]
    return [(entry["text"].strip(), str((entry.get("metadata") or {}).get("style", style))) for entry in given]


def read(path: Path) -> list[Example]:
    """The utterances of a file, or of all files of a folder (not of the folders in it)."""
    found = []
    for file in sorted(path.glob("*.yml")) if path.is_dir() else [path]:
        for block in (yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) or {}).get("nlu") or ():
            if "intent" in block:
                for marked, style in _lines(block):
                    text, entities = _plain(marked)
                    if text.strip():
                        found.append(Example(text, block["intent"], entities, style))
    return found
