"""Rasa's conversations in our own database (endpoints.yml names this store), so that they can be rewound and erased there."""

from __future__ import annotations

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

# What people say is encrypted in Rasa's table as in ours.
SQLTrackerStore.SQLEvent.__table__.c.data.type = Encrypted()


class DatabaseTrackerStore(SQLTrackerStore):
    """Rasa's SQL store on the engine that the rest of the application uses: the same URL, the same SQLite settings."""

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

    def close(self) -> None:
        """Closes the connections."""
        self.engine.dispose()
