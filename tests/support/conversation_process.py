"""A process that runs conversations, for tests that kill it.

Messages come in on standard input, one JSON object a line; the id of each goes to standard output once it is accepted.

PYTHONPATH=.:tests python -m support.conversation_process DATABASE_URL RASA_URL
"""

from __future__ import annotations

import asyncio
import sys

from support.people import QUICK

from bot.assistant.remote import RemoteAssistant
from bot.conversation.message import InboundMessage
from bot.conversation.service import Conversations
from bot.settings import Settings
from bot.storage.database import Database


async def main(database_url: str, rasa_url: str) -> None:
    """Works until it is killed."""
    assistant = RemoteAssistant((rasa_url,))
    await assistant.start()
    conversations = Conversations(Database(database_url), assistant, Settings(_env_file=None), QUICK)
    await conversations.start()
    print("started", flush=True)
    incoming = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(incoming), sys.stdin)
    accepting = set()

    async def accept(message: InboundMessage) -> None:
        await conversations.accept(message)
        print(message.message_id, flush=True)

    while line := await incoming.readline():
        task = asyncio.create_task(accept(InboundMessage.model_validate_json(line)))
        accepting.add(task)
        task.add_done_callback(accepting.discard)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
