"""Whole conversations through the HTTP door, as YAML.

Each file holds a list under `conversations`: a `name` and `turns`. A turn says (`say`) or presses a button by its title (`press`,
from the last turn that had it), and lists what the answer must hold:

    text:      words that must occur (any case)          not_text:  words that must not
    buttons:   titles that must be offered               cards:     least number of cards
    card_text: words that must occur on some card        sources:   true: a source with the day it was checked
    match:     a regular expression over the text  not_buttons: titles that must not be offered
    silent:    true: no reply at all

`elsewhere: true` speaks in a second conversation, as the same person on another channel would. `keep` remembers what a regular
expression finds in the answer, for `{kept}` in a later `say` or `match`.
`wait` waits so many seconds. `press_match` presses the first button of the last turn whose title matches a regular expression.

Whatever a turn lists, no reply may hold an amount that has no source (`support.sourced`), nor make a claim that is no longer
true (data/knowledge/claims.yml).
"""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from support.every_channel import unfit
from support.live import Live
from support.sourced import Ledger

from bot.conversation.message import reply_from_rasa
from bot.knowledge.claims import load_claims, made
from bot.settings import ROOT

HERE = Path(__file__).parent
CLAIMS = load_claims(ROOT / "data" / "knowledge")
EXPECTATIONS = {
    "say",
    "press",
    "text",
    "not_text",
    "buttons",
    "cards",
    "card_text",
    "sources",
    "match",
    "not_buttons",
    "silent",
    "press_match",
    "elsewhere",
    "keep",
    "wait",
}


def conversations() -> list[Any]:
    found = []
    for path in sorted(HERE.glob("*.yml")):
        for conversation in yaml.safe_load(path.read_text(encoding="utf-8"))["conversations"]:
            found.append(pytest.param(conversation, id=f"{path.stem}: {conversation['name']}"))
    return found


def ask(url: str, sender: str, message: str) -> list[dict[str, Any]]:
    response = httpx.post(
        f"{url}/webhooks/rest/webhook", json={"sender": sender, "message": message}, timeout=30, trust_env=False
    )
    assert response.status_code == 200, response.text
    result: list[dict[str, Any]] = response.json()
    return result


def offered(replies: list[dict[str, Any]]) -> dict[str, str]:
    """Title to payload of every button, those on cards included; of two with a title the first counts."""
    buttons: dict[str, str] = {}
    for reply in replies:
        cards = (reply.get("custom") or {}).get("cards") or []
        for button in [*(b for card in cards for b in card.get("buttons") or []), *(reply.get("buttons") or [])]:
            buttons.setdefault(button["title"], button["payload"])
    return buttons


def check(turn: dict[str, Any], replies: list[dict[str, Any]]) -> None:
    assert not set(turn) - EXPECTATIONS, f"unknown expectation in {turn}"
    text = "\n".join(reply.get("text") or "" for reply in replies)
    cards = [card for reply in replies for card in (reply.get("custom") or {}).get("cards") or []]
    sources = [source for reply in replies for source in (reply.get("custom") or {}).get("sources") or []]
    titles = [card["title"] for card in cards]
    shown = f"\n{turn.get('say') or turn.get('press')!r} was answered with:\n{text}\n{titles}\n{list(offered(replies))}"
    if turn.get("silent"):
        assert not replies, f"a reply{shown}"
        return
    assert replies, f"no reply to {turn}"
    for title in turn.get("not_buttons") or []:
        assert title not in offered(replies), f"button {title!r} is offered{shown}"
    for words in turn.get("text") or []:
        assert words.casefold() in text.casefold(), f"{words!r} is missing{shown}"
    for words in turn.get("not_text") or []:
        assert words.casefold() not in text.casefold(), f"{words!r} should not be said{shown}"
    for title in turn.get("buttons") or []:
        assert title in offered(replies), f"button {title!r} is missing{shown}"
    assert len(cards) >= turn.get("cards", 0), f"too few cards{shown}"
    for words in turn.get("card_text") or []:
        assert words.casefold() in str(cards).casefold(), f"{words!r} is on no card{shown}"
    if "sources" in turn:
        assert bool(sources and all(source["checked"] for source in sources)) is turn["sources"], (
            f"sources: {sources}{shown}"
        )
    if "match" in turn:
        assert re.search(turn["match"], text), f"{turn['match']!r} does not match{shown}"


@pytest.mark.parametrize("conversation", conversations())
def test_conversation(conversation: dict[str, Any], application: Live, ledger: Ledger) -> None:
    senders = secrets.token_hex(8), secrets.token_hex(8)
    kept = ""
    known: dict[str, str] = {}
    last: list[str] = []
    said = ""
    for turn in conversation["turns"]:
        if "wait" in turn:
            time.sleep(turn["wait"])
            continue
        if "press_match" in turn:
            matching = [title for title in last if re.search(turn["press_match"], title)]
            assert matching, f"no button like {turn['press_match']!r} among {last}"
            turn = turn | {"press": matching[0]}
        if "press" in turn:
            assert turn["press"] in known, f"no button {turn['press']!r} among {list(known)}"
        turn = turn | {key: turn[key].replace("{kept}", kept) for key in ("say", "match") if key in turn}
        sender = senders[bool(turn.get("elsewhere"))]
        replies = ask(application.url, sender, turn["say"] if "say" in turn else known[turn["press"]])
        check(turn, replies)
        if "keep" in turn:
            found = re.search(turn["keep"], "\n".join(reply.get("text") or "" for reply in replies))
            assert found, f"nothing to keep like {turn['keep']!r}"
            kept = found[0]
        assert unfit([reply_from_rasa(reply) for reply in replies]) == []
        said += f" {turn.get('say', '')}"
        assert ledger.unsourced(replies, said) == [], f"an amount without a source, answering {turn}"
        lines = [line for reply in replies for line in (reply.get("text") or "").splitlines()]
        words = "\n".join(line for line in lines if not line.startswith("• "))  # those are of one course: its own price
        assert list(made(words, CLAIMS)) == [], f"no longer true, answering {turn}"
        last = list(offered(replies))
        known = {**known, **offered(replies)}
