"""What is kept of a person, and having it erased after one confirmation."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_date
from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions import tracker as look
from actions.base import Event, Turn, TurnAction
from actions.forgetting import ERASE, OF_PERSON
from actions.forms import OneQuestionForm
from actions.informing import ActionAnswer
from actions.overview import drop_kept
from actions.referral import open_here, take_back
from actions.referral_choices import desks
from bot.conversation import erasure
from bot.conversation.message import Button
from bot.referral.hours import BELGIUM
from bot.referral.summary import lines_named, summarise

_ASKS_WHAT = re.compile(
    r"\s*((toon|geef|laat|bekijk|zie)\b.*\s)?mijn gegevens(\s(zien|tonen|bekijken))?[\s.!?]*"
    r"|.*\b(wat|welke gegevens)\b.*\b(bewaar\w*|weet\w*|hebt?|heeft|onthou\w*)\b.*\b(van|over)\s(mij|me)\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""What somebody writes who wants to see what is kept of them, and not what happens with it in general."""
_EVERYTHING = re.compile(
    r"\b(alles|alle|al (?:wat|mijn|die|de)|de rest|helemaal|volledig|niets|niks|geen spoor|sporen?)\b"
    r"|\b\w*gegevens\b|\b(data|info\w*|profiel|account|dossier|historiek|geheugen)\b|\b\w*(gesprek|geschiedenis)\b"
    r"|\bvergeet (mij|me)\b|\b(mij|me) \w*vergeten\b|vergeten (te )?worden|vergetelheid|\b(verwijder|wis|schrap) mij\b",
    re.IGNORECASE,
)
"""What the wish to have everything erased is about. Whatever else is to go, is one thing."""
_ABOUT_REFERRAL = re.compile(r"\b(aanvraag|toestemming|afspraak)\b", re.IGNORECASE)
ABOUT_CONTACT = re.compile(
    r"\b(mailen|mailt|mails?|e-?mail\w*|mailadres|bellen|belt|sms\w*|contact\w*|bericht\w*|lastig\w*"
    r"|\w*nummer|telefoon|gsm)\b",
    re.IGNORECASE,
)
"""Words about how somebody is reached."""
_ABOUT_COURSE = re.compile(r"\b(cursus\w*|opleiding|eerste|tweede|derde|vierde|laatste|overzicht)\b", re.IGNORECASE)
_SAYS_YES = re.compile(r"\s*(ja|jawel|jaja|ok|oké|oke|zeker|doe maar)\b", re.IGNORECASE)
_ERASES = re.compile(r"\b(wis\w*|verwijder\w*|delete\w*|schrap\w*|weg)\b", re.IGNORECASE)
_SAYS_NO = re.compile(r"\b(niet|nee|neen|niks|niets|geen)\b", re.IGNORECASE)
_LEAVES = frozenset({"cancel", "distress"})


def asks_what(text: str) -> bool:
    """Whether somebody asks to see what is kept of them."""
    return _ASKS_WHAT.fullmatch(text) is not None


def wants_all_gone(text: str) -> bool:
    """Whether somebody who wants something gone wants everything gone."""
    return _EVERYTHING.search(text) is not None


def confirms(text: str) -> bool:
    """Whether somebody says in so many words that everything must go."""
    return bool(_ERASES.search(text) and not _SAYS_NO.search(text))


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
    told = turn.slot("situation") or {}
    rules = turn.services.rules
    if besides := [words for name, value in told.items() if (words := rules.facts[name].in_words(value))]:
        facts.append(f"Ook verteld: {', '.join(dict.fromkeys(besides))}")
    since = format_date(found.since.astimezone(BELGIUM).date(), "d MMMM yyyy", locale="nl_BE")
    lines = [f"Dit bewaar ik van jou, sinds {since}:", erasure.in_words(found.counts) or "• nog geen bericht"]
    if facts:
        lines += ["Dit onthoud ik uit wat je zei:", *(f"• {fact}" for fact in facts)]
    unread = bool(found.referrals) and (await desks(turn)).trial
    for referral in found.referrals:
        organisation = turn.services.directory.get(referral.organisation)
        lines.append(referral.status_text(organisation.name if organisation else "de organisatie", unread=unread))
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
    """Leaves whatever goes on. Asks whether everything must go only of who wants everything gone; else it is about one thing,
    or unclear. Who only asks what is kept, is told that."""

    def name(self) -> str:
        return "action_delete_my_data"

    async def act(self, turn: Turn) -> list[Event]:
        leave = [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("delete_confirmed", None)]
        text = look.text(turn.tracker)
        if asks_what(text):
            await show(turn)
            return leave
        if _ABOUT_REFERRAL.search(text) and await self._of_referral(turn):
            return leave
        if not text or wants_all_gone(text):
            return [*leave, FollowupAction("delete_form")]
        return [*leave, *await self._one_thing(turn, text)]

    async def _of_referral(self, turn: Turn) -> bool:
        """Asks about the referral that is open; False when none is."""
        referral = await open_here(turn)
        if referral is not None:
            turn.say(
                f"Wil je je aanvraag **{referral.reference}** intrekken, of alles wissen?", [take_back(referral), ERASE]
            )
        return referral is not None

    async def _one_thing(self, turn: Turn, text: str) -> list[Event]:
        """Has one thing gone: a course that is kept, what was understood of the person, how they are reached."""
        if _ABOUT_COURSE.search(text) or look.value(turn.tracker, "ordinal"):
            return await drop_kept(turn)
        if ABOUT_CONTACT.search(text):
            if not await self._of_referral(turn):
                turn.say(
                    "Er loopt hier geen aanvraag. Niemand belt of mailt je dus. Je berichten staan hier nog wel.",
                    [ERASE],
                )
            return []
        if named := lines_named(text, OF_PERSON):
            turn.say(
                f"Goed, dit gebruik ik niet meer: {', '.join(named).lower()}. Je berichten zelf staan hier nog. "
                "Wil je ook die weg, kies dan Wis alles.",
                [ERASE],
            )
            return [SlotSet(slot, None) for label in named for slot in OF_PERSON[label]]
        turn.say("Wil je dat ik alles van je wis? Kies dan Wis alles. Gaat het om één ding, zeg dan welk.", [ERASE])
        return []


class AskDeleteConfirmed(TurnAction):
    """Says what would go, and asks."""

    def name(self) -> str:
        return "action_ask_delete_form_delete_confirmed"

    async def act(self, turn: Turn) -> list[Event]:
        buttons = [
            Button(title="Ja, wis alles", payload='/choose{"consent":"yes"}'),
            Button(title="Nee, bewaar het", payload='/choose{"consent":"no"}'),
        ]
        if turn.slot("requested_slot") == "delete_confirmed":  # a yes that does not say to what
            turn.say('Ik wis alleen als je het voluit zegt. Typ "ja, wis alles", of kies de knop.', buttons)
            return []
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
        turn.say("\n".join([*lines, "Wil je dat ik alles wis?"]), buttons)
        return []


class ValidateDeleteForm(OneQuestionForm):
    """Only the button, or a yes in so many words, erases. A bare yes is asked again, anything else leaves everything."""

    def name(self) -> str:
        return "validate_delete_form"

    def is_answer(self, tracker: Tracker, requested: str) -> bool:
        """Whatever is said answers it, but for a stop and distress, which go first."""
        return look.intent(tracker) not in _LEAVES

    async def read_delete_confirmed(self, turn: Turn) -> Any:
        """Yes, no for anything that is not yes, or None for a yes that does not say to what."""
        said, words = look.value(turn.tracker, "consent"), look.text(turn.tracker)
        if said == "yes" or confirms(words):
            return "yes"
        agrees = look.intent(turn.tracker) == "affirm" or _SAYS_YES.match(words)
        return None if words and agrees and not _SAYS_NO.search(words) else "no"


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
