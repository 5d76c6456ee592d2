"""Which wording somebody gets, and what is said when no intent was found."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from actions.answers import MOST_BUTTONS, ActionOutOfScope, ActionReadArticle, say_article
from actions.fallback import ActionDefaultFallback
from actions.informing import ActionAnswer
from bot.knowledge.articles import Level, load_library
from bot.knowledge.figures import load_figures
from bot.knowledge.finding import Hit
from bot.knowledge.follow_ups import load_follow_ups
from bot.settings import ROOT

FIGURES = load_figures(ROOT / "data" / "knowledge")
LIBRARY = load_library(ROOT / "data" / "knowledge" / "articles", FIGURES)
FOLLOW_UPS = load_follow_ups(ROOT / "data" / "knowledge")
QUESTION = "mag ik in schijven betalen"


class FakeTurn:
    """A turn without Rasa: what was said is kept, and the articles that are found are given."""

    def __init__(
        self,
        intent: str,
        text: str = QUESTION,
        found: Sequence[tuple[str, float]] = (),
        confidence: float = 0.92,
        **slots: Any,
    ) -> None:
        hits = [Hit(article, chance) for name, chance in found if (article := LIBRARY.get(name))]
        self.services = SimpleNamespace(
            figures=FIGURES,
            library=LIBRARY,
            finder=SimpleNamespace(find=lambda words, on: hits),
            meanings={},
            follow_ups=FOLLOW_UPS,
        )
        self.tracker = SimpleNamespace(
            latest_message={
                "text": text,
                "intent": {"name": intent},
                "intent_ranking": [] if intent == "nlu_fallback" else [{"name": intent, "confidence": confidence}],
                "entities": slots.pop("entities", []),
            },
            events=[],
            active_loop={},
        )
        self.slots = slots
        self.said: list[str] = []
        self.responses: list[str] = []
        self.titles: list[str] = []

    def slot(self, name: str) -> Any:
        return self.slots.get(name)

    def home(self) -> None:
        return None

    def say(self, text: str, buttons: Sequence[Any] = (), **_others: Any) -> None:
        self.said.append(text)
        self.titles += [button.title for button in buttons]

    def respond(self, response: str, **values: Any) -> None:
        self.responses.append(response)


@pytest.mark.parametrize(("audience", "told"), [("professional", True), ("citizen", False), (None, False)])
def test_a_professional_gets_the_rule_too(audience: str | None, told: bool) -> None:
    turn = FakeTurn("ask_training_leave", audience=audience)
    article = LIBRARY.get("leave")
    assert article is not None
    say_article(turn, article)  # type: ignore[arg-type]
    assert ("Voor begeleiders" in turn.said[0]) == told
    assert ("WSE-loket" in turn.said[0]) == told
    say_article(turn, article, Level.SIMPLE)  # type: ignore[arg-type]
    assert "Voor begeleiders" not in turn.said[1]


async def act(action: Any, turn: FakeTurn) -> FakeTurn:
    await action.act(turn)
    return turn


async def test_an_article_of_the_long_tail_answers_in_place_of_the_general_one() -> None:
    turn = await act(ActionAnswer(), FakeTurn("ask_enrolment", found=[("pay-in-parts", 0.9)]))
    assert "Syntra Brussel" in turn.said[0]
    turn = await act(ActionAnswer(), FakeTurn("ask_enrolment", found=[("pay-in-parts", 0.05)], confidence=0.97))
    assert "Je schrijft je in bij het centrum" in turn.said[0]


async def test_a_general_answer_has_the_articles_near_the_question_as_buttons() -> None:
    found = [("late-enrolment", 0.3), ("enrolment-papers", 0.28)]
    turn = await act(ActionAnswer(), FakeTurn("ask_enrolment", found=found))
    assert "Je schrijft je in bij het centrum" in turn.said[0]
    assert turn.titles[:2] == ["Nog instappen", "Welke papieren"]
    assert len(set(turn.titles)) == len(turn.titles)


async def test_an_unsure_question_that_no_article_knows_is_asked_about() -> None:
    turn = await act(ActionAnswer(), FakeTurn("ask_enrolment", found=[("pay-in-parts", 0.05)], confidence=0.6))
    assert "Bedoel je dit?" in turn.said[0]
    assert turn.titles == ["Inschrijven", "Iemand spreken"]


def test_related_articles_stand_below_where_there_is_room() -> None:
    few, full = LIBRARY.get("business-management"), LIBRARY.get("leave")
    assert few is not None and full is not None
    turn = FakeTurn("ask_enrolment")
    say_article(turn, few)  # type: ignore[arg-type]
    assert len(turn.titles) == MOST_BUTTONS and set(turn.titles) - {button.title for button in few.buttons}
    turn = FakeTurn("ask_enrolment")
    say_article(turn, full)  # type: ignore[arg-type]
    assert turn.titles == [button.title for button in full.buttons]


async def test_a_button_is_never_searched_for() -> None:
    turn = await act(ActionAnswer(), FakeTurn("ask_enrolment", text="/ask_enrolment", found=[("pay-in-parts", 0.9)]))
    assert "Je schrijft je in bij het centrum" in turn.said[0]


async def test_what_is_not_understood_is_answered_offered_or_asked_again() -> None:
    answered = await act(ActionDefaultFallback(), FakeTurn("nlu_fallback", found=[("pay-in-parts", 0.9)]))
    assert "Syntra Brussel" in answered.said[0] and not answered.responses
    offered = await act(
        ActionDefaultFallback(), FakeTurn("nlu_fallback", found=[("pay-in-parts", 0.2), ("cost", 0.16)])
    )
    assert "• Gespreid betalen\n• Wat kost een cursus" in offered.said[0]
    assert offered.titles == ["Gespreid betalen", "Wat kost het?", "Iemand spreken"]
    asked = await act(ActionDefaultFallback(), FakeTurn("nlu_fallback", found=[("pay-in-parts", 0.05)]))
    assert asked.responses == ["utter_not_understood_plain"] and not asked.said


async def test_what_is_none_of_our_business_is_said_so_unless_an_article_surely_answers() -> None:
    refused = await act(ActionOutOfScope(), FakeTurn("out_of_scope", found=[("pay-in-parts", 0.5)]))
    assert refused.responses == ["utter_out_of_scope"]
    answered = await act(ActionOutOfScope(), FakeTurn("out_of_scope", found=[("pay-in-parts", 0.9)]))
    assert "Syntra Brussel" in answered.said[0] and not answered.responses


async def test_a_button_reads_the_article_that_it_names() -> None:
    entities = [{"entity": "article", "value": "aav"}]
    assert "AAV" in (await act(ActionReadArticle(), FakeTurn("read_article", entities=entities))).said[0]
    gone = [{"entity": "article", "value": "weg"}]
    assert "geen zeker antwoord" in (await act(ActionReadArticle(), FakeTurn("read_article", entities=gone))).said[0]
