"""Which messages put something else in place of what was searched."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions import correcting
from bot.knowledge.follow_ups import load_follow_ups
from bot.settings import ROOT

FOLLOW_UPS = load_follow_ups(ROOT / "data" / "knowledge")


def turn(text: str, name: str, kind: str = "location", wishes: Any = ("lassen",)) -> Any:
    start = text.index(name)
    entity = {"entity": kind, "value": name, "start": start, "end": start + len(name)}
    return SimpleNamespace(
        tracker=SimpleNamespace(latest_message={"text": text, "entities": [entity]}),
        services=SimpleNamespace(follow_ups=FOLLOW_UPS),
        slot={"wishes": wishes}.get,
    )


@pytest.mark.parametrize(
    ("text", "name", "kind", "corrects"),
    [
        ("nee, ik bedoel Aalst", "Aalst", "location", True),
        ("oei, fout, het is in Zele", "Zele", "location", True),
        ("neem dan maar Menen", "Menen", "location", True),
        ("nee Leuven was goed", "Leuven", "location", True),
        ("dan liever Frans", "Frans", "language", True),
        ("liever in het Frans", "Frans", "language", False),
        ("nee, naaien", "naaien", "course_topic", True),
        ("nee, ik woonde vroeger in Aalst", "Aalst", "location", False),
        ("wat bedoel je met avondonderwijs", "avondonderwijs", "schedule", False),
    ],
)
def test_who_corrects_a_search(
    text: str, name: str, kind: str, corrects: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correcting, "narrow", lambda turn: [])
    assert (correcting.corrected(turn(text, name, kind)) is not None) is corrects


def test_without_a_search_there_is_nothing_to_correct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correcting, "narrow", lambda turn: [])
    assert correcting.corrected(turn("nee, Aalst", "Aalst", wishes=None)) is None
