"""Structured logs that hold ids and kinds, never a word a citizen wrote.

Rasa logs messages, slots and events in its debug lines and, when something fails, in its error lines. So its loggers are held at
"warning", every field beyond a known list is dropped from what they say, and exceptions are logged by kind and place,
without their message.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

FIELDS_OF_OTHERS = frozenset({"event", "level", "timestamp", "logger", "exception"})
"""What is kept of a line by a library that logs what it handles."""

TALKATIVE = ("rasa", "rasa_sdk", "telegram", "httpx", "pywa", "sanic", "sse_starlette")
"""Libraries that log what they handle, or addresses with secrets in them."""


def _without_content(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if str(line.get("logger", "")).split(".")[0] in TALKATIVE:
        return {key: value for key, value in line.items() if key in FIELDS_OF_OTHERS}
    return line


def _kind_and_place(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its kind and the places it passed: its message may quote what it could not handle."""
    info = line.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        frames = traceback.extract_tb(info[2])
        line["exception"] = f"{info[0].__name__} at " + " < ".join(
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames[-6:])
        )
    return line


class _NoContentFromLibraries(logging.Filter):
    """Takes the message of a talkative library's line away, and keeps its place. structlog's lines are bare already."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str) and record.name.split(".")[0] in TALKATIVE:
            record.msg, record.args = f"{record.name}:{record.lineno}", ()
        return True


def configure_logs(level: str = "info", form: str = "text") -> None:
    """Sets up structlog and the standard logging for this process. `form` is "text" or "json"."""
    logging.raiseExceptions = False  # a line that cannot be formatted would be shown with its arguments
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _kind_and_place,
        _without_content,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_NoContentFromLibraries())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer], foreign_pre_chain=shared
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").setLevel(
        logging.CRITICAL
    )  # the application logs requests itself, without queries
