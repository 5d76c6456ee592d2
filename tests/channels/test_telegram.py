"""Telegram from end to end: the webhook, the assistant, the Bot API, all over real HTTP."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from support.fake_provider import Trouble
from support.people import eventually
from support.rasa_server import Fault, RasaServer
from support.site import Site, running
from support.telegram_api import TOKEN, TelegramApi

from bot.settings import Settings
from bot.storage.tables import conversations, deliveries, inbox, outbox
from channels.telegram.door import GROUP
from channels.telegram.webhook import HEADER, MAX_BODY, PATH

SECRET = "kanarie-geheim_1"
UPDATES = Path(__file__).parent / "telegram_updates"


@pytest.fixture
def telegram() -> Iterator[TelegramApi]:
    """The Bot API."""
    api = TelegramApi()
    api.start()
    yield api
    api.stop()


def make_settings(tmp_path: Path, telegram: TelegramApi, **more: Any) -> Settings:
    given = {"telegram_secret": SECRET, "quiet_period": 0.0} | more
    return Settings(
        _env_file=None, var_dir=tmp_path, telegram_token=TOKEN, telegram_api_url=telegram.url,
        public_url="https://leerwijzer.example", **given,
    )  # fmt: skip


@pytest.fixture
async def phone(tmp_path: Path, telegram: TelegramApi, scripted_rasa: RasaServer) -> AsyncIterator[Phone]:
    """The application with Telegram on."""
    async with running(make_settings(tmp_path, telegram), scripted_rasa) as site:
        yield Phone(site)


class Phone:
    """What Telegram tells us of people's phones."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.number = 100

    async def post(self, update: Any, secret: str = SECRET) -> httpx.Response:
        content = update if isinstance(update, bytes) else json.dumps(update).encode()
        return await self.site.http.post(PATH, content=content, headers={HEADER: secret})

    async def say(self, text: str, chat: int = 7) -> dict[str, Any]:
        self.number += 1
        who = {"id": chat, "is_bot": False, "first_name": "An"}
        message = {"message_id": self.number, "date": int(time.time()), "text": text, "from": who}
        update = {"update_id": self.number, "message": message | {"chat": {"id": chat, "type": "private"}}}
        assert (await self.post(update)).status_code == 200
        return update

    async def press(self, data: str, chat: int = 7) -> None:
        self.number += 1
        query = {"id": secrets.token_hex(4), "from": {"id": chat, "is_bot": False, "first_name": "An"}, "data": data}
        update = {"update_id": self.number, "callback_query": query | {"chat_instance": "1"}}
        assert (await self.post(update)).status_code == 200

    def rows(self, table: sa.Table) -> list[Any]:
        with self.site.database.read() as connection:
            return list(connection.execute(sa.select(table).order_by(table.c.id)))


def fixture(name: str) -> dict[str, Any]:
    return dict(json.loads((UPDATES / f"{name}.json").read_text(encoding="utf-8")))


async def test_a_message_is_answered(phone: Phone, telegram: TelegramApi) -> None:
    await phone.say("hallo 🙂")
    await eventually(lambda: telegram.texts(7) == ["Je schreef: hallo 🙂"])
    await eventually(lambda: telegram.typing == [7])
    await eventually(lambda: len(phone.rows(deliveries)) == 1)
    (taken,) = phone.rows(deliveries)
    assert (taken.channel, taken.provider_id, taken.state) == ("telegram", "7:1", "sent")


async def test_a_button_is_pressed_and_always_answered(phone: Phone, telegram: TelegramApi) -> None:
    await phone.say("keuzes")
    await eventually(lambda: len(telegram.sent) == 1)
    rows = telegram.sent[0]["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [["Overdag", "'s Avonds"]]
    await phone.press(rows[0][1]["callback_data"])
    await eventually(lambda: telegram.texts(7)[1:] == ["Je koos 's Avonds (/evening)"])
    await phone.press("b_van-een-ander-gesprek-x")
    await eventually(lambda: telegram.texts(7)[2:] == ["Je koos (oude knop) (/expired_button)"])
    await eventually(lambda: len(telegram.answered) == 2)


async def test_a_button_of_somebody_else_is_not_valid(phone: Phone, telegram: TelegramApi) -> None:
    await phone.say("keuzes", chat=7)
    await eventually(lambda: len(telegram.sent) == 1)
    data = telegram.sent[0]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await phone.press(data, chat=8)
    await eventually(lambda: telegram.texts(8) == ["Je koos (oude knop) (/expired_button)"])


async def test_an_update_counts_once_however_often_it_comes(phone: Phone, telegram: TelegramApi) -> None:
    update = await phone.say("een")
    for _ in range(5):
        assert (await phone.post(update)).status_code == 200
    await phone.say("twee")
    await eventually(lambda: len(telegram.sent) == 2)
    assert telegram.texts(7) == ["Je schreef: een", "Je schreef: twee"]


@pytest.mark.parametrize("secret", ["", "fout", SECRET + "x", "kanarie-geheim_é"])
async def test_without_the_secret_nothing_is_taken(phone: Phone, secret: str) -> None:
    headers = {HEADER.encode(): secret.encode()} if secret else {}
    response = await phone.site.http.post(PATH, json=fixture("text"), headers=headers)
    assert response.status_code == 403
    assert phone.rows(inbox) == []


@pytest.mark.parametrize("body", [b"", b"geen json", b"[]", b"null", b'{"a":1}', b'{"update_id":"x"}', b"\xff\xfe"])
async def test_what_is_no_update_is_taken_off_the_hands_of_telegram(phone: Phone, body: bytes) -> None:
    assert (await phone.post(body)).status_code == 200
    assert phone.rows(inbox) == []


async def test_a_huge_body_is_refused(phone: Phone) -> None:
    assert (await phone.post(b" " * (MAX_BODY + 1))).status_code == 413
    assert (await phone.post(json.dumps(fixture("text")).encode() + b" " * (MAX_BODY // 2))).status_code == 200


async def test_telegram_gets_its_answer_while_the_assistant_hangs(
    phone: Phone, telegram: TelegramApi, scripted_rasa: RasaServer
) -> None:
    scripted_rasa.faults.append(Fault.HANG)
    await phone.say("hallo")  # asserts the 200
    assert telegram.sent == []
    scripted_rasa.release()
    await eventually(lambda: telegram.texts(7)[-1:] == ["Je schreef: hallo"])


async def test_the_way_in_is_kept(phone: Phone, telegram: TelegramApi) -> None:
    assert (await phone.post(fixture("start_entry"))).status_code == 200
    await eventually(lambda: telegram.texts(5550001) == ["Je koos /start (/greet)"])
    (conversation,) = phone.rows(conversations)
    assert (conversation.channel, conversation.sender, conversation.entry) == ("telegram", "5550001", "ocmw-gent_1")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("photo", "foto"),
        ("voice", "spraakbericht"),
        ("sticker", "sticker"),
        ("location", "locatie"),
        ("contact", "contact"),
        ("text_too_long", "bericht van meer dan 3000 tekens"),
        ("edited_text", "aangepast bericht"),
    ],
)
async def test_what_cannot_be_read_is_told_kindly(phone: Phone, telegram: TelegramApi, name: str, what: str) -> None:
    assert (await phone.post(fixture(name))).status_code == 200
    await eventually(lambda: len(telegram.sent) == 1)
    (row,) = phone.rows(inbox)
    assert (row.kind, row.status, row.text) == ("unreadable", "done", what)
    assert telegram.texts(5550001)[0].startswith(f"Je koos {what} (/unreadable")


async def test_an_album_is_answered_once(phone: Phone, telegram: TelegramApi) -> None:
    for name in ("album_first", "album_second"):
        assert (await phone.post(fixture(name))).status_code == 200
    await phone.say("einde", chat=5550001)
    await eventually(lambda: telegram.texts(5550001)[-1:] == ["Je schreef: einde"])
    assert len(telegram.texts(5550001)) == 2


async def test_a_group_is_told_once_to_write_in_private(phone: Phone, telegram: TelegramApi) -> None:
    for name in ("group_added", "group_text", "group_photo", "group_edited", "callback_in_group"):
        assert (await phone.post(fixture(name))).status_code == 200
    await eventually(lambda: telegram.texts(-100777) == [GROUP])
    await eventually(lambda: telegram.answered == ["780"])
    button = telegram.sent[0]["reply_markup"]["inline_keyboard"][0][0]
    assert button["url"] == "https://t.me/leerwijzer_bot?start=groep"
    assert phone.rows(conversations) == []


async def test_who_blocks_us_is_marked_until_they_write_again(phone: Phone, telegram: TelegramApi) -> None:
    telegram.troubles.append(Trouble.FORBIDDEN)
    await phone.say("een")
    await eventually(lambda: [row.status for row in phone.rows(outbox)] == ["dead"])
    assert phone.rows(outbox)[0].error == "blocked"
    assert phone.rows(conversations)[0].unreachable == "blocked"
    await phone.say("twee")
    await eventually(lambda: telegram.texts(7) == ["Je schreef: twee"])
    assert phone.rows(conversations)[0].unreachable is None


@pytest.mark.parametrize(
    "trouble", [Trouble.DROP, Trouble.ERROR, Trouble.UNAVAILABLE, Trouble.FLOOD, Trouble.SLOW, Trouble.NO_FORMAT]
)
async def test_trouble_that_passes_loses_nothing(phone: Phone, telegram: TelegramApi, trouble: Trouble) -> None:
    telegram.troubles.append(trouble)
    await phone.say("kost")
    await phone.say("twee")
    await eventually(lambda: len(telegram.sent) == 2, 10)
    assert telegram.texts(7)[0].startswith("De cursus kost 180 euro.")
    assert telegram.texts(7)[1] == "Je schreef: twee"


@pytest.mark.parametrize(("trouble", "reason"), [(Trouble.UNKNOWN, "unknown_person"), (Trouble.REFUSED, "refused")])
async def test_what_telegram_never_takes_is_set_aside(
    phone: Phone, telegram: TelegramApi, trouble: Trouble, reason: str
) -> None:
    telegram.troubles.append(trouble)
    await phone.say("een")
    await phone.say("twee")
    wanted = [("dead", reason), ("sent", None)]
    await eventually(lambda: [(row.status, row.error) for row in phone.rows(outbox)] == wanted)
    assert telegram.texts(7) == ["Je schreef: twee"]


async def test_an_answer_that_breaks_off_may_double_and_never_loses(phone: Phone, telegram: TelegramApi) -> None:
    telegram.troubles.append(Trouble.HALF)
    await phone.say("een")
    await eventually(lambda: [row.status for row in phone.rows(outbox)] == ["sent"])
    assert telegram.texts(7) == ["Je schreef: een"] * 2


async def test_a_token_that_is_refused_keeps_everything_waiting(phone: Phone, telegram: TelegramApi) -> None:
    telegram.troubles.append(Trouble.UNAUTHORISED)
    await phone.say("een")
    await eventually(lambda: [row.error for row in phone.rows(outbox)] == ["SettingsRefused"])
    assert phone.rows(outbox)[0].status == "pending"


async def test_short_messages_in_a_row_are_one_question(
    tmp_path: Path, telegram: TelegramApi, scripted_rasa: RasaServer
) -> None:
    async with running(make_settings(tmp_path, telegram, quiet_period=2.5), scripted_rasa) as site:
        phone = Phone(site)
        for text in ("hoi", "ik zoek een cursus", "lassen"):
            await phone.say(text)
        await eventually(lambda: telegram.texts(7) == ["Je schreef: hoi\nik zoek een cursus\nlassen"])
        rows = phone.rows(inbox)
        assert [(row.status, row.joined) for row in rows] == [
            ("done", None),
            ("done", rows[0].id),
            ("done", rows[0].id),
        ]
        await phone.say("en wat kost dat?")  # whole by itself: no waiting
        await eventually(lambda: len(telegram.sent) == 2, 0.35)


async def test_polling_takes_updates_and_confirms_them(
    tmp_path: Path, telegram: TelegramApi, scripted_rasa: RasaServer
) -> None:
    telegram.webhook = {"url": "https://elders.example/"}
    telegram.updates = [fixture(name) for name in ("text", "photo", "callback")]
    telegram.updates += [{"update_id": 9999, "message": {"onzin": 1}}, {"update_id": 10000}]
    settings = make_settings(tmp_path, telegram, telegram_polling=True, telegram_secret="")
    async with running(settings, scripted_rasa) as site:
        await eventually(lambda: len(telegram.texts(5550001)) == 3)
        await eventually(lambda: telegram.updates == [])
        assert telegram.webhook == {"url": ""}
        assert (await Phone(site).post(fixture("text"))).status_code == 404
        telegram.take_down()
        telegram.updates = [fixture("sticker") | {"update_id": 10001}]
        telegram.bring_back()
        await eventually(lambda: len(telegram.texts(5550001)) == 4)


async def test_off_without_a_token(site: Site) -> None:
    assert (await site.http.post(PATH, json=fixture("text"))).status_code == 404
