"""Settings of Telegram, and the command that tells Telegram of us, run as an operator does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from support.live import command
from support.telegram_api import TOKEN, TelegramApi
from telegram.constants import BotCommandLimit, BotDescriptionLimit

from bot.settings import ROOT, Settings
from channels.commands import MENU, find
from channels.telegram.setup import DESCRIPTION, SHORT_DESCRIPTION


@pytest.fixture
def telegram() -> Iterator[TelegramApi]:
    api = TelegramApi()
    api.start()
    yield api
    api.stop()


def leerwijzer(tmp_path: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`leerwijzer telegram …` with these settings alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEERWIJZER_")}
    environment |= {f"LEERWIJZER_{name.upper()}": value for name, value in settings.items()}
    environment |= {"LEERWIJZER_VAR_DIR": str(tmp_path), "COLUMNS": "200"}
    return subprocess.run(
        [command(), "telegram", *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def whole(telegram: TelegramApi, **more: str) -> dict[str, str]:
    given = {"telegram_token": TOKEN, "telegram_secret": "geheim", "telegram_api_url": telegram.url}
    return given | {"public_url": "https://leerwijzer.example"} | more


def test_the_webhook_and_the_menu_are_set(tmp_path: Path, telegram: TelegramApi) -> None:
    before = leerwijzer(tmp_path, "info", **whole(telegram))
    assert before.returncode == 1
    assert "set-webhook" in before.stderr
    done = leerwijzer(tmp_path, "set-webhook", **whole(telegram))
    assert done.returncode == 0, done.stderr
    assert telegram.webhook == {
        "url": "https://leerwijzer.example/webhooks/telegram",
        "allowed_updates": ["message", "edited_message", "callback_query"],
        "secret_token": "geheim",
    }
    assert [entry["command"] for entry in telegram.commands] == [entry.name for entry in MENU]
    assert telegram.descriptions == {"description": DESCRIPTION, "short_description": SHORT_DESCRIPTION}
    after = leerwijzer(tmp_path, "info", **whole(telegram))
    assert after.returncode == 0, after.stderr
    assert "https://leerwijzer.example/webhooks/telegram" in after.stdout
    assert "/mens" in after.stdout
    assert "geheim" not in after.stdout + after.stderr


def test_who_polls_has_no_webhook(tmp_path: Path, telegram: TelegramApi) -> None:
    telegram.webhook = {"url": "https://oud.example"}
    settings = whole(telegram, telegram_polling="true")
    assert leerwijzer(tmp_path, "set-webhook", **settings).returncode == 0
    assert telegram.webhook == {"url": ""}
    assert leerwijzer(tmp_path, "info", **settings).returncode == 0


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [
        ({"telegram_token": "1:fout"}, 1, "kent dit token niet"),
        ({"public_url": "http://leerwijzer.example"}, 1, "https"),
        ({"public_url": "https://leerwijzer.example:9000"}, 1, "443"),
        ({"telegram_token": "", "telegram_secret": ""}, 2, "staat uit"),
        ({"telegram_secret": ""}, 2, "LEERWIJZER_TELEGRAM_SECRET"),
        ({"telegram_token": ""}, 2, "LEERWIJZER_TELEGRAM_TOKEN"),
    ],
)
def test_what_cannot_be_is_said(
    tmp_path: Path, telegram: TelegramApi, settings: dict[str, str], code: int, says: str
) -> None:
    done = leerwijzer(tmp_path, "set-webhook", **whole(telegram, **settings))
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert telegram.webhook == {"url": ""}


def test_a_provider_that_is_away_is_said(tmp_path: Path, telegram: TelegramApi) -> None:
    telegram.take_down()
    done = leerwijzer(tmp_path, "info", **whole(telegram))
    assert done.returncode == 1
    assert "Telegram antwoordt niet" in done.stderr
    assert TOKEN not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"telegram_token": TOKEN}, "LEERWIJZER_TELEGRAM_SECRET"),
        ({"telegram_secret": "geheim"}, "LEERWIJZER_TELEGRAM_TOKEN"),
        ({"telegram_polling": True}, "LEERWIJZER_TELEGRAM_TOKEN"),
        ({"telegram_token": TOKEN, "telegram_secret": "niet zo"}, "A-Z"),
    ],
)
def test_half_a_channel_is_refused_by_the_name_of_what_is_missing(settings: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        Settings(_env_file=None, **settings)


def test_the_menu_is_what_telegram_takes_and_what_the_assistant_knows() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(intent)) if isinstance(intent, dict) else intent for intent in domain["intents"]}
    for entry in MENU:
        assert len(entry.name) <= BotCommandLimit.MAX_COMMAND
        assert len(entry.description) <= BotCommandLimit.MAX_DESCRIPTION
        assert entry.name.islower()
        assert entry.intent is None or entry.intent in intents
        assert find(entry.name.upper()) == entry
    assert len(DESCRIPTION) <= BotDescriptionLimit.MAX_DESCRIPTION_LENGTH
    assert len(SHORT_DESCRIPTION) <= BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH
