"""Sentences with one meaning whatever the model took them for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.assistant.plain import load_plain, reread
from bot.knowledge.datafile import DataError
from bot.settings import ROOT

PLAIN = load_plain(ROOT / "data" / "knowledge")


def meant(text: str, taken_for: str) -> str:
    intent = {"name": taken_for, "confidence": 0.8}
    parsed: dict[str, Any] = {"intent": intent, "intent_ranking": [intent], "entities": []}
    return str(reread(parsed, text, PLAIN)["intent"]["name"])


@pytest.mark.parametrize(
    ("text", "taken_for", "intent"),
    [
        ("ik wil begeleiding", "search_course", "request_guidance"),
        ("Kan ik begeleiding krijgen?", "nlu_fallback", "request_guidance"),
        ("ik zoek wat hulp bij het kiezen", "search_course", "request_guidance"),
        ("ik wil een opleiding begeleiding van kinderen", "search_course", "search_course"),
        ("ik wil begeleiding", "distress", "distress"),
        ("ik ben bediende en woon in Aalst, waar heb ik dan recht op", "inform", "ask_entitlements"),
        ("ik ben 30, werk deeltijds. welke premies krijg ik?", "inform", "ask_entitlements"),
        ("waarop heb ik recht?", "nlu_fallback", "ask_entitlements"),
        ("ik heb daar geen recht op", "inform", "inform"),
        ("bij nader inzien toch niet bewaren", "deny", "keep_course"),
        ("ik zit in de put met mijn schulden en weet niet wat kiezen", "request_guidance", "distress"),
        ("kzit al weken diep inde put", "inform", "distress"),
        ("ik zit niet in de put, ik zoek gewoon iets anders", "request_guidance", "request_guidance"),
        ("mijn broer zit in de put en zoekt een cursus", "search_course", "search_course"),
        ("waar heb ik recht op als ik verlof neem", "ask_training_leave", "ask_training_leave"),
    ],
)
def test_a_plain_sentence_goes_before_what_the_model_took_it_for(text: str, taken_for: str, intent: str) -> None:
    assert meant(text, taken_for) == intent


def test_what_was_taken_for_it_stays_in_the_ranking() -> None:
    intent = {"name": "search_course", "confidence": 0.8}
    read = reread({"intent": intent, "intent_ranking": [intent]}, "ik wil begeleiding", PLAIN)
    assert [entry["name"] for entry in read["intent_ranking"]] == ["request_guidance", "search_course"]


@pytest.mark.parametrize(
    "entry",
    [
        '{id: no_such_intent, instead_of: [inform], says: ["x"]}',
        '{id: greet, instead_of: [no_such_intent], says: ["x"]}',
        '{id: greet, instead_of: [inform], says: ["("]}',
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, entry: str) -> None:
    (tmp_path / "sentences.yml").write_text(f"sentences:\n  - {entry}\n", encoding="utf-8")
    with pytest.raises(DataError, match="sentences.yml"):
        load_plain(tmp_path)
