"""The form of a referral: whom, how, when, with which details, what is sent, and only with consent."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import shorten
from typing import Any

from babel.dates import format_date
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import tracker as look
from actions.base import Event, Turn, TurnAction
from actions.forms import ANSWERS, OneQuestionForm, Slots
from actions.wishes import Wishes, in_words
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button
from bot.referral import hours, notices
from bot.referral.call_backs import free_slots
from bot.referral.consent import Way
from bot.referral.contact import ContactError, contact_in_words, parse_email, parse_phone
from bot.referral.directory import Suggestion
from bot.referral.hours import BELGIUM, Availability
from bot.referral.organisations import Organisation, Service
from bot.referral.summary import MAX_OWN_WORDS, summarise

SLOTS = (
    "referral_place",
    "referral_organisation",
    "referral_way",
    "referral_contact",
    "referral_slot",
    "referral_draft",
    "referral_summary",
    "referral_consent",
)
CHOICES = 3
SOON = "soon"
_NOT_WORDS = frozenset({"cancel", "distress", "choose", "restart", "expired_button", "unreadable"})
"""Intents that are no own words for the summary, whatever was asked."""


def forget() -> list[Event]:
    """Events that empty the form."""
    return [SlotSet(name, None) for name in SLOTS]


async def staffed(turn: Turn) -> frozenset[str]:
    """The organisations that have somebody at the desk here; all of them in a trial."""
    found: frozenset[str] = await turn.services.database.run(notices.staffed, readonly=True)
    return found or frozenset(organisation.id for organisation in turn.services.directory)


async def is_trial(turn: Turn) -> bool:
    """Whether nobody reads referrals yet."""
    return bool(await turn.services.database.run(notices.is_trial, readonly=True))


async def suggestions(turn: Turn) -> list[Suggestion]:
    """Who can help this person, best first. Among the first there is one that can be reached from here, if any can."""
    chosen = turn.slot("referral_place")
    place = turn.services.places.get(chosen) if chosen and chosen != "any" else None
    need = Service(turn.slot("referral_need") or Service.INFORM)
    found = turn.services.directory.route_from(need, place, turn.slot("employment_status") or "")
    there = await staffed(turn)
    first, rest = found[:CHOICES], found[CHOICES:]
    if not any(one.organisation.id in there for one in first):
        reachable = next((one for one in rest if one.organisation.id in there), None)
        if reachable is not None:
            first = [*first[: CHOICES - 1], reachable]
    return first


def chosen_organisation(turn: Turn) -> Organisation:
    """The organisation of the form; the form asks it before anything that needs it."""
    organisation = turn.services.directory.get(turn.slot("referral_organisation") or "")
    if organisation is None:
        raise LookupError("no organisation was chosen")
    return organisation


async def fallback_of(turn: Turn, organisation: Organisation) -> Organisation | None:
    """Who may get it when the organisation does not take it up: only one that can be reached from here."""
    fallback = turn.services.directory.get(organisation.fallback or "")
    return fallback if fallback and fallback.id in await staffed(turn) else None


def summary_of(turn: Turn) -> str:
    """What will be sent: the facts of this conversation, as the person changed them."""
    draft = turn.slot("referral_draft") or {}
    if draft.get("own"):
        return f"In eigen woorden: {draft['own']}"
    chosen = turn.slot("referral_place")
    place = turn.services.places.get(chosen) if chosen and chosen != "any" else turn.home()
    whole = summarise(
        need=Service(turn.slot("referral_need") or Service.INFORM),
        search=in_words(Wishes.from_slot(turn.slot("wishes")), turn.services.places),
        place=place.label if place else "",
        employment_status=turn.slot("employment_status") or "",
        education_level=turn.slot("education_level") or "",
        age=turn.slot("age") or "",
        own_words=draft.get("added", ""),
    )
    out = set(draft.get("left_out", ()))
    return "\n".join(line for line in whole.splitlines() if line.partition(":")[0] not in out)


async def consent_text(turn: Turn) -> str:
    """The question that is consented to, word for word."""
    organisation = chosen_organisation(turn)
    fallback = await fallback_of(turn, organisation)
    contact = contact_in_words(turn.slot("referral_way"), turn.slot("referral_contact") or "")
    version = turn.services.consent.version(today_in_belgium())
    return version.question(organisation.name, contact, fallback.name if fallback else None)


def label_of(slot: datetime) -> str:
    """A time as a button: "ma 30 nov, 10.30 u"."""
    local = slot.astimezone(BELGIUM)
    return f"{format_date(local.date(), 'EE d MMM', locale='nl_BE').replace('.', '')}, {local:%-H.%M} u"


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
        for name in look.values(turn.tracker, "provider"):
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


async def can_receive(turn: Turn, organisation: Organisation) -> bool:
    """Whether a referral to it would be read by somebody."""
    return organisation.accepts_referral and organisation.id in await staffed(turn)


async def availability(turn: Turn, organisation: Organisation) -> tuple[Availability, datetime | None]:
    """Whether somebody of it can talk now, else when it opens."""
    now = datetime.now(UTC)
    found: tuple[Availability, datetime | None] = await turn.services.database.run(
        lambda connection: hours.availability(connection, organisation, now), readonly=True
    )
    return found


async def slots_of(turn: Turn) -> list[datetime]:
    """The times at which the organisation can call."""
    organisation, now = chosen_organisation(turn), datetime.now(UTC)
    found = await turn.services.database.run(
        lambda connection: free_slots(connection, organisation, now), readonly=True
    )
    return [span.begins.astimezone(UTC) for span in found]


class AskReferralPlace(TurnAction):
    """Asks where the person lives."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_place"

    async def act(self, turn: Turn) -> list[Event]:
        skip = Button(title="Zeg ik liever niet", payload='/choose{"place_choice":"any"}')
        turn.respond("utter_which_referral_place", buttons=[skip.model_dump()])
        return []


class AskReferralOrganisation(TurnAction):
    """Proposes who can help, why, and who else."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_organisation"

    async def act(self, turn: Turn) -> list[Event]:
        first, *others = await suggestions(turn)
        buttons = [Button(title="Deze organisatie", payload=f'/choose{{"organisation":"{first.organisation.id}"}}')]
        buttons += [
            Button(
                title=shorten(one.organisation.name.partition(",")[0], 20, placeholder="…"),
                payload=f'/choose{{"organisation":"{one.organisation.id}"}}',
            )
            for one in others
        ]
        lines = [f"Ik stel voor: **{first.organisation.name}**. {first.reason}"]
        lines += [f"Het kan ook bij {one.organisation.name}. {one.reason}" for one in others]
        card = turn.services.directory.card(first.organisation)
        turn.say("\n".join([*lines, "Bij wie wil je terecht?"]), buttons, [card])
        return []


class AskReferralWay(TurnAction):
    """Asks how the person wants to be reached; a talk now only when somebody is there."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_way"

    async def act(self, turn: Turn) -> list[Event]:
        organisation = chosen_organisation(turn)
        address = Button(title="Alleen het adres", payload='/choose{"way":"address"}')
        other = Button(title="Iemand anders", payload='/choose{"way":"other"}')
        if not await can_receive(turn, organisation):
            turn.say(
                f"Naar {organisation.name} kan ik niets doorsturen. Ik kan je wel tonen hoe je er terechtkomt.",
                [address, other],
            )
            return []
        state, opens = await availability(turn, organisation)
        buttons = [
            Button(title="Bel mij", payload='/choose{"way":"call"}'),
            Button(title="Mail mij", payload='/choose{"way":"mail"}'),
            address,
        ]
        text = f"Hoe wil je contact met {organisation.name}?"
        match state:
            case Availability.OPEN:
                buttons.insert(0, Button(title="Nu hier praten", payload='/choose{"way":"chat"}'))
                text = f"Er is nu iemand van {organisation.name} vrij. Wil je hier praten, of liever anders?"
            case Availability.CLOSED:
                when = f" Het opent {hours.at_time(opens)}." if opens else ""
                text = f"{organisation.name} is nu gesloten.{when}\n{text}"
            case Availability.UNSTAFFED:
                text = f"Nu is er niemand vrij om hier te praten.\n{text}"
        turn.say(text, buttons)
        return []


class AskReferralContact(TurnAction):
    """Asks the number or the address."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_contact"

    async def act(self, turn: Turn) -> list[Event]:
        if turn.slot("referral_way") == Way.CALL.value:
            turn.say("Op welk nummer mogen ze je bellen? Typ je nummer.")
        else:
            turn.say("Wat is je e-mailadres?")
        return []


class AskReferralSlot(TurnAction):
    """Asks when they may call."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_slot"

    async def act(self, turn: Turn) -> list[Event]:
        buttons = [
            Button(title=label_of(slot), payload=f'/choose{{"slot":"{slot.isoformat()}"}}')
            for slot in await slots_of(turn)
        ]
        turn.say(
            "Wanneer mogen ze je bellen?",
            [*buttons, Button(title="Zo snel mogelijk", payload=f'/choose{{"slot":"{SOON}"}}')],
        )
        return []


class AskReferralSummary(TurnAction):
    """Shows what will be sent, which the person may change."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_summary"

    async def act(self, turn: Turn) -> list[Event]:
        mode = (turn.slot("referral_draft") or {}).get("mode")
        back = Button(title="Toch niet", payload='/choose{"summary":"back"}')
        shown = summary_of(turn)
        if mode == "add":
            turn.say("Typ wat de begeleider nog moet weten. Ik zet het erbij in jouw woorden.", [back])
        elif mode == "write":
            turn.say("Typ zelf wat de begeleider moet weten. Dat komt in de plaats van de samenvatting.", [back])
        elif mode == "drop":
            labels = [line.partition(":")[0] for line in shown.splitlines()][1:]
            buttons = [
                Button(title=shorten(label, 20), payload=f'/choose{{"summary":"line:{label}"}}') for label in labels
            ]
            turn.say("Wat laat ik weg?" if labels else "Er is niets dat ik kan weglaten.", [*buttons, back])
        else:
            turn.say(
                f"Dit lezen ze:\n{shown}\n\nIs dat goed zo? Je mag het veranderen.",
                [
                    Button(title="Zo is het goed", payload='/choose{"summary":"ok"}'),
                    Button(title="Iets toevoegen", payload='/choose{"summary":"add"}'),
                    Button(title="Iets weglaten", payload='/choose{"summary":"drop"}'),
                    Button(title="Zelf schrijven", payload='/choose{"summary":"write"}'),
                ],
            )
        return []


class AskReferralConsent(TurnAction):
    """Shows what will be sent and asks consent in so many words."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_consent"

    async def act(self, turn: Turn) -> list[Event]:
        turn.say(
            f"Dit stuur ik door:\n{turn.slot('referral_summary')}\n\n{await consent_text(turn)}",
            [
                Button(title="Ja, stuur door", payload='/choose{"consent":"yes"}'),
                Button(title="Ja, zonder gesprek", payload='/choose{"consent":"without"}'),
                Button(title="Nee", payload='/choose{"consent":"no"}'),
            ],
        )
        return []
