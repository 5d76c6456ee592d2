"""A person takes over: begun, asked for, how it stands, withdrawn, handed on, and how it went."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import sqlalchemy as sa
from rasa_sdk.events import FollowupAction, SlotSet

from actions import tracker as look
from actions.answers import place_named, tell_article
from actions.base import Event, Turn, TurnAction
from actions.referral_choices import NOBODY, SOON, chosen_organisation, consent_text, desks, fallback_of, forget
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button
from bot.referral import afterwards, call_backs, life, notices
from bot.referral.call_backs import SlotTaken
from bot.referral.consent import Way
from bot.referral.contact import contact_in_words
from bot.referral.making import Made, make
from bot.referral.notices import Notice
from bot.referral.organisations import Service
from bot.referral.reception import transfer
from bot.referral.referrals import NewReferral, Referral, find_by_conversation, find_by_reference, withdraw
from bot.referral.wording import IF_NOBODY, PERSON_BUTTON, STOP_BUTTON, TRANSFER, trial

NEEDS = {"request_guidance": Service.GUIDE, "learning_support": Service.SUPPORT}
"""What each intent needs; every other one needs information."""
TOLD_FIRST = frozenset(NEEDS)
"""Intents whose article is said before somebody is offered."""
_CHANGES = re.compile(
    r"\b(verander\w*|wijzig\w*|aanpas\w*|pas\b.*\baan|(bij|toe)voeg\w*|voeg\b.*\b(bij|toe)|verkeerd\w*|fout\w*|vergist"
    r"|(klopt|is|zijn) (niet|nie|ni)\b|(niet|nie|ni) (meer )?(juist|correct|goed)|is (nu )?anders"
    r"|(ander|nieuw)e? (\w*nummer|gsm|telefoon\w*|mail\w*|e-?mail\w*|adres))\b",
    re.IGNORECASE,
)
_WITHDRAWS = re.compile(r"\b(intrek\w*|trek\b.*\bin)\b|\b(annuleer|schrap|stop)\b.*\baanvraag\b", re.IGNORECASE)
_SENT = re.compile(r"\b(aanvraag|\w*nummer|gsm|telefoon\w*|e-?mail\w*|\w*adres|samenvatting)\b", re.IGNORECASE)
"""What somebody names who wants something changed in what was sent."""
_ASKS_WHAT_WENT = re.compile(
    r"\b(wat|wa|welke?)\b.*\b((door)?gestuurd|verstuurd|(door)?gegeven|staat|weten|lezen)\b", re.IGNORECASE
)
_IF_NOBODY = re.compile(r"\b(als|as)\b.*\b(niet|nie|ni|niemand|niets|niks)\b|\bniemand\b.*\bwat dan\b", re.IGNORECASE)


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


class ActionSubmitReferral(TurnAction):
    """Makes the referral, or shows how to reach the organisation oneself."""

    def name(self) -> str:
        return "action_submit_referral"

    async def act(self, turn: Turn) -> list[Event]:
        if turn.slot("referral_organisation") == NOBODY:
            turn.say("Goed, dan zoek ik niemand. Wil je later toch iemand spreken? Zeg het dan.", [PERSON_BUTTON])
            return forget()
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
        there = await desks(turn)
        fallback = fallback_of(turn, organisation, there)
        new = NewReferral(
            conversation_id=turn.tracker.sender_id,
            message_key=look.message_key(turn.tracker),
            organisation=organisation.id,
            way=Way(way),
            contact=turn.slot("referral_contact") or "",
            summary=turn.slot("referral_summary"),
            with_transcript=consent == "yes",
            consent_version=version.id,
            consent_text=consent_text(turn, there),
            channel=look.channel(turn.tracker),
            need=turn.slot("referral_need") or Service.INFORM.value,
            fallback=fallback.id if fallback else None,
        )
        slot, now = turn.slot("referral_slot"), datetime.now(UTC)
        calls_at = datetime.fromisoformat(slot) if slot and slot != SOON else None
        try:
            made: Made = await turn.services.database.run(
                lambda connection: make(connection, new, organisation, turn.services.settings, now, calls_at=calls_at)
            )
        except SlotTaken:
            turn.say("Dat moment is intussen bezet. Kies een ander moment.")
            return [
                SlotSet("referral_slot", None),
                SlotSet("referral_consent", None),
                SlotSet("requested_slot", None),
                FollowupAction("referral_form"),
            ]
        when = made.promise()
        if made.booking is not None:
            when += f"\nZet het in je agenda: {calendar_link(turn, made.booking.token)}"
        buttons = [STOP_BUTTON] if made.referral.way is Way.CHAT else []
        cards = []
        if there.trial:
            when = trial(organisation.name)
            cards = [turn.services.directory.card(organisation)]
        turn.say(version.acknowledge(organisation.name, made.referral.reference, Way(way), when), buttons, cards)
        return [*forget(), SlotSet("referral_reference", made.referral.reference)]


def calendar_link(turn: Turn, token: str) -> str:
    """Where the person finds the call as a calendar file."""
    return f"{turn.services.settings.public_url}/afspraak/{token}.ics"


def take_back(referral: Referral) -> Button:
    """The button that withdraws this referral."""
    payload = f'/ask_referral_status{{"consent":"withdraw","about":"{referral.reference}"}}'
    return Button(title="Aanvraag intrekken", payload=payload)


async def open_here(turn: Turn) -> Referral | None:
    """The last referral of this conversation that has not ended."""
    conversation = turn.tracker.sender_id
    every = await turn.services.database.run(
        lambda connection: find_by_conversation(connection, conversation), readonly=True
    )
    return next((one for one in every if one.status in life.OPEN), None)


async def offered_to_withdraw(turn: Turn) -> bool:
    """Offers the button that withdraws, when the message wants that of a referral that is open."""
    if not _WITHDRAWS.search(look.text(turn.tracker)):
        return False
    referral = await open_here(turn)
    if referral is not None:
        turn.say(f"Wil je je aanvraag **{referral.reference}** intrekken?", [take_back(referral)])
    return referral is not None


async def told_how_to_change(turn: Turn) -> bool:
    """Says how to change a referral that was sent, when the message wants that; it cannot be changed itself."""
    text = look.text(turn.tracker)
    details = [*look.values(turn.tracker, "phone_number"), *look.values(turn.tracker, "email")]
    changes = bool(_CHANGES.search(text) and _SENT.search(text))
    if not (details or changes) or turn.tracker.active_loop:
        return False
    referral = await open_here(turn)
    if referral is None or not (changes or any(detail != referral.contact for detail in details)):
        return False
    turn.say(
        f"Je aanvraag **{referral.reference}** is al verstuurd. Ik kan ze niet meer veranderen. "
        "Trek ze in en vraag het opnieuw. Dan gaat mee wat juist is. Wil je ze intrekken?",
        [take_back(referral), PERSON_BUTTON],
    )
    return True


def _of_sent(text: str, referral: Referral, unread: bool) -> list[str]:
    """What somebody asks of their own referral besides how it stands: what was sent, and what happens when nobody comes."""
    told = [f"Mee ging {contact_in_words(referral.way, referral.contact)}."]
    if _ASKS_WHAT_WENT.search(text):
        told.append(f"Dit lezen ze:\n{referral.summary}")
    if _IF_NOBODY.search(text) and not unread:
        told.append(IF_NOBODY)
    return told


class ActionReferralStatus(TurnAction):
    """What became of a referral: the one whose number is given, else the last of this conversation. By its button, it is
    withdrawn."""

    def name(self) -> str:
        return "action_referral_status"

    async def act(self, turn: Turn) -> list[Event]:
        if await told_how_to_change(turn):
            return []
        conversation = turn.tracker.sender_id
        numbered = look.value(turn.tracker, "about") or look.text(turn.tracker)
        settings, now = turn.services.settings, datetime.now(UTC)

        # Set only by us: of a referral made here, or in a conversation on another channel that this one goes on with.
        carried = turn.slot("referral_reference") or ""

        def owned(connection: sa.engine.Connection) -> list[Referral]:
            here = find_by_conversation(connection, conversation)
            brought = find_by_reference(connection, carried)
            return here if brought is None or brought in here else [*here, brought]

        def find(connection: sa.engine.Connection) -> tuple[Referral | None, bool, call_backs.Booking | None, bool]:
            own = owned(connection)
            found = find_by_reference(connection, numbered) or next(iter(own), None)
            booking = call_backs.of_referral(connection, found.id) if found else None
            return found, found in own, booking, notices.desks(connection).trial

        def withdrawn(connection: sa.engine.Connection) -> None:
            own = owned(connection)
            # A button from before names none: the last that is open.
            mine = find_by_reference(connection, numbered) or next(
                (one for one in own if one.status in life.OPEN), None
            )
            if mine is not None and mine in own and mine.status in life.OPEN:
                notices.tell(connection, mine, Notice.CANCELLED, settings, now)
                withdraw(connection, mine.reference, mine.conversation_id, now=now)

        if look.value(turn.tracker, "consent") == "withdraw":
            await turn.services.database.run(withdrawn)
        referral, own, booking, unread = await turn.services.database.run(find, readonly=True)
        if referral is None:
            turn.respond("utter_referral_none")
            return []
        organisation = turn.services.directory.get(referral.organisation)
        name = organisation.name if organisation else "de organisatie"
        mine = own and referral.status in life.OPEN
        text = referral.status_text(name, calls_at=booking.starts_at if booking else None, unread=unread)
        if mine:
            text = "\n".join([text, *_of_sent(look.text(turn.tracker), referral, unread)])
        cards = [turn.services.directory.card(organisation)] if mine and unread and organisation else []
        turn.say(text, [take_back(referral)] if mine else [], cards)
        return []


class ActionTransfer(TurnAction):
    """The answer to a counsellor's proposal to go to another organisation."""

    def name(self) -> str:
        return "action_transfer"

    async def act(self, turn: Turn) -> list[Event]:
        referral = await open_here(turn)
        if referral is None:
            turn.respond("utter_referral_none")
            return []
        payload = f'{TRANSFER}{{"consent":"{look.value(turn.tracker, "consent") or "no"}"}}'
        services, now = turn.services, datetime.now(UTC)
        reply, _ = await services.database.run(
            lambda connection: transfer(connection, services.directory, services.settings, referral, payload, now)
        )
        turn.say(reply.text)
        return []


class ActionFollowUp(TurnAction):
    """Keeps how it went, and asks what the person did since."""

    def name(self) -> str:
        return "action_follow_up"

    async def act(self, turn: Turn) -> list[Event]:
        answer = look.value(turn.tracker, "answer") or ""
        conversation, now = turn.tracker.sender_id, datetime.now(UTC)
        question = await turn.services.database.run(
            lambda connection: afterwards.answer(connection, conversation, answer, now)
        )
        if question is None:
            turn.respond("utter_referral_none")
        elif question is afterwards.Question.HELPED:
            turn.say(
                "Dank je, dat helpt ons. Wat heb je intussen gedaan?",
                [
                    Button(title="Ingeschreven", payload='/follow_up{"answer":"enrolled"}'),
                    Button(title="Afspraak gemaakt", payload='/follow_up{"answer":"appointment"}'),
                    Button(title="Nog niets", payload='/follow_up{"answer":"nothing"}'),
                    Button(title="Iets anders", payload='/follow_up{"answer":"other"}'),
                ],
            )
        else:
            turn.respond("utter_follow_up_thanks")
        return []
