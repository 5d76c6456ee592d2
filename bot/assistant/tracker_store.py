"""Rasa's conversations in our own database (endpoints.yml names this store), so that they can be rewound and erased there."""

from __future__ import annotations

import json
from collections import OrderedDict
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa
import sqlalchemy.orm

from bot.assistant.rasa_import import prepare
from bot.settings import get_settings
from bot.storage.cipher import Encrypted
from bot.storage.database import make_engine

prepare()

from rasa.core.brokers.broker import EventBroker  # noqa: E402
from rasa.core.tracker_store import SQLTrackerStore  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import Event, SessionStarted  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402

KEPT = 500
"""Conversations whose state is kept in memory between turns."""


class _Stored(NamedTuple):
    """What the table holds of a conversation: another process, or a rewind, changes it."""

    newest: int | None
    events: int


class _Kept(NamedTuple):
    stored: _Stored
    tracker: DialogueStateTracker


# What people say is encrypted in Rasa's table as in ours.
SQLTrackerStore.SQLEvent.__table__.c.data.type = Encrypted()


class DatabaseTrackerStore(SQLTrackerStore):
    """Rasa's SQL store on the engine that the rest of the application uses: the same URL, the same SQLite settings.

    The state of a conversation is kept in memory after a turn, and used at the next one if its rows are still the same:
    reading and replaying all its events took as long as choosing the answer. Turns of one conversation come one at a time.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        url: str = "",
        **_: object,
    ) -> None:
        """`url`, or the URL of the settings. Rasa passes `host` from endpoints.yml, which says nothing here."""
        # SQLTrackerStore makes its engine itself and offers no way to give it one: a throw-away one in memory, replaced.
        super().__init__(domain, dialect="sqlite", db=":memory:", event_broker=event_broker)
        self.engine.dispose()
        self.engine: sa.engine.Engine = make_engine(url or get_settings().database)
        self.Base.metadata.create_all(self.engine)
        self.sessionmaker = sa.orm.sessionmaker(bind=self.engine)
        events = self.SQLEvent.__table__
        of_sender = events.c.sender_id == sa.bindparam("sender")
        self._state = sa.select(sa.func.max(events.c.id), sa.func.count()).where(of_sender)
        self._insert = sa.insert(events)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def _stored(self, connection: sa.engine.Connection, sender_id: str) -> _Stored:
        return _Stored(*connection.execute(self._state, {"sender": sender_id}).one())

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation since its last session began; None when there is none."""
        kept = self._kept.pop(sender_id, None)  # taken out: a turn that goes wrong leaves it changed
        if kept is not None:
            with self.engine.connect().execution_options(readonly=True) as connection:
                if self._stored(connection, sender_id) == kept.stored:
                    return kept.tracker
        tracker = await super().retrieve(sender_id)
        if tracker is not None:
            tracker.events_saved = len(tracker.events)
        return tracker

    async def current(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as the turn that has just been saved left it."""
        kept = self._kept.get(sender_id)
        return kept.tracker if kept is not None else await self.retrieve(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Adds what is new in the conversation to its rows."""
        await self.stream_events(tracker)
        saved = getattr(tracker, "events_saved", 0)
        new = list(islice(tracker.events, saved, None))
        with self.engine.begin() as connection:
            if new:
                connection.execute(self._insert, [self._row(tracker.sender_id, event) for event in new])
            stored = self._stored(connection, tracker.sender_id)
        tracker.events_saved = len(tracker.events)
        # A new session makes the earlier one history: it is read again without it.
        if not any(isinstance(event, SessionStarted) for event in new):
            self._kept[tracker.sender_id] = _Kept(stored, tracker)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    @staticmethod
    def _row(sender_id: str, event: Event) -> dict[str, object]:
        data = event.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data),
        }

    def drop(self, sender_id: str) -> None:
        """Drops the state of a conversation from memory."""
        self._kept.pop(sender_id, None)

    def close(self) -> None:
        """Closes the connections."""
        self.engine.dispose()
