"""The doctor looks at everything, and whatever is wrong is a finding and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor import Finding, examine
from bot.settings import Settings


async def found(settings: Settings) -> dict[str, Finding]:
    return {finding.what: finding for finding in await examine(settings)}


async def test_an_empty_folder_is_examined(tmp_path: Path) -> None:
    findings = await found(Settings(_env_file=None, var_dir=tmp_path, models_dir=tmp_path / "models"))
    assert findings["Python"].good and findings["rasa"].good
    assert findings["gegevens"].good and "artikels" in findings["gegevens"].state
    assert findings["model"].good is False and "make train" in findings["model"].state
    assert findings["REST-webhook"].state.startswith("alleen vanop deze machine")


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("databank", {"database_url": "postgresql://postgres@127.0.0.1:1/nope"}),
        ("cursusaanbod", {"database_url": "postgresql://postgres@127.0.0.1:1/nope"}),
        ("versleuteling", {"encryption_keys": "geen sleutel"}),
        ("Redis", {"redis_url": "redis://127.0.0.1:1/0"}),
        ("model", {"spacy_model": "nl_bestaat_niet"}),
    ],
)
async def test_what_is_wrong_is_a_finding(tmp_path: Path, what: str, given: dict[str, str]) -> None:
    findings = await found(Settings(_env_file=None, var_dir=tmp_path, **given))
    assert findings[what].good is not True
    assert findings[what].state


async def test_data_that_cannot_be_used_are_a_finding(tmp_path: Path) -> None:
    findings = await found(Settings(_env_file=None, var_dir=tmp_path, data_dir=tmp_path))
    assert findings["gegevens"].good is False


async def test_a_folder_that_cannot_be_made_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("", encoding="utf-8")
    findings = await found(Settings(_env_file=None, var_dir=tmp_path / "bestand" / "var"))
    assert findings["map om te schrijven"].good is False


async def test_doors_without_a_token_are_shut_behind_a_public_address(tmp_path: Path) -> None:
    findings = await found(Settings(_env_file=None, var_dir=tmp_path, public_url="https://leren.example"))
    assert findings["REST-webhook"].good is None and "LEERWIJZER_REST_TOKEN" in findings["REST-webhook"].state
    assert findings["beheer"].good is None
