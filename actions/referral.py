"""A person takes over: whom, how, with which details, and only with consent."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import tracker as look
from actions.answers import place_named, tell_article
from actions.base import Event, Turn, TurnAction
from actions.forms import ANSWERS, OneQuestionForm
from actions.wishes import Wishes, in_words
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button
from bot.referral.contact import ContactError, display_phone, parse_email, parse_phone
from bot.referral.directory import Suggestion
from bot.referral.organisations import Organisation, Service
from bot.referral.referrals import NewReferral, State, Way, create, latest_of, withdraw
from bot.referral.summary import summarise

NEEDS = {"request_guidance": Service.GUIDE, "learning_support": Service.SUPPORT}
"""What each intent needs; every other one needs information."""
TOLD_FIRST = frozenset(NEEDS)
"""Intents whose article is said before somebody is offered."""
SLOTS = ("referral_place", "referral_organisation", "referral_way", "referral_contact", "referral_consent")
CHOICES = 3


def forget() -> list[Event]:
    """Events that empty the form."""
    return [SlotSet(name, None) for name in SLOTS]


def suggestions(turn: Turn) -> list[Suggestion]:
    """Who can help this person, best first; only organisations that take a referral, when there are any."""
    chosen = turn.slot("referral_place")
    place = turn.services.places.get(chosen) if chosen and chosen != "any" else None
    need = Service(turn.slot("referral_need") or Service.INFORM)
    found = turn.services.directory.route_from(need, place, turn.slot("employment_status") or "")
    return [one for one in found if one.organisation.accepts_referral] or found


def summary_of(turn: Turn) -> str:
    """What will be sent, from the facts of this conversation."""
    chosen = turn.slot("referral_place")
    place = turn.services.places.get(chosen) if chosen and chosen != "any" else turn.home()
    return summarise(
        need=Service(turn.slot("referral_need") or Service.INFORM),
        search=in_words(Wishes.from_slot(turn.slot("wishes")), turn.services.places),
        place=place.label if place else "",
        employment_status=turn.slot("employment_status") or "",
        education_level=turn.slot("education_level") or "",
        age=turn.slot("age") or "",
    )


class ActionStartReferral(TurnAction):
    """Begins the form; for help in choosing or in a course it first says what there is to say."""

    def name(self) -> str:
        return "action_start_referral"

    async def act(self, turn: Turn) -> list[Event]:
        intent = look.intent(turn.tracker)
        told = tell_article(turn, intent) if intent in TOLD_FIRST else []
        place = place_named(turn) or turn.home()
        return [
            *told,
            *forget(),
            SlotSet("referral_need", NEEDS.get(intent, Service.INFORM).value),
            SlotSet("referral_place", place.id if place else None),
            SlotSet("requested_slot", None),
            FollowupAction("referral_form"),
        ]


class ValidateReferralForm(OneQuestionForm):
    """Reads the answers to the questions of the referral."""

    answers = ANSWERS | {"request_human"}

    def name(self) -> str:
        return "validate_referral_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """The address alone needs no details and no consent."""
        asked = ["referral_place", "referral_organisation", "referral_way"]
        return (
            asked
            if tracker.get_slot("referral_way") == Way.ADDRESS.value
            else [*asked, "referral_contact", "referral_consent"]
        )

    async def read_referral_place(self, turn: Turn) -> str | None:
        """A place, or none told."""
        if look.value(turn.tracker, "place_choice") or look.intent(turn.tracker) == "deny":
            return "any"
        said = look.value(turn.tracker, "location") or look.text(turn.tracker)
        match = turn.services.places.resolve(said)
        if match.place:
            return match.place.id
        if match.ambiguous:
            turn.say("Er is meer dan één plaats met die naam. Typ de postcode, dan weet ik welke.")
        else:
            turn.respond("utter_unknown_place")
        return None

    async def read_referral_organisation(self, turn: Turn) -> str | None:
        """The organisation of a button, the one suggested, or one that is named."""
        found = suggestions(turn)
        if identifier := look.value(turn.tracker, "organisation"):
            return identifier if turn.services.directory.get(identifier) else None
        if look.intent(turn.tracker) == "affirm" and found:
            return found[0].organisation.id
        for name in look.values(turn.tracker, "provider"):
            for organisation in turn.services.directory.named(
                name, turn.services.places.get(turn.slot("referral_place") or "")
            ):
                return organisation.id
        if look.intent(turn.tracker) != "choose":
            turn.say("Kies een van deze, of typ de naam.")
        return None

    async def read_referral_way(self, turn: Turn) -> str | None:
        """Called, mailed, or only the address."""
        said = look.value(turn.tracker, "way") or ""
        if said in {way.value for way in Way}:
            return said
        kinds = {entity.kind for entity in look.entities(turn.tracker)}
        words = look.text(turn.tracker).casefold()
        if "phone_number" in kinds or any(word in words for word in ("bel", "tele", "gsm")):
            return Way.CALL.value
        if "email" in kinds or "mail" in words:
            return Way.MAIL.value
        if "adres" in words or look.intent(turn.tracker) == "deny":
            return Way.ADDRESS.value
        turn.say("Dat begrijp ik niet. Kies hoe je het wil.")
        return None

    async def read_referral_contact(self, turn: Turn) -> str | None:
        """A valid number or address, in its normal form."""
        by_phone = turn.slot("referral_way") == Way.CALL.value
        said = look.value(turn.tracker, "phone_number" if by_phone else "email") or look.text(turn.tracker)
        try:
            return parse_phone(said) if by_phone else parse_email(said)
        except ContactError as error:
            turn.say(str(error))
            return None

    async def read_referral_consent(self, turn: Turn) -> str | None:
        """Yes with or without the conversation, or no. Only a clear yes is one."""
        said = look.value(turn.tracker, "consent")
        if said in {"yes", "without", "no"}:
            return said
        if look.intent(turn.tracker) == "affirm":
            return "yes"
        if look.intent(turn.tracker) == "deny":
            return "no"
        turn.say("Ik stuur alleen iets door als je duidelijk ja zegt.")
        return None


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
        found = suggestions(turn)[:CHOICES]
        first, others = found[0], found[1:]
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
        turn.say(
            "\n".join([*lines, "Bij wie wil je terecht?"]), buttons, [turn.services.directory.card(first.organisation)]
        )
        return []


class AskReferralWay(TurnAction):
    """Asks how the person wants to be reached."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_way"

    async def act(self, turn: Turn) -> list[Event]:
        organisation = chosen_organisation(turn)
        if not organisation.accepts_referral:
            buttons = [Button(title="Alleen het adres", payload='/choose{"way":"address"}')]
            turn.say(
                f"Naar {organisation.name} kan ik niets doorsturen. Ik kan je wel tonen hoe je er terechtkomt.", buttons
            )
            return []
        turn.say(
            f"Hoe wil je contact met {organisation.name}?",
            [
                Button(title="Bel mij", payload='/choose{"way":"call"}'),
                Button(title="Mail mij", payload='/choose{"way":"mail"}'),
                Button(title="Alleen het adres", payload='/choose{"way":"address"}'),
            ],
        )
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


class AskReferralConsent(TurnAction):
    """Shows what will be sent and asks consent in so many words."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_consent"

    async def act(self, turn: Turn) -> list[Event]:
        turn.say(
            f"Dit stuur ik door:\n{summary_of(turn)}\n\n{consent_text(turn)}",
            [
                Button(title="Ja, stuur door", payload='/choose{"consent":"yes"}'),
                Button(title="Ja, zonder gesprek", payload='/choose{"consent":"without"}'),
                Button(title="Nee", payload='/choose{"consent":"no"}'),
            ],
        )
        return []


class ActionSubmitReferral(TurnAction):
    """Makes the referral, or shows how to reach the organisation oneself."""

    def name(self) -> str:
        return "action_submit_referral"

    async def act(self, turn: Turn) -> list[Event]:
        organisation = chosen_organisation(turn)
        consent, way = turn.slot("referral_consent"), turn.slot("referral_way")
        if way == Way.ADDRESS.value:
            turn.say(
                f"Zo bereik je {organisation.name}:",
                cards=[turn.services.directory.card(organisation)],
                sources=[organisation.reference()],
            )
            return forget()
        if consent not in {"yes", "without"}:
            turn.respond("utter_referral_not_done")
            turn.say(organisation.name, cards=[turn.services.directory.card(organisation)])
            return forget()
        version = turn.services.consent.version(today_in_belgium())
        new = NewReferral(
            conversation_id=turn.tracker.sender_id,
            message_key=look.message_key(turn.tracker),
            organisation=organisation.id,
            way=Way(way),
            contact=turn.slot("referral_contact"),
            summary=summary_of(turn),
            with_transcript=consent == "yes",
            consent_version=version.id,
            consent_text=consent_text(turn),
            channel=look.channel(turn.tracker),
        )
        referral = await turn.services.database.run(lambda connection: create(connection, new))
        turn.say(version.acknowledge(organisation.name, referral.reference, Way(way)))
        return [*forget(), SlotSet("referral_reference", referral.reference)]


class ActionReferralStatus(TurnAction):
    """What became of the last referral of this conversation; by its button it is withdrawn."""

    def name(self) -> str:
        return "action_referral_status"

    async def act(self, turn: Turn) -> list[Event]:
        conversation = turn.tracker.sender_id
        database = turn.services.database
        referral = await database.run(lambda connection: latest_of(connection, conversation), readonly=True)
        if referral is None:
            turn.respond("utter_referral_none")
            return []
        if look.value(turn.tracker, "consent") == "withdraw":
            reference = referral.reference
            referral = await database.run(lambda connection: withdraw(connection, reference, conversation)) or referral
        organisation = turn.services.directory.get(referral.organisation)
        take_back = Button(title="Aanvraag intrekken", payload='/ask_referral_status{"consent":"withdraw"}')
        turn.say(
            referral.status_text(organisation.name if organisation else "de organisatie"),
            [take_back] if referral.status is State.REQUESTED else [],
        )
        return []


def chosen_organisation(turn: Turn) -> Organisation:
    """The organisation of the form; the form asks it before anything that needs it."""
    organisation = turn.services.directory.get(turn.slot("referral_organisation") or "")
    if organisation is None:
        raise LookupError("no organisation was chosen")
    return organisation


def consent_text(turn: Turn) -> str:
    """The question that is consented to, word for word."""
    contact: str = turn.slot("referral_contact")
    shown = f"je telefoonnummer {display_phone(contact)}" if contact.startswith("+") else f"je e-mailadres {contact}"
    return turn.services.consent.version(today_in_belgium()).question(chosen_organisation(turn).name, shown)
