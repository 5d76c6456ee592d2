"""Settings: every one documented, wrong ones refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import ROOT, Settings


def documented() -> set[str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return {name.lower() for name in re.findall(r"^#LEERWIJZER_([A-Z_]+)=", text, re.MULTILINE)}


def test_env_example_documents_exactly_the_settings() -> None:
    assert documented() == set(Settings.model_fields)


def test_env_example_without_its_hashes_is_what_holds_anyway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # as the command does: its paths are relative to here
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#(?=LEERWIJZER_)", "", example, flags=re.MULTILINE), encoding="utf-8")
    read, standard = Settings(_env_file=file), Settings(_env_file=None)
    for name in Settings.model_fields:
        ours, theirs = getattr(read, name), getattr(standard, name)
        assert (ours.resolve() if isinstance(ours, Path) else ours) == theirs, name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEERWIJZER_ALLOWED_ORIGINS", '["foo"]'),
        ("LEERWIJZER_PUBLIC_URL", "http://"),
        ("LEERWIJZER_PUBLIC_URL", "http://[bad"),
        ("LEERWIJZER_DATABASE_URL", "nonsense"),
        ("LEERWIJZER_DATABASE_URL", "mysql://host/x"),
        ("LEERWIJZER_REDIS_URL", "nonsense"),
        ("LEERWIJZER_SECRET", "kort"),
        ("LEERWIJZER_DATA_DIR", "/nope"),
        ("LEERWIJZER_PORT", "99999"),
        ("LEERWIJZER_PORT", "acht"),
        ("LEERWIJZER_PUBLIC_URL", "leerwijzer.example"),
        ("LEERWIJZER_LOG_LEVEL", "luid"),
        ("LEERWIJZER_WORKERS", "0"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None)
    assert caught.value.errors()[0]["loc"] == (name.removeprefix("LEERWIJZER_").lower(),)


def test_lists_are_json_and_addresses_lose_their_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEERWIJZER_RASA_URLS", '["http://a:5005", "http://b:5005"]')
    monkeypatch.setenv("LEERWIJZER_PUBLIC_URL", "https://leren.example/")
    settings = Settings(_env_file=None)
    assert settings.rasa_urls == ("http://a:5005", "http://b:5005")
    assert settings.public_url == "https://leren.example"


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEERWIJZER_REST_TOKEN", "kanarie")
    assert "kanarie" not in repr(Settings(_env_file=None))
