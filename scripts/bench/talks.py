"""Live talks to measure and to test: counsellors, people who wait for them, and what each page showed and when."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import sqlalchemy as sa

from bot.conversation import records
from bot.conversation.change import begin
from bot.conversation.model import Floor
from bot.counsellors import accounts, passwords
from bot.counsellors.model import Role
from bot.referral.life import CITIZEN, State, What, move
from bot.referral.referrals import NewReferral, Way, create
from bot.storage import cipher
from bot.storage.columns import utcnow
from bot.storage.database import Database
from scripts.bench.desk_server import settings_of
from scripts.bootstrap import ROOT

ORGANISATION = "leerwinkel-brussel"
SUMMARY = "Vraag: hulp bij het kiezen"
PASSWORD = "een paard staat in de gang"
_numbers = itertools.count(1)


@dataclass
class Desk:
    """A running application, and its database."""

    url: str
    database: Database
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def running(var: Path, port: int, *, demo: bool = False) -> Iterator[Desk]:
    """The application in a process of its own, ready."""
    command = [sys.executable, "-m", "scripts.bench.desk_server", "--port", str(port), "--var", str(var)]
    if demo:
        command.append("--demo")
    with (var / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    settings = settings_of(var, port)
    url = settings.public_url
    try:
        deadline = time.monotonic() + 180
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200:
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"it did not start: {(var / 'log').read_text()}")
            time.sleep(0.1)
        cipher.use(cipher.Cipher(cipher.keys_of(settings)))
        database = Database(settings.database, threads=1)
        yield Desk(url, database, process)
        database.close()
    finally:
        process.terminate()
        process.wait(20)


def counsellors(desk: Desk, names: list[str]) -> list[str]:
    """Makes accounts and gives their addresses."""
    password_hash = passwords.hash_now(PASSWORD)
    addresses = []
    with desk.database.begin() as connection:
        for number, name in enumerate(names):
            made = accounts.add(connection, f"b{number}@desk.example", name, Role.COUNSELLOR, ORGANISATION)
            accounts.set_password(connection, made.id, password_hash)
            addresses.append(made.email)
    return addresses


def wait_for_counsellor(
    connection: sa.engine.Connection, conversation_id: str, organisation: str = ORGANISATION, summary: str = SUMMARY
) -> str:
    """Has the person of a conversation wait for a counsellor, as after their consent; gives the reference."""
    found = records.get(connection, conversation_id)
    assert found is not None
    made = create(
        connection,
        NewReferral(
            conversation_id=conversation_id,
            message_key=f"meting-{next(_numbers)}",
            organisation=organisation,
            way=Way.CHAT,
            contact="",
            summary=summary,
            with_transcript=True,
            consent_version="meting",
            consent_text="Mag ik dit doorsturen?",
            channel=found.channel,
        ),
    )
    now = utcnow() + timedelta(milliseconds=1)
    move(connection, made.id, What.QUEUED, State.WAITING, CITIZEN, now, key="queued")
    begin(connection, conversation_id, now, lambda channel: False).give_floor(Floor.COUNSELLOR)
    return made.reference
