"""The application as a process of its own, with Rasa at an address: for tests that need a real server, or kill it.

python tests/support/chat_server.py --port 8123 --var DIR --rasa http://127.0.0.1:8124
"""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn
from support.attended import attend
from support.script import OPENING

from bot.assistant.remote import RemoteAssistant
from bot.conversation.service import Conversations
from bot.places import Gazetteer
from bot.referral.consent import load_consent
from bot.referral.desk import Desk
from bot.referral.directory import load_directory
from bot.referral.reception import Reception
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import migrate
from channels.app import create_app


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--rasa", required=True)
    parser.add_argument("--notice", default="")
    parser.add_argument("--allow", action="append", default=[])
    arguments = parser.parse_args()
    settings = Settings(
        _env_file=None,
        port=arguments.port,
        public_url=f"http://127.0.0.1:{arguments.port}",
        allowed_origins=tuple(arguments.allow),
        var_dir=arguments.var,
        rasa_urls=(arguments.rasa,),
    )
    migrate(settings.database)
    database = Database(settings.database)
    assistant = RemoteAssistant(settings.rasa_urls, timeout=settings.reply_timeout)
    conversations = Conversations(database, assistant, settings)
    app = create_app(settings, assistant, database, conversations, opening=OPENING, notice=arguments.notice)
    places = Gazetteer.load(settings.data_dir / "places")
    referral = settings.data_dir / "referral"
    directory = load_directory(referral, places)
    desk = Desk(conversations, directory, load_consent(referral), settings)
    attend(app, conversations, desk, Reception(conversations, directory, settings), database)
    try:
        uvicorn.run(
            app,
            host="127.0.0.1",
            port=arguments.port,
            ws="none",
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=3,
        )
    finally:
        database.close()


if __name__ == "__main__":
    main()
