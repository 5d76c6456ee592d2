"""What is kept of a conversation between turns is what its rows say."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from bot.assistant.rasa_turn import ensure_listening
from bot.assistant.tracker_store import DatabaseTrackerStore
from bot.conversation.rewind import rewind
from bot.storage.database import Database

from rasa.shared.core.domain import Domain  # isort: skip
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered  # isort: skip

SLOTS = "version: '3.1'\nintents: [ask]\nslots:\n  home:\n    type: any\n    mappings: [{type: custom}]\n"


@pytest.fixture
def domain() -> Domain:
    return Domain.from_yaml(SLOTS)


@pytest.fixture
def store(database: Database, domain: Domain) -> DatabaseTrackerStore:
    return DatabaseTrackerStore(domain, url=str(database.engine.url.render_as_string(hide_password=False)))


async def turn(store: DatabaseTrackerStore, number: int) -> None:
    tracker = await store.get_or_create_tracker("c", append_action_listen=False)
    tracker.update(UserUttered(f"vraag {number}", {"name": "ask"}, message_id=f"c:{number}"))
    tracker.update(ActionExecuted("action_answer"))
    tracker.update(SlotSet("home", number))
    tracker.update(BotUttered(f"antwoord {number}"))
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)


def texts(store: DatabaseTrackerStore) -> list[str]:
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(store.SQLEvent.__table__.c.data).order_by(store.SQLEvent.__table__.c.id))
        return [data["text"] for row in rows if (data := json.loads(row.data))["event"] == "user"]


async def test_kept_state_is_the_state_read_anew(store: DatabaseTrackerStore, domain: Domain) -> None:
    for number in range(4):
        await turn(store, number)
        fresh = DatabaseTrackerStore(domain, url=str(store.engine.url.render_as_string(hide_password=False)))
        read, kept = await fresh.retrieve("c"), await store.retrieve("c")
        assert read is not None
        assert kept is not None
        assert [event.as_dict() for event in kept.events] == [event.as_dict() for event in read.events]
        assert kept.current_state() == read.current_state()
        fresh.close()
        await store.save(kept)
    assert texts(store) == [f"vraag {number}" for number in range(4)]


@pytest.mark.parametrize("first", [True, False])
async def test_a_turn_that_rasa_broke_off_is_ended(store: DatabaseTrackerStore, first: bool) -> None:
    tracker = await store.get_or_create_tracker("c", append_action_listen=False)
    if first:
        tracker.update(SessionStarted())
    tracker.update(UserUttered("vraag", {"name": "ask"}, message_id="c:1"))
    for _ in range(10):
        tracker.update(ActionExecuted("action_answer"))
    await store.save(tracker)
    await ensure_listening(store, "c")
    for events in (await store.current("c"), await store.retrieve("c")):
        assert events is not None
        assert events.latest_action_name == "action_listen"


async def test_a_turn_that_ended_is_left_alone(store: DatabaseTrackerStore) -> None:
    await turn(store, 1)
    await ensure_listening(store, "c")
    tracker = await store.retrieve("c")
    assert tracker is not None
    assert [event.action_name for event in tracker.events if isinstance(event, ActionExecuted)].count(
        "action_listen"
    ) == 1


async def test_a_turn_that_went_wrong_leaves_no_trace(store: DatabaseTrackerStore) -> None:
    await turn(store, 1)
    tracker = await store.retrieve("c")
    assert tracker is not None
    tracker.update(SlotSet("home", "verkeerd"))  # and never saved
    again = await store.retrieve("c")
    assert again is not None
    assert again.get_slot("home") == 1


async def test_what_another_process_or_a_rewind_changed_is_read_again(
    store: DatabaseTrackerStore, domain: Domain
) -> None:
    other = DatabaseTrackerStore(domain, url=str(store.engine.url.render_as_string(hide_password=False)))
    await turn(store, 1)
    await turn(other, 2)
    seen = await store.retrieve("c")
    assert seen is not None
    assert seen.get_slot("home") == 2
    await store.save(seen)
    with store.engine.begin() as connection:
        assert rewind(connection, "c", "c:2") == 5
    await turn(store, 3)
    assert texts(store) == ["vraag 1", "vraag 3"]
    other.close()


async def test_a_new_session_makes_the_earlier_one_history(store: DatabaseTrackerStore) -> None:
    await turn(store, 1)
    tracker = await store.retrieve("c")
    assert tracker is not None
    tracker.update(ActionExecuted("action_session_start"))
    tracker.update(SessionStarted())
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)
    await turn(store, 2)
    now = await store.retrieve("c")
    assert now is not None
    assert [event.text for event in now.events if isinstance(event, UserUttered)] == ["vraag 2"]
    assert texts(store) == ["vraag 1", "vraag 2"]
