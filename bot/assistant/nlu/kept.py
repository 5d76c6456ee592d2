"""What was learnt, kept by what it was learnt from: so that it can be learnt beforehand, in a process beside this one, and
is not learnt again when something else changed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

NEWEST = 3
"""So many of each name stay; older ones go."""
_BOT = Path(__file__).parents[2]
_CODE = ("assistant/nlu/*.py", "assistant/held_out.py", "assistant/readable.py", "places/*.py")
"""What learning runs through: another code learns something else from the same texts."""


def keep(name: str, folder: Path, made_of: Iterable[str], learn: Callable[[Path], None], target: Path) -> None:
    """Fills the folder `target` with the files that `learn` writes into a folder.

    They are kept in `folder`, and taken from there when they were made of the same texts by the same code.
    """
    place = folder / f"{name}-{_digest(made_of)}"
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder))
        try:
            learn(partial)
            if not place.is_dir():
                partial.rename(place)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        by_age = sorted(folder.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in by_age[NEWEST:]:
            shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(place, target, dirs_exist_ok=True)


def _digest(made_of: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in made_of:
        digest.update(text.encode() + b"\0")
    for path in sorted(path for pattern in _CODE for path in _BOT.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]
