"""The contract of Rasa's REST channel, who may use it, and what it makes of bad input."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from support.rasa_server import RasaServer
from support.site import Site, running

from bot.conversation.message import Button, Card, Reply, Source
from bot.settings import Settings
from channels import rest
from channels.errors import ApiError

WEBHOOK = "/webhooks/rest/webhook"
HERE = "http://localhost:8000"


@pytest.fixture(scope="module")
def site_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a service that only this machine reaches."""
    return Settings(_env_file=None, public_url=HERE, var_dir=tmp_path_factory.mktemp("site"))


async def ask(site: Site, message: Any, sender: str | None = None, **more: Any) -> httpx.Response:
    body = {"sender": sender or secrets.token_hex(8), "message": message, **more}
    return await site.http.post(WEBHOOK, json=body)


def error_of(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["message"].endswith((".", "…'."))
    return response.status_code, body["error"]["code"]


async def test_answers_as_rasa_does(site: Site) -> None:
    response = await ask(site, "lassen in Gent", sender="an")
    assert response.status_code == 200
    text, cards = response.json()
    assert text == {"recipient_id": "an", "text": "Ik vond **2 cursussen** lassen in de buurt van Gent."}
    assert set(cards) == {"recipient_id", "buttons", "custom"}
    assert [set(button) for button in cards["buttons"]] == [{"title", "payload"}] * 2
    assert set(cards["custom"]) == {"cards"}
    assert cards["custom"]["cards"][0]["title"] == "Lassen: basis"
    assert cards["custom"]["cards"][0]["notice"] == "voorbeeldaanbod"


async def test_gives_sources(site: Site) -> None:
    (reply,) = (await ask(site, "kost het iets?")).json()
    assert reply["custom"] == {
        "sources": [{"title": "Prijzen", "url": "https://voorbeeld.example/prijs", "checked": "2026-11-23"}]
    }


async def test_an_answer_without_replies_is_an_empty_list(site: Site) -> None:
    response = await ask(site, "niets")
    assert (response.status_code, response.json()) == (200, [])


async def test_payloads_are_opaque_and_work_when_sent_back(site: Site) -> None:
    sender = secrets.token_hex(8)
    (reply,) = (await ask(site, "keuzes", sender)).json()
    payload = reply["buttons"][1]["payload"]
    assert payload.startswith("b_")
    assert "evening" not in json.dumps(reply)
    (pressed,) = (await ask(site, payload, sender)).json()
    assert pressed["text"] == "Je koos 's Avonds (/evening)"


async def test_the_payload_of_another_person_is_worth_nothing(site: Site) -> None:
    (reply,) = (await ask(site, "keuzes")).json()
    (answer,) = (await ask(site, reply["buttons"][0]["payload"])).json()
    assert "/day" not in answer["text"]
    assert "/expired_button" in answer["text"]


async def test_a_forged_payload_is_an_expired_button(site: Site) -> None:
    (answer,) = (await ask(site, "b_" + "x" * 22)).json()
    assert "/expired_button" in answer["text"]


@pytest.mark.parametrize("text", ["/restart", '/request_human{"x":"y"}', "/session_start", "b_kort", "EXTERNAL: x"])
async def test_what_looks_like_rasa_syntax_is_plain_text(site: Site, text: str) -> None:
    (answer,) = (await ask(site, text)).json()
    assert answer["text"] == f"Je schreef: {text}"
    turn = site.rasa.turns[-1]
    assert (turn.kind, turn.payload, turn.text) == ("text", None, text)


async def test_emoji_and_control_characters_are_answered(site: Site) -> None:
    assert (await ask(site, "🙂🙃")).json()[0]["text"] == "Je schreef: 🙂🙃"
    (answer,) = (await ask(site, "goeie\x00dag\x1b[31m\u202e!")).json()
    assert answer["text"] == "Je schreef: goeiedag[31m!"


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "\u200b", "\n"])
async def test_an_empty_message_is_refused(site: Site, text: str) -> None:
    assert error_of(await ask(site, text)) == (422, "empty")


async def test_a_long_message_is_refused(site: Site) -> None:
    assert (await ask(site, "a" * 3000)).status_code == 200
    assert error_of(await ask(site, "a" * 3001)) == (422, "too_long")
    assert error_of(await ask(site, "a" * 1_000_000)) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"[]", "invalid_json"),
        (b'"hallo"', "invalid_json"),
        (b"null", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"[" * 5000, "invalid_json"),
        (b'{"sender": "an", "message": "\\ud800"}', "invalid_json"),
        (b'{"message": "hallo"}', "missing_field"),
        (b'{"sender": "an"}', "missing_field"),
        (b'{"sender": 1, "message": "hallo"}', "invalid_field"),
        (b'{"sender": null, "message": "hallo"}', "invalid_field"),
        (b'{"sender": "", "message": "hallo"}', "invalid_field"),
        (b'{"sender": "a\\u0000b", "message": "hallo"}', "invalid_field"),
        (b'{"sender": "an", "message": ["hallo"]}', "invalid_field"),
        (b'{"sender": "an", "message": {"text": "hallo"}}', "invalid_field"),
        (b'{"sender": "an", "message": true}', "invalid_field"),
        (b'{"sender": "an", "message": "hallo", "message_id": 5}', "invalid_field"),
        (b'{"sender": "an", "message": "hallo", "message_id": "a\\nb"}', "invalid_field"),
        (b'{"sender": "an", "message": "hallo", "metadata": "x"}', "invalid_field"),
        (b'{"sender": "an", "message": "hallo", "metadata": {"entry": "../x"}}', "invalid_field"),
        (b'{"sender": "an", "message": "hallo", "metadata": {"entry": 1}}', "invalid_field"),
        (('{"sender": "' + "a" * 256 + '", "message": "hallo"}').encode(), "invalid_field"),
    ],
)
async def test_a_bad_body_gets_a_clear_error(site: Site, body: bytes, code: str) -> None:
    assert error_of(await site.http.post(WEBHOOK, content=body)) == (422, code)


async def test_the_same_message_id_twice_is_one_message(site: Site) -> None:
    sender = secrets.token_hex(8)
    first = await ask(site, "een keer maar", sender, message_id="m1")
    again = await ask(site, "een keer maar", sender, message_id="m1")
    assert first.json() == again.json()
    assert site.rasa.arrived("een keer maar") == 1


async def test_two_messages_at_once_are_answered_one_after_the_other(site: Site) -> None:
    sender = secrets.token_hex(8)
    answers = await asyncio.gather(*(ask(site, f"bericht {number}", sender) for number in range(6)))
    assert [answer.json()[0]["text"] for answer in answers] == [f"Je schreef: bericht {n}" for n in range(6)]
    assert site.rasa.overlaps == []


async def test_the_way_in_is_kept_and_the_rest_of_the_metadata_ignored(site: Site) -> None:
    sender = secrets.token_hex(8)
    more = {"metadata": {"entry": "ocmw-gent", "naam": "An", "x": {"y": 1}}, "input_channel": "rest"}
    assert (await ask(site, "hallo", sender, **more)).status_code == 200
    conversation = await site.conversations.find("rest", sender)
    assert conversation is not None
    assert conversation.entry == "ocmw-gent"


async def test_streaming_is_refused(site: Site) -> None:
    body = {"sender": "an", "message": "hallo"}
    assert error_of(await site.http.post(WEBHOOK + "?stream=true", json=body)) == (400, "stream")
    assert (await site.http.post(WEBHOOK + "?stream=false", json=body)).status_code == 200


async def test_the_channel_says_that_it_is_there(site: Site) -> None:
    response = await site.http.get("/webhooks/rest/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via", "Origin"])
async def test_without_a_token_what_came_through_a_proxy_or_a_browser_is_refused(site: Site, header: str) -> None:
    body = {"sender": "an", "message": "hallo"}
    assert error_of(await site.http.post(WEBHOOK, json=body, headers={header: "127.0.0.1"})) == (403, "local_only")


def request_from(client: str | None, **headers: str) -> Request:
    given = {"host": "localhost:8000"} | headers
    scope = {
        "type": "http",
        "client": None if client is None else (client, 1),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
    }
    return Request(scope)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_without_a_token_the_same_machine_is_let_in(host: str) -> None:
    rest.authorise(request_from(host), "", HERE)


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.2", "2a02::1", "::ffff:10.0.0.1", "unix", "", None])
def test_without_a_token_others_are_refused(host: str | None) -> None:
    with pytest.raises(ApiError) as refusal:
        rest.authorise(request_from(host), "", HERE)
    assert refusal.value.status == 403


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer fout", "Basic goed", "goed", "Bearer goed2", "Bearer göed"]
)
def test_with_a_token_it_must_be_right_even_from_here(given: str | None) -> None:
    headers = {} if given is None else {"authorization": given.encode("utf-8").decode("latin-1")}
    with pytest.raises(ApiError) as refusal:
        rest.authorise(request_from("127.0.0.1", **headers), "goed", HERE)
    assert refusal.value.status == 401
    elsewhere = request_from("10.0.0.1", authorization="Bearer goed", x_forwarded_for="1.2.3.4")
    rest.authorise(elsewhere, "goed", "https://leren.example")


@pytest.mark.parametrize(
    ("asked", "public_url"), [("leren.example", HERE), ("", HERE), ("localhost:8000", "https://leren.example")]
)
def test_without_a_token_a_proxy_that_says_nothing_is_refused(asked: str, public_url: str) -> None:
    with pytest.raises(ApiError) as refusal:
        rest.authorise(request_from("127.0.0.1", host=asked), "", public_url)
    assert refusal.value.status == 403


async def test_a_late_answer_is_a_504_and_can_be_asked_for_again(
    make_settings: Callable[..., Settings], scripted_rasa: RasaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "_GRACE", -4.7)
    async with running(make_settings(reply_timeout=5.0), scripted_rasa) as site:
        scripted_rasa.delay = 0.8
        try:
            late = await ask(site, "traag", "an", message_id="m1")
            assert error_of(late) == (504, "timeout")
            await asyncio.sleep(0.8)
        finally:
            scripted_rasa.delay = 0.0
        assert (await ask(site, "traag", "an", message_id="m1")).json()[0]["text"] == "Je schreef: traag"
        assert scripted_rasa.arrived("traag") == 1


words = st.text(max_size=30)
buttons = st.builds(Button, title=words, payload=words)
cards = st.builds(Card, title=words, subtitle=words, buttons=st.tuples(buttons))
sources = st.builds(Source, title=words, checked=words)


@given(
    reply=st.builds(
        Reply,
        text=words,
        buttons=st.lists(buttons, max_size=2).map(tuple),
        cards=st.lists(cards, max_size=2).map(tuple),
        sources=st.lists(sources, max_size=2).map(tuple),
    )
)
def test_a_reply_loses_nothing_and_says_nothing_empty(reply: Reply) -> None:
    sent = rest.reply_as_rasa("an", reply).model_dump(mode="json", exclude_none=True)
    assert all(value for key, value in sent.items() if key != "recipient_id")
    custom = sent.get("custom", {})
    back = Reply.model_validate(
        {"text": sent.get("text", ""), "buttons": sent.get("buttons", ())}
        | {key: custom.get(key, ()) for key in ("cards", "sources")}
    )
    assert back == reply
