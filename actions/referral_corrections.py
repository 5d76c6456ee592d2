"""What changes an earlier answer in the form of a referral, at whatever question it is said: "nee wacht, 0471 12 34 56"."""

from __future__ import annotations

import re
from typing import Any

from actions import tracker as look
from actions.base import Turn
from actions.forms import ANSWERS, Slots
from actions.my_data import ABOUT_CONTACT, wants_all_gone
from actions.referral_choices import SLOTS, can_receive, chosen_organisation, labels_of, slots_of, suggestions, way_in
from actions.referral_proposed import pointed_at
from bot.referral.consent import Way
from bot.referral.contact import ContactError, contact_in_words, parse_email, parse_phone
from bot.referral.organisations import Organisation
from bot.referral.summary import lines_named

_QUESTIONS = [name for name in SLOTS if name != "referral_draft"]
"""In the order in which they are asked."""
_FEW_WORDS = 8
_CORRECTS = re.compile(
    r"\b(bedoel\w*|niet|toch|verkeerd|fout|sorry|nee|neen|wacht|eigenlijk|ik woon|liever|verhuisd)\b", re.IGNORECASE
)
_RATHER = re.compile(
    r"\b(liever|toch|nee|neen|eigenlijk|verander\w*|in plaats|(wil|ga|kies|neem|doe) (naar|bij|voor|maar)?)\b",
    re.IGNORECASE,
)
_LEAVES_OUT = re.compile(
    r"\b(laat|haal|doe|schrap|verwijder|wis|vergeet|weglaten|zonder (mijn|de|het))\b|\bniet (mee\w*|doorgeven|vermelden)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\?\s*$|^\W*(hoe|waar|wat|wanneer|wie|welke?|waarom|kan|kunnen|is|zijn|mag)\b", re.IGNORECASE)
_WAYS = re.compile(
    r"\b(bel\w*|telefoon\w*|telefonisch|gsm|e-?mail\w*|mail\w*|chat\w*|praten|adres|iemand anders)\b", re.IGNORECASE
)
_MAY = re.compile(r"^\W*(en |maar )?(kan|kunnen|mag)\b", re.IGNORECASE)
_WORDS = re.compile(r"[\w']+")
_FILLING = frozenset(
    "aan ander andere adres alsjeblieft alstublieft aub bel belt bellen bedoel bedoelde ben bij da dan dat de dit doorgeven dus "
    "e eigenlijk email emailadres en fout foutje ge gaf gewoon graag gsm gsmnummer heb hebt het hier ik is ja jawel je juist "
    "kan k klopt laatste m maar mag mail mailadres mailen me mij mijn mijne mijnen n nee neen niet nieuw nieuwe nog noteer "
    "nu nummer oei of ok oke oké op opnieuw per privé sorry sturen stuur t tel telefoon telefoonnummer toch verbeter vergist "
    "verkeerd verkeerde via voila wacht was we werk ze zijn zo".split()
)
"""Words around a number that say nothing more than that it is one."""
_DENIES = re.compile(r"\b(niet|nie|geen)\b", re.IGNORECASE)


async def corrected(turn: Turn, requested: str) -> Slots | None:
    """What a message changes of what was answered before `requested`; None when it changes nothing."""
    if (turn.slot("referral_draft") or {}).get("mode"):
        return None
    for change in (_contact, _left_out, _organisation, _way, _place, _times):
        if (changed := await change(turn, requested)) is not None:
            return changed
    return None


def _answered(requested: str, slot: str) -> bool:
    return requested in _QUESTIONS and _QUESTIONS.index(requested) > _QUESTIONS.index(slot)


def _short(text: str) -> bool:
    return len(text.split()) <= _FEW_WORDS


async def _contact(turn: Turn, requested: str) -> Slots | None:
    """Another number or address, which also tells how the person wants to be reached."""
    first = requested == "referral_organisation"  # told before anybody was chosen: it is kept for whoever will be
    if not first and not _answered(requested, "referral_organisation"):
        return None
    before = turn.slot("referral_way"), turn.slot("referral_contact")
    for kind, parse, way in (("phone_number", parse_phone, Way.CALL), ("email", parse_email, Way.MAIL)):
        for said in reversed(look.values(turn.tracker, kind)):
            if (way.value, said) == before or (requested == "referral_contact" and way.value == before[0]):
                continue
            try:
                contact = parse(said)
            except ContactError as error:
                turn.say(str(error))
                return Slots()
            if not first and not await can_receive(turn, chosen_organisation(turn)):
                return None
            turn.say(f"Goed, ik noteer {contact_in_words(way.value, contact)}.")
            same_way = way.value == before[0]
            slot = turn.slot("referral_slot") if same_way else None
            if way is Way.CALL and slot is None and not first and not await slots_of(turn):
                slot = "soon"
            changed = Slots(referral_way=way.value, referral_contact=contact, referral_slot=slot, referral_consent=None)
            return Slots(changed | said_beside(turn))
    return None


def said_beside(turn: Turn) -> dict[str, Any]:
    """What is said beside a number or an address, for the summary: "na 16 uur", "bel mijn dochter"."""
    rest = " ".join(look.without(turn.tracker, {"phone_number", "email"}).split()).strip(" ,.;:!-")
    if rest == look.text(turn.tracker).strip() or all(word in _FILLING for word in _WORDS.findall(rest.casefold())):
        return {}
    return _added(turn, rest)


def _added(turn: Turn, words: str) -> dict[str, Any]:
    """Slots that put words of the person in the summary; says so."""
    draft = turn.slot("referral_draft") or {}
    turn.say("Dat zet ik in de samenvatting, in jouw woorden.")
    added = f"{draft.get('added', '')} {words}".strip()
    return {"referral_draft": draft | {"added": added}, "referral_summary": None, "referral_consent": None}


async def _left_out(turn: Turn, requested: str) -> Slots | None:
    """A line of the summary that is not to go along, or the number that is not to be used."""
    text = look.text(turn.tracker)
    erases = look.intent(turn.tracker) == "delete_my_data"
    shown = requested in ("referral_summary", "referral_consent")
    if wants_all_gone(text) or not (erases or (shown and _LEAVES_OUT.search(text))):
        return None
    if named := lines_named(text, labels_of(turn)):
        return Slots(
            referral_draft=left_out(turn, turn.slot("referral_draft") or {}, named),
            referral_summary=None,
            referral_consent=None,
        )
    if ABOUT_CONTACT.search(text) and turn.slot("referral_contact"):
        turn.say(f"Goed, {contact_in_words(turn.slot('referral_way'), turn.slot('referral_contact'))} gebruik ik niet.")
        return Slots(referral_way=None, referral_contact=None, referral_slot=None, referral_consent=None)
    return None


def left_out(turn: Turn, draft: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    """The draft of the summary without some lines more; says so, and where they still stand."""
    turn.say(
        f"Goed, dit laat ik weg: {', '.join(labels).lower()}. "
        'Mogen ze het ook niet in ons gesprek lezen? Kies dan straks "Ja, zonder gesprek".'
    )
    return draft | {"left_out": [*draft.get("left_out", ()), *labels]}


async def _organisation(turn: Turn, requested: str) -> Slots | None:
    """Another organisation than the one chosen. Who asks about one, at the choice of one, is shown it."""
    text = look.text(turn.tracker)
    named = await meant(turn, requested)
    if named is None or not _short(text):
        return None
    if _ASKS.search(text):
        if requested != "referral_organisation":
            return None
        turn.say(f"Dit weet ik van {named.name}:", cards=[turn.services.directory.card(named)])
        return Slots()
    if not _answered(requested, "referral_organisation") or named.id == turn.slot("referral_organisation"):
        return None
    if not _RATHER.search(text) and len(text.split()) > len(named.name.split()) + 1:
        return None
    turn.say(f"Goed, **{named.name}**.")
    return Slots(referral_organisation=named.id, referral_way=None, referral_slot=None, referral_consent=None)


async def meant(turn: Turn, requested: str) -> Organisation | None:
    """The organisation that the message names or, where some are proposed, points at."""
    proposed = [one.organisation for one in await suggestions(turn)] if requested == "referral_organisation" else []
    return pointed_at(turn, proposed) or mentioned(turn)


def mentioned(turn: Turn) -> Organisation | None:
    """The organisation that the message names, near the place of the form."""
    directory = turn.services.directory
    place = turn.services.places.get(turn.slot("referral_place") or "")
    for name in look.values(turn.tracker, "provider"):
        for organisation in directory.named(name, place):
            return organisation
    return next(iter(directory.mentioned(look.text(turn.tracker), place)), None)


async def _way(turn: Turn, requested: str) -> Slots | None:
    """Another way to be reached than the one chosen, or a way that is told before an organisation was chosen."""
    text = look.text(turn.tracker)
    said, chosen = way_in(turn), turn.slot("referral_way")
    if not _WAYS.search(text):  # a "nee" alone also means only the address, where the way itself is asked
        return None
    if not said or said == chosen or not _short(text) or _DENIES.search(text):
        return None
    early = requested in ("referral_place", "referral_organisation") and said in (Way.CALL.value, Way.MAIL.value)
    if early and (_MAY.search(text) or not _ASKS.search(text)):
        turn.say(f"{'Ja' if _MAY.search(text) else 'Goed'}, {Way(said).words}, als dat daar kan.")
        return Slots(referral_way=said)
    if _ASKS.search(text):
        return None
    if not _answered(requested, "referral_way") or not (_RATHER.search(text) or re.search(r"\b(maar|dan)\b", text)):
        return None
    if said == "other":
        return Slots(referral_organisation=None, referral_way=None, referral_slot=None, referral_consent=None)
    if said == Way.CHAT.value:
        return Slots(referral_way=None, referral_slot=None, referral_consent=None)
    return Slots(referral_way=said, referral_contact=None, referral_slot=None, referral_consent=None)


async def _place(turn: Turn, requested: str) -> Slots | None:
    """Another place than the one told. An organisation that does not help there is asked again."""
    text = look.text(turn.tracker)
    named = look.values(turn.tracker, "location")
    if not named or not _answered(requested, "referral_place"):
        return None
    if not look.says_only(turn.tracker, {"location"}) and not (_short(text) and _CORRECTS.search(text)):
        return None
    place = turn.services.places.resolve(named[-1]).place
    if place is None or place.id == turn.slot("referral_place"):
        return None
    turn.say(f"Goed, **{place.label}**.")
    changed = Slots(referral_place=place.id, home=place.id, referral_summary=None, referral_consent=None)
    turn.tracker.slots["referral_place"] = place.id
    chosen = turn.slot("referral_organisation")
    if chosen and chosen not in {one.organisation.id for one in await suggestions(turn)}:
        changed |= {"referral_organisation": None, "referral_way": None, "referral_slot": None}
    return Slots(changed)


async def _times(turn: Turn, requested: str) -> Slots | None:
    """When the person can or cannot: what the counsellor must know. It goes in the summary, in their words."""
    if requested == "referral_contact" and any(look.values(turn.tracker, kind) for kind in ("phone_number", "email")):
        return None  # what is said beside the number goes along with it
    if requested == "referral_slot" or look.intent(turn.tracker) not in ANSWERS | {"refine_search"}:
        return None
    if not any(entity.kind == "schedule" for entity in look.entities(turn.tracker)):
        return None
    return Slots(_added(turn, " ".join(look.text(turn.tracker).split())))
