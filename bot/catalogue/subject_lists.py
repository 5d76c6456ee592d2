"""The lists beside subjects.yml: words that say nothing of a subject, and what is done with one."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Final

from bot.catalogue.lists import CatalogueDataError, read_yaml

_WORDS: Final = ("stop_words", "tails", "heads", "weak_words", "level_words", "near_words")


def words(folder: Path) -> dict[str, list[str]]:
    """The lists of words.yml by name. Raises `CatalogueDataError` naming file and field."""
    content = read_yaml(folder / "words.yml")
    for name in _WORDS:
        if not isinstance(content.get(name), list) or not all(isinstance(word, str) for word in content[name]):
            raise CatalogueDataError(f"words.yml, {name}: must be a list of words (put yes, no, on and off in quotes)")
    return {name: content[name] for name in _WORDS}


def descriptions(folder: Path, known: Set[str]) -> dict[str, tuple[str, ...]]:
    """What is done with each subject, by its id. Raises `CatalogueDataError` naming file and entry."""
    content = read_yaml(folder / "descriptions.yml").get("descriptions")
    if not isinstance(content, dict):
        raise CatalogueDataError("descriptions.yml, descriptions: must be a list of texts for each subject")
    for subject_id, texts in content.items():
        if subject_id not in known:
            raise CatalogueDataError(f"descriptions.yml, {subject_id}: is no subject of subjects.yml")
        if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            raise CatalogueDataError(f"descriptions.yml, {subject_id}: must be a list of texts")
    return {subject_id: tuple(texts) for subject_id, texts in content.items()}
