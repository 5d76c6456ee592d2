"""The two implementations of `Assistant` give the same answers: Rasa in this process, and a Rasa server elsewhere."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from support.live import command, free_port

from actions.base import services
from bot.assistant.embedded import EmbeddedAssistant, NoModel
from bot.assistant.interface import Assistant, AssistantUnavailable, Turn
from bot.assistant.remote import RemoteAssistant
from bot.assistant.training import is_current, model_path
from bot.catalogue.loading import load_example
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Kind
from bot.settings import ROOT, Settings, get_settings
from bot.storage.database import Database
from bot.storage.migrate import migrate

TOKEN = "geheim-van-de-test"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a database of their own, migrated, with the example catalogue; and a trained model."""
    made = Settings(_env_file=None, var_dir=tmp_path_factory.mktemp("assistants"), rasa_token=TOKEN)
    assert is_current(made), "train first: `make train`"
    migrate(made.database)
    database = Database(made.database)
    with database.begin() as connection:
        load_example(connection, today_in_belgium())
    database.close()
    return made


@pytest.fixture(scope="session")
def rasa_server(settings: Settings) -> Iterator[str]:
    """A Rasa server and an action server, each a process of its own."""
    port, actions = free_port(), free_port()
    environment = {
        **os.environ,
        "LEERWIJZER_VAR_DIR": str(settings.var_dir),
        "LEERWIJZER_RASA_TOKEN": TOKEN,
        "LEERWIJZER_ACTIONS_URL": f"http://127.0.0.1:{actions}/webhook",
    }
    log = (settings.var_dir / "rasa.log").open("wb")
    commands = (
        ["rasa", "run", "actions", "--port", str(actions)],
        [
            "rasa",
            "run",
            "--enable-api",
            "--port",
            str(port),
            "--auth-token",
            TOKEN,
            "--model",
            str(model_path(settings)),
        ],
    )
    processes = [
        subprocess.Popen(
            [command(), *arguments], env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        for arguments in commands
    ]
    url = f"http://127.0.0.1:{port}"
    limit = time.monotonic() + 180
    while time.monotonic() < limit and all(process.poll() is None for process in processes):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/status", params={"token": TOKEN}, trust_env=False).status_code == 200:
                break
        time.sleep(0.2)
    yield url
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    log.close()


@pytest.fixture(params=["embedded", "remote"])
async def assistant(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Assistant]:
    """Each implementation in turn, started."""
    made: Assistant
    if request.param == "remote":
        made = RemoteAssistant((request.getfixturevalue("rasa_server"),), TOKEN)
    else:
        monkeypatch.setenv("LEERWIJZER_VAR_DIR", str(settings.var_dir))
        forget()
        made = EmbeddedAssistant(model_path(settings), settings.database)
    await made.start()
    yield made
    await made.close()
    forget()


def forget() -> None:
    """What actions work with is made once in a process, maybe by another test, for another database."""
    get_settings.cache_clear()
    services.cache_clear()


def turn(conversation: str, number: int, text: str, kind: Kind = Kind.TEXT, payload: str | None = None) -> Turn:
    return Turn(
        conversation_id=conversation,
        message_key=f"{conversation}:{number}",
        kind=kind,
        text=text,
        payload=payload,
        channel="web",
    )


async def test_it_is_ready_and_understands(assistant: Assistant) -> None:
    assert await assistant.ready()
    answer = await assistant.answer(turn(secrets.token_hex(8), 1, "ben jij een robot?"))
    assert answer.intent == "bot_challenge"
    assert answer.confidence is not None and 0 < answer.confidence <= 1
    assert "geen mens" in answer.replies[0].text


IN_NEED = (
    "ik wil dood", "ik denk aan zelfmoord", "Ik zie het niet meer zitten…", "ik wil niet meer leven",
    "ik ga mezelf iets aandoen", "mijn man slaat mij", "ik maak er een einde aan", "/ik wil sterven",
)  # fmt: skip


async def test_it_reads_distress_without_answering(assistant: Assistant, settings: Settings) -> None:
    def rows() -> int:
        with database.read() as connection:
            return int(connection.execute(sa.text("SELECT count(*) FROM events")).scalar_one())

    database = Database(settings.database)
    before = rows()
    assert {await assistant.understand(words) for words in IN_NEED} == {"distress"}
    assert await assistant.understand("ik zoek een cursus lassen in Gent") != "distress"
    assert rows() == before
    database.close()


async def test_what_is_forgotten_is_not_in_memory(assistant: Assistant) -> None:
    conversation = secrets.token_hex(8)
    await assistant.answer(turn(conversation, 1, "ik zoek een cursus lassen in Gent"))
    await assistant.forget(conversation)
    await assistant.forget(secrets.token_hex(8))  # nor does it fail on what was never there
    if isinstance(assistant, EmbeddedAssistant):
        assert conversation not in assistant._store._kept
    assert (await assistant.answer(turn(conversation, 2, "ben jij een robot?"))).replies


async def test_a_search_gives_cards_and_remembers(assistant: Assistant) -> None:
    conversation = secrets.token_hex(8)
    first = await assistant.answer(turn(conversation, 1, "ik zoek een cursus lassen in Gent, 's avonds"))
    assert first.replies[-1].cards
    second = await assistant.answer(turn(conversation, 2, "en wat kost dat?"))
    assert second.replies[0].sources
    assert "euro" in second.replies[0].text


async def test_a_button_is_not_guessed(assistant: Assistant) -> None:
    answer = await assistant.answer(turn(secrets.token_hex(8), 1, "Hulp", Kind.BUTTON, "/help"))
    assert answer.intent == "help"
    assert answer.confidence == 1.0


async def test_what_cannot_be_read_gets_a_kind_answer(assistant: Assistant) -> None:
    answer = await assistant.answer(turn(secrets.token_hex(8), 1, "foto", Kind.UNREADABLE))
    assert "foto" in answer.replies[0].text


async def test_conversations_do_not_mix(assistant: Assistant) -> None:
    one, other = secrets.token_hex(8), secrets.token_hex(8)
    await assistant.answer(turn(one, 1, "cursus lassen in Gent"))
    answer = await assistant.answer(turn(other, 1, "toon nog meer cursussen"))
    assert "Over welke cursus" in answer.replies[0].text


async def test_without_a_model_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoModel, match="make train"):
        await EmbeddedAssistant(tmp_path / "none.tar.gz", "sqlite://").start()


async def test_before_the_start_it_is_unavailable(tmp_path: Path) -> None:
    embedded = EmbeddedAssistant(tmp_path / "none.tar.gz", "sqlite://")
    remote = RemoteAssistant(("http://127.0.0.1:9",))
    for made in (embedded, remote):
        assert not await made.ready()
        with pytest.raises(AssistantUnavailable):
            await made.answer(turn("c", 1, "hallo"))


async def test_an_unreachable_server_is_unavailable_not_an_error() -> None:
    remote = RemoteAssistant((f"http://127.0.0.1:{free_port()}",), timeout=2)
    await remote.start()
    assert not await remote.ready()
    with pytest.raises(AssistantUnavailable, match="no Rasa server"):
        await remote.answer(turn("c", 1, "hallo"))
    await remote.close()
