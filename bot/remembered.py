"""What is read from a folder of data and never changes afterwards, read once for all who ask."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def remembered(read: Callable[[Path], T]) -> Callable[[Path], T]:
    """A function that gives what `read` made of a folder, until a file in the folder changes. Raises what `read` raises."""
    kept: dict[Path, tuple[object, T]] = {}
    lock = threading.Lock()

    def load(folder: Path) -> T:
        folder = folder.resolve()
        with lock:
            state = _state(folder)
            if folder not in kept or kept[folder][0] != state:
                kept[folder] = state, read(folder)
            return kept[folder][1]

    return load


def _state(folder: Path) -> object:
    if not folder.is_dir():
        return None
    files = ((path.name, path.stat()) for path in folder.iterdir() if path.is_file())
    return frozenset((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)
