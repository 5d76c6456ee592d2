"""One course from near."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.answers import PERSON, found_by_meaning, say_article, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.cards import details_card, keep_button
from actions.costs import tell_price_of_another
from actions.pointing import chosen, shown_last
from actions.spoken_of import followed_up
from bot.conversation.message import Button


class ActionCourseDetails(TurnAction):
    """Everything known about one course."""

    def name(self) -> str:
        return "action_course_details"

    async def act(self, turn: Turn) -> list[Event]:
        if (told := tell_price_of_another(turn)) is not None:
            return told
        if (going_on := followed_up(turn)) and going_on.article:  # "hoeveel uur dan" after an answer on leave
            return say_article(turn, going_on.article)
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
    """Asks which of the courses shown last is meant; when none was shown, what to search."""
    last = shown_last(turn)
    if not last:
        turn.respond("utter_no_courses_shown")
        return []
    intent = look.intent(turn.tracker)
    buttons = [
        Button(title=f"{number}. {offering.place_name}"[:20], payload=f'/{intent}{{"offering":"{offering.id}"}}')
        for number, offering in enumerate(last, start=len(turn.slot("shown")) - len(last) + 1)
    ]
    turn.say("Welke cursus bedoel je?", buttons)
    return []
