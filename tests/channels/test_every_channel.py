"""Whatever the assistant says fits every channel whole: each response, each article in each wording, each course.

What it says in conversations goes through the same check in tests/conversations.
"""

from __future__ import annotations

from datetime import date
from types import ModuleType

import pytest
import yaml
from support.every_channel import unfit
from support.script import OPENING, scripted

from bot.assistant.interface import Turn
from bot.conversation import wording
from bot.conversation.message import Button, Card, Fact, Reply
from bot.knowledge.articles import Level, load_library, render
from bot.knowledge.figures import load_figures
from bot.settings import ROOT
from channels.telegram import outgoing as telegram
from channels.whatsapp import outgoing as whatsapp

RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_every_response(name: str) -> None:
    for variant in RESPONSES[name]:
        buttons = tuple(Button.model_validate(button) for button in variant.get("buttons") or ())
        assert unfit([Reply(text=variant.get("text", ""), buttons=buttons)]) == []


@pytest.mark.parametrize("level", list(Level))
def test_every_article(level: Level) -> None:
    knowledge = ROOT / "data" / "knowledge"
    figures = load_figures(knowledge)
    for article in load_library(knowledge / "articles", figures):
        rendered = render(article, level, figures, date(2026, 11, 26))
        reply = Reply(text=rendered.text, buttons=tuple(rendered.buttons), sources=tuple(rendered.sources))
        assert unfit([reply]) == [], article.id


def test_what_the_system_says_itself() -> None:
    said = [value for value in vars(wording).values() if isinstance(value, Reply)]
    said += [wording.continue_code("LW-ABCD-EFGH", 15), wording.continued_elsewhere("Telegram"), OPENING]
    assert len(said) > 5
    for reply in said:
        assert unfit([reply]) == []


@pytest.mark.parametrize("words", ["lassen", "kost", "keuzes", "lang"])
def test_a_whole_turn(words: str) -> None:
    turn = Turn(conversation_id="c", message_key="m", text=words)
    assert unfit([OPENING, *scripted(turn).replies]) == []


@pytest.mark.parametrize("channel", [telegram, whatsapp])
def test_the_check_can_fail(channel: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "messages", lambda said: [])
    name = channel.__name__.split(".")[1]
    reply = Reply(text="woord", buttons=(Button(title="Ja", payload="/ja"),))
    assert unfit([reply]) == [f"{name} leaves out 'woord'", f"{name} offers other buttons"]


def test_even_an_address_that_is_longer_than_a_message_arrives() -> None:
    card = Card(title="x", facts=(Fact(label="a", value="b"),), url="https://a.be/" + "x" * 5000)
    assert unfit([Reply(cards=(card,))]) == []
