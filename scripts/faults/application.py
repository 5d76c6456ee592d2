"""The application with both channels, before a fake assistant: `python -m scripts.faults.application PORT RASA_URL`.

Settings come from the environment, as always.
"""

from __future__ import annotations

import sys

import uvicorn

from bot.assistant.remote import RemoteAssistant
from bot.conversation.message import Reply
from bot.logs import configure_logs
from bot.settings import get_settings
from bot.storage.database import Database
from channels.app import create_app


def main(port: int, rasa_url: str) -> None:
    """Serves until it is killed."""
    settings = get_settings()
    configure_logs("error")
    assistant = RemoteAssistant((rasa_url,), timeout=settings.reply_timeout)
    app = create_app(settings, assistant, Database(settings.database), opening=Reply(text="Dag!"))
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False, ws="none")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
