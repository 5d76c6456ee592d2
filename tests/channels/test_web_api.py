"""The API of the widget: sessions, messages, and what it makes of bad input and of other sites."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import datetime
from typing import Any

import httpx
import pytest
from support.script import OPENING
from support.site import PARTNER, PUBLIC, Site, Visitor

from channels.web.origins import origin_of
from channels.web.session import Session, Sessions, signing_secret

ANSWER_TEXT = "Je schreef: {}"


def error_of(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    return response.status_code, body["error"]["code"]


async def test_a_session_begins_with_the_opening(site: Site) -> None:
    visitor = await site.visitor()
    (line,) = await visitor.lines(1)
    assert line["author"] == "assistant"
    assert line["reply"]["text"] == OPENING.text
    assert [button["title"] for button in line["reply"]["buttons"]] == [button.title for button in OPENING.buttons]
    assert all(button["payload"].startswith("b_") for button in line["reply"]["buttons"])
    assert datetime.fromisoformat(line["at"]).tzinfo is not None


async def test_the_opening_is_said_once(site: Site) -> None:
    visitor = await site.visitor()
    await asyncio.gather(*(visitor.lines(1) for _ in range(5)))
    await visitor.say("hallo")
    lines = await visitor.lines(3)
    assert [line["author"] for line in lines] == ["assistant", "citizen", "assistant"]


async def test_an_erased_conversation_begins_anew_once(site: Site) -> None:
    visitor = await site.visitor()
    session = Sessions(signing_secret(site.settings), 30).read(visitor.token)
    before = await site.conversations.find("web", session.sender)
    assert before is not None
    await site.conversations.erase(before.id)
    await asyncio.gather(*(visitor.lines(1) for _ in range(5)))
    after = await site.conversations.find("web", session.sender)
    assert after is not None
    assert after.id != before.id
    assert len(await site.conversations.lines(after.id)) == 1


async def test_the_buttons_of_the_opening_work(site: Site) -> None:
    visitor = await site.visitor()
    (opening,) = await visitor.lines(1)
    response = await visitor.post({"id": "m1", "button": opening["reply"]["buttons"][1]["payload"]})
    assert response.status_code == 202
    sent, answer = await visitor.lines(2, after=opening["seq"])
    assert (sent["author"], sent["text"], sent["message_id"]) == ("citizen", "Wat kost een cursus?", "m1")
    assert answer["reply"]["text"] == "Je koos Wat kost een cursus? (/ask_price)"


async def test_a_message_is_stored_and_answered(site: Site) -> None:
    visitor = await site.visitor()
    response = await visitor.post({"id": "m1", "text": "lassen in Gent"})
    assert response.status_code == 202
    _, sent, found, cards = await visitor.lines(4)
    assert response.json() == {"seq": sent["seq"]}
    assert sent == {
        "seq": sent["seq"],
        "author": "citizen",
        "at": sent["at"],
        "text": "lassen in Gent",
        "message_id": "m1",
    }
    assert found["reply"]["text"].startswith("Ik vond")
    assert cards["reply"]["cards"][0]["title"] == "Lassen: basis"


async def test_the_same_id_twice_is_one_message(site: Site) -> None:
    visitor = await site.visitor()
    first, second = await asyncio.gather(*(visitor.post({"id": "m1", "text": "eenmaal"}) for _ in range(2)))
    third = await visitor.post({"id": "m1", "text": "iets anders"})
    assert first.json() == second.json() == third.json()
    await visitor.lines(3)  # the opening, the message, its answer
    await visitor.say("slot")
    texts = [line.get("text") or line["reply"]["text"] for line in await visitor.lines(5)]
    assert texts[1:] == ["eenmaal", "Je schreef: eenmaal", "slot", "Je schreef: slot"]


async def test_two_messages_at_once_are_answered_in_order(site: Site) -> None:
    visitor = await site.visitor()
    await asyncio.gather(*(visitor.say(f"nummer {number}") for number in range(5)))
    lines = await visitor.lines(11)
    sent = [line["text"] for line in lines if line["author"] == "citizen"]
    said = [line["reply"]["text"] for line in lines[1:] if line["author"] == "assistant"]
    assert sorted(sent) == [f"nummer {number}" for number in range(5)]
    assert said == [f"Je schreef: {text}" for text in sent]
    assert site.rasa.overlaps == []


async def test_the_button_of_another_person_is_an_old_button(site: Site) -> None:
    owner, other = await site.visitor(), await site.visitor()
    (opening,) = await owner.lines(1)
    await other.post({"id": "m1", "button": opening["reply"]["buttons"][0]["payload"]})
    _, sent, answer = await other.lines(3)
    assert sent["text"] == "(oude knop)"
    assert "/expired_button" in answer["reply"]["text"]
    assert "/search_course" not in json.dumps(answer)


@pytest.mark.parametrize("button", ["b_" + "x" * 22, "b_", "/restart", '/request_human{"x":"y"}', "😀"])
async def test_a_forged_button_is_an_old_button(site: Site, button: str) -> None:
    visitor = await site.visitor()
    assert (await visitor.post({"id": "m1", "button": button})).status_code == 202
    _, sent, answer = await visitor.lines(3)
    assert sent["text"] == "(oude knop)"
    assert "/expired_button" in answer["reply"]["text"]


@pytest.mark.parametrize("text", ["/restart", '/request_human{"x":"y"}', "b_" + "x" * 22, "🙂", "<b>x</b>"])
async def test_typed_syntax_is_plain_text(site: Site, text: str) -> None:
    visitor = await site.visitor()
    await visitor.say(text)
    _, sent, answer = await visitor.lines(3)
    assert sent["text"] == text
    assert answer["reply"]["text"] == ANSWER_TEXT.format(text)


@pytest.mark.parametrize("text", ["", " \n ", "\x00\x1b", "\u200b\u200d"])
async def test_an_empty_text_is_refused(site: Site, text: str) -> None:
    visitor = await site.visitor()
    assert error_of(await visitor.post({"id": "m1", "text": text})) == (422, "empty")


async def test_a_long_text_is_refused(site: Site) -> None:
    visitor = await site.visitor()
    assert (await visitor.post({"id": "m1", "text": "😀" * 3000})).status_code == 202
    assert error_of(await visitor.post({"id": "m2", "text": "a" * 3001})) == (422, "too_long")
    assert error_of(await visitor.post({"id": "m3", "text": "a" * 1_000_000})) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_field"),
        ([], "invalid_json"),
        ("hallo", "invalid_json"),
        ({"id": "m1"}, "invalid_field"),
        ({"id": "m1", "text": "a", "button": "b_x"}, "invalid_field"),
        ({"id": "m1", "text": None}, "invalid_field"),
        ({"id": "m1", "text": 5}, "invalid_field"),
        ({"id": "m1", "text": ["a"]}, "invalid_field"),
        ({"id": "m1", "button": ""}, "invalid_field"),
        ({"id": "m1", "button": "b" * 65}, "invalid_field"),
        ({"id": 1, "text": "a"}, "invalid_field"),
        ({"id": "", "text": "a"}, "invalid_field"),
        ({"id": "a b", "text": "a"}, "invalid_field"),
        ({"id": "a\n", "text": "a"}, "invalid_field"),
        ({"id": "a" * 65, "text": "a"}, "invalid_field"),
        ({"id": "m1", "text": "a", "sender": "iemand"}, "unknown_field"),
        ({"id": "m1", "start": True}, "unknown_field"),
    ],
)
async def test_a_bad_body_gets_a_clear_error(site: Site, body: Any, code: str) -> None:
    visitor = await site.visitor()
    assert error_of(await visitor.post(body)) == (422, code)


async def test_what_is_no_json_gets_a_clear_error(site: Site) -> None:
    visitor = await site.visitor()
    for path in ("/web/messages", "/web/session"):
        response = await site.http.post(path, content=b'{"id": ', headers=visitor.headers)
        assert error_of(response) == (422, "invalid_json")


@pytest.mark.parametrize("path", ["/web/messages", "/web/events"])
async def test_without_a_valid_token_nothing_is_done(site: Site, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(authorization: str | None) -> tuple[int, str]:
        headers = {"Origin": PUBLIC} | ({} if authorization is None else {"Authorization": authorization})
        method, body = ("GET", None) if path.endswith("events") else ("POST", {"id": "m1", "text": "hallo"})
        return error_of(await site.http.request(method, path, json=body, headers=headers))

    visitor = await site.visitor()
    forged = Sessions("x" * 40, 30).issue(Session(sender="iemand", site=PUBLIC)).token
    elsewhere = Sessions(signing_secret(site.settings), 30).issue(Session(sender="iemand", site=PARTNER)).token
    assert await ask(None) == (401, "session_missing")
    assert await ask(f"Bearer {forged}") == (401, "session_invalid")
    assert await ask(f"Bearer {elsewhere}") == (401, "session_invalid")
    assert await ask(f"Bearer {visitor.token[:-2]}") == (401, "session_invalid")
    later = datetime.now().timestamp() + 31 * 24 * 3600
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert await ask(f"Bearer {visitor.token}") == (401, "session_expired")


async def test_a_token_is_renewed_for_the_same_conversation(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.say("hallo")
    response = await site.http.post("/web/session", headers=visitor.headers)
    assert response.status_code == 200
    assert response.json()["new"] is False
    assert response.headers["cache-control"] == "no-store"
    again = Visitor(site, response.json()["token"])
    assert [line.get("text") for line in await again.lines(2)] == [None, "hallo"]


async def test_a_token_that_is_no_longer_good_gives_a_new_conversation(site: Site) -> None:
    response = await site.http.post("/web/session", headers={"Origin": PUBLIC, "Authorization": "Bearer oud"})
    assert response.status_code == 201
    assert response.json()["new"] is True
    assert len(await Visitor(site, response.json()["token"]).lines(1)) == 1


async def test_the_way_in_is_kept(site: Site) -> None:
    visitor = await site.visitor(entry="ocmw-gent_2")
    sender = Sessions(signing_secret(site.settings), 30).read(visitor.token).sender
    conversation = await site.conversations.find("web", sender)
    assert conversation is not None
    assert conversation.entry == "ocmw-gent_2"


@pytest.mark.parametrize("entry", ["", "a b", "a/b", "é", "a" * 65, "a\n", 5, ["a"]])
async def test_a_bad_way_in_is_refused(site: Site, entry: Any) -> None:
    response = await site.http.post("/web/session", json={"entry": entry}, headers={"Origin": PUBLIC})
    assert error_of(response) == (422, "invalid_field")


FOREIGN = ["https://kwaad.example", "http://leerwijzer.example", "https://leerwijzer.example:8443", "null", "", "x",
           "https://leerwijzer.example.kwaad.example", "https://leerwijzer.example/pad"]  # fmt: skip


@pytest.mark.parametrize("origin", [*FOREIGN, None])
async def test_another_site_may_not_talk(site: Site, origin: str | None) -> None:
    visitor = await site.visitor()
    headers = {"Authorization": f"Bearer {visitor.token}"} | ({} if origin is None else {"Origin": origin})
    for path, body in (("/web/session", {}), ("/web/messages", {"id": secrets.token_hex(8), "text": "a"})):
        response = await site.http.post(path, json=body, headers=headers)
        assert error_of(response) == (403, "origin")
        assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("origin", FOREIGN)
async def test_another_site_may_not_read(site: Site, origin: str) -> None:
    visitor = await site.visitor()
    headers = {"Authorization": f"Bearer {visitor.token}", "Origin": origin}
    assert error_of(await site.http.get("/web/events", headers=headers)) == (403, "origin")
    cross_site = {"Authorization": f"Bearer {visitor.token}", "Sec-Fetch-Site": "cross-site"}
    assert error_of(await site.http.get("/web/events", headers=cross_site)) == (403, "origin")


async def test_our_sites_may_talk(site: Site) -> None:
    for headers in (
        {"Origin": PUBLIC},
        {"Origin": PARTNER},
        {"Origin": site.url},
        {"Origin": "https://achter-een-proxy.example", "Sec-Fetch-Site": "same-origin"},
    ):
        response = await site.http.post("/web/session", headers=headers)
        assert response.status_code == 201
        assert response.headers["access-control-allow-origin"] == headers["Origin"]
        assert "Origin" in response.headers["vary"]
        assert "access-control-allow-credentials" not in response.headers


async def test_a_partner_may_ask_first(site: Site) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    response = await site.http.options("/web/messages", headers={"Origin": PARTNER} | asked)
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == PARTNER
    for name in ("Authorization", "Content-Type", "Last-Event-ID"):
        assert name in response.headers["access-control-allow-headers"]
    refused = await site.http.options("/web/messages", headers={"Origin": "https://kwaad.example"} | asked)
    assert error_of(refused) == (403, "origin")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://www.example.be", "https://www.example.be"),
        ("https://www.example.be:443/x?y", "https://www.example.be"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://WWW.Example.be:80", "http://www.example.be"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_the_origin_of_an_address(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["", "www.example.be", "ftp://x.be", "https://", "*"])
def test_what_is_no_site_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match="no address of a site"):
        origin_of(url)
