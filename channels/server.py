"""The application as uvicorn starts it, everything from the settings."""

from __future__ import annotations

from fastapi import FastAPI

from bot.assistant.factory import make_assistant
from bot.catalogue import examples
from bot.conversation.message import Reply
from bot.logs import configure_logs
from bot.settings import ROOT, get_settings
from bot.storage.database import Database
from bot.yaml_files import load_yaml
from channels.app import create_app

OPENING = "utter_opening"
EXAMPLES_NOTICE = "Dit is een proefversie: alle cursussen zijn voorbeelden."
MIXED_NOTICE = "Dit is een proefversie: tussen de cursussen staan voorbeelden."


def opening() -> Reply:
    """What the assistant says first, from the responses of domain.yml."""
    domain = load_yaml((ROOT / "domain.yml").read_text(encoding="utf-8"))
    response = domain["responses"][OPENING][0]
    return Reply.model_validate({"text": response["text"], "buttons": response.get("buttons") or ()})


def notice(database: Database) -> str:
    """The line on top of the first page, as long as there are examples in the catalogue."""
    with database.read() as connection:
        if not examples.loaded(connection):
            return ""
        return EXAMPLES_NOTICE if examples.belongs(connection, "auto") else MIXED_NOTICE


def application() -> FastAPI:
    """The application. Raises what is wrong with the settings, the domain or the secret."""
    settings = get_settings()
    configure_logs(settings.log_level, settings.log_format)
    database = Database(settings.database)
    return create_app(settings, make_assistant(settings), database, opening=opening(), notice=notice(database))
