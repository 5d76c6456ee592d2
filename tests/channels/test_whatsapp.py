"""WhatsApp from end to end: the webhook, the assistant, the Cloud API, all over real HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from support import cloud_api
from support.cloud_api import APP_SECRET, SETTINGS, USER, VERIFY_TOKEN, CloudApi, body, options_of, signed, status, text
from support.fake_provider import Trouble
from support.live import command
from support.people import eventually
from support.rasa_server import Fault, RasaServer
from support.site import Site, running

from bot.conversation.message import Author, Reply
from bot.conversation.outbox import deliveries
from bot.conversation.service import DeliveryState
from bot.settings import Settings
from bot.storage.tables import conversations, inbox, outbox
from channels.whatsapp.limits import MAX_WEBHOOK_BODY
from channels.whatsapp.webhook import PATH, router

DAY = 24 * 3600.0


@pytest.fixture
def meta() -> Iterator[CloudApi]:
    """The Cloud API."""
    api = CloudApi()
    api.start()
    yield api
    api.stop()


def make_settings(tmp_path: Path, meta: CloudApi, **more: Any) -> Settings:
    given: dict[str, Any] = {**SETTINGS, "whatsapp_api_url": meta.url, "quiet_period": 0.0, **more}
    return Settings(_env_file=None, var_dir=tmp_path, public_url="https://leerwijzer.example", **given)


@pytest.fixture
async def phone(tmp_path: Path, meta: CloudApi, scripted_rasa: RasaServer) -> AsyncIterator[Phone]:
    """The application with WhatsApp on, and a template."""
    async with running(make_settings(tmp_path, meta, whatsapp_template="nog_een_antwoord"), scripted_rasa) as site:
        yield Phone(site)


class Phone:
    """What Meta tells us of people's phones."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def post(self, content: dict[str, Any] | bytes, secret: str = APP_SECRET) -> httpx.Response:
        raw, headers = signed(content, secret)
        return await self.site.http.post(PATH, content=raw, headers=headers)

    async def say(self, *words: str, user: str = USER, **more: Any) -> None:
        messages = [text(word, user, **more) for word in words]
        assert (await self.post(body(messages, user=user))).status_code == 200

    def rows(self, table: sa.Table) -> list[Any]:
        with self.site.database.read() as connection:
            return list(connection.execute(sa.select(table).order_by(table.c.id)))

    def settled(self) -> bool:
        rows = self.rows(outbox)
        return bool(rows) and all(row.status != "pending" for row in rows)


async def test_meta_proves_the_address(phone: Phone) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY_TOKEN}
    response = await phone.site.http.get(PATH, params=asked)
    assert (response.status_code, response.text) == (200, "1158201444")
    assert response.headers["content-type"].startswith("text/plain")
    for wrong in ({"hub.verify_token": "fout"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": "é"}):
        assert (await phone.site.http.get(PATH, params=asked | wrong)).status_code == 403
    assert (await phone.site.http.get(PATH)).status_code == 403


async def test_a_message_is_answered_read_and_typed_at(phone: Phone, meta: CloudApi) -> None:
    await phone.say("hallo é 🙂", wamid="wamid.A")
    await eventually(lambda: meta.bodies() == ["Je schreef: hallo é 🙂"])
    await eventually(lambda: meta.read == ["wamid.A"])
    (message,) = meta.sent
    assert (message["messaging_product"], message["recipient"], "to" in message) == ("whatsapp", USER, False)


async def test_who_has_only_a_number_is_reached_by_it(phone: Phone, meta: CloudApi) -> None:
    message = {"from": "32470000000", "id": "wamid.B", "type": "text", "text": {"body": "hallo"}}
    assert (await phone.post(body([message | {"timestamp": str(int(time.time()))}]))).status_code == 200
    await eventually(lambda: [sent.get("to") for sent in meta.sent] == ["32470000000"])


async def test_a_number_that_gets_an_id_is_the_same_conversation(phone: Phone, meta: CloudApi) -> None:
    old = text("een") | {"from": "32470000000"}
    del old["from_user_id"]
    assert (await phone.post(body([old]))).status_code == 200
    content = body([text("twee")])
    content["entry"][0]["changes"][0]["value"]["contacts"] = [{"wa_id": "32470000000", "user_id": USER}]
    assert (await phone.post(content)).status_code == 200
    await eventually(lambda: meta.bodies()[-1:] == ["Je schreef: twee"])
    assert [row.sender for row in phone.rows(conversations)] == [USER]
    assert len(phone.rows(inbox)) == 2


async def test_buttons_come_back_by_their_own_id(phone: Phone, meta: CloudApi) -> None:
    await phone.say("keuzes")
    await eventually(lambda: len(meta.sent) == 1)
    options = options_of(meta.sent[0])
    assert [option["title"] for option in options] == ["Overdag", "'s Avonds"]
    reply = {"type": "button_reply", "button_reply": {"id": options[1]["id"], "title": "vals"}}
    assert (await phone.post(body([cloud_api.message("interactive", interactive=reply)]))).status_code == 200
    await eventually(lambda: meta.bodies()[1:] == ["Je koos 's Avonds (/evening)"])


async def test_a_turn_is_one_message_also_with_cards(phone: Phone, meta: CloudApi) -> None:
    await phone.say("lassen")
    await eventually(phone.settled)
    (message,) = meta.sent
    assert message["interactive"]["type"] == "list"
    assert len(phone.rows(outbox)) == 2


@pytest.mark.parametrize("secret", ["", "fout", APP_SECRET + "x"])
async def test_what_is_not_signed_with_our_secret_is_refused(phone: Phone, secret: str) -> None:
    response = await phone.post(body([text("hallo")]), secret or "x")
    assert response.status_code == 403
    assert (await phone.site.http.post(PATH, json=body([text("hallo")]))).status_code == 403
    assert phone.rows(inbox) == []


async def test_a_signature_is_of_the_bytes_themselves(phone: Phone, meta: CloudApi) -> None:
    raw = b'{ "entry":[], "\\u00e9":"\xc3\xa9\xf0\x9f\x99\x82" }'
    assert (await phone.post(raw)).status_code == 200
    _, headers = signed(raw)
    assert (await phone.site.http.post(PATH, content=raw.replace(b" ", b""), headers=headers)).status_code == 403


@pytest.mark.parametrize("content", [b"geen json", b"[]", b"null", b"\xff", b'{"entry": 3}'])
async def test_what_cannot_be_read_is_taken_off_the_hands_of_meta(phone: Phone, content: bytes) -> None:
    assert (await phone.post(content)).status_code == 200


async def test_a_body_of_three_megabytes_is_taken_and_a_larger_one_is_not(phone: Phone, meta: CloudApi) -> None:
    raw, _ = signed(body([text("groot")]))
    assert (await phone.post(raw + b" " * (MAX_WEBHOOK_BODY - len(raw)))).status_code == 200
    assert (await phone.post(raw + b" " * (MAX_WEBHOOK_BODY - len(raw) + 1))).status_code == 413
    await eventually(lambda: meta.bodies() == ["Je schreef: groot"])


async def test_what_comes_again_counts_once_and_a_batch_is_answered_whole(phone: Phone, meta: CloudApi) -> None:
    batch = body([text(f"{n}", wamid=f"wamid.{n}x") for n in range(5)])
    for _ in range(4):
        assert (await phone.post(batch)).status_code == 200
    await phone.say("einde")
    await eventually(lambda: meta.bodies()[-1:] == ["Je schreef: einde"])
    assert meta.bodies() == [f"Je schreef: {n}" for n in range(5)] + ["Je schreef: einde"]


async def test_meta_gets_its_answer_while_the_assistant_hangs(
    phone: Phone, meta: CloudApi, scripted_rasa: RasaServer
) -> None:
    scripted_rasa.faults.append(Fault.HANG)
    await phone.say("hallo")  # asserts the 200
    assert meta.sent == []
    scripted_rasa.release()
    await eventually(lambda: meta.bodies()[-1:] == ["Je schreef: hallo"])


async def test_how_far_a_reply_got(phone: Phone, meta: CloudApi) -> None:
    await phone.say("een")
    await eventually(phone.settled)
    wamid = meta.sent[0]["id"]
    for state in ("delivered", "read", "sent", "delivered", "read"):
        assert (await phone.post(body(statuses=[status(wamid, state)]))).status_code == 200
    conversation = await phone.site.conversations.find("whatsapp", USER)
    assert conversation is not None
    lines = await phone.site.conversations.lines(conversation.id)
    assert lines[-1].delivery is DeliveryState.READ
    with phone.site.database.read() as connection:
        assert deliveries(connection, conversation.id) == {lines[-1].seq: ("read", "")}


async def test_after_a_day_of_silence_the_person_is_asked_to_write(phone: Phone, meta: CloudApi) -> None:
    await phone.say("een", at=time.time() - DAY - 60)
    await eventually(lambda: meta.bodies() == ["(nog_een_antwoord)"])
    assert meta.sent[0]["template"]["language"] == {"code": "nl"}
    conversation = await phone.site.conversations.find("whatsapp", USER)
    assert conversation is not None
    await phone.site.conversations.say(conversation.id, Author.SYSTEM, Reply(text="Nog iets."))
    await asyncio.sleep(0.5)
    assert meta.bodies() == ["(nog_een_antwoord)"]
    await phone.say("twee")
    await eventually(phone.settled)
    assert meta.bodies()[1:] == ["Je schreef: een", "Nog iets.", "Je schreef: twee"]


async def test_a_closed_window_is_also_told_late(phone: Phone, meta: CloudApi) -> None:
    await phone.say("een")
    await eventually(phone.settled)
    assert (await phone.post(body(statuses=[status(meta.sent[0]["id"], "failed", 131047)]))).status_code == 200
    await eventually(lambda: meta.bodies()[1:] == ["(nog_een_antwoord)"])
    await phone.say("twee")
    await eventually(phone.settled)
    assert meta.bodies()[2:] == ["Je schreef: een", "Je schreef: twee"]


async def test_without_a_template_it_is_set_aside(tmp_path: Path, meta: CloudApi, scripted_rasa: RasaServer) -> None:
    async with running(make_settings(tmp_path, meta), scripted_rasa) as site:
        phone = Phone(site)
        meta.troubles.append(Trouble.OUTSIDE)
        await phone.say("een")
        await eventually(phone.settled)
        assert [(row.status, row.error) for row in phone.rows(outbox)] == [("dead", "outside_window")]


@pytest.mark.parametrize("trouble", [Trouble.DROP, Trouble.ERROR, Trouble.UNAVAILABLE, Trouble.SLOW])
async def test_trouble_that_passes_loses_nothing(phone: Phone, meta: CloudApi, trouble: Trouble) -> None:
    meta.troubles.append(trouble)
    await phone.say("een")
    await phone.say("twee")
    await eventually(phone.settled, 10)
    assert meta.bodies() == ["Je schreef: een", "Je schreef: twee"]


@pytest.mark.parametrize(
    ("trouble", "reason"), [(Trouble.UNKNOWN, "unknown_person:131026"), (Trouble.REFUSED, "refused:131009")]
)
async def test_what_whatsapp_never_takes_is_set_aside(
    phone: Phone, meta: CloudApi, trouble: Trouble, reason: str
) -> None:
    meta.troubles.append(trouble)
    await phone.say("een")
    await phone.say("twee")
    await eventually(lambda: phone.settled() and len(phone.rows(outbox)) == 2)
    assert [(row.status, row.error) for row in phone.rows(outbox)] == [("dead", reason), ("sent", None)]


@pytest.mark.parametrize("trouble", [Trouble.UNAUTHORISED, Trouble.FORBIDDEN])
async def test_settings_that_are_refused_keep_everything_waiting(
    phone: Phone, meta: CloudApi, trouble: Trouble
) -> None:
    meta.troubles.append(trouble)
    await phone.say("een")
    await eventually(lambda: [row.error for row in phone.rows(outbox)] == ["SettingsRefused"])
    assert phone.rows(outbox)[0].status == "pending"


async def test_a_pair_that_is_over_its_rate_waits(phone: Phone, meta: CloudApi) -> None:
    meta.troubles.append(Trouble.FLOOD)
    await phone.say("een")
    await eventually(lambda: [row.error for row in phone.rows(outbox)] == ["RetryLater"])
    wait = phone.rows(outbox)[0].next_attempt_at - phone.rows(outbox)[0].created_at
    assert 15 < wait.total_seconds() < 20
    await phone.say("twee", user="BE.ander")
    await eventually(lambda: meta.bodies("BE.ander") == ["Je schreef: twee"])


@pytest.mark.parametrize("missing", sorted(SETTINGS))
def test_half_a_channel_is_refused_by_the_name_of_what_is_missing(missing: str) -> None:
    given = {name: value for name, value in SETTINGS.items() if name != missing}
    with pytest.raises(ValidationError, match=f"missing: LEERWIJZER_{missing.upper()}"):
        Settings(_env_file=None, **given)


@pytest.mark.parametrize("secrets", [("", "x"), ("x", "")])
def test_no_webhook_without_its_secrets(secrets: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="secrets"):
        router(None, *secrets)  # type: ignore[arg-type]


def leerwijzer(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEERWIJZER_")}
    environment |= {f"LEERWIJZER_{name.upper()}": value for name, value in settings.items()}
    environment |= {"LEERWIJZER_VAR_DIR": str(tmp_path), "COLUMNS": "200"}
    return subprocess.run(
        [command(), "whatsapp", "info"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_info(tmp_path: Path, meta: CloudApi) -> None:
    whole = {**SETTINGS, "whatsapp_api_url": meta.url, "public_url": "https://leerwijzer.example"}
    done = leerwijzer(tmp_path, **whole)
    assert done.returncode == 0, done.stderr
    assert "+32 470 00 00 00" in done.stdout
    assert "https://leerwijzer.example/webhooks/whatsapp" in done.stdout
    wrong = leerwijzer(tmp_path, **whole | {"whatsapp_access_token": "fout"})
    assert (wrong.returncode, "weigert" in wrong.stderr) == (1, True)
    half = leerwijzer(tmp_path, **{"whatsapp_phone_number_id": "1"})
    assert (half.returncode, "LEERWIJZER_WHATSAPP_APP_SECRET" in half.stderr) == (2, True)
    assert (off := leerwijzer(tmp_path)).returncode == 2
    assert "staat uit" in off.stderr
    for output in (done, wrong, half):
        assert "kanarie" not in output.stdout + output.stderr
