"""What commands share: what is wrong around the program is said in words, a fault of its own is not hidden."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer

from bot import settings as settings_module
from bot import terminal
from bot.conversation.alone import Alone, DatabaseInUse
from bot.knowledge.datafile import DataError
from bot.listening import CannotListen, listen_at
from bot.ready import ensure_usable
from bot.settings import Settings
from bot.storage.database import Database


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings that are read anew, and no `.env` of the developer."""
    monkeypatch.setitem(settings_module.Settings.model_config, "env_file", None)
    settings_module.get_settings.cache_clear()
    yield
    settings_module.get_settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LEERWIJZER_PORT", "acht", "LEERWIJZER_PORT"),
        ("LEERWIJZER_ALLOWED_ORIGINS", "http://x", "allowed_origins"),
        ("LEERWIJZER_ALLOWED_ORIGINS", '["foo"]', "LEERWIJZER_ALLOWED_ORIGINS"),
        ("LEERWIJZER_OIDC_ISSUER", "https://id.example", "LEERWIJZER_OIDC_CLIENT_ID"),
    ],
)
def test_a_wrong_setting_ends_the_program_with_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(typer.Exit) as ended:
        terminal.settings_or_exit()
    assert ended.value.exit_code == 2
    shown = capsys.readouterr().err
    assert said in shown and ".env.example" in shown


def test_a_setting_that_is_unknown_in_the_file_is_named_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("LEERWIJZER_FOO=1\n", encoding="utf-8")
    monkeypatch.setitem(settings_module.Settings.model_config, "env_file", tmp_path / ".env")
    with pytest.raises(typer.Exit):
        terminal.settings_or_exit()
    assert "Instelling LEERWIJZER_FOO:" in capsys.readouterr().err


def test_a_misspelt_setting_in_the_environment_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEERWIJZER_PROT", "8001")
    terminal.settings_or_exit()
    assert "LEERWIJZER_PROT is geen instelling" in capsys.readouterr().err


def test_what_is_wrong_around_the_program_is_told_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> None:
        raise DataError("figures.yml", "no amount", entry="x")

    with pytest.raises(SystemExit) as ended:
        terminal.guarded(command)
    assert ended.value.code == 2
    assert "figures.yml" in capsys.readouterr().err


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    def command() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        terminal.guarded(command)


def test_what_a_database_says_holds_no_statement() -> None:
    error = sa.exc.OperationalError("SELECT geheim", {}, Exception("connection refused\nmore"))
    what, advice = terminal.in_words(error) or ("", "")
    assert "connection refused" in what
    assert "geheim" not in what + advice and "more" not in what
    assert "LEERWIJZER_DATABASE_URL" in advice


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="var") as caught:
        (tmp_path / "var" / "x").mkdir(parents=True)
    what, _ = terminal.in_words(caught.value) or ("", "")
    assert str(tmp_path / "var") in what


def test_a_file_to_write_is_looked_at_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "STARTED_IN", tmp_path)
    assert terminal.given_output(None) is None
    assert terminal.given_output(Path("cijfers.json")) == tmp_path / "cijfers.json"
    for wrong in (Path("nergens/cijfers.json"), tmp_path):
        with pytest.raises(typer.Exit):
            terminal.given_output(wrong)


def test_a_port_that_is_taken_is_told_before_anything_is_made() -> None:
    with listen_at("127.0.0.1", 0) as first:
        first.listen()
        with pytest.raises(CannotListen, match="kan ik niet luisteren") as caught:
            listen_at("127.0.0.1", first.getsockname()[1])
    assert "--port" in caught.value.advice


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(CannotListen):
        listen_at("192.0.2.1", 8000)


def test_a_database_that_another_process_has_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str
) -> None:
    monkeypatch.setattr("bot.ready.PATIENCE", 0.1)
    settings = Settings(_env_file=None, database_url=sqlite_url, var_dir=tmp_path)
    ensure_usable(settings)
    ensure_usable(settings)  # it was let go
    database = Database(sqlite_url, threads=1)
    other = Alone(database)
    other.begin()
    with pytest.raises(DatabaseInUse, match="Een ander proces") as caught:
        ensure_usable(settings)
    assert "LEERWIJZER_VAR_DIR" in caught.value.advice
    other.end()
    database.close()


def test_nothing_of_this_process_is_taken_for_a_misspelt_setting() -> None:
    known = {terminal.PREFIX + name.upper() for name in Settings.model_fields}
    assert not terminal.unknown_settings() & known
    assert all(name in os.environ for name in terminal.unknown_settings())
