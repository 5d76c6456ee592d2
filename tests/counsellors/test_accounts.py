"""Accounts: invited once, taken up once, switched off at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app
from bot.counsellors import accounts, audit, commands, invitations, passwords, replies
from bot.counsellors.model import AccountError, Counsellor, Role
from bot.counsellors.passwords import WeakPassword
from bot.storage.counsellor_tables import counsellor_links
from bot.storage.database import Database

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
Make = Callable[..., Counsellor]


@pytest.mark.parametrize(
    ("email", "name", "role", "organisation"),
    [
        ("geen adres", "An", Role.COUNSELLOR, "vdab"),
        ("an@vdab.example", " \t", Role.COUNSELLOR, "vdab"),
        ("an@vdab.example", "An", Role.COUNSELLOR, None),
        ("an@vdab.example", "An", Role.OPERATOR, "vdab"),
        ("Bestaat@vdab.example", "An", Role.COUNSELLOR, "vdab"),
    ],
)
def test_a_wrong_account_is_refused(
    database: Database, make: Make, email: str, name: str, role: Role, organisation: str | None
) -> None:
    make("bestaat@vdab.example")
    with database.begin() as connection, pytest.raises(AccountError):
        accounts.add(connection, email, name, role, organisation)
    with database.read() as connection:
        assert len(accounts.of_organisation(connection, None)) == 1


def test_a_link_works_once_and_a_week(database: Database, password_hash: str) -> None:
    with database.begin() as connection:
        counsellor = accounts.add(connection, "an@vdab.example", "An Peeters", Role.COUNSELLOR, "vdab")
        assert counsellor.invited
        old = invitations.make_link(connection, counsellor, NOW)
        token = invitations.make_link(connection, counsellor, NOW)
        assert token not in str(connection.execute(sa.select(counsellor_links)).all())
        for gone, moment in [(old, NOW), (token, NOW + timedelta(days=7)), ("", NOW), ("x" * 5000, NOW)]:
            with pytest.raises(AccountError):
                invitations.whose(connection, gone, moment)
        assert invitations.whose(connection, token, NOW + timedelta(days=6)) == counsellor
        assert not invitations.take_up(connection, token, password_hash, NOW).invited
        with pytest.raises(AccountError):
            invitations.take_up(connection, token, password_hash, NOW)


def test_of_two_who_take_up_a_link_one_succeeds(database: Database, password_hash: str) -> None:
    with database.begin() as connection:
        counsellor = accounts.add(connection, "an@vdab.example", "An Peeters", Role.COUNSELLOR, "vdab")
        token = invitations.make_link(connection, counsellor)

    def take_up(_: int) -> bool:
        try:
            with database.begin() as connection:
                invitations.take_up(connection, token, password_hash)
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take_up, range(8))) == 1


def test_the_link_of_an_account_that_is_off_is_dead(database: Database) -> None:
    with database.begin() as connection:
        counsellor = accounts.add(connection, "an@vdab.example", "An Peeters", Role.COUNSELLOR, "vdab")
        token = invitations.make_link(connection, counsellor)
        accounts.deactivate(connection, counsellor.id)
        with pytest.raises(AccountError):
            invitations.whose(connection, token)


def test_who_lost_everything_begins_anew(database: Database, make: Make) -> None:
    counsellor = make()
    with database.begin() as connection:
        found = accounts.forget_credentials(connection, counsellor.id)
        assert found.invited
        assert not found.two_factor


def test_roles_say_who_manages_what(make: Make) -> None:
    counsellor, administrator = make(), make("beheer@vdab.example", Role.ADMINISTRATOR)
    operator = make("op@example.be", Role.OPERATOR, None)
    assert not counsellor.manages("vdab")
    assert administrator.manages("vdab")
    assert not administrator.manages("gtb")
    assert not administrator.manages(None)
    assert operator.manages("gtb")
    assert not operator.handles_referrals


def test_nobody_becomes_or_stops_being_an_operator(database: Database, make: Make) -> None:
    counsellor, operator = make(), make("op@example.be", Role.OPERATOR, None)
    with database.begin() as connection:
        for number, role in [(counsellor.id, Role.OPERATOR), (operator.id, Role.COUNSELLOR), (999, Role.COUNSELLOR)]:
            with pytest.raises(AccountError):
                accounts.change_role(connection, number, role)
        assert accounts.change_role(connection, counsellor.id, Role.ADMINISTRATOR).role is Role.ADMINISTRATOR


@pytest.mark.parametrize(
    "password",
    [
        "kort",
        "aaaaaaaaaaaaaaaaaa",
        "wachtwoord123",
        "leerwijzer2026",
        "an@vdab.example1",
        "Annelies2026",
        "é" * 12,
        "x" * 201,
    ],
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check(password, "an@vdab.example", "Annelies Peeters")


@given(st.text(min_size=12, max_size=200).filter(lambda text: len(set(text.casefold())) > 12))
def test_a_long_password_of_many_signs_is_accepted(password: str) -> None:
    try:
        passwords.check(password)
    except WeakPassword:
        # Only when what is left without the obvious words is short, or when composing shortened it.
        assert any(word in password.casefold() for word in passwords._OBVIOUS) or len(passwords._normal(password)) < 12


async def test_a_password_is_the_same_however_its_accents_are_composed() -> None:
    stored = await passwords.hashed("caf\u00e9 op de hoek")
    assert await passwords.matches(stored, "cafe\u0301 op de hoek")
    assert not await passwords.matches(stored, "cafe op de hoek")
    assert not await passwords.matches(None, "nobody has this password")
    assert not await passwords.matches("geen hash", "iets")


def test_canned_replies_belong_to_one_organisation(database: Database) -> None:
    with database.begin() as connection:
        replies.put(connection, "vdab", " Dag ", "Dag, ik ben er.")
        replies.put(connection, "vdab", "Dag", "Dag, waarmee kan ik helpen?")
        replies.put(connection, "gtb", "Dag", "Hallo")
        (mine,) = replies.of_organisation(connection, "vdab")
        assert mine.text == "Dag, waarmee kan ik helpen?"
        (other,) = replies.of_organisation(connection, "gtb")
        with pytest.raises(AccountError):
            replies.remove(connection, "vdab", other.id)
        for title, text in [("", "x"), ("x", " "), ("x", "y" * 3001)]:
            with pytest.raises(AccountError):
                replies.put(connection, "vdab", title, text)
        replies.remove(connection, "vdab", mine.id)
        assert replies.of_organisation(connection, "vdab") == []


@pytest.fixture
def run(sqlite_url: str, make_settings: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `leerwijzer desk …` on an empty database; gives what it printed."""
    settings = make_settings(database_url=sqlite_url, public_url="https://leren.example")
    monkeypatch.setattr(commands, "settings_or_exit", lambda: settings)

    def execute(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["desk", *arguments], env={"COLUMNS": "200"})
        assert result.exit_code == code, result.output
        return result.output

    return execute


def test_the_commands_manage_accounts(run: Callable[..., str], sqlite_url: str, tmp_path: Path) -> None:
    out = run("invite", "An@vdab.example", "--name", "An Peeters", "--organisation", "vdab")
    token = out.split(invitations.PATH)[1].split()[0]
    assert f"https://leren.example{invitations.PATH}" in out
    database = Database(sqlite_url)
    with database.begin() as connection:
        assert invitations.whose(connection, token).email == "an@vdab.example"
    assert "al een account" in run("invite", "an@vdab.example", "--name", "An", "--organisation", "vdab", code=2)
    assert "Kies een organisatie" in run("invite", "b@x.example", "--name", "B", "--organisation", "nergens", code=2)
    run("invite", "op@example.be", "--name", "Op", "--role", "operator")
    assert "beheerder" in run("role", "an@vdab.example", "administrator")
    assert "staat uit" in run("deactivate", "an@vdab.example")
    with database.begin() as connection, pytest.raises(AccountError):
        invitations.whose(connection, token)
    assert "geen account" in run("activate", "wie@vdab.example", code=2)
    run("activate", "an@vdab.example")
    assert invitations.PATH in run("reset", "an@vdab.example")
    shown = run("list")
    assert "uitgenodigd" in shown
    assert "op@example.be" in shown
    with database.read() as connection:
        assert len(audit.latest(connection, "vdab")) == 5
    assert "nodigde iemand uit" in run("audit", "--organisation", "vdab")
    database.close()


def test_canned_replies_come_from_a_file(run: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "antwoorden.yml"
    file.write_text("Dag: Dag, ik ben er.\nEinde: Tot ziens!\n", encoding="utf-8")
    assert "Tot ziens!" in run("replies", "vdab", "--import", str(file))
    file.write_text("- geen titel\n", encoding="utf-8")
    assert "titel: tekst" in run("replies", "vdab", "--import", str(file), code=2)
    assert "Dag, ik ben er." in run("replies", "vdab")
