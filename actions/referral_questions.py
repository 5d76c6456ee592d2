"""The questions of the form of a referral, as they are asked."""

from __future__ import annotations

from textwrap import shorten

from actions.base import Event, Turn
from actions.forms import STOP, AskAction, said_in_form
from actions.referral_choices import (
    SOON,
    availability,
    can_receive,
    chosen_organisation,
    consent_text,
    desks,
    label_of,
    labels_of,
    reached,
    slots_of,
    suggestions,
    summary_of,
)
from bot.conversation.message import Button
from bot.referral import hours
from bot.referral.consent import Way
from bot.referral.hours import Availability

PLACE = "Dan zoek ik wie je kan helpen. In welke gemeente woon je? Typ de naam of de postcode."
PLACE_AGAIN = "In welke gemeente woon je?"
WITH_WHOM = "Bij wie wil je terecht?"


class ReferralQuestion(AskAction):
    """A question of the form."""

    going_on = "Wil je verder met je vraag om iemand te spreken?"


class AskReferralPlace(ReferralQuestion):
    """Asks where the person lives."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_place"

    async def ask(self, turn: Turn) -> list[Event]:
        skip = Button(title="Zeg ik liever niet", payload='/choose{"place_choice":"any"}')
        if said_in_form(turn, PLACE):
            turn.say(PLACE_AGAIN, [skip, STOP])
        else:
            turn.say(PLACE, [skip])
        return []


class AskReferralOrganisation(ReferralQuestion):
    """Proposes who can help, why, and who else."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_organisation"

    async def ask(self, turn: Turn) -> list[Event]:
        first, *others = await suggestions(turn)
        buttons = [Button(title="Deze organisatie", payload=f'/choose{{"organisation":"{first.organisation.id}"}}')]
        buttons += [
            Button(
                title=shorten(one.organisation.name.partition(",")[0], 20, placeholder="…"),
                payload=f'/choose{{"organisation":"{one.organisation.id}"}}',
            )
            for one in others
        ]
        lines = [f"Ik stel voor: **{first.organisation.called}**. {first.reason}"]
        if not await can_receive(turn, first.organisation):
            lines[0] += " Ik kan er niets naartoe sturen. Ik toon je wel hoe je er terechtkomt."
        lines += [f"Het kan ook bij {one.organisation.called}. {one.reason}" for one in others]
        whole = "\n".join([*lines, WITH_WHOM])
        if said_in_form(turn, whole):
            turn.say(WITH_WHOM, buttons)
        else:
            turn.say(whole, buttons, [turn.services.directory.card(first.organisation)])
        return []


class AskReferralWay(ReferralQuestion):
    """Asks how the person wants to be reached; a talk now only when somebody is there."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_way"

    async def ask(self, turn: Turn) -> list[Event]:
        organisation = chosen_organisation(turn)
        address = Button(title="Alleen het adres", payload='/choose{"way":"address"}')
        other = Button(title="Iemand anders", payload='/choose{"way":"other"}')
        if not await can_receive(turn, organisation):
            turn.say(
                f"Naar {organisation.called} kan ik niets doorsturen. Ik kan je wel tonen hoe je er terechtkomt.",
                [address, other],
            )
            return []
        state, opens = await availability(turn, organisation)
        buttons = [
            Button(title="Bel mij", payload='/choose{"way":"call"}'),
            Button(title="Mail mij", payload='/choose{"way":"mail"}'),
            address,
        ]
        text = f"Hoe wil je contact met {organisation.called}?"
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


class AskReferralContact(ReferralQuestion):
    """Asks the number or the address."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_contact"

    async def ask(self, turn: Turn) -> list[Event]:
        if turn.slot("referral_way") == Way.CALL.value:
            turn.say("Op welk nummer mogen ze je bellen? Typ je nummer.")
        else:
            turn.say("Wat is je e-mailadres?")
        return []


class AskReferralSlot(ReferralQuestion):
    """Asks when they may call."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_slot"

    async def ask(self, turn: Turn) -> list[Event]:
        buttons = [
            Button(title=label_of(slot), payload=f'/choose{{"slot":"{slot.isoformat()}"}}')
            for slot in await slots_of(turn)
        ]
        turn.say(
            "Wanneer mogen ze je bellen?",
            [*buttons, Button(title="Zo snel mogelijk", payload=f'/choose{{"slot":"{SOON}"}}')],
        )
        return []


class AskReferralSummary(ReferralQuestion):
    """Shows what will be sent, which the person may change."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_summary"

    async def ask(self, turn: Turn) -> list[Event]:
        draft = turn.slot("referral_draft") or {}
        mode = draft.get("mode")
        back = Button(title="Toch niet", payload='/choose{"summary":"back"}')
        shown = summary_of(turn)
        if offered := draft.get("offered"):
            take = Button(title="Zet het erbij", payload='/choose{"summary":"take"}')
            turn.say(f'Moet dit erbij in de samenvatting? "{offered}"', [take, back])
        elif mode == "add":
            turn.say("Typ wat de begeleider nog moet weten. Ik zet het erbij in jouw woorden.", [back])
        elif mode == "write":
            turn.say("Typ zelf wat de begeleider moet weten. Dat komt in de plaats van de samenvatting.", [back])
        elif mode == "drop":
            labels = labels_of(turn)
            buttons = [
                Button(title=shorten(label, 20), payload=f'/choose{{"summary":"line:{label}"}}') for label in labels
            ]
            turn.say("Wat laat ik weg?" if labels else "Er is niets dat ik kan weglaten.", [*buttons, back])
        else:
            turn.say(
                f"Dit lezen ze:\n{shown}\n\nZo bereiken ze je: {reached(turn)}.\nIs dat goed zo? Je mag het veranderen.",
                [
                    Button(title="Zo is het goed", payload='/choose{"summary":"ok"}'),
                    Button(title="Iets toevoegen", payload='/choose{"summary":"add"}'),
                    Button(title="Iets weglaten", payload='/choose{"summary":"drop"}'),
                    Button(title="Zelf schrijven", payload='/choose{"summary":"write"}'),
                ],
            )
        return []


class AskReferralConsent(ReferralQuestion):
    """Shows what will be sent and asks consent in so many words."""

    def name(self) -> str:
        return "action_ask_referral_form_referral_consent"

    async def ask(self, turn: Turn) -> list[Event]:
        whole = f"Dit stuur ik door:\n{turn.slot('referral_summary')}\n\n{consent_text(turn, await desks(turn))}"
        short = f"Mag ik het zo doorsturen naar {chosen_organisation(turn).called}?"
        turn.say(
            short if said_in_form(turn, whole) else whole,
            [
                Button(title="Ja, stuur door", payload='/choose{"consent":"yes"}'),
                Button(title="Ja, zonder gesprek", payload='/choose{"consent":"without"}'),
                Button(title="Nee", payload='/choose{"consent":"no"}'),
            ],
        )
        return []
