"""One course from near."""

from __future__ import annotations

from collections.abc import Callable

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.answers import PERSON, found_by_meaning, say_article, tell_by_meaning
from actions.asking import tell_of_shown
from actions.base import Event, Turn, TurnAction
from actions.cards import details_card, keep_button
from actions.comparing import tell_comparison
from actions.costs import tell_price_of_another
from actions.pointing import chosen, named, shown_last
from actions.spoken_of import followed_up
from bot.catalogue.model import Offering
from bot.catalogue.presenting import start_of, when
from bot.conversation.message import Button

_ROOM = 17
"""Letters on a button, beside a number."""


class ActionCourseDetails(TurnAction):
    """Everything known about one course."""

    def name(self) -> str:
        return "action_course_details"

    async def act(self, turn: Turn) -> list[Event]:
        if (told := tell_price_of_another(turn)) is not None:
            return told
        if (going_on := followed_up(turn)) and going_on.article:  # "hoeveel uur dan" after an answer on leave
            return say_article(turn, going_on.article)
        if (compared := tell_comparison(turn)) is not None:
            return compared
        if (answered := tell_of_shown(turn)) is not None:
            return answered
        offering = chosen(turn)
        if offering is None:
            said = tell_by_meaning(turn, found_by_meaning(turn))
            return which(turn) if said is None else said
        buttons = [
            Button(title="Wat kost dat?", payload=f'/ask_cost{{"offering":"{offering.id}"}}'),
            Button(title="Inschrijven", payload="/ask_enrolment"),
            PERSON,
        ]
        card = details_card(turn, offering).model_copy(update={"buttons": (keep_button(offering),)})
        turn.say(offering.description or offering.title, buttons, [card])
        return [SlotSet("focus", offering.id)]


def which(turn: Turn) -> list[Event]:
    """Asks which of the courses shown last is meant, of those the message points at; when none was shown, what to search."""
    last = named(turn) or shown_last(turn)
    if not last:
        turn.respond("utter_no_courses_shown")
        return []
    intent = look.intent(turn.tracker)
    shown: list[str] = turn.slot("shown")
    buttons = [
        Button(
            title=f"{shown.index(offering.id) + 1}. {apart}"[:20], payload=f'/{intent}{{"offering":"{offering.id}"}}'
        )
        for offering, apart in zip(last, told_apart(last), strict=True)
    ]
    turn.say("Welke cursus bedoel je?", buttons)
    return []


def _where_and_from(offering: Offering) -> str:
    start = f", {offering.start.day}/{offering.start.month}" if offering.start else ""
    return offering.place_name[: _ROOM - len(start)] + start


def told_apart(offerings: list[Offering]) -> list[str]:
    """A few words for each course by which it differs from the others: place, provider, moment, start, title, or two of them."""
    ways: list[Callable[[Offering], str]] = [
        lambda offering: offering.place_name,
        lambda offering: offering.provider.name,
        start_of,
        lambda offering: when(offering.schedule),
        lambda offering: offering.title,
        _where_and_from,
    ]
    found = [[way(offering)[:_ROOM] for offering in offerings] for way in ways]
    return next((words for words in found if all(words) and len(set(words)) == len(words)), found[1])
