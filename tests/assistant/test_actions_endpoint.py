"""Actions in process answer as an action server would."""

from __future__ import annotations

import sys
import types

import pytest

from bot.assistant.actions_endpoint import InProcessActions

from rasa.utils.endpoints import ClientResponseError  # isort: skip
from rasa_sdk import Action  # isort: skip
from rasa_sdk.events import SlotSet  # isort: skip
from rasa_sdk.interfaces import ActionExecutionRejection  # isort: skip


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> InProcessActions:
    module = types.ModuleType("some_actions")

    class ActionGreet(Action):
        def name(self) -> str:
            return "action_greet_somebody"

        async def run(self, dispatcher, tracker, domain):  # type: ignore[no-untyped-def]
            dispatcher.utter_message(text="dag")
            return [SlotSet("home", "Gent")]

    class ActionReject(Action):
        def name(self) -> str:
            return "action_reject"

        async def run(self, dispatcher, tracker, domain):  # type: ignore[no-untyped-def]
            raise ActionExecutionRejection("action_reject", "not this turn")

    for action in (ActionGreet, ActionReject):
        action.__module__ = "some_actions"
        setattr(module, action.__name__, action)
    monkeypatch.setitem(sys.modules, "some_actions", module)
    return InProcessActions("some_actions")


def call(name: str) -> dict[str, object]:
    tracker = {
        "sender_id": "c",
        "slots": {},
        "latest_message": {},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return {"next_action": name, "sender_id": "c", "tracker": tracker, "domain": {}}


async def test_events_and_responses(endpoint: InProcessActions) -> None:
    result = await endpoint.request(json=call("action_greet_somebody"))
    assert result["events"][0]["name"] == "home"
    assert result["responses"][0]["text"] == "dag"


@pytest.mark.parametrize(("name", "status"), [("action_reject", 400), ("action_of_nobody", 404)])
async def test_errors_as_an_action_server_gives_them(endpoint: InProcessActions, name: str, status: int) -> None:
    with pytest.raises(ClientResponseError) as caught:
        await endpoint.request(json=call(name))
    assert caught.value.status == status
