"""The demo: a fictional organisation with two counsellors and some referrals, so that a newcomer sees the whole at once.

Everything stands in `data/referral/demo.yml` and is made when the setting `LEERWIJZER_DEMO` is on. Its accounts are marked,
and let nobody in once it is off.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.conversation import inbox, outbox, records
from bot.conversation.message import Author, InboundMessage, Reply
from bot.counsellors import accounts, passwords, replies
from bot.counsellors.model import Role
from bot.knowledge.datafile import parse, read_mapping
from bot.referral.consent import Way
from bot.referral.organisations import Organisation
from bot.referral.referrals import NewReferral, create, find_by_conversation
from bot.settings import Settings
from bot.storage.tables import utcnow

FILE = "demo.yml"
_AGO = timedelta(minutes=25)
"""How long ago the first referral was asked for; each next one ten minutes later."""
_CHANNEL = "web"

Words = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DemoCounsellor(_Entry):
    """One account."""

    name: Words
    email: Words
    role: Role


class DemoLine(_Entry):
    """One line of the conversation before a referral."""

    citizen: Words | None = None
    assistant: Words | None = None


class DemoReferral(_Entry):
    """One referral."""

    id: Words
    way: Way
    contact: Words
    need: Words
    summary: Words
    said: tuple[DemoLine, ...]


class Demo(_Entry):
    """The whole demo."""

    organisation: Organisation
    counsellors: tuple[DemoCounsellor, ...] = Field(min_length=1)
    password: Words
    replies: dict[str, str]
    referrals: tuple[DemoReferral, ...]

    def sign_in_details(self) -> tuple[str, ...]:
        """What anybody may read, one line a counsellor."""
        return tuple(f"{one.email} / {self.password}" for one in self.counsellors)


def load_demo(directory: Path) -> Demo:
    """The demo of `data/referral`. Raises `DataError` naming file, entry and field."""
    return parse(Demo, read_mapping(directory / FILE), file=FILE, position=1)


def make(connection: sa.engine.Connection, demo: Demo, now: datetime | None = None) -> None:
    """Makes what is missing of the demo; made twice, it is there once."""
    moment = now or utcnow()
    organisation = demo.organisation.id
    password_hash = None
    for one in demo.counsellors:
        if accounts.by_email(connection, one.email) is None:
            made = accounts.add(connection, one.email, one.name, one.role, organisation, demo=True, now=moment)
            password_hash = password_hash or passwords.hash_now(demo.password)
            accounts.set_password(connection, made.id, password_hash)
    for title, text in demo.replies.items():
        replies.put(connection, organisation, title, text)
    for number, asked in enumerate(demo.referrals):
        _refer(connection, organisation, asked, moment - _AGO + number * timedelta(minutes=10))


def _refer(connection: sa.engine.Connection, organisation: str, one: DemoReferral, asked: datetime) -> None:
    conversation = records.open_locked(connection, _CHANNEL, f"demo-{one.id}", "demo", asked)
    if find_by_conversation(connection, conversation.id):
        return
    key = f"{conversation.id}:0"
    for number, line in enumerate(one.said):
        at = asked - timedelta(minutes=2) + timedelta(seconds=10 * number)
        if line.citizen is not None:
            message = InboundMessage(
                channel=_CHANNEL, sender=conversation.sender, message_id=str(number), text=line.citizen
            )
            accepted = inbox.store(connection, message, inbox.read(message), at)
            if (waiting := inbox.first_waiting(connection, conversation.id)) is not None:
                inbox.close(connection, waiting, inbox.DONE, at)
            key = f"{conversation.id}:{accepted.inbox_id}"
        if line.assistant is not None:
            outbox.queue(
                connection, conversation.id, Author.ASSISTANT, [Reply(text=line.assistant)], push=False, now=at
            )
    create(
        connection,
        NewReferral(
            conversation_id=conversation.id,
            message_key=key,
            organisation=organisation,
            way=one.way,
            contact=one.contact,
            summary=one.summary,
            with_transcript=True,
            consent_version="demo",
            consent_text="Dit is een verzonnen aanvraag van de demo.",
            channel=_CHANNEL,
            need=one.need,
        ),
        now=asked,
    )


def demo_of(settings: Settings) -> Demo | None:
    """The demo, when it is on."""
    return load_demo(settings.data_dir / "referral") if settings.demo else None


def demo_organisations(settings: Settings) -> tuple[Organisation, ...]:
    """The organisation of the demo, when it is on."""
    demo = demo_of(settings)
    return () if demo is None else (demo.organisation,)
