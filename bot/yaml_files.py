"""YAML as all files of editors are read: by libyaml, ten times as quick as Python's own, and refusing what would be lost."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml


class _StrictLoader(yaml.CSafeLoader):
    """Plain values only, and never the same key twice: the first of the two would silently be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' stands twice in one entry", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def load_yaml(text: str) -> Any:
    """What a text in YAML says. Raises `yaml.YAMLError`, also for a key that stands twice."""
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a safe loader
