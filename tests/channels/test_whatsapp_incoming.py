"""Every kind of webhook body, from the files in whatsapp_bodies/, and what it means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import cloud_api

from bot.conversation import inbox
from bot.conversation.model import DeliveryState
from channels.whatsapp.incoming import Incoming, Moved, Status, read

BODIES = Path(__file__).parent / "whatsapp_bodies"
USER = "US.13491208655302741918"
NUMBER = "972987654321"

MEANINGS: dict[str, list[dict[str, Any]]] = {
    "message/text": [{"text": "Body Text"}],
    "message/reply": [{"text": "replied text"}],
    "message/forwarded": [{"text": "forwarded text"}],
    "message/forwarded_many_times": [{"text": "text forwarded many times"}],
    "message/referral": [{"text": "BODY"}],
    "message/image": [{"unreadable": "foto"}],
    "message/media_with_url": [{"unreadable": "foto"}],
    "message/video": [{"unreadable": "video"}, {"text": "caption"}],
    "message/document": [{"unreadable": "bestand"}, {"text": "caption"}],
    "message/audio": [{"unreadable": "geluidsbestand"}],
    "message/voice": [{"unreadable": "spraakbericht"}],
    "message/static_sticker": [{"unreadable": "sticker"}],
    "message/animated_sticker": [{"unreadable": "sticker"}],
    "message/current_location": [{"unreadable": "locatie"}],
    "message/chosen_location": [{"unreadable": "locatie"}],
    "message/contacts": [{"unreadable": "contact"}],
    "message/order": [{"unreadable": "bestelling"}],
    "message/unsupported": [{"unreadable": "bericht van deze soort"}],
    "message/unsupported_with_type": [{"unreadable": "bericht van deze soort"}],
    "message/interactive_message_with_err": [{"unreadable": "bericht van deze soort"}],
    "edited_message/image": [{"unreadable": "aangepast bericht"}],
    "callback_button/button": [{"button": "callback_data"}],
    "callback_button/quick_reply": [{"text": "title"}],
    "callback_button/quick_reply_without_context": [{"text": "title"}],
    "callback_selection/callback": [{"button": "callback_data"}],
    "callback_selection/description": [{"button": "callback_data"}],
    "flow_completion/completion": [{"unreadable": "formulier"}],
    "flow_completion/without_flow_token": [{"unreadable": "formulier"}],
}
"""Of the bodies that hold something to answer. Every other one asks no answer."""

STATUSES = {
    "message_status/sent": Status("wamid.xyzxyz", DeliveryState.SENT),
    "message_status/delivered": Status("wamid.xyzxyz", DeliveryState.DELIVERED),
    "message_status/read": Status("wamid.xyzxyz", DeliveryState.READ),
    "message_status/played": Status("wamid.xyzxyz", DeliveryState.READ),
    "message_status/failed": Status("wamid.xyzxyz", DeliveryState.FAILED, "refused:130472"),
    "message_status/with_tracker": Status("wamid.xyzxyz", DeliveryState.SENT),
    "message_status/group": Status("<WHATSAPP_MESSAGE_ID>", DeliveryState.READ),
}


def bodies() -> dict[str, dict[str, Any]]:
    """Every body by file and name."""
    found = {}
    for path in sorted(BODIES.glob("*.json")):
        for name, body in json.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}/{name}"] = body
    return found


def number_of(body: dict[str, Any]) -> str:
    """The number for which a body is meant."""
    value = body["entry"][0]["changes"][0]["value"]
    return str(value.get("metadata", {}).get("phone_number_id", "0"))


@pytest.mark.parametrize("name", sorted(bodies()))
def test_meaning(name: str) -> None:
    body = bodies()[name]
    incoming = read(body, number_of(body))
    meaning = [
        message.model_dump(exclude_defaults=True, exclude={"channel", "sender", "message_id", "received_at"})
        for message in incoming.messages
    ]
    assert meaning == MEANINGS.get(name, [])
    assert incoming.statuses == ((STATUSES[name],) if name in STATUSES else ())
    for message in incoming.messages:
        assert message.channel == "whatsapp"
        assert message.received_at is not None
        inbox.read(message)  # the inbox takes it
        # Never by the number when there is a better id.
        assert message.sender == USER or name == "edited_message/image"


def test_every_meaning_is_of_a_body() -> None:
    assert set(MEANINGS) | set(STATUSES) <= set(bodies())


def test_another_number_of_the_account_is_not_ours() -> None:
    assert read(bodies()["message/text"], "999") == Incoming()


def test_who_was_known_by_number_goes_on_under_their_own_id() -> None:
    body = bodies()["message/text"]
    assert read(body, number_of(body)).moved == (Moved(NUMBER, USER),)


def test_without_a_number_there_is_nothing_to_move() -> None:
    incoming = read(cloud_api.body([cloud_api.text("hallo")]), cloud_api.PHONE_NUMBER_ID)
    assert (incoming.moved, incoming.messages[0].sender) == ((), cloud_api.USER)


@pytest.mark.parametrize("user", ["BE.Kanarie1dE", "BE.ENT.aB3", "US.1"])
def test_ids_hold_letters(user: str) -> None:
    incoming = read(cloud_api.body([cloud_api.text("hallo", user)], user=user), cloud_api.PHONE_NUMBER_ID)
    assert incoming.messages[0].sender == user


def test_only_a_number_is_better_than_nobody() -> None:
    message = {"from": "32470000000", "id": "wamid.1", "type": "text", "text": {"body": "hallo"}}
    incoming = read(cloud_api.body([message]), cloud_api.PHONE_NUMBER_ID)
    assert incoming.messages[0].sender == "32470000000"


@pytest.mark.parametrize(
    ("system", "moved"),
    [
        ({"type": "user_changed_user_id", "user_id": "BE.nieuw"}, [Moved("BE.oud", "BE.nieuw")]),
        ({"type": "user_changed_number", "user_id": "BE.nieuw", "wa_id": "3"}, [Moved("BE.oud", "BE.nieuw")]),
        ({"type": "user_changed_number", "wa_id": "32470000001"}, []),
        ({"type": "customer_identity_changed", "user_id": "BE.nieuw"}, []),
    ],
)
def test_who_gets_another_id_goes_on_under_it(system: dict[str, str], moved: list[Moved]) -> None:
    message = cloud_api.message("system", "BE.oud", system=system)
    incoming = read(cloud_api.body([message]), cloud_api.PHONE_NUMBER_ID)
    assert (list(incoming.moved), incoming.messages) == (moved, ())


def test_a_changed_number_of_who_has_no_id() -> None:
    body = bodies()["system/phone_number_change"]
    assert read(body, number_of(body)).moved == (Moved(NUMBER, "972912345678"),)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("start:ocmw-gent_1", {"command": "greet", "text": "start", "entry": "ocmw-gent_1"}),
        ("START: vdab", {"command": "greet", "text": "start", "entry": "vdab"}),
        ("/mens", {"command": "request_human", "text": "Spreek met een mens"}),
        ("/restart", {"text": "/restart"}),
        ("start opleiding", {"text": "start opleiding"}),
        ("x" * 3001, {"unreadable": "bericht van meer dan 3000 tekens"}),
        ("\u200b", {"unreadable": "leeg bericht"}),
    ],
)
def test_texts(words: str, meaning: dict[str, str]) -> None:
    (message,) = read(cloud_api.body([cloud_api.text(words)]), cloud_api.PHONE_NUMBER_ID).messages
    found = message.model_dump(exclude_defaults=True, exclude={"channel", "sender", "message_id", "received_at"})
    assert found == meaning


def test_a_batch_is_read_whole_and_in_order() -> None:
    one = cloud_api.body([cloud_api.text("een"), cloud_api.text("twee")], [cloud_api.status("wamid.9", "read")])
    two = cloud_api.body([cloud_api.text("drie", "BE.ander")], user="BE.ander")
    both = one | {"entry": one["entry"] + two["entry"] + [None, {"changes": "x"}]}
    incoming = read(both, cloud_api.PHONE_NUMBER_ID)
    assert [message.text for message in incoming.messages] == ["een", "twee", "drie"]
    assert incoming.statuses == (Status("wamid.9", DeliveryState.READ),)


@pytest.mark.parametrize(
    ("code", "error"),
    [(131047, "outside_window"), (131026, "unknown_person:131026"), (131049, "refused:131049"), (None, "refused")],
)
def test_why_a_message_failed(code: int | None, error: str) -> None:
    body = cloud_api.body(statuses=[cloud_api.status("wamid.1", "failed", code)])
    assert read(body, cloud_api.PHONE_NUMBER_ID).statuses == (Status("wamid.1", DeliveryState.FAILED, error),)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in items for place in _places(inner, (*path, key)))]


@settings(deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(bodies())), value=_json)
def test_no_body_breaks_the_reader(data: st.DataObject, name: str, value: Any) -> None:
    broken = json.loads(json.dumps(bodies()[name]))
    path = data.draw(st.sampled_from(_places(broken)[1:]))
    holder = broken
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    assert isinstance(read(broken, number_of(bodies()[name])), Incoming)
