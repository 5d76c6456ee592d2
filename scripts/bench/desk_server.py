"""The application as a process, with an assistant that only says that it heard: for measuring the desk.

python -m scripts.bench.desk_server --port 8123 --var DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from bot.assistant.interface import Answer, Turn
from bot.conversation.message import Reply
from bot.counsellors.demo import demo_of
from bot.counsellors.demo import make as make_demo
from bot.logs import configure_logs
from bot.settings import Settings
from bot.storage import cipher
from bot.storage.database import Database
from bot.storage.migrate import migrate
from channels.app import create_app


class Listener:
    """An `Assistant` that answers every message with one line."""

    async def start(self) -> None:
        """Is ready at once."""

    async def answer(self, turn: Turn) -> Answer:
        """One line."""
        return Answer(replies=(Reply(text="Ik haal er iemand bij."),))

    async def understand(self, text: str) -> str | None:
        """Nothing."""
        return None

    async def forget(self, conversation_id: str) -> None:
        """There is nothing to forget."""

    async def ready(self) -> bool:
        """Always."""
        return True

    async def close(self) -> None:
        """Nothing to close."""


def settings_of(var: Path, port: int, demo: bool = False) -> Settings:
    """The settings of the server, for whoever works on the same database."""
    url = f"http://127.0.0.1:{port}"
    return Settings(_env_file=None, var_dir=var, port=port, public_url=url, desk_two_factor="optional", demo=demo)


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--demo", action="store_true")
    arguments = parser.parse_args()
    settings = settings_of(arguments.var, arguments.port, arguments.demo)
    configure_logs("warning")
    cipher.use(cipher.Cipher(cipher.keys_of(settings)))
    migrate(settings.database)
    database = Database(settings.database)
    if (demo := demo_of(settings)) is not None:
        with database.begin() as connection:
            make_demo(connection, demo)
    app = create_app(settings, Listener(), database, opening=Reply(text="Dag! Ik zoek cursussen voor je."))
    try:
        uvicorn.run(app, host="127.0.0.1", port=arguments.port, ws="none", access_log=False, log_level="warning")
    finally:
        database.close()


if __name__ == "__main__":
    main()
