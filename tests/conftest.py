"""What tests share: both databases, settings that know nothing of the developer's own, and a fake Rasa server."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import anyio
import hypothesis
import pytest
import sqlalchemy as sa
from support.people import QUICK
from support.rasa_server import RasaServer

from bot.assistant.remote import RemoteAssistant
from bot.conversation.service import Conversations, Sender
from bot.conversation.timing import Timing
from bot.places import Gazetteer
from bot.referral.directory import Directory, load_directory
from bot.settings import ROOT, Settings
from bot.storage.cipher import Cipher, new_key, use
from bot.storage.database import Database
from bot.storage.migrate import migrate

KEY = "LEERWIJZER_ENCRYPTION_KEYS"
os.environ[KEY] = new_key()
use(Cipher([os.environ[KEY]]))  # child processes of the tests read the same databases

os.environ.pop("COLUMNS", None)  # xdist tells its own width, and rich would keep to it

# anyio imports its event loop at the first use, which is in the middle of a request. As the package of a plugin it is then
# rewritten by pytest, and on that depth of calls the compiler of Python 3.11.7 may fail ("recursion depth mismatch").
anyio.run(anyio.sleep, 0)

# No test is timed: on a busy machine an example may take long, and takes nothing away from what it shows.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
"""A server on which tests may make and drop databases of their own."""
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


@pytest.fixture(scope="session")
def directory() -> Directory:
    """The organisations of data/referral."""
    return load_directory(ROOT / "data" / "referral", Gazetteer.load(ROOT / "data" / "places"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.engine.Engine]:
    """A PostgreSQL server, outside transactions; skips when there is none."""
    engine = sa.create_engine(POSTGRES, future=True, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        engine.connect().close()
    except sa.exc.OperationalError:
        pytest.skip("no PostgreSQL server at TEST_POSTGRES_URL")
    yield engine
    engine.dispose()


@contextmanager
def _postgres_database(server: sa.engine.Engine, template: str = "template1") -> Iterator[str]:
    """The URL of a new PostgreSQL database, a copy of `template`, that is dropped afterwards."""
    name = f"leerwijzer_test_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield sa.engine.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: sa.engine.Engine) -> Iterator[str]:
    """The name of a migrated PostgreSQL database, to copy."""
    with _postgres_database(postgres_server) as url:
        migrate(url)
        yield str(sa.engine.make_url(url).database)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres_server: sa.engine.Engine) -> Iterator[str]:
    """The URL of a PostgreSQL database that is dropped afterwards: empty, or migrated for tests that use `database`."""
    migrated = "database" in request.fixturenames
    template = request.getfixturevalue("migrated_postgres") if migrated else "template1"
    with _postgres_database(postgres_server, template) as url:
        yield url


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a SQLite database: not there yet, or migrated for tests that use `database`."""
    path = tmp_path / "test.db"
    if "database" in request.fixturenames:
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database, empty unless the test uses `database`: once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The URL of a Redis server; skips when there is none."""
    import redis

    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=2).ping()
    except redis.exceptions.ConnectionError:
        pytest.skip("no Redis server at TEST_REDIS_URL")
    return REDIS


@pytest.fixture
def make_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Makes settings from their defaults, deaf to the environment and .env; what is written goes to `tmp_path`."""
    for name in list(os.environ):
        if name.startswith("LEERWIJZER_") and name != KEY:
            monkeypatch.delenv(name)

    def make(**values: object) -> Settings:
        return Settings(_env_file=None, **{"var_dir": tmp_path} | values)

    return make


@pytest.fixture
def rasa_server() -> Iterator[RasaServer]:
    """A fake Rasa server over real HTTP."""
    server = RasaServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def assistant(rasa_server: RasaServer) -> AsyncIterator[RemoteAssistant]:
    """The assistant on the fake server."""
    assistant = RemoteAssistant((rasa_server.url,))
    await assistant.start()
    yield assistant
    await assistant.close()


@pytest.fixture
async def make_conversations(
    database: Database, assistant: RemoteAssistant, make_settings: Callable[..., Settings]
) -> AsyncIterator[Callable[..., Awaitable[Conversations]]]:
    """Makes and starts conversations on the database and the fake server; what is no argument is a setting."""
    made: list[Conversations] = []

    async def make(
        *, timing: Timing = QUICK, senders: Mapping[str, Sender] = MappingProxyType({}), **settings: object
    ) -> Conversations:
        conversations = Conversations(database, assistant, make_settings(**settings), timing)
        for channel, sender in senders.items():
            conversations.register(channel, sender)
        await conversations.start()
        made.append(conversations)
        return conversations

    yield make
    for conversations in made:
        await conversations.stop()


@pytest.fixture
async def conversations(make_conversations: Callable[..., Awaitable[Conversations]]) -> Conversations:
    """Started conversations, with settings as they come and quick retries."""
    return await make_conversations()
