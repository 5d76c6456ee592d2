"""Secrets that the program makes itself and keeps in a file, for the eyes of its user alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


def kept(path: Path, make: Callable[[], str]) -> str:
    """What stands in a file, made there with permissions 0600 when the file is not there."""
    if not path.exists():
        _write_once(path, make())
    if path.stat().st_mode & 0o077:
        log.warning("secret.readable", path=str(path), done="chmod 600")
        path.chmod(0o600)
    return path.read_text(encoding="ascii").strip()


def _write_once(path: Path, secret: str) -> None:
    """Writes a secret in one step: two processes that start together end up with the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            log.info("secret.already_made")
    finally:
        draft.unlink()
