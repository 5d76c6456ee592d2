"""Finding a course: the first search, narrowing it, more of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet

from actions import tracker as look
from actions.above_cards import headline
from actions.after_need import help_near
from actions.answers import (
    PERSON,
    found_by_meaning,
    known_facts,
    place_named,
    reading,
    remember_place,
    say_article,
    tell_by_meaning,
)
from actions.asides import heard, too_long_for_a_place
from actions.base import Event, Turn, TurnAction
from actions.cards import course_card
from actions.forms import ANSWERS, OneQuestionForm, Slots
from actions.person import TOLD
from actions.spoken_of import about_courses
from actions.wishes import UnclearPlace, Wishes, add_spoken, in_words, merge
from bot.catalogue.model import Incentive, LanguageLevel
from bot.catalogue.search import SearchQuery, today_in_belgium
from bot.catalogue.words import tokens
from bot.conversation.message import Button
from bot.places import Place
from bot.places.gazetteer import Match, Method

UNKNOWN_SUBJECT = "Dat vak ken ik niet. Zeg het in andere woorden, of noem een beroep."
ANYWHERE = Button(title="Maakt niet uit", payload='/choose{"place_choice":"any"}')
ONLINE = Button(title="Online", payload='/choose{"place_choice":"online"}')
_MOST_UNKNOWN = 2
PAGE = 3
"""Cards at a time."""
CANNOT_FILTER = (
    'Daarop kan ik niet zoeken. Je ziet het wel bij elke cursus, onder "Meer hierover". '
    "Ik kan wel zoeken op plaats, moment, prijs, startdatum, online of niet, en op school."
)
_WHERE_OR_WHEN = frozenset({"location", "schedule", "delivery_mode"})
_NAMED = frozenset({"course_topic", "language", "location", "provider"})
_IN_A_NAME = re.compile(r"\b(?:in|te|nabij|rond)\s+([A-Z][a-zà-ÿ-]{3,})")
_NO_COURSE = re.compile(r"\bgeen\s+(?:cursus|opleiding|les\w*)\b.*\b(?:werk|job|baan)\b", re.IGNORECASE)
"""Somebody who looks for work and not for something to learn."""
_TOO_FAR = re.compile(r"\bte ver\b|\bdicht(?:er|st|ste) ?(?:bij)?\b|\bkorter ?bij\b|\bver weg\b", re.IGNORECASE)
ONLINE_TOO = Button(title="Online", payload='/refine_search{"delivery_mode":"online"}')
_OR = re.compile(r"\bof\b", re.IGNORECASE)
TITLE = 20
"""Letters on a button, as many as WhatsApp allows."""


def gathered(turn: Turn, before: Wishes | None = None) -> tuple[Wishes, list[UnclearPlace]]:
    """The wishes so far, or those given, with what this message adds."""
    before = Wishes.from_slot(turn.slot("wishes")) if before is None else before
    wishes, unclear = merge(before, look.entities(turn.tracker), turn.services.places)
    words = look.text(turn.tracker)
    if (several := either_place(turn)) is not None:
        wishes, unclear = replace(wishes, place=""), [several]
    elif (far := unknown_place(turn)) is not None:
        unclear = [*unclear, far]
    return add_spoken(wishes, turn.services.catalogue.read(words), words), unclear


def unknown_place(turn: Turn) -> UnclearPlace | None:
    """The place of a name that stands after "in" and that nobody knows: Parijs. None when there is no such name."""
    rest = look.without(turn.tracker, _NAMED)
    for name in _IN_A_NAME.findall(rest):
        if not turn.services.places.resolve(name).places and not turn.services.catalogue.knows(name):
            return UnclearPlace(name, ())
    return None


def either_place(turn: Turn) -> UnclearPlace | None:
    """The places between which the message leaves the choice: "in Gent of Aalst"; None when it does not."""
    named = look.spans(turn.tracker, "location")
    words = look.text(turn.tracker)
    found = [turn.services.places.resolve(name).place for name, _, _ in named]
    between = [words[end:start] for (_, _, end), (_, start, _) in zip(named, named[1:], strict=False)]
    if len(named) < 2 or None in found or not any(_OR.search(stretch) for stretch in between):
        return None
    said = " of ".join(place.label for place in found if place)
    return UnclearPlace(said, tuple(place.id for place in found if place), several=True)


def query_of(wishes: Wishes, turn: Turn) -> SearchQuery:
    """The wishes as the catalogue is asked. Days that have passed since they were named count no longer."""
    places = turn.services.places
    today = today_in_belgium()
    start_from = max(today, date.fromisoformat(wishes.start_from)) if wishes.start_from else today
    until = date.fromisoformat(wishes.start_until) if wishes.start_until else None
    return SearchQuery(
        subject=wishes.topic,
        language=wishes.language,
        place=places.get(wishes.place) if wishes.place else None,
        schedule=frozenset(wishes.schedule),
        delivery_mode=wishes.mode or None,
        provider=wishes.provider,
        excluded_places=tuple(place for place in map(places.get, wishes.not_places) if place),
        excluded_schedule=frozenset(wishes.not_schedule),
        excluded_mode=wishes.not_mode or None,
        excluded_provider=wishes.not_provider,
        radius=wishes.radius,
        max_price=Decimal(wishes.max_price) if wishes.max_price else None,
        free_for_job_seekers=wishes.free_for_job_seekers,
        start_from=start_from,
        start_until=until if until and until >= start_from else None,
        language_level=LanguageLevel(wishes.level) if wishes.level else None,
        recognised_for=Incentive(wishes.incentive) if wishes.incentive else None,
        shortage=wishes.shortage,
        advanced=wishes.advanced or None,
        nearest=wishes.nearest,
    )


def search(turn: Turn) -> list[Event]:
    """Searches with all wishes so far. Asks when nothing is known, or when a place is not clear."""
    wishes, unclear = gathered(turn)
    if not look.value(turn.tracker, "course_topic") and not look.value(turn.tracker, "language"):
        words = turn.services.catalogue.read(look.text(turn.tracker)).subject
        topic = turn.services.catalogue.named(words) if words else ""
        before = Wishes.from_slot(turn.slot("wishes"))
        if not topic and before.subject and wishes == before:  # nor is the old one kept when nobody knows the new one
            topic = _unknown_subject(turn, words)
        if topic:  # a new subject takes the place of the old one
            wishes = replace(wishes, topic=topic, language="")
    if unclear:
        return ask_place(turn, wishes, unclear[0])
    if wishes.subject and not wishes.place and not wishes.not_places and (home := turn.home()):
        wishes = replace(wishes, place=home.id)
    if not wishes.subject and not wishes.place:
        return [SlotSet("wishes", wishes.as_slot()), FollowupAction("course_search_form")]
    return [*show(turn, wishes, offset=0), *remember_place(turn)]


def _unknown_subject(turn: Turn, words: str) -> str:
    """The one or two words of a message that may be something to learn of which the catalogue knows nothing; else empty."""
    found = turn.services.catalogue.subjects.content(tokens(words))
    return " ".join(found) if len(found) <= _MOST_UNKNOWN else ""


def narrow(turn: Turn) -> list[Event]:
    """Searches again with what this message adds. Without an earlier search it is a first one."""
    before = Wishes.from_slot(turn.slot("wishes"))
    too_far = bool(_TOO_FAR.search(look.text(turn.tracker))) and not look.entities(turn.tracker)
    if too_far and not turn.slot("shown"):
        turn.respond("utter_no_courses_shown")
        return []
    if not before.subject and not too_far:
        return search(turn)
    wishes, unclear = gathered(turn)
    if too_far:
        return show_nearest(turn, wishes)
    if unclear:
        return ask_place(turn, wishes, unclear[0])
    if wishes == before and look.text(turn.tracker) and not look.entities(turn.tracker) and turn.slot("shown"):
        turn.say(CANNOT_FILTER, [PERSON])
        return []
    return [*show(turn, wishes, offset=0), *remember_place(turn)]


def show_nearest(turn: Turn, wishes: Wishes) -> list[Event]:
    """What is nearest first, to somebody to whom what was shown is too far; asks from where when no place is known."""
    home = turn.home()
    place = wishes.place or (home.id if home else "")
    if not place:
        turn.say("Waar woon je? Typ je gemeente of postcode, dan zoek ik dichtbij.", [ONLINE_TOO])
        return []
    return show(turn, replace(wishes, place=place, nearest=True), offset=0)


def ask_place(turn: Turn, wishes: Wishes, unclear: UnclearPlace) -> list[Event]:
    """Asks which of several places is meant, or says that it is not known. What else was wished is kept."""
    if not unclear.candidates:
        turn.respond("utter_unknown_place")
    else:
        buttons = [
            Button(title=place.label[:20], payload=f'/inform{{"location":"{place.label}"}}')
            for place in map(turn.services.places.get, unclear.candidates[:4])
            if place
        ]
        if unclear.several:
            turn.say(f"Ik zoek in één plaats tegelijk. Waar eerst: {unclear.said}?", buttons)
        else:
            turn.say(f"Er is meer dan één plaats die {unclear.said} heet. Welke bedoel je?", buttons)
    return [SlotSet("wishes", wishes.as_slot())]


def show(turn: Turn, wishes: Wishes, offset: int) -> list[Event]:
    """Shows one page of results, and keeps what was shown."""
    result = turn.services.catalogue.search(query_of(wishes, turn), limit=PAGE, offset=offset)
    kept = [SlotSet("wishes", wishes.as_slot())]
    if not result.hits:
        if offset:
            turn.respond("utter_no_more_courses")
        else:
            text = f"Ik vind geen cursus {in_words(wishes, turn.services.places)}. Dat wil niet zeggen dat er geen is."
            meant = [
                Button(title=name[:TITLE], payload=f"/search_course{json.dumps({'course_topic': name})}")
                for name in result.suggestions
            ]
            ask = "Bedoel je een van deze?" if meant else "Zeg het in andere woorden, of vraag het aan een mens."
            turn.say(f"{text} {ask}", [*meant, PERSON])
        return kept
    shown = [*(turn.slot("shown") or [] if offset else []), *(hit.offering.id for hit in result.hits)]
    cards = [course_card(turn, hit, number) for number, hit in enumerate(result.hits, start=offset + 1)]
    buttons = [Button(title="Wat kost dat?", payload="/ask_cost"), PERSON]
    if offset + PAGE < result.total:
        buttons.insert(0, Button(title="Meer cursussen", payload="/more_results"))
    turn.say(headline(turn, wishes, result, offset), buttons, cards)
    return [
        *kept,
        SlotSet("shown", shown),
        SlotSet("last_shown", [hit.offering.id for hit in result.hits]),
        SlotSet("focus", shown[0] if len(shown) == 1 else None),
    ]


def tell_work(turn: Turn) -> list[Event]:
    """Where somebody goes who looks for work: VDAB, in Brussels Actiris."""
    facts = known_facts(turn)
    provider = "actiris" if facts.get("region") == "brussels" else "vdab"
    article = turn.services.library.find("ask_contact_point", facts | {"provider": provider}, today_in_belgium())
    return say_article(turn, article) if article else []


class ActionSearchCourses(TurnAction):
    """Searches; after the form, with what the form asked."""

    def name(self) -> str:
        return "action_search_courses"

    async def act(self, turn: Turn) -> list[Event]:
        topic, place = turn.slot("wanted_topic"), turn.slot("wanted_place")
        if topic is None and _NO_COURSE.search(look.text(turn.tracker)):
            return tell_work(turn)
        if topic is None:
            if (helped := help_near(turn)) is not None:
                return helped
            outcome = found_by_meaning(turn)
            if (
                outcome.article and outcome.article.courses and place_named(turn)
            ):  # who says where, wants to see courses
                events = search(turn)
                turn.offer(reading(outcome.article))
                return events
            said = tell_by_meaning(turn, outcome)
            return search(turn) if said is None else said
        wishes = replace(
            Wishes.from_slot(turn.slot("wishes")),
            topic=topic,
            place=place if place not in {"any", "online", None} else "",
            mode="online" if place == "online" else "",
        )
        forget = [SlotSet("wanted_topic", None), SlotSet("wanted_place", None)]
        home = [SlotSet("home", wishes.place)] if wishes.place else []
        return [*show(turn, wishes, offset=0), *home, *forget]


class ActionMoreResults(TurnAction):
    """The next page of the last search."""

    def name(self) -> str:
        return "action_more_results"

    async def act(self, turn: Turn) -> list[Event]:
        wishes = Wishes.from_slot(turn.slot("wishes"))
        if (said := tell_by_meaning(turn, found_by_meaning(turn))) is not None:
            return said
        if not turn.slot("shown"):
            turn.respond("utter_no_courses_shown")
            return []
        return show(turn, wishes, offset=len(turn.slot("shown")))


class AskWantedPlace(TurnAction):
    """Asks where to search."""

    def name(self) -> str:
        return "action_ask_course_search_form_wanted_place"

    async def act(self, turn: Turn) -> list[Event]:
        turn.respond("utter_which_wanted_place", buttons=[button.model_dump() for button in (ANYWHERE, ONLINE)])
        return []


class ValidateCourseSearchForm(OneQuestionForm):
    """Reads what is to be learnt, and where."""

    answers = ANSWERS | {"search_course", "refine_search", "learn_dutch", "basic_skills"}

    def name(self) -> str:
        return "validate_course_search_form"

    async def read_wanted_topic(self, turn: Turn) -> Any:
        """The subject in the person's words; a place said along with it, or alone, answers the next question."""
        said, place = self._subject(turn), self._place(turn)
        if said is None and place is None:
            told = any(look.value(turn.tracker, kind) for kind in TOLD)
            turn.say("Dank je, dat onthoud ik." if told else UNKNOWN_SUBJECT)
        elif place is None:
            return said
        elif said is None:
            turn.say(f"Goed, ik zoek in {place.label}.")
        return Slots(wanted_topic=said, **({"wanted_place": place.id, "home": place.id} if place else {}))

    def _subject(self, turn: Turn) -> str | None:
        """What is to be learnt; what tells of a place alone ("ik woon in Aalst") is none."""
        said = look.value(turn.tracker, "course_topic") or look.value(turn.tracker, "language")
        if said or self._place(turn) is not None:
            return said
        words = turn.services.catalogue.read(look.text(turn.tracker)).subject
        return words if words and turn.services.catalogue.understands(words) else None

    def _place(self, turn: Turn) -> Place | None:
        """The place that a message names."""
        named = look.value(turn.tracker, "location")
        return turn.services.places.resolve(named).place if named else None

    async def read_wanted_place(self, turn: Turn) -> Any:
        """The id of a place, `any`, or `online`; or the subject after all, when that is what is said."""
        if choice := look.value(turn.tracker, "place_choice"):
            return choice
        if look.value(turn.tracker, "delivery_mode") == "online":
            return "online"
        if look.intent(turn.tracker) == "deny" and not look.value(turn.tracker, "location"):
            return "any"
        topic = look.value(turn.tracker, "course_topic") or look.value(turn.tracker, "language")
        if topic and not look.value(turn.tracker, "location"):
            turn.say(f"Goed, je zoekt {topic}.")
            return Slots(wanted_topic=topic, wanted_place=None)
        match = turn.services.places.resolve(look.value(turn.tracker, "location") or look.text(turn.tracker))
        if match.method is Method.FUZZY and too_long_for_a_place(turn):
            match = Match()
        if match.place:
            return Slots(wanted_place=match.place.id, **({"wanted_topic": topic} if topic else {}))
        if heard(turn):
            return None
        if match.ambiguous:
            turn.say("Er is meer dan één plaats met die naam. Typ de postcode, dan weet ik welke.")
        else:
            turn.respond("utter_unknown_place")
        return None


def said_in_short(turn: Turn) -> list[Event] | None:
    """Searches for what is to be learnt when a message says that, where or when, and nothing else ("kok gent"); else None."""
    if not {entity.kind for entity in look.entities(turn.tracker)} & _WHERE_OR_WHEN:
        return None
    catalogue = turn.services.catalogue
    subject = catalogue.read(look.text(turn.tracker)).subject
    return search(turn) if subject and catalogue.named(subject) == subject.casefold() else None


def other_level(turn: Turn) -> list[Event] | None:
    """The courses again for another level, when a message says that and no more ("geen beginners, ik ken al wat"); else None."""
    if not about_courses(turn) or look.entities(turn.tracker):
        return None
    asked = turn.services.catalogue.read(look.text(turn.tracker)).advanced
    return None if asked is None else narrow(turn)
