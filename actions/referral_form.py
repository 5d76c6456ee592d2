"""The form of a referral: reads whom, how, when, with which details, what is sent, and consent. Only a clear yes is one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.dates import format_date
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import tracker as look
from actions.base import Turn
from actions.forms import ANSWERS, OneQuestionForm, Slots
from actions.referral_choices import (
    SOON,
    availability,
    can_receive,
    chosen_organisation,
    label_of,
    slots_of,
    suggestions,
    summary_of,
)
from bot.referral.consent import Way
from bot.referral.contact import ContactError, parse_email, parse_phone
from bot.referral.hours import BELGIUM, Availability
from bot.referral.summary import MAX_OWN_WORDS

_NOT_WORDS = frozenset({"cancel", "distress", "choose", "restart", "expired_button", "unreadable"})
"""Intents that are no own words for the summary, whatever was asked."""


class ValidateReferralForm(OneQuestionForm):
    """Reads the answers to the questions of the referral."""

    answers = ANSWERS | {"request_human"}

    def name(self) -> str:
        return "validate_referral_form"

    def is_answer(self, tracker: Tracker, requested: str) -> bool:
        """While the person types their own words for the summary, whatever they type is an answer."""
        draft = tracker.get_slot("referral_draft") or {}
        if requested == "referral_summary" and draft.get("mode") in ("add", "write") and look.text(tracker):
            return look.intent(tracker) not in _NOT_WORDS
        return super().is_answer(tracker, requested)

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """The address alone needs no details and no consent; a talk no details; only a call is at a time."""
        asked = ["referral_place", "referral_organisation", "referral_way"]
        match tracker.get_slot("referral_way"):
            case Way.ADDRESS.value:
                return asked
            case Way.CHAT.value:
                details = []
            case Way.MAIL.value:
                details = ["referral_contact"]
            case _:
                details = ["referral_contact", "referral_slot"]
        return [*asked, *details, "referral_summary", "referral_consent"]

    async def read_referral_place(self, turn: Turn) -> Any:
        """A place, or none told. It is remembered: nobody is asked twice where they live."""
        if look.value(turn.tracker, "place_choice") or look.intent(turn.tracker) == "deny":
            return "any"
        said = look.value(turn.tracker, "location") or look.text(turn.tracker)
        match = turn.services.places.resolve(said)
        if match.place:
            return Slots(referral_place=match.place.id, home=match.place.id)
        if match.ambiguous:
            turn.say("Er is meer dan één plaats met die naam. Typ de postcode, dan weet ik welke.")
        else:
            turn.respond("utter_unknown_place")
        return None

    async def read_referral_organisation(self, turn: Turn) -> str | None:
        """The organisation of a button, the one suggested, or one that is named."""
        found = await suggestions(turn)
        if identifier := look.value(turn.tracker, "organisation"):
            return identifier if turn.services.directory.get(identifier) else None
        if look.intent(turn.tracker) == "affirm" and found:
            return found[0].organisation.id
        place = turn.services.places.get(turn.slot("referral_place") or "")
        for name in (*look.values(turn.tracker, "provider"), look.text(turn.tracker)):
            for organisation in turn.services.directory.named(name, place):
                return organisation.id
        if look.intent(turn.tracker) != "choose":
            turn.say("Kies een van deze, of typ de naam.")
        return None

    async def read_referral_way(self, turn: Turn) -> Any:
        """Talk now, be called, be mailed, or only the address; or another organisation after all."""
        said = look.value(turn.tracker, "way") or _way_in(turn)
        if said == "other":
            return Slots(referral_organisation=None, referral_way=None)
        if said not in {way.value for way in Way}:
            turn.say("Dat begrijp ik niet. Kies hoe je het wil.")
            return None
        organisation = chosen_organisation(turn)
        if said != Way.ADDRESS and not await can_receive(turn, organisation):
            turn.say(f"Naar {organisation.name} kan ik niets doorsturen.")
            return None
        if said == Way.CHAT and (await availability(turn, organisation))[0] is not Availability.OPEN:
            turn.say("Nu is daar niemand vrij om te praten. Kies een andere manier.")
            return None
        return said

    async def read_referral_contact(self, turn: Turn) -> Any:
        """A valid number or address, in its normal form. Without free times a call is as soon as possible."""
        by_phone = turn.slot("referral_way") == Way.CALL.value
        said = look.value(turn.tracker, "phone_number" if by_phone else "email") or look.text(turn.tracker)
        try:
            contact = parse_phone(said) if by_phone else parse_email(said)
        except ContactError as error:
            turn.say(str(error))
            return None
        if by_phone and not await slots_of(turn):
            return Slots(referral_contact=contact, referral_slot=SOON)
        return contact

    async def read_referral_slot(self, turn: Turn) -> str | None:
        """One of the times, or as soon as possible."""
        chosen = look.value(turn.tracker, "slot")
        words = look.text(turn.tracker).casefold()
        if (
            chosen == SOON
            or look.intent(turn.tracker) in ("affirm", "deny")
            or any(part in words for part in ("snel", "maakt niet uit", "eender", "om het even", "asap"))
        ):
            return SOON
        for slot in await slots_of(turn):
            if chosen == slot.isoformat() or (words and _names(words, slot)):
                return slot.isoformat()
        turn.say("Dat moment is er niet bij. Kies een van deze.")
        return None

    async def read_referral_summary(self, turn: Turn) -> Any:
        """Good as it is, or changed: something added, left out, or written anew by the person."""
        draft = dict(turn.slot("referral_draft") or {})
        said = look.value(turn.tracker, "summary") or ""
        words = " ".join(look.text(turn.tracker).split())
        mode = draft.pop("mode", None)
        if said in ("add", "drop", "write"):
            return Slots(referral_summary=None, referral_draft=draft | {"mode": said})
        if said.startswith("line:"):
            left_out = [*draft.get("left_out", ()), said.removeprefix("line:")]
            return Slots(referral_summary=None, referral_draft=draft | {"left_out": left_out})
        if said == "back":
            return Slots(referral_summary=None, referral_draft=draft)
        if mode in ("add", "write") and words:
            key = "added" if mode == "add" else "own"
            if len(words) > MAX_OWN_WORDS:
                turn.say(f"Dat is te lang. Maak het korter dan {MAX_OWN_WORDS} tekens.")
                return Slots(referral_summary=None, referral_draft=draft | {"mode": mode})
            return Slots(referral_summary=None, referral_draft=draft | {key: words})
        if said == "ok" or look.intent(turn.tracker) == "affirm":
            return summary_of(turn)
        if look.intent(turn.tracker) == "deny":
            turn.say("Wat wil je veranderen? Kies hieronder.")
            return None
        turn.say("Is de samenvatting goed zo? Kies hieronder.")
        return None

    async def read_referral_consent(self, turn: Turn) -> str | None:
        """Yes with or without the conversation, or no. Only a clear yes is one."""
        said = look.value(turn.tracker, "consent")
        if said in {"yes", "without", "no"}:
            return said
        words = look.text(turn.tracker).casefold()
        if look.intent(turn.tracker) == "affirm":
            return "without" if "zonder" in words else "yes"
        if look.intent(turn.tracker) == "deny":
            return "no"
        turn.say("Ik stuur alleen iets door als je duidelijk ja zegt.")
        return None


def _way_in(turn: Turn) -> str:
    """The way that somebody types; empty when it is none."""
    kinds = {entity.kind for entity in look.entities(turn.tracker)}
    words = look.text(turn.tracker).casefold()
    if "phone_number" in kinds or any(word in words for word in ("bel", "tele", "gsm")):
        return Way.CALL.value
    if "email" in kinds or "mail" in words:
        return Way.MAIL.value
    if any(word in words for word in ("chat", "praten", "hier", "nu")):
        return Way.CHAT.value
    if "adres" in words or look.intent(turn.tracker) == "deny":
        return Way.ADDRESS.value
    return "other" if "ander" in words else ""


def _names(words: str, slot: datetime) -> bool:
    """Whether somebody's words name a time: its day of the week, and its hour."""
    local = slot.astimezone(BELGIUM)
    day = format_date(local.date(), "EEEE", locale="nl_BE")
    clock = {f"{local:%-H}.{local:%M}", f"{local:%-H}:{local:%M}", f"{local:%-H}u{local:%M}"}
    if local.minute == 0:
        clock |= {f"{local:%-H} u", f"{local:%-H}u", f"om {local:%-H}"}
    return label_of(slot).casefold() in words or (day in words and any(text in words for text in clock))
