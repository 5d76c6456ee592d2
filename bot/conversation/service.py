"""The one door of the channels to conversations: messages in, replies out, who has the floor, and erasure.

Nothing that was accepted is lost: every step is a transaction, and a process that starts goes on where the tables say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from bot.assistant.interface import Assistant
from bot.conversation import change, dead, floor, inbox, lease, outbox, progress, records, retention, transcript
from bot.conversation.alone import Alone, DatabaseInUse
from bot.conversation.buttons import is_button_id
from bot.conversation.change import Change
from bot.conversation.delivery import Deliveries
from bot.conversation.faults import fault
from bot.conversation.message import Author, InboundMessage, Reply
from bot.conversation.model import (
    Accepted,
    Attendant,
    Conversation,
    DeliveryState,
    Floor,
    FloorTaken,
    InvalidMessage,
    Line,
    OutsideWindow,
    Pace,
    ProviderDown,
    RetryLater,
    Said,
    Sender,
    SettingsRefused,
    Undeliverable,
    UnknownConversation,
)
from bot.conversation.signs import Signs
from bot.conversation.text import clean
from bot.conversation.timing import Timing
from bot.conversation.transactions import Together, Transactions, announce
from bot.conversation.wakeups import Link, Wakeups
from bot.conversation.worker import Worker
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import utcnow

__all__ = [
    "Accepted",
    "Conversation",
    "Conversations",
    "DatabaseInUse",
    "DeliveryState",
    "Floor",
    "FloorTaken",
    "InvalidMessage",
    "Line",
    "OutsideWindow",
    "Pace",
    "ProviderDown",
    "RetryLater",
    "Said",
    "Sender",
    "SettingsRefused",
    "Undeliverable",
    "UnknownConversation",
    "is_button_id",
]

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Conversations:
    """Conversations over one database and one assistant. Use between `start` and `stop`, on one event loop.

    Whoever makes it also starts and closes the assistant and closes the database, in that order around it.
    """

    def __init__(
        self, database: Database, assistant: Assistant, settings: Settings, timing: Timing | None = None
    ) -> None:
        timing = timing or Timing()
        self._database = database
        self._wakeups = self._make_wakeups(database, settings)
        self._transactions = Transactions(database, self._wakeups.notify)
        self.together = Together(self._transactions)
        """For small writes that may wait a moment."""
        self._quiet: dict[str, float] = {}
        self._deliveries = Deliveries(self._transactions, workers=settings.workers, timing=timing)
        self._worker = Worker(
            self._transactions,
            assistant,
            workers=settings.workers,
            reply_timeout=settings.reply_timeout,
            timing=timing,
            pushes=self._deliveries.pushes,
            quiet=lambda channel: self._quiet.get(channel, 0.0),
            committed=self._committed,
            answered=self._answered,
        )
        self.signs = Signs(self._wakeups)
        self._assistant = assistant
        self._wakeups.listen(self._hear_of_erasure)
        self._alone = Alone(database)
        self._attendant: Attendant | None = None
        self._storing: set[asyncio.Task[Any]] = set()
        self._forgetting: set[asyncio.Future[None]] = set()
        self._started = False

    def _make_wakeups(self, database: Database, settings: Settings) -> Wakeups:
        link: Link | None = None
        if settings.redis_url:
            from bot.conversation.redis_link import RedisLink  # only who uses Redis loads its client

            link = RedisLink(settings.redis_url)
        return Wakeups(link, None if database.is_sqlite else self._last_numbers)

    async def _last_numbers(self, conversation_ids: list[str]) -> dict[str, int]:
        return await self._transactions.read(lambda connection: transcript.last_numbers(connection, conversation_ids))

    def register(self, channel: str, sender: Sender, *, quiet: float = 0.0) -> None:
        """Makes `channel` a push channel: its replies are delivered by `sender`. Before `start`.

        Short texts in a row are read as one turn, once the person was quiet for `quiet` seconds.

        Channels without a sender are pull channels (web, rest): their replies count as sent once committed.
        """
        if self._started:
            raise RuntimeError("register channels before start")
        self._deliveries.register(channel, sender)
        self._quiet[channel] = quiet

    def attend(self, attendant: Attendant) -> None:
        """Has `attendant` see to what happens in conversations. Before `start`."""
        if self._started:
            raise RuntimeError("attend before start")
        self._attendant = attendant

    def _answered(self, connection: sa.engine.Connection, conversation_id: str, message_key: str) -> None:
        if self._attendant is not None:
            begun = change.begin(connection, conversation_id, utcnow(), self._deliveries.pushes)
            self._attendant.answered(begun, message_key)

    async def start(self) -> None:
        """Goes on where the tables say. Raises `DatabaseInUse` when another process has the same SQLite database."""
        if self._alone.needed:
            self._alone.begin()
            # Nobody else can be at work: what is marked so, is of a process that died.
            await self._transactions.write(lease.clear_all)
            await self._transactions.write(outbox.release_in_flight)
        self._started = True
        self._wakeups.start()
        self._worker.start()
        self._deliveries.start()
        if self._attendant is not None:
            self._attendant.started()

    async def stop(self) -> None:
        """Lets turns finish for some seconds and abandons the rest, which are handled after the next start."""
        if not self._started:
            return
        if self._attendant is not None:
            await self._attendant.stopping()
        self._started = False
        if pending := self._storing | self._forgetting:
            await asyncio.wait(pending)
        await self.together.end()
        await self._worker.stop()
        await self._deliveries.stop()
        await self._wakeups.stop()
        self._alone.end()

    def _committed(self, conversation_id: str) -> None:
        self._wakeups.notify(conversation_id)
        self._deliveries.wake(conversation_id)

    async def _to_the_end(self, work: Coroutine[Any, Any, T]) -> T:
        """Does the work even when the caller is cancelled, so that no commit goes without its wake-up."""
        if not self._started:
            work.close()
            raise RuntimeError("conversations are not started")
        task = asyncio.create_task(work)
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        return await asyncio.shield(task)

    async def accept(self, message: InboundMessage) -> Accepted:
        """Stores a message once and gives at once what to wait for. Raises `InvalidMessage`.

        The key is the conversation (channel and sender) with the message id: the same again gives the same line, and
        changes nothing.
        """
        content = inbox.read(message)
        return await self._to_the_end(self._store(message, content))

    async def _store(self, message: InboundMessage, content: inbox.Content | None) -> Accepted:
        to_hear: list[inbox.Content] = []
        if self._attendant is not None:
            await self._attendant.coming(message.channel, message.sender)

        def add(connection: sa.engine.Connection) -> Accepted:
            accepted = inbox.store(connection, message, content, utcnow())
            if self._attendant is not None and accepted.new and not accepted.waits:
                held = content or inbox.content_of(connection, accepted.inbox_id)
                begun = change.begin(connection, accepted.conversation_id, utcnow(), self._deliveries.pushes)
                if self._attendant.held(begun, held.kind, held.text, held.payload):
                    to_hear.append(held)
            return accepted

        accepted = await self._transactions.write(add)
        if accepted.waits:
            self._worker.wake(accepted.conversation_id)
        if accepted.new:
            self._committed(accepted.conversation_id)
        for held in to_hear:
            if self._attendant is not None:
                self._attendant.heard(accepted.conversation_id, held.text)
        return accepted

    async def replies_to(self, accepted: Accepted, timeout: float) -> list[Reply]:  # noqa: ASYNC109 (looks a last time)
        """The replies to a message once it is done, waiting at most `timeout` seconds. Raises `TimeoutError`.

        None when a counsellor has the floor, or when the conversation was erased. For a message that was given up it is
        what the system said about it.
        """

        def look(connection: sa.engine.Connection) -> list[Reply] | None:
            match inbox.status_of(connection, accepted.inbox_id):
                case inbox.PENDING:
                    return None
                case inbox.DONE:
                    return outbox.replies_to(connection, accepted.inbox_id, Author.ASSISTANT)
                case inbox.FAILED:
                    return outbox.replies_to(connection, accepted.inbox_id, Author.SYSTEM)[-1:]
                case _:
                    return []

        replies = await self._wakeups.until(accepted.conversation_id, lambda: self._transactions.read(look), timeout)
        if replies is None:
            raise TimeoutError(f"no reply within {timeout:g} seconds")
        return replies

    async def lines(self, conversation_id: str, after: int = 0, limit: int = 200) -> list[Line]:
        """The transcript beyond line `after`, oldest first, at most `limit` lines; empty without a conversation."""
        return await self._transactions.read(
            lambda connection: transcript.lines(connection, conversation_id, after, limit)
        )

    async def wait_for_lines(self, conversation_id: str, after: int, timeout: float) -> bool:  # noqa: ASYNC109 (as above)
        """True as soon as there is a line beyond `after`, False after `timeout` seconds without one."""

        async def look() -> bool | None:
            there = await self._transactions.read(
                lambda connection: transcript.has_lines(connection, conversation_id, after)
            )
            return there or None

        return await self._wakeups.until(conversation_id, look, timeout) or False

    async def find(self, channel: str, sender: str) -> Conversation | None:
        """The conversation of a person on a channel, if there is one."""
        return await self._transactions.read(lambda connection: records.find(connection, channel, sender))

    async def get(self, conversation_id: str) -> Conversation | None:
        """The conversation with this id, if there is one."""
        return await self._transactions.read(lambda connection: records.get(connection, conversation_id))

    async def open(
        self, channel: str, sender: str, entry: str | None = None, opening: Reply | None = None
    ) -> Conversation:
        """The conversation of a person on a channel, made when there is none; `entry` is kept with a new one.

        `opening` is said by the assistant when the conversation has no line yet: once, however often this is called at
        once. Raises `InvalidMessage` for what cannot be an id of a person.
        """
        inbox.check_sender(sender)

        def opened(connection: sa.engine.Connection) -> tuple[Conversation, bool]:
            conversation = records.open_locked(connection, channel, sender, entry, utcnow())
            begins = opening is not None and not transcript.has_lines(connection, conversation.id, 0)
            if opening is not None and begins:
                push = self._deliveries.pushes(channel)
                outbox.queue(connection, conversation.id, Author.ASSISTANT, [opening], push=push, now=utcnow())
            return conversation, begins

        conversation, begins = await self._transactions.write(opened)
        if begins:
            self._committed(conversation.id)
        return conversation

    async def floor(self, conversation_id: str) -> tuple[Floor, int]:
        """Who has the floor, and the version to give to `give_floor`. Raises `UnknownConversation`."""
        return await self._transactions.read(lambda connection: floor.floor_of(connection, conversation_id))

    async def give_floor(self, conversation_id: str, to: Floor, expected_version: int) -> int:
        """Gives the floor to somebody and gives its new version.

        Raises `FloorTaken` when it changed meanwhile, `UnknownConversation`. What came in while a counsellor had the
        floor was theirs: the assistant does not answer it afterwards.
        """
        return await self._transactions.write(
            lambda connection: floor.give_floor(connection, conversation_id, to, expected_version)
        )

    async def say(self, conversation_id: str, author: Author, reply: Reply) -> int:
        """Adds a line of a counsellor, the system or the assistant (its opening), and gives its number.

        A counsellor who speaks takes the floor. The buttons of `reply` hold Rasa payloads, as the assistant's do.
        Raises `UnknownConversation`, `ValueError` for an empty reply or a citizen as author, and `FloorTaken` when the
        assistant would speak while a counsellor has the floor.
        """
        if author is Author.CITIZEN:
            raise ValueError(f"{author} does not speak here")
        said = reply.model_copy(update={"text": clean(reply.text)})
        if said == Reply():
            raise ValueError("an empty reply")
        return await self._to_the_end(self._say(conversation_id, author, said))

    async def _say(self, conversation_id: str, author: Author, reply: Reply) -> int:
        def add(connection: sa.engine.Connection) -> int:
            conversation = records.lock(connection, conversation_id)
            if conversation is None:
                raise UnknownConversation(conversation_id)
            if author is Author.COUNSELLOR:
                floor.take_for_counsellor(connection, conversation)
            elif author is Author.ASSISTANT and conversation.floor is not Floor.ASSISTANT:
                raise FloorTaken(conversation.floor, conversation.floor_version)
            push = self._deliveries.pushes(conversation.channel)
            return outbox.queue(connection, conversation_id, author, [reply], push=push, now=utcnow())[0]

        seq = await self._transactions.write(add)
        self._committed(conversation_id)
        return seq

    async def change(self, conversation_id: str, work: Callable[[Change], T]) -> T:
        """The result of `work` on a locked conversation: its lines, the floor, and what else it writes, in one
        transaction. Raises `UnknownConversation`, and what `work` raises; then nothing changed."""
        return await self._to_the_end(self._change(conversation_id, work))

    async def _change(self, conversation_id: str, work: Callable[[Change], T]) -> T:
        result = await self._transactions.write(
            lambda connection: work(change.begin(connection, conversation_id, utcnow(), self._deliveries.pushes))
        )
        self._committed(conversation_id)
        return result

    async def read(self, work: Callable[[sa.engine.Connection], T]) -> T:
        """The result of `work` in a transaction that only reads."""
        return await self._transactions.read(work)

    async def write(self, work: Callable[[sa.engine.Connection], T]) -> T:
        """The result of `work` in a transaction that changes no conversation."""
        return await self._transactions.write(work)

    @property
    def transactions(self) -> Transactions:
        """For what works on the same database beside the conversations."""
        return self._transactions

    def notify(self, topic: str) -> None:
        """Wakes who waits `until` something about `topic` (a name with a colon in it, so that it is no conversation)."""
        self._wakeups.notify(topic)

    async def until(
        self,
        topic: str,
        look: Callable[[], Awaitable[T | None]],
        timeout: float,  # noqa: ASYNC109 (looks a last time)
        glance: Callable[[], T | None] | None = None,
    ) -> T | None:
        """What `look` gives once it gives something, asked again at every `notify`; None after `timeout` seconds.

        For a sign alone (`signs`), `glance` is asked instead.
        """
        return await self._wakeups.until(topic, look, timeout, glance)

    async def rename(self, channel: str, old: str, new: str) -> bool:
        """A person has another id on the channel than before. False when nobody has the old one, or somebody the new."""
        inbox.check_sender(new)
        if await self.find(channel, old) is None:  # reading waits for no writer, and most often nobody has it
            return False
        return await self._transactions.write(lambda connection: records.rename(connection, channel, old, new))

    async def told(self, channel: str, provider_id: str, state: DeliveryState, error: str | None = None) -> None:
        """A provider says how far a message got; once each and in any order. `error` is a code of `undelivered`."""
        conversation_id = await self._transactions.write(
            lambda connection: progress.told(connection, channel, provider_id, state, utcnow(), error)
        )
        if conversation_id is not None:
            self._committed(conversation_id)

    async def set_aside(self) -> list[dead.DeadLetter]:
        """The replies that were set aside, the newest first."""
        return await self._transactions.read(dead.letters)

    async def send_again(self, outbox_ids: Collection[int]) -> int:
        """Queues replies that were set aside once more, and gives how many of them there were."""
        return await self._to_the_end(self._send_again(tuple(outbox_ids)))

    async def _send_again(self, outbox_ids: tuple[int, ...]) -> int:
        count = 0
        for outbox_id in outbox_ids:
            conversation_id = await self._transactions.write(
                partial(outbox.send_again, outbox_id=outbox_id, now=utcnow())
            )
            if conversation_id is not None:
                count += 1
                self._committed(conversation_id)
        return count

    async def read_up_to(self, conversation_id: str, seq: int) -> None:
        """The person's own side says that they read everything up to a line."""

        def keep(connection: sa.engine.Connection) -> None:
            if records.read_by_person(connection, conversation_id, seq):
                announce(connection, conversation_id)

        await self.together.write(keep)

    def pushes(self, channel: str) -> bool:
        """Whether a provider brings the replies on a channel, and tells what became of them."""
        return self._deliveries.pushes(channel)

    def closed_channels(self) -> dict[str, float]:
        """The push channels, and for how many seconds nothing is sent on each because its provider is down."""
        return self._deliveries.closed()

    async def erase(self, conversation_id: str) -> dict[str, int]:
        """Erases a conversation from every table, Rasa's events included; gives the rows erased per table.

        What an organisation already received stays (`bot.conversation.retention`). Raises `UnknownConversation`.
        """
        counts = await self._to_the_end(self._erase(conversation_id))
        return counts

    async def _erase(self, conversation_id: str) -> dict[str, int]:
        counts = await self._transactions.write(lambda connection: retention.erase(connection, conversation_id))
        await self._transactions.read(retention.leave_no_copy)
        self._committed(conversation_id)
        await asyncio.gather(*self._forgetting, return_exceptions=True)
        return counts

    def _hear_of_erasure(self, topic: str) -> None:
        """A conversation was erased, here or by another process: the assistant keeps nothing of it in memory either."""
        conversation_id = retention.erased(topic)
        if conversation_id is not None:
            forgetting = asyncio.ensure_future(self._forget(conversation_id))
            self._forgetting.add(forgetting)
            forgetting.add_done_callback(self._forgetting.discard)

    async def _forget(self, conversation_id: str) -> None:
        try:
            await self._assistant.forget(conversation_id)
        except Exception as error:  # what is erased stays erased: its rows are gone, and memory goes with the process
            log.warning("conversation.not_forgotten", conversation=conversation_id, **fault(error))

    async def understand(self, text: str) -> str | None:
        """What the assistant reads in a text, as its intent; nothing comes of it. Raises `AssistantUnavailable`."""
        return await self._assistant.understand(text)
