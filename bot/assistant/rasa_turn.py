"""One turn in Rasa: from a `Turn` to an `Answer`, the same in this process and in a Rasa server."""

from __future__ import annotations

import json
from typing import Any

import structlog

from bot.assistant.interface import Answer, Turn
from bot.assistant.plain import load_plain, reread
from bot.assistant.rasa_import import prepare
from bot.assistant.tracker_store import DatabaseTrackerStore
from bot.conversation.message import Kind, Reply, reply_from_rasa
from bot.conversation.rewind import rewind
from bot.settings import get_settings

prepare()

from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels.channel import OutputChannel, UserMessage  # noqa: E402
from rasa.core.tracker_store import FailSafeTrackerStore  # noqa: E402
from rasa.shared.core.constants import ACTION_LISTEN_NAME  # noqa: E402
from rasa.shared.core.events import ActionExecuted  # noqa: E402
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader  # noqa: E402
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT  # noqa: E402
from rasa.shared.nlu.training_data.message import Message  # noqa: E402

log = structlog.get_logger(__name__)

__all__ = ["ReplyCollector", "ensure_listening", "forget", "rasa_text", "read_intent", "run_turn"]


class ReplyCollector(OutputChannel):
    """Collects what Rasa says as replies; text, buttons and cards of one utterance stay one reply."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    @classmethod
    def name(cls) -> str:
        return "leerwijzer"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        reply = reply_from_rasa(message)
        if reply != Reply():
            self.replies.append(reply)


def rasa_text(turn: Turn) -> str:
    """What Rasa reads. A citizen's words are never Rasa's syntax: leading slashes are taken off.

    >>> rasa_text(Turn(conversation_id="c", message_key="m", text="/restart"))
    'restart'
    """
    if turn.kind is Kind.EXPIRED_BUTTON:
        return "/expired_button"
    if turn.kind is Kind.UNREADABLE:
        return "/unreadable" + json.dumps({"what": turn.text})
    if turn.kind is Kind.BUTTON:
        return turn.payload or "/expired_button"
    return turn.text.lstrip("/ \t\r\n") or "?"


def store_of(agent: Agent) -> DatabaseTrackerStore:
    """The agent's `DatabaseTrackerStore`, which Rasa wraps in a store that outlives failures."""
    store = agent.tracker_store
    found: DatabaseTrackerStore = store._tracker_store if isinstance(store, FailSafeTrackerStore) else store
    return found


async def read_intent(agent: Agent, text: str) -> str | None:
    """What a text means to the pipeline alone: no conversation, no policy, no action."""
    read = Turn(conversation_id="", message_key="", text=text)
    parsed = await agent.processor.parse_message(UserMessage(rasa_text(read)))
    name = parsed[INTENT].get(INTENT_NAME_KEY)
    return None if name is None else str(name)


async def forget(agent: Agent, conversation_id: str) -> None:
    """Drops the state of a conversation that is kept between turns, after a turn that may be going on."""
    async with agent.lock_store.lock(conversation_id):
        store_of(agent).drop(conversation_id)


async def run_turn(agent: Agent, turn: Turn) -> Answer:
    """Lets `agent`, whose store is a `DatabaseTrackerStore`, handle the turn, and gives what it said and understood."""
    collector = ReplyCollector()
    message = UserMessage(
        rasa_text(turn),
        collector,
        turn.conversation_id,
        input_channel=turn.channel or collector.name(),
        message_id=turn.message_key,
        metadata={"channel": turn.channel, "kind": turn.kind.value, "simple": turn.simple},
    )
    async with agent.lock_store.lock(turn.conversation_id):
        if turn.retried:
            # Inside the lock: an abandoned handling of the same turn may have saved its events until now.
            with store_of(agent).engine.begin() as connection:
                rewind(connection, turn.conversation_id, turn.message_key)
        if turn.kind is not Kind.TEXT:
            message.parse_data = _parse_payload(agent, message)
        else:
            parsed = await agent.processor.parse_message(message)
            message.parse_data = reread(parsed, turn.text, load_plain(get_settings().data_dir / "knowledge"))
        # What begins a session runs before the message counts as said, and opens otherwise to a cry for help.
        message.metadata["intent"] = message.parse_data[INTENT].get(INTENT_NAME_KEY)
        await agent.processor.handle_message(message)
        await ensure_listening(store_of(agent), turn.conversation_id)
    intent = message.parse_data[INTENT]
    return Answer(
        replies=tuple(collector.replies),
        intent=intent.get(INTENT_NAME_KEY),
        confidence=intent.get(PREDICTED_CONFIDENCE_KEY),
    )


async def ensure_listening(store: DatabaseTrackerStore, conversation_id: str) -> None:
    """Ends a turn that Rasa broke off after its most actions: it counts on from there, and would never say a word again."""
    tracker = await store.current(conversation_id)
    if tracker is not None and tracker.latest_action_name != ACTION_LISTEN_NAME:
        log.error("conversation.turn.broken_off", conversation=conversation_id, action=tracker.latest_action_name)
        tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        await store.save(tracker)


def _parse_payload(agent: Agent, message: UserMessage) -> dict[str, Any]:
    """A payload says what it means: no need to run the pipeline over it."""
    unpacked = YAMLStoryReader.unpack_regex_message(
        Message(data={TEXT: message.text}), agent.domain, entity_extractor_name="payload"
    )
    parsed: dict[str, Any] = unpacked.as_dict(only_output_properties=True)
    parsed.setdefault("entities", [])
    parsed.setdefault("intent_ranking", [parsed[INTENT]])
    return parsed
