"""What there is to choose from in the form of a referral, and what will be sent: shared by its questions and its answers."""

from __future__ import annotations

from datetime import UTC, datetime

from babel.dates import format_date
from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn
from actions.wishes import Wishes, in_words
from bot.catalogue.search import today_in_belgium
from bot.referral import hours, notices
from bot.referral.call_backs import free_slots
from bot.referral.consent import Way
from bot.referral.contact import contact_in_words, reached_in_words
from bot.referral.directory import Suggestion
from bot.referral.hours import BELGIUM, Availability
from bot.referral.notices import Desks
from bot.referral.organisations import Organisation, Service
from bot.referral.summary import summarise

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
NOBODY = "nobody"
"""Instead of an organisation, for who wants none of those proposed."""


def forget() -> list[Event]:
    """Events that empty the form."""
    return [SlotSet(name, None) for name in SLOTS]


async def desks(turn: Turn) -> Desks:
    """Which organisations have somebody at the desk here."""
    found: Desks = await turn.services.database.run(notices.desks, readonly=True)
    return found


async def suggestions(turn: Turn) -> list[Suggestion]:
    """Who can help this person, best first. Among the first there is one that can be reached from here, if any can."""
    chosen = turn.slot("referral_place")
    place = turn.services.places.get(chosen) if chosen and chosen != "any" else None
    need = Service(turn.slot("referral_need") or Service.INFORM)
    found = turn.services.directory.route_from(need, place, turn.slot("employment_status") or "")
    there = await desks(turn)
    first, rest = found[:CHOICES], found[CHOICES:]
    if not any(there.reads(one.organisation.id) for one in first):
        reachable = next((one for one in rest if there.reads(one.organisation.id)), None)
        if reachable is not None:
            first = [*first[: CHOICES - 1], reachable]
    return first


def chosen_organisation(turn: Turn) -> Organisation:
    """The organisation of the form; the form asks it before anything that needs it."""
    organisation = turn.services.directory.get(turn.slot("referral_organisation") or "")
    if organisation is None:
        raise LookupError("no organisation was chosen")
    return organisation


def fallback_of(turn: Turn, organisation: Organisation, there: Desks) -> Organisation | None:
    """Who may get it when the organisation does not take it up: only one that can be reached from here."""
    fallback = turn.services.directory.get(organisation.fallback or "")
    return fallback if fallback and there.reads(fallback.id) else None


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


def labels_of(turn: Turn) -> list[str]:
    """What may be left out of the summary: its lines but the first, by their labels."""
    return [line.partition(":")[0] for line in summary_of(turn).splitlines()][1:]


def reached(turn: Turn) -> str:
    """How they will reach the person, and when: "ze bellen je op 0470 12 34 56, zo snel mogelijk"."""
    way, slot = turn.slot("referral_way"), turn.slot("referral_slot")
    when = ""
    if way == Way.CALL.value and slot:
        # What somebody said besides may be when they can.
        soon = "" if (turn.slot("referral_draft") or {}).get("added") else ", zo snel mogelijk"
        when = soon if slot == SOON else f", {label_of(datetime.fromisoformat(slot))}"
    return f"{reached_in_words(way, turn.slot('referral_contact') or '')}{when}"


def consent_text(turn: Turn, there: Desks) -> str:
    """The question that is consented to, word for word."""
    organisation = chosen_organisation(turn)
    fallback = fallback_of(turn, organisation, there)
    contact = contact_in_words(turn.slot("referral_way"), turn.slot("referral_contact") or "")
    version = turn.services.consent.version(today_in_belgium())
    return version.question(organisation.name, contact, fallback.name if fallback else None)


def label_of(slot: datetime) -> str:
    """A time as a button: "ma 30 nov, 10.30 u"."""
    local = slot.astimezone(BELGIUM)
    return f"{format_date(local.date(), 'EE d MMM', locale='nl_BE').replace('.', '')}, {local:%-H.%M} u"


def way_in(turn: Turn) -> str:
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


async def can_receive(turn: Turn, organisation: Organisation) -> bool:
    """Whether a referral to it would be read by somebody."""
    return organisation.accepts_referral and (await desks(turn)).reads(organisation.id)


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
