"""The person's side of referrals in a conversation: waiting, having the assistant back, answering a proposal.

It attends the conversations (`bot.conversation.model.Attendant`), and begins and ends with them what goes on by itself.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

import sqlalchemy as sa

from bot.conversation.change import Change
from bot.conversation.message import Author, Kind, Reply
from bot.conversation.model import Floor
from bot.conversation.service import Conversations
from bot.referral import handling, life, notices, referrals, wording
from bot.referral.consent import Way
from bot.referral.directory import Directory, load_helplines
from bot.referral.distress import DistressWatch
from bot.referral.keeper import Keeper
from bot.referral.life import CITIZEN, State, What
from bot.referral.making import Made, promise_until
from bot.referral.notices import Notice
from bot.referral.promises import Promises
from bot.referral.pulse import topic
from bot.referral.referrals import Referral
from bot.settings import Settings
from bot.storage.referral_tables import referrals as table

_STOPS_WAITING = re.compile(
    r"\s*(stop|annuleer|laat maar)( maar)?[\s.!]*"
    r"|.*\b(stop\w*|niet (meer|langer)|beu|genoeg)\b.*\bwacht\w*.*"
    r"|.*\bwacht\w* (niet (meer|langer)|beu)\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""What somebody writes who wants the assistant back; any other text is for the counsellor."""
_LEAVES_TALK = re.compile(r"\s*(stop (het|dit|met het) gesprek|terug naar de assistent)[\s.!]*", re.IGNORECASE)


class Reception:
    """Attends conversations for the organisations."""

    def __init__(self, conversations: Conversations, directory: Directory, settings: Settings) -> None:
        self._conversations = conversations
        self._directory = directory
        self._settings = settings
        self._distress = DistressWatch(conversations, load_helplines(settings.data_dir / "referral"))
        self._keeper = Keeper(
            conversations,
            Promises(directory, settings),
            settings,
            changed=lambda organisation: conversations.notify(topic(organisation)),
        )

    def started(self) -> None:
        """As `Attendant.started`: promises are kept from now on."""
        self._keeper.start()

    async def stopping(self) -> None:
        """As `Attendant.stopping`."""
        await self._distress.stop()
        await self._keeper.stop()

    async def coming(self, channel: str, sender: str) -> None:
        """As `Attendant.coming`: what the person had erased is gone before they are heard again."""
        await self._keeper.erase_first(channel, sender)

    def answered(self, change: Change, message_key: str) -> None:
        """The answer that acknowledges a talk was queued: from now on the person waits, and the assistant is silent."""
        row = change.connection.execute(_JUST_MADE, {"message": message_key}).first()
        if row is None:
            return
        if row.way == Way.CHAT.value:
            life.move(change.connection, row.id, What.QUEUED, State.WAITING, CITIZEN, change.now, key="queued")
            change.give_floor(Floor.COUNSELLOR)
        change.announce(topic(row.organisation))

    def held(self, change: Change, kind: Kind, text: str, payload: str | None) -> bool:
        """The person writes while a counsellor has the floor. They can always have the assistant back.

        What they write while nobody talks with them is to be heard.
        """
        every = referrals.find_by_conversation(change.connection, change.conversation.id)
        here = [one for one in every if one.status in life.OPEN]
        for one in here:
            change.announce(topic(one.organisation))
        if payload is not None and payload.startswith(wording.TRANSFER):
            for one in here:
                change.say(
                    Author.SYSTEM, self._transfer(change, one, payload), key=f"{one.reference}:answer:{one.version}"
                )
            return False
        talks = [one for one in here if one.status is State.LIVE]
        if talks:
            if kind is Kind.TEXT and _LEAVES_TALK.fullmatch(text):
                for one in talks:
                    life.move(
                        change.connection, one.id, What.TALK_ENDED, State.CLAIMED, CITIZEN, change.now,
                        key=f"left:{one.version}",
                    )  # fmt: skip
                change.say(Author.SYSTEM, wording.LEFT_TALK)
                change.give_floor(Floor.ASSISTANT)
        elif payload == wording.STOP_WAITING or (kind is Kind.TEXT and _STOPS_WAITING.fullmatch(text)):
            for one in here:
                if one.way is Way.CHAT:
                    referrals.withdraw(change.connection, one.reference, change.conversation.id, now=change.now)
            change.say(Author.SYSTEM, wording.STOPPED_WAITING)
            change.give_floor(Floor.ASSISTANT)
        return kind is Kind.TEXT and not talks

    def heard(self, conversation_id: str, text: str) -> None:
        """As `Attendant.heard`: who waits and is in need gets the helplines at once."""
        self._distress.hear(conversation_id, text)

    def _transfer(self, change: Change, found: Referral, payload: str) -> Reply:
        """The answer to a proposal."""
        reply, after = transfer(change.connection, self._directory, self._settings, found, payload, change.now)
        if after.way is not Way.CHAT and after.status in life.UNCLAIMED:
            change.give_floor(Floor.ASSISTANT)
        change.announce(topic(after.organisation))
        return reply


def transfer(
    connection: sa.engine.Connection,
    directory: Directory,
    settings: Settings,
    found: Referral,
    payload: str,
    now: datetime,
) -> tuple[Reply, Referral]:
    """Does what the person answered to a proposal (the payload of its button), and gives what they hear."""
    if found.handover_to is None:
        return wording.DECIDED, found
    other = directory.get(found.handover_to)
    choice = json.loads(payload.removeprefix(wording.TRANSFER) or "{}").get("consent")
    if other is None or choice not in ("yes", "without"):
        return wording.NOT_TRANSFERRED, handling.transfer(connection, found, False, False, now, now)
    until = promise_until(connection, other, found.way, now, settings)
    after = handling.transfer(connection, found, True, choice == "yes", until, now)
    notices.tell(connection, after, Notice.NEW, settings, now)
    return wording.transferred(other.name, Made(after, None).promise()), after


_JUST_MADE = sa.select(table.c.id, table.c.way, table.c.organisation).where(
    table.c.message_key == sa.bindparam("message"),
    table.c.status.in_([State.REQUESTED.value, State.MESSAGE_LEFT.value]),
)
