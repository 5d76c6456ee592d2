"""What is kept of a person, and having it erased after one confirmation."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_date
from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions import tracker as look
from actions.answers import ActionAnswer
from actions.base import Event, Turn, TurnAction
from actions.forms import OneQuestionForm
from actions.referral import open_here, take_back
from bot.conversation import erasure
from bot.conversation.message import Button
from bot.referral.hours import BELGIUM
from bot.referral.summary import summarise

ERASE = Button(title="Wis alles", payload="/delete_my_data")
_ASKS_WHAT = re.compile(
    r"\s*((toon|geef|laat|bekijk|zie)\b.*\s)?mijn gegevens(\s(zien|tonen|bekijken))?[\s.!?]*"
    r"|.*\b(wat|welke gegevens)\b.*\b(bewaar\w*|weet\w*|hebt?|heeft|onthou\w*)\b.*\b(van|over)\s(mij|me)\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""What somebody writes who wants to see what is kept of them, and not what happens with it in general."""
_ABOUT_REFERRAL = re.compile(r"\b(aanvraag|toestemming|afspraak)\b", re.IGNORECASE)
_SAYS_YES = re.compile(r"\s*(ja|jawel|jaja|ok|oké|oke|zeker|doe maar|wis)\b", re.IGNORECASE)
_SAYS_NO = re.compile(r"\b(niet|nee|neen|niks|niets)\b", re.IGNORECASE)
_LEAVES = frozenset({"cancel", "distress"})


def asks_what(text: str) -> bool:
    """Whether somebody asks to see what is kept of them."""
    return _ASKS_WHAT.fullmatch(text) is not None


async def held(turn: Turn) -> erasure.Holdings | None:
    """What is kept of this conversation."""
    conversation = turn.tracker.sender_id
    found: erasure.Holdings | None = await turn.services.database.run(
        lambda connection: erasure.holdings(connection, conversation), readonly=True
    )
    return found


async def show(turn: Turn) -> None:
    """Says what is kept, since when, for how long, and what was understood."""
    found = await held(turn)
    if found is None:
        turn.say("Van jou is hier niets bewaard.")
        return
    home = turn.home()
    facts = summarise(
        place=home.label if home else "",
        employment_status=turn.slot("employment_status") or "",
        education_level=turn.slot("education_level") or "",
        age=turn.slot("age") or "",
    ).splitlines()[1:]
    since = format_date(found.since.astimezone(BELGIUM).date(), "d MMMM yyyy", locale="nl_BE")
    lines = [f"Dit bewaar ik van jou, sinds {since}:", erasure.in_words(found.counts) or "• nog geen bericht"]
    if facts:
        lines += ["Dit onthoud ik uit wat je zei:", *(f"• {fact}" for fact in facts)]
    for referral in found.referrals:
        organisation = turn.services.directory.get(referral.organisation)
        lines.append(referral.status_text(organisation.name if organisation else "de organisatie"))
    days = turn.services.settings.conversation_days
    lines.append(f"Na {days} dagen zonder bericht wordt je gesprek vanzelf gewist.")
    turn.say("\n".join(lines), [ERASE])


class ActionPrivacy(TurnAction):
    """What is kept of this person when they ask just that, else the article on privacy."""

    def name(self) -> str:
        return "action_privacy"

    async def act(self, turn: Turn) -> list[Event]:
        if asks_what(look.text(turn.tracker)) or look.value(turn.tracker, "what") == "mine":
            await show(turn)
            return []
        return await ActionAnswer().act(turn)


class ActionDeleteMyData(TurnAction):
    """Leaves whatever goes on, and asks once whether everything must go. Who only asks what is kept, is told that."""

    def name(self) -> str:
        return "action_delete_my_data"

    async def act(self, turn: Turn) -> list[Event]:
        leave = [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("delete_confirmed", None)]
        if asks_what(look.text(turn.tracker)):
            await show(turn)
            return leave
        referral = await open_here(turn) if _ABOUT_REFERRAL.search(look.text(turn.tracker)) else None
        if referral is not None:
            turn.say(
                f"Wil je je aanvraag **{referral.reference}** intrekken, of alles wissen?", [take_back(referral), ERASE]
            )
            return leave
        return [*leave, FollowupAction("delete_form")]


class AskDeleteConfirmed(TurnAction):
    """Says what would go, and asks."""

    def name(self) -> str:
        return "action_ask_delete_form_delete_confirmed"

    async def act(self, turn: Turn) -> list[Event]:
        found = await held(turn)
        lines = ["Ik kan alles van je wissen. Dat kan je niet terugdraaien."]
        if found and found.counts:
            lines.append(erasure.in_words(found.counts))
        if found and found.read:
            lines.append(
                "Een organisatie las je aanvraag al. Wat zij noteerden, kan ik niet wissen. De aanvraag stopt wel."
            )
        elif found and found.referrals:
            lines.append("Je aanvraag wordt dan ook ingetrokken.")
        turn.say(
            "\n".join([*lines, "Wil je dat ik alles wis?"]),
            [
                Button(title="Ja, wis alles", payload='/choose{"consent":"yes"}'),
                Button(title="Nee, bewaar het", payload='/choose{"consent":"no"}'),
            ],
        )
        return []


class ValidateDeleteForm(OneQuestionForm):
    """Only a clear yes erases; anything else leaves everything as it is."""

    def name(self) -> str:
        return "validate_delete_form"

    def is_answer(self, tracker: Tracker, requested: str) -> bool:
        """Whatever is said answers it, but for a stop and distress, which go first."""
        return look.intent(tracker) not in _LEAVES

    async def read_delete_confirmed(self, turn: Turn) -> Any:
        """Yes, or no for anything that is not yes."""
        said, words = look.value(turn.tracker, "consent"), look.text(turn.tracker)
        agrees = look.intent(turn.tracker) == "affirm" or (_SAYS_YES.match(words) and not _SAYS_NO.search(words))
        return "yes" if said == "yes" or (said is None and agrees) else "no"


class ActionSubmitDelete(TurnAction):
    """Has everything erased as soon as this turn has ended."""

    def name(self) -> str:
        return "action_submit_delete"

    async def act(self, turn: Turn) -> list[Event]:
        if turn.slot("delete_confirmed") != "yes":
            turn.respond("utter_nothing_deleted")
            return [SlotSet("delete_confirmed", None)]
        conversation, key, now = turn.tracker.sender_id, look.message_key(turn.tracker), datetime.now(UTC)
        found = await held(turn)
        await turn.services.database.run(lambda connection: erasure.ask(connection, conversation, key, now))
        turn.say(f"Goed. Dit wis ik nu:\n{erasure.in_words(found.counts if found else {})}")
        return []
