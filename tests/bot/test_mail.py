"""Mail against a real SMTP server: delivered once, again when the server falters, never with anything personal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr
from support.mail_server import Inbox, mail_server
from support.people import eventually
from support.referrals import NOW, ORGANISATION, add_conversation, make, new

from bot import mail
from bot.conversation.transactions import Transactions
from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.mail import Mail, Mailer
from bot.referral import hours, notices
from bot.referral.notices import Notice
from bot.referral.referrals import create
from bot.settings import Settings
from bot.smtp import Server
from bot.storage.columns import utcnow
from bot.storage.database import Database
from bot.storage.referral_tables import mails

SENDER = "Leerwijzer <balie@leerwijzer.example>"


@pytest.fixture
async def post() -> AsyncIterator[tuple[Inbox, Server]]:
    with mail_server() as (inbox, url):
        yield inbox, Server.parse(url)


def queue(database: Database, *keys: str, recipient: str = "els@voorbeeld.be") -> None:
    with database.begin() as connection:
        for key in keys:
            mail.queue(connection, Mail(key, recipient, f"Onderwerp {key}", "Dag é\n"), utcnow())


def rows(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(sa.select(mails).order_by(mails.c.id)))


async def test_a_mail_arrives_once(database: Database, post: tuple[Inbox, Server]) -> None:
    inbox, server = post
    queue(database, "a", "b", "a")
    mailer = Mailer(Transactions(database), server, SENDER, sweep=0.1)
    mailer.start()
    await eventually(lambda: len(inbox.took) == 2)
    await asyncio.sleep(0.3)
    await mailer.stop()
    assert [message["Subject"] for message in inbox.took] == ["Onderwerp a", "Onderwerp b"]
    first = inbox.took[0]
    assert (first["From"], first["To"]) == (SENDER, "els@voorbeeld.be")
    assert first.get_content().strip() == "Dag é"
    assert [(row.status, row.body) for row in rows(database)] == [("sent", ""), ("sent", "")]


async def test_a_server_that_falters_is_asked_again(
    database: Database, post: tuple[Inbox, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, server = post
    monkeypatch.setattr(mail, "_PAUSES", (0.05,))
    inbox.answers += ["451 later", "554 not now"]
    queue(database, "a")
    mailer = Mailer(Transactions(database), server, SENDER, sweep=0.1)
    mailer.start()
    await eventually(lambda: len(inbox.took) == 1)
    await mailer.stop()
    (row,) = rows(database)
    assert (row.status, row.attempts) == ("sent", 3)
    assert inbox.took[0]["Message-ID"].startswith("<leerwijzer.")


async def test_without_a_server_nothing_is_lost_and_after_days_it_is_given_up(database: Database) -> None:
    queue(database, "a")
    mailer = Mailer(Transactions(database), Server.parse("smtp://127.0.0.1:9"), SENDER, sweep=0.1)
    mailer.start()
    await eventually(lambda: rows(database)[0].attempts == 1 and rows(database)[0].error is not None)
    await mailer.stop()
    assert rows(database)[0].status == "pending"
    with time_machine.travel(utcnow() + mail.GIVE_UP + timedelta(hours=1), tick=True):
        mailer = Mailer(Transactions(database), Server.parse("smtp://127.0.0.1:9"), SENDER, sweep=0.1)
        mailer.start()
        await eventually(lambda: rows(database)[0].status == "dead")
        await mailer.stop()


async def test_an_address_that_is_refused_for_good_is_set_aside(database: Database, post: tuple[Inbox, Server]) -> None:
    inbox, server = post
    queue(database, "a", recipient="weg@voorbeeld.be")
    queue(database, "b")
    mailer = Mailer(Transactions(database), server, SENDER, sweep=0.1)
    mailer.start()
    await eventually(lambda: [row.status for row in rows(database)] == ["dead", "sent"])
    await mailer.stop()
    assert len(inbox.took) == 1


async def test_user_and_password_are_given(database: Database) -> None:
    from support.browser import free_port

    seen: list[tuple[bytes, bytes]] = []

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    inbox = Inbox()
    controller = Controller(
        inbox, hostname="127.0.0.1", port=free_port(), authenticator=check, auth_required=True, auth_require_tls=False
    )
    controller.start()
    queue(database, "a")
    server = Server.parse(f"smtp://jan:p%40ss@127.0.0.1:{controller.port}?starttls=none")
    mailer = Mailer(Transactions(database), server, SENDER, sweep=0.1)
    mailer.start()
    await eventually(lambda: len(inbox.took) == 1)
    await mailer.stop()
    controller.stop()
    assert seen == [(b"jan", b"p@ss")]


def test_a_mail_that_waits_is_encrypted_and_can_be_taken_back(database: Database) -> None:
    queue(database, "uitnodiging:1:a", "uitnodiging:10:b", "c")
    with database.begin() as connection:
        stored = connection.exec_driver_sql("SELECT body FROM mails").scalars().all()
        assert not any("Dag" in body for body in stored)
        mail.take_back(connection, "uitnodiging:1:")
    assert [row.key for row in rows(database)] == ["uitnodiging:10:b", "c"]


def test_what_organisations_are_told_holds_nothing_personal(
    database: Database, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(public_url="https://leerwijzer.example", smtp_url=SecretStr("smtp://127.0.0.1:9"))
    add_conversation(database)
    referral = make(database)
    with database.begin() as connection:
        accounts.add(connection, "els@voorbeeld.be", "Els", Role.COUNSELLOR, ORGANISATION, now=NOW)
        accounts.add(connection, "demo@voorbeeld.be", "Demo", Role.COUNSELLOR, ORGANISATION, now=NOW, demo=True)
        for notice in Notice:
            notices.tell(connection, referral, notice, settings, NOW)
            notices.tell(connection, referral, notice, settings, NOW)
        # Without a mail server nothing piles up.
        notices.tell(connection, create(connection, new(), now=NOW), Notice.NEW, make_settings(), NOW)
    found = rows(database)
    assert [row.recipient for row in found] == ["els@voorbeeld.be"] * len(Notice)
    for row in found:
        text = f"{row.subject} {row.body} {row.calendar}"
        assert f"https://leerwijzer.example/desk/r/{referral.reference}" in row.body
        for personal in ("0470", "+32", "kiezen", "a" * 32):
            assert personal not in text
    with database.begin() as connection:
        hours.set_mailbox(connection, ORGANISATION, "balie@voorbeeld.be", NOW)
        assert notices.recipients(connection, ORGANISATION) == ["balie@voorbeeld.be"]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.be", Server("mail.example.be", 587, False, None, None, None)),
        ("smtps://a:b@mail.example.be", Server("mail.example.be", 465, True, None, "a", "b")),
        ("smtp://mail.example.be:25?starttls=require", Server("mail.example.be", 25, False, True, None, None)),
    ],
)
def test_the_address_of_a_server(url: str, server: Server) -> None:
    assert Server.parse(url) == server


@pytest.mark.parametrize("url", ["mail.example.be", "http://mail.example.be", "smtp://", "smtp://a:b@:25"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp://user"):
        Server.parse(url)
