"""Reads the YAML files that editors change, with errors that name the file, the entry and the field.

Every file is a mapping with one list (`figures:`, `articles:`, `organisations:` …); each entry of the list has an `id`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.trouble import Trouble
from bot.yaml_files import load_yaml

Model = TypeVar("Model", bound=BaseModel)


class DataError(Trouble, ValueError):
    """A data file is wrong. Its text names the file, and where known the entry and the field."""

    def __init__(self, file: str, message: str, *, entry: str = "", field: str = "") -> None:
        where = [file]
        if entry:
            where.append(f"entry '{entry}'")
        if field:
            where.append(f"field '{field}'")
        super().__init__(f"{', '.join(where)}: {message}")
        self.file, self.entry, self.field = file, entry, field


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises `DataError` when it cannot be read or is something else."""
    try:
        content = load_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(path.name, f"cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(path.name, f"is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise DataError(path.name, "must be a mapping")
    return content


def read_entries(path: Path, key: str, model: type[Model]) -> list[Model]:
    """The entries under `key` of a file, validated, in the order of the file.

    Raises `DataError` for an unreadable file, an unknown top-level key, a wrong entry, or an id that stands twice.
    """
    content = read_mapping(path)
    for other in content.keys() - {key}:
        raise DataError(path.name, f"unknown key; only '{key}' may stand here", field=str(other))
    raw = content.get(key)
    if not isinstance(raw, list) or not raw:
        raise DataError(path.name, "must be a list with at least one entry", field=key)
    entries = [parse(model, item, file=path.name, position=number) for number, item in enumerate(raw, start=1)]
    unique((str(getattr(entry, "id", number)) for number, entry in enumerate(entries)), file=path.name)
    return entries


def parse(model: type[Model], raw: object, *, file: str, position: int) -> Model:
    """One entry as `model`. Raises `DataError` with every wrong field."""
    name = raw.get("id") if isinstance(raw, dict) else None
    entry = str(name) if name else f"number {position}"
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems = error.errors()
        first = ".".join(str(part) for part in problems[0]["loc"])
        message = "; ".join(
            problem["msg"] if number == 0 else f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for number, problem in enumerate(problems)
        )
        raise DataError(file, message, entry=entry, field=first) from error


def unique(ids: Iterable[str], *, file: str) -> None:
    """Raises `DataError` when an id stands twice."""
    seen: set[str] = set()
    for identifier in ids:
        if identifier in seen:
            raise DataError(file, "stands twice", entry=identifier, field="id")
        seen.add(identifier)
