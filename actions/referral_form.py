"""The form of a referral: reads whom, how, when, with which details, what is sent, and consent. Only a clear yes is one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from babel.dates import format_date
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import tracker as look
from actions.asides import answered, heard, too_long_for_a_place
from actions.base import Turn
from actions.forms import ANSWERS, OneQuestionForm, Slots, said_in_form
from actions.referral_choices import (
    NOBODY,
    SOON,
    availability,
    can_receive,
    chosen_organisation,
    label_of,
    labels_of,
    slots_of,
    suggestions,
    summary_of,
    way_in,
)
from actions.referral_corrections import corrected, left_out, meant, said_beside
from actions.referral_proposed import answered_of_referral, asks
from bot.places.gazetteer import Match, Method
from bot.referral.consent import Way
from bot.referral.contact import ContactError, parse_email, parse_phone
from bot.referral.hours import BELGIUM, Availability
from bot.referral.organisations import Organisation
from bot.referral.summary import MAX_OWN_WORDS, lines_named

NO_NAME = "Je naam hoeft niet: die mag je straks zelf zeggen. Ik heb enkel nodig hoe ze je bereiken."
_NAME = re.compile(r"\W*(?:(?:mijn naam is|ik heet|ik ben) )?[^\W\d_@]+(?:[ '-][^\W\d_@]+){0,2}\W*", re.IGNORECASE)
_WITHOUT = re.compile(r"\bgeen\b.*\b(telefoon|gsm|nummer|e-?mail\w*|mail\w*)\b", re.IGNORECASE)
UNKNOWN_PLACE = "Die gemeente ken ik niet. Ik ken Vlaanderen en Brussel. Typ de naam nog eens, of de postcode."
ONLY_FLANDERS = (
    "Wie daar helpt, weet ik niet. Ik ken alleen organisaties in Vlaanderen en Brussel. "
    'Typ een gemeente daar die voor jou dichtbij is, kies "Zeg ik liever niet", of zeg "stop".'
)
_UNKNOWN = re.compile(
    r"^\W*(ik |'k |dat )?(weet|wete?)( ik)?( het| dat)? (niet|nie|ni)\W*$|\bgeen (idee|gedacht)\b", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"^\W*\d{4}\W*$|\b(wal+oni\w*|waal\w*|waals\w*|luik|li[eè]ge|namen|namur|charleroi|bergen|mons|henegouwen|hainaut"
    r"|luxemburg|nederland|holland|frankrijk|duitsland|buitenland)\b",
    re.IGNORECASE,
)
"""Places where we know nobody."""
_REFUSES = re.compile(r"\b(intrek\w*|stop\w*|annul\w*|(toch|liever) (maar )?niet|niet (door)?stur\w*)\b", re.IGNORECASE)
_OF_COURSES = frozenset({"course_details", "keep_course"})
"""What pointing at something that is shown ("die eerste") is taken for."""
_NOT_WORDS = frozenset({"cancel", "distress", "choose", "restart", "expired_button", "unreadable"})
"""Intents that are no own words for the summary, whatever was asked."""


class ValidateReferralForm(OneQuestionForm):
    """Reads the answers to the questions of the referral."""

    answers = ANSWERS | {"request_human"}
    why: Mapping[str, str] = MappingProxyType(
        {
            "referral_place": "Dan weet ik wie er bij jou in de buurt helpt. Je mag ook zeggen dat je het liever niet zegt.",
            "referral_organisation": "Niet elke dienst helpt met hetzelfde. Jij kiest wie je vraag krijgt.",
            "referral_contact": "Zonder nummer of adres kan niemand je bereiken. Alleen wie je koos, krijgt het.",
            "referral_consent": "Zonder jouw ja stuur ik niets door.",
        }
    )

    def name(self) -> str:
        return "validate_referral_form"

    def is_answer(self, tracker: Tracker, requested: str) -> bool:
        """While the person types what to add or to leave out of the summary, whatever they type is an answer."""
        draft = tracker.get_slot("referral_draft") or {}
        if requested == "referral_summary" and draft.get("mode") and look.text(tracker):
            return look.intent(tracker) not in _NOT_WORDS
        return super().is_answer(tracker, requested)

    async def aside(self, turn: Turn, requested: str) -> Slots | None:
        """What is said of an earlier question, asked about the referral itself, or points at one that is proposed."""
        if (changed := await corrected(turn, requested)) is not None:
            return changed
        if (turn.slot("referral_draft") or {}).get("mode"):
            return None
        if await answered_of_referral(turn, requested):
            return Slots()
        if requested == "referral_organisation" and look.intent(turn.tracker) in _OF_COURSES:
            named = None if asks(look.text(turn.tracker)) else await meant(turn, requested)
            return await self._chosen(turn, named) if named else None
        return None

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """The address alone needs no details and no consent; a talk no details; only a call is at a time."""
        asked = ["referral_place", "referral_organisation", "referral_way"]
        if tracker.get_slot("referral_organisation") == NOBODY:
            return asked[:2]
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
        text = look.text(turn.tracker)
        if look.value(turn.tracker, "place_choice") or look.intent(turn.tracker) == "deny" or _UNKNOWN.search(text):
            return "any"
        said = look.value(turn.tracker, "location") or text
        match = turn.services.places.resolve(said)
        if match.method is Method.FUZZY and too_long_for_a_place(turn):
            match = Match()
        if match.place:
            return Slots(referral_place=match.place.id, home=match.place.id)
        if match.ambiguous:
            turn.say("Er is meer dan één plaats met die naam. Typ de postcode, dan weet ik welke.")
        elif _ELSEWHERE.search(text) or said_in_form(turn, UNKNOWN_PLACE):
            turn.say(ONLY_FLANDERS)
        elif look.intent(turn.tracker) == "request_human":
            turn.say("Ja, dat kan. Daarvoor moet ik weten waar je woont.")
        elif not heard(turn):
            turn.say(UNKNOWN_PLACE)
        return None

    async def read_referral_organisation(self, turn: Turn) -> Any:
        """The organisation of a button, the one suggested, or one that is named. A way that was told before stays when it can."""
        chosen = await self._organisation(turn)
        if chosen is not None:
            return await self._chosen(turn, chosen)
        if look.intent(turn.tracker) == "deny":
            return NOBODY
        if look.intent(turn.tracker) != "choose" and not heard(turn):
            turn.say("Kies een van deze, of typ de naam.")
        return None

    async def _chosen(self, turn: Turn, chosen: Organisation) -> Slots:
        way = turn.slot("referral_way")
        if way and not await can_receive(turn, chosen):
            return Slots(referral_organisation=chosen.id, referral_way=None)
        turn.tracker.slots["referral_organisation"] = chosen.id
        return Slots(referral_organisation=chosen.id, **await self._soon(turn, way, turn.slot("referral_contact")))

    async def _soon(self, turn: Turn, way: str | None, contact: str | None) -> dict[str, str]:
        """Where there are no times to choose from, a call to a number that is known is as soon as possible."""
        calls = way == Way.CALL.value and contact
        return {"referral_slot": SOON} if calls and not await slots_of(turn) else {}

    async def _organisation(self, turn: Turn) -> Organisation | None:
        if identifier := look.value(turn.tracker, "organisation"):
            return turn.services.directory.get(identifier)
        if (named := await meant(turn, "referral_organisation")) is not None and not asks(look.text(turn.tracker)):
            return named
        found = await suggestions(turn) if look.intent(turn.tracker) == "affirm" else []
        return found[0].organisation if found else None

    async def read_referral_way(self, turn: Turn) -> Any:
        """Talk now, be called, be mailed, or only the address; or another organisation after all."""
        said = look.value(turn.tracker, "way") or way_in(turn)
        if said == "other":
            return Slots(referral_organisation=None, referral_way=None)
        if said not in {way.value for way in Way}:
            if not heard(turn):
                turn.say("Dat begrijp ik niet. Kies hoe je het wil.")
            return None
        organisation = chosen_organisation(turn)
        if said != Way.ADDRESS and not await can_receive(turn, organisation):
            turn.say(f"Naar {organisation.called} kan ik niets doorsturen.")
            return None
        if said == Way.CHAT and (await availability(turn, organisation))[0] is not Availability.OPEN:
            turn.say("Nu is daar niemand vrij om te praten. Kies een andere manier.")
            return None
        # A number or address given before, to another organisation, still serves.
        before = turn.slot("referral_contact") or ""
        fits = bool(before) and before.startswith("+") == (said == Way.CALL.value)
        contact = before if fits else None
        return Slots(referral_way=said, referral_contact=contact, **await self._soon(turn, said, contact))

    async def read_referral_contact(self, turn: Turn) -> Any:
        """A valid number or address, in its normal form. Without free times a call is as soon as possible."""
        by_phone = turn.slot("referral_way") == Way.CALL.value
        said = look.value(turn.tracker, "phone_number" if by_phone else "email") or look.text(turn.tracker)
        try:
            contact = parse_phone(said) if by_phone else parse_email(said)
        except ContactError as error:
            text = look.text(turn.tracker)
            if _WITHOUT.search(text):
                turn.say("Dan kan het anders.")
                return Slots(referral_way=None)
            is_name = _NAME.fullmatch(text) and look.intent(turn.tracker) not in ("affirm", "deny")
            turn.say(NO_NAME if is_name else str(error))
            return None
        beside = said_beside(turn)
        if by_phone and not await slots_of(turn):
            return Slots(referral_contact=contact, referral_slot=SOON, **beside)
        return Slots(referral_contact=contact, **beside)

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
        mode, offered = draft.pop("mode", None), draft.pop("offered", None)
        if offered and (said == "take" or look.intent(turn.tracker) == "affirm"):
            added = f"{draft.get('added', '')} {offered}".strip()
            return Slots(referral_summary=None, referral_draft=draft | {"added": added})
        if offered and look.intent(turn.tracker) == "deny":
            return Slots(referral_summary=None, referral_draft=draft)
        if said in ("add", "drop", "write"):
            return Slots(referral_summary=None, referral_draft=draft | {"mode": said})
        if said.startswith("line:"):
            return Slots(referral_summary=None, referral_draft=left_out(turn, draft, [said.removeprefix("line:")]))
        if said == "back":
            return Slots(referral_summary=None, referral_draft=draft)
        if mode in ("add", "write") and words:
            key = "added" if mode == "add" else "own"
            if len(words) > MAX_OWN_WORDS:
                turn.say(f"Dat is te lang. Maak het korter dan {MAX_OWN_WORDS} tekens.")
                return Slots(referral_summary=None, referral_draft=draft | {"mode": mode})
            return Slots(referral_summary=None, referral_draft=draft | {key: words})
        if mode == "drop" and words:
            labels = labels_of(turn)
            if named := lines_named(words, labels):
                return Slots(referral_summary=None, referral_draft=left_out(turn, draft, named))
            turn.say(f"Typ wat weg mag: {', '.join(labels).lower()}." if labels else "Er is niets dat ik kan weglaten.")
            return Slots(referral_summary=None, referral_draft=draft | {"mode": mode} if labels else draft)
        if said == "ok" or look.intent(turn.tracker) == "affirm":
            return summary_of(turn)
        if look.intent(turn.tracker) == "deny":
            turn.say("Wat wil je veranderen? Kies hieronder.")
            return None
        if answered(turn):
            return None
        if words and len(words) <= MAX_OWN_WORDS:  # whatever it is, it may be what the counsellor must know
            return Slots(referral_summary=None, referral_draft=draft | {"offered": words})
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
        if look.intent(turn.tracker) == "deny" or _REFUSES.search(words):
            return "no"
        turn.say("Ik stuur alleen iets door als je duidelijk ja zegt.")
        return None


def _names(words: str, slot: datetime) -> bool:
    """Whether somebody's words name a time: its day of the week, and its hour."""
    local = slot.astimezone(BELGIUM)
    day = format_date(local.date(), "EEEE", locale="nl_BE")
    clock = {f"{local:%-H}.{local:%M}", f"{local:%-H}:{local:%M}", f"{local:%-H}u{local:%M}"}
    if local.minute == 0:
        clock |= {f"{local:%-H} u", f"{local:%-H}u", f"om {local:%-H}"}
    return label_of(slot).casefold() in words or (day in words and any(text in words for text in clock))
