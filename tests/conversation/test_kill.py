"""SIGKILL at any moment: what was accepted is answered, once, in order."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import defaultdict

import pytest
import sqlalchemy as sa
from support.people import message
from support.rasa_server import Fault, RasaServer, echo

from bot.assistant.interface import Answer, Turn
from bot.conversation.message import InboundMessage, Reply
from bot.settings import ROOT
from bot.storage.database import Database
from bot.storage.tables import conversations, inbox, outbox

KILLS = 5
PEOPLE = 6


class Child:
    """A process with conversations, that can be killed and started again."""

    def __init__(self, database_url: str, rasa_url: str) -> None:
        self._arguments = ("-m", "support.conversation_process", database_url, rasa_url)
        self._acknowledged: dict[str, asyncio.Future[None]] = {}
        self._started = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._arguments,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        async with asyncio.timeout(30):
            await self._started.wait()

    async def kill(self) -> None:
        assert self._process is not None
        assert self._reading is not None
        self._started.clear()
        self._process.kill()
        await self._process.wait()
        await self._reading

    async def deliver(self, message: InboundMessage) -> None:
        """As a provider does: again and again, until it is acknowledged."""
        while True:
            await self._started.wait()
            assert self._process is not None
            assert self._process.stdin is not None
            done = self._acknowledged[message.message_id] = asyncio.get_running_loop().create_future()
            try:
                self._process.stdin.write(message.model_dump_json().encode() + b"\n")
                await self._process.stdin.drain()
                await done
                return
            except (ConnectionError, BrokenPipeError):
                await asyncio.sleep(0.01)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            word = line.decode().strip()
            if word == "started":
                self._started.set()
            elif word in self._acknowledged:  # the rest is log
                self._acknowledged.pop(word).set_result(None)
        for waiting in self._acknowledged.values():
            waiting.set_exception(ConnectionError("the process died"))
        self._acknowledged.clear()


def keep_events(database: Database, turn: Turn) -> Answer:
    """Answers, and leaves in the database what Rasa's tracker store would."""
    with database.begin() as connection:
        for kind in ("user", "bot"):
            connection.execute(
                sa.text("INSERT INTO events (sender_id, type_name, data) VALUES (:s, :t, :d)"),
                {"s": turn.conversation_id, "t": kind, "d": json.dumps({"message_id": turn.message_key})},
            )
    return echo(turn)


def make_events(database: Database) -> None:
    key = "SERIAL PRIMARY KEY" if not database.is_sqlite else "INTEGER PRIMARY KEY"
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE events (id {key}, sender_id VARCHAR(255), type_name VARCHAR(255), data TEXT)"
        )
        connection.exec_driver_sql("CREATE INDEX ix_events_sender_id ON events (sender_id)")


@pytest.mark.slow
async def test_killed_at_random_moments_nothing_is_lost_doubled_or_out_of_order(
    database: Database, rasa_server: RasaServer
) -> None:
    make_events(database)
    rasa_server.delay = 0.01
    rasa_server.answer = lambda turn: keep_events(database, turn)
    rasa_server.fault_of = lambda turn: random.choice([*Fault][:3]) if random.random() < 0.05 else None
    url = database.engine.url.render_as_string(hide_password=False)
    # A SQLite database has one process; on PostgreSQL two share the work, and each person writes to both.
    children = [Child(url, rasa_server.url) for _ in range(1 if database.is_sqlite else 2)]
    for child in children:
        await child.start()
    sent: dict[str, list[str]] = defaultdict(list)
    over = asyncio.Event()

    async def write(person: str) -> None:
        while not over.is_set():
            text = f"{person} {len(sent[person])}"
            sent[person].append(text)
            await random.choice(children).deliver(message(text, person, message_id=text))
            await asyncio.sleep(random.uniform(0.0, 0.01))

    writing = [asyncio.create_task(write(f"p{number}")) for number in range(PEOPLE)]
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.05, 0.8))
        victim = random.choice(children)
        await victim.kill()
        await victim.start()
    over.set()
    async with asyncio.timeout(60):
        await asyncio.gather(*writing)
        while await database.run(_waiting, readonly=True):  # noqa: ASYNC110 (other processes do the work)
            await asyncio.sleep(0.05)
    for child in children:
        await child.kill()
    with database.read() as connection:
        rows = connection.execute(sa.select(inbox.c.attempts, inbox.c.failures)).all()
    interrupted = sum(row.attempts - 1 - row.failures for row in rows)
    failures = sum(row.failures for row in rows)
    print(f"{len(rows)} messages, {KILLS} kills, {interrupted} turns interrupted, {failures} gone wrong")
    assert interrupted > 0
    with database.read() as connection:
        for person, texts in sent.items():
            _check(connection, person, texts)


def _waiting(connection: sa.engine.Connection) -> int:
    query = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.status == "pending")
    return int(connection.execute(query).scalar_one())


def _check(connection: sa.engine.Connection, person: str, texts: list[str]) -> None:
    conversation_id = connection.execute(sa.select(conversations.c.id).where(conversations.c.sender == person)).scalar()
    mine = inbox.c.conversation_id == conversation_id
    rows = connection.execute(sa.select(inbox).where(mine).order_by(inbox.c.seq)).all()
    # Every message is there, once, in the order in which it was written.
    assert [row.text for row in rows] == texts
    assert {row.status for row in rows} == {"done"}
    # Every message has one reply, behind it, and the replies are in the order of the messages.
    said = connection.execute(
        sa.select(outbox).where(outbox.c.conversation_id == conversation_id).order_by(outbox.c.seq)
    ).all()
    replies = [row for row in said if row.author == "assistant"]
    assert [row.inbox_id for row in replies] == [row.id for row in rows]
    assert [Reply.model_validate_json(row.body).text for row in replies] == [f"antwoord op {text}" for text in texts]
    assert all(reply.seq > row.seq for reply, row in zip(replies, rows, strict=True))
    # No number was given twice.
    numbers = [row.seq for row in (*rows, *said)]
    assert len(set(numbers)) == len(numbers)
    # Rasa knows of every message once, in order, however often it was tried.
    known = connection.execute(
        sa.text("SELECT data FROM events WHERE sender_id = :s AND type_name = 'user' ORDER BY id"),
        {"s": conversation_id},
    ).scalars()
    assert [json.loads(data)["message_id"] for data in known] == [f"{conversation_id}:{row.id}" for row in rows]
