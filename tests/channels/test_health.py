"""Alive at once; ready only when a message would be answered, and otherwise what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from support.rasa_server import RasaServer
from support.script import OPENING
from support.site import Site

from bot.assistant.interface import Answer, Turn
from bot.assistant.remote import RemoteAssistant
from bot.conversation.service import Conversations
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import migrate
from channels import health
from channels.app import create_app

Make = Callable[..., Settings]


class Loading:
    """An assistant that is being loaded, as the embedded one is for some seconds; then it is there, or not."""

    def __init__(self, error: Exception | None = None) -> None:
        self.go = asyncio.Event()
        self.error = error
        self.closed = False

    async def start(self) -> None:
        await self.go.wait()
        if self.error:
            raise self.error

    async def answer(self, turn: Turn) -> Answer:
        raise AssertionError(turn.conversation_id)

    async def understand(self, text: str) -> str | None:
        """Nothing."""
        return None

    async def forget(self, conversation_id: str) -> None:
        """There is nothing to forget."""

    async def ready(self) -> bool:
        return True

    async def close(self) -> None:
        self.closed = True


@asynccontextmanager
async def client(
    settings: Settings, assistant: Loading | RemoteAssistant, database: Database
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, assistant, database, opening=OPENING)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
    ):
        yield http


async def until_ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(10):
        while (await http.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.05)


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    """A SQLite database without a single table."""
    return Database(f"sqlite:///{tmp_path / 'leerwijzer.db'}")


@pytest.fixture
def migrated(empty: Database) -> Database:
    """A SQLite database that is up to date."""
    migrate(str(empty.engine.url))
    return empty


async def test_a_running_site_is_ready(site: Site) -> None:
    response = await site.http.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "missing": [],
        "parts": {"database": "ok", "conversations": "ok", "assistant": "ok"},
    }
    assert response.headers["cache-control"] == "no-store"


async def test_it_lives_at_once_and_is_ready_when_the_assistant_is(make_settings: Make, migrated: Database) -> None:
    assistant = Loading()
    async with client(make_settings(), assistant, migrated) as http:
        assert (await http.get("/health/live")).json() == {"status": "ok"}
        response = await http.get("/health/ready")
        assert response.status_code == 503
        assert response.json()["parts"]["assistant"] == "starting"
        assert "assistant" in response.json()["missing"]
        assistant.go.set()
        await until_ready(http)
    assert assistant.closed


async def test_an_assistant_that_cannot_start_is_named_and_its_reason_logged(
    make_settings: Make, migrated: Database
) -> None:
    assistant = Loading(RuntimeError("no model: run leerwijzer train"))
    assistant.go.set()
    with capture_logs() as logs:
        async with client(make_settings(), assistant, migrated) as http:
            async with asyncio.timeout(20):
                while True:
                    response = await http.get("/health/ready")
                    parts = response.json()["parts"]
                    if (parts["conversations"], parts["assistant"]) == ("ok", "failed"):
                        break
                    await asyncio.sleep(0.05)
    assert response.status_code == 503
    assert response.json()["missing"] == ["assistant"]
    assert "leerwijzer train" not in response.text
    assert any("leerwijzer train" in entry.get("reason", "") for entry in logs)


async def test_remote_servers_that_are_away_are_named(
    make_settings: Make, migrated: Database, rasa_server: RasaServer
) -> None:
    async with client(make_settings(), RemoteAssistant((rasa_server.url,)), migrated) as http:
        await until_ready(http)
        rasa_server.up = False
        assert (await http.get("/health/ready")).json()["parts"]["assistant"] == "unreachable"
        rasa_server.up = True
        assert (await http.get("/health/ready")).status_code == 200


async def test_a_database_without_tables_is_outdated(make_settings: Make, empty: Database) -> None:
    assistant = Loading()
    assistant.go.set()
    async with client(make_settings(), assistant, empty) as http:
        response = await http.get("/health/ready")
        assert response.status_code == 503
        assert response.json()["parts"]["database"] == "outdated"


async def test_a_database_of_an_older_version_is_outdated(make_settings: Make, migrated: Database) -> None:
    assistant = Loading()
    assistant.go.set()
    async with client(make_settings(), assistant, migrated) as http:
        await until_ready(http)
        with migrated.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = 'oud'"))
        assert (await http.get("/health/ready")).json()["missing"] == ["database"]


async def test_a_database_that_is_away_is_unreachable_and_no_secret_is_told(make_settings: Make) -> None:
    url = "postgresql://postgres:geheim@127.0.0.1:9/niets"
    assistant = Loading()
    assistant.go.set()
    with capture_logs() as logs:
        async with client(make_settings(), assistant, Database(url)) as http:
            assert (await http.get("/health/live")).status_code == 200
            response = await http.get("/health/ready")
            sent = await http.post("/webhooks/rest/webhook", json={"sender": "an", "message": "hallo"})
            page = await http.get("/")
    assert response.status_code == 503
    assert response.json()["parts"]["database"] == "unreachable"
    assert "geheim" not in response.text + str(logs)
    assert sent.status_code == 503
    assert sent.headers["retry-after"]
    assert page.status_code == 200


async def test_until_messages_can_be_stored_they_are_refused(
    make_settings: Make, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_FIRST_PAUSE", 0.05)
    assistant = Loading()
    assistant.go.set()
    async with client(make_settings(public_url="http://test"), assistant, empty) as http:
        await asyncio.sleep(0.1)
        response = await http.post("/web/session", headers={"Origin": "http://test"})
        assert response.status_code == 503
        assert response.json()["error"]["code"] in ("starting", "unavailable")
        migrate(str(empty.engine.url))
        await until_ready(http)  # what was not there at the start is tried again
        assert (await http.post("/web/session", headers={"Origin": "http://test"})).status_code == 201


async def test_a_second_process_waits_until_the_first_is_gone(
    make_settings: Make, migrated: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_FIRST_PAUSE", 0.05)
    assistant = Loading()
    assistant.go.set()
    first = Conversations(migrated, assistant, make_settings())
    await first.start()
    with capture_logs() as logs:
        async with client(make_settings(), assistant, migrated) as http:
            await asyncio.sleep(0.1)
            assert (await http.get("/health/ready")).json()["missing"] == ["conversations"]
            assert any(
                entry.get("error") == "DatabaseInUse" and "Een ander proces" in entry["reason"] for entry in logs
            )
            await first.stop()
            await until_ready(http)
