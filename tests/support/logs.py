"""Logging as the application sets it up, for tests that read what is logged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.logs import configure_logs


@contextmanager
def logs_as_shipped() -> Iterator[None]:
    """Logging as the application sets it up, at "debug", to the standard error of now, whatever an earlier test made of it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs("debug")
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()
