"""The assistant that the settings ask for."""

from __future__ import annotations

from bot.assistant.embedded import EmbeddedAssistant
from bot.assistant.interface import Assistant
from bot.assistant.remote import RemoteAssistant
from bot.assistant.training import model_path
from bot.settings import Settings

GRACE = 5.0
"""Seconds beyond the limit of a reply: the worker's own limit comes first, so that it decides what a late turn means."""


def make_assistant(settings: Settings) -> Assistant:
    """Rasa servers elsewhere when their addresses are set, else Rasa in this process. Not yet started."""
    limit = settings.reply_timeout + GRACE
    if settings.rasa_urls:
        return RemoteAssistant(settings.rasa_urls, settings.rasa_token.get_secret_value(), limit)
    return EmbeddedAssistant(model_path(settings), settings.database, timeout=limit)
