"""Logs hold no word a citizen wrote, whoever logs it."""

from __future__ import annotations

import logging
import subprocess
import sys

from support.logs import logs_as_shipped

from bot.logs import TALKATIVE

CANARY = "kanarievogel"

PROGRAM = f"""
import logging, structlog
from bot.logs import configure_logs
configure_logs("debug", "FORM")
words = "{CANARY}"
structlog.get_logger("rasa.core.channels.rest").error("rest.message.received.failure", text=words)
logging.getLogger("rasa.core.processor").error("Could not handle %s", words)
logging.getLogger("rasa_sdk.executor").warning(words)
try:
    raise ValueError(words)
except ValueError:
    structlog.get_logger("bot.conversation.worker").exception("turn.failed", conversation="c1")
    logging.getLogger("bot.other").exception("failed")
structlog.get_logger("bot.conversation.inbox").info("accepted", conversation="c2")
structlog.get_logger("rasa.core.processor").debug("processor.message.parse", parse_data_text=words)
"""


def logged(form: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("FORM", form)], capture_output=True, text=True, check=True, timeout=60
    )
    return result.stdout + result.stderr


def test_no_words_in_text_logs() -> None:
    lines = logged("text")
    assert CANARY not in lines
    assert "c1" in lines
    assert "c2" in lines
    assert "ValueError" in lines


def test_no_words_in_json_logs() -> None:
    lines = logged("json")
    assert CANARY not in lines
    assert '"conversation": "c1"' in lines


def test_talkative_libraries_are_held_at_warning() -> None:
    with logs_as_shipped():
        assert all(logging.getLogger(name).level == logging.WARNING for name in TALKATIVE)
