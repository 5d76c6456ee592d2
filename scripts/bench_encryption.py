"""What encryption at rest costs: the same conversation stored and read with and without it.

python -m scripts.bench_encryption
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from bot.conversation import inbox, outbox, transcript
from bot.conversation.message import Author, InboundMessage, Reply
from bot.storage import cipher
from bot.storage.cipher import Cipher, new_key
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.tables import utcnow

LINES = 100
"""Of the person; as many come back."""


class Plain(Cipher):
    """Stores everything as it is."""

    def seal(self, text: str) -> str:
        return text


def median(work: Callable[[], None], times: int) -> float:
    """Milliseconds."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def measure(which: Cipher) -> tuple[float, float]:
    """Milliseconds to store one message with its answer, and to read a whole transcript."""
    cipher.use(which)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        database = Database(url)
        number = iter(range(10**6))

        def store() -> None:
            text = "ik zoek een cursus lassen in Gent, 's avonds, en ik heb een leefloon " * 2
            message = InboundMessage(channel="web", sender="an", message_id=f"m{next(number)}", text=text)
            with database.begin() as connection:
                accepted = inbox.store(connection, message, inbox.read(message), utcnow())
                answer = Reply(text="Ik vond **2 cursussen** lassen in de buurt van Gent. " * 8)
                outbox.queue(connection, accepted.conversation_id, Author.ASSISTANT, [answer], push=False, now=utcnow())

        stored = median(store, LINES)
        with database.read() as connection:
            conversation = connection.execute(sa.text("SELECT id FROM conversations")).scalar_one()

        def read() -> None:
            with database.read() as connection:
                found = transcript.lines(connection, conversation, 0, 10**6)
                assert len(found) == 2 * LINES

        result = stored, median(read, 50)
        database.close()
        return result


def main() -> None:
    """Prints both, and their ratio."""
    plain, sealed = measure(Plain([new_key()])), measure(Cipher([new_key()]))
    for what, before, after in zip(
        ("één bericht met antwoord bewaren", f"een gesprek van {2 * LINES} regels lezen"), plain, sealed, strict=True
    ):
        print(f"{what}: {before:.2f} ms zonder, {after:.2f} ms met versleuteling (x {after / before:.2f})")


if __name__ == "__main__":
    main()
