"""The lists that editors keep in data/catalogue, read and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.trouble import Trouble
from bot.yaml_files import load_yaml

Model = TypeVar("Model", bound=BaseModel)


class CatalogueDataError(Trouble, ValueError):
    """A file of data/catalogue cannot be used; the text names file, entry and field."""


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping. Raises `CatalogueDataError`."""
    try:
        content = load_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueDataError(f"{path} does not exist") from None
    except yaml.YAMLError as error:
        raise CatalogueDataError(f"{path.name}: {error}") from None
    if not isinstance(content, dict):
        raise CatalogueDataError(f"{path.name}: must be a mapping")
    return content


def parse(model: type[Model], entry: Any, file: str) -> Model:
    """An entry of a YAML file as a model. Raises `CatalogueDataError` naming file, entry and field."""
    label = entry.get("id", entry.get("title", "?")) if isinstance(entry, dict) else repr(entry)
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "entry"
        raise CatalogueDataError(f"{file}, {label}, {field}: {first['msg']}") from None
