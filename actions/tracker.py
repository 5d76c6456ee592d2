"""Small typed looks at what Rasa knows of a conversation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from actions.belonging import belongs
from actions.second_thoughts import taken_back
from actions.somebody_else import of_somebody_else
from actions.supposing import supposed
from actions.whereabouts import Whereabouts, whereabouts


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of the last message."""

    kind: str
    value: str
    negated: bool = False
    start: int = 0
    """Where it begins in the text."""
    of_other: bool = False
    """Whether it is told of somebody else than who writes."""
    supposed: bool = False
    """Whether it is only supposed or asked of a person, or said of a group."""
    belongs: bool = False
    """Whether it is an organisation where somebody is known, works or gets help: that is no wish."""
    part: str = ""
    """The part of the day beside a weekday: "dinsdagavond"."""

    @property
    def holds(self) -> bool:
        """Whether it is said of who writes, or wished, or only supposed."""
        return not self.negated and not self.of_other

    @property
    def told(self) -> bool:
        """Whether it is so, of who writes: only this is kept."""
        return self.holds and not self.supposed


_OF_PERSON = frozenset({"employment_status", "education_level", "age"})
_SENIORITY = re.compile(r"\bwerk\w*\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
"""Before a number of years, no age: "ik werk al 15 jaar"."""


def entities(tracker: Tracker) -> list[Entity]:
    """The entities of the last message, in the order of the sentence."""
    return entities_of(tracker.latest_message)


def entities_of(message: Mapping[str, Any]) -> list[Entity]:
    """As `entities`, of any message of a person."""
    words = str(message.get("text") or "")

    def is_seniority(found: Mapping[str, Any]) -> bool:
        return found["entity"] == "age" and _SENIORITY.search(words[: int(found.get("start") or 0)]) is not None

    return [
        Entity(
            found["entity"],
            str(found["value"]),
            bool(found.get("negated")),
            start := int(found.get("start") or 0),
            (of_person := found["entity"] in _OF_PERSON) and of_somebody_else(words, start),
            of_person and supposed(words, start),
            found["entity"] == "provider" and belongs(words, start, int(found.get("end") or 0)),
            str(found.get("part") or ""),
        )
        for found in standing(message)
        if found.get("value") is not None and not is_seniority(found)
    ]


def standing(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entities of a message but for those that it takes back itself: "Spaans, of nee, toch Italiaans"."""
    found: list[Mapping[str, Any]] = list(message.get("entities") or [])
    wished = sorted((e for e in found if not e.get("negated") and "end" in e), key=lambda e: int(e["start"]))
    said = [(str(e["entity"]), int(e["start"]), int(e["end"])) for e in wished]
    gone = [wished[at] for at in taken_back(str(message.get("text") or ""), said)]
    return [e for e in found if e not in gone]


def values(tracker: Tracker, kind: str) -> list[str]:
    """What the last message says of one kind of entity, without what it says no to and what is of somebody else."""
    return [entity.value for entity in entities(tracker) if entity.kind == kind and entity.holds]


def told(tracker: Tracker, kind: str) -> str | None:
    """What the last message tells as being so of who writes; the first of one kind."""
    return next((entity.value for entity in entities(tracker) if entity.kind == kind and entity.told), None)


def spans(tracker: Tracker, kind: str) -> list[tuple[str, int, int]]:
    """What the words of the last message say of one kind, without what they say no to: value, begin and end."""
    return [
        (str(found["value"]), found["start"], found["end"])
        for found in standing(tracker.latest_message)
        if found["entity"] == kind and not found.get("negated") and "start" in found and "end" in found
    ]


def value(tracker: Tracker, kind: str) -> str | None:
    """The first of `values`."""
    found = values(tracker, kind)
    return found[0] if found else None


def told_places(tracker: Tracker) -> Whereabouts:
    """Which places the last message names as home and as place of work."""
    return told_places_of(tracker.latest_message)


def told_places_of(message: Mapping[str, Any]) -> Whereabouts:
    """As `told_places`, of any message of a person."""
    named = [(e.start, e.value) for e in entities_of(message) if e.kind == "location" and e.holds]
    return whereabouts(str(message.get("text") or ""), named)


def message_before(tracker: Tracker) -> Mapping[str, Any]:
    """The message of the person before the last; empty when there is none."""
    said = [event for event in tracker.events if event.get("event") == "user"]
    return (said[-2].get("parse_data") or {}) if len(said) > 1 else {}


def says_only(tracker: Tracker, kinds: Collection[str]) -> bool:
    """Whether the last message holds one or more entities of these kinds and no other words ("Ronse", "9300, zaterdag")."""
    rest = without(tracker, kinds)
    return rest != text(tracker) and not any(character.isalnum() for character in rest)


def without(tracker: Tracker, kinds: Collection[str]) -> str:
    """The words of the last message but for its entities of these kinds."""
    rest = text(tracker)
    spans = {
        (found["start"], found["end"])
        for found in tracker.latest_message.get("entities") or []
        if found["entity"] in kinds and "start" in found and "end" in found
    }
    for start, end in sorted(spans, reverse=True):
        rest = rest[:start] + rest[end:]
    return rest


def intent(tracker: Tracker) -> str:
    """The intent of the last message."""
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def ranking(tracker: Tracker) -> list[tuple[str, float]]:
    """The intents it may have been, likeliest first, without the fallback."""
    return [
        (entry["name"], float(entry["confidence"]))
        for entry in tracker.latest_message.get("intent_ranking") or []
        if entry["name"] != "nlu_fallback"
    ]


def text(tracker: Tracker) -> str:
    """The words of the last message; empty for a button."""
    words = str(tracker.latest_message.get("text") or "")
    return "" if words.startswith("/") else words


def message_key(tracker: Tracker) -> str:
    """The key of the last message: the same when it is handled a second time."""
    return str(tracker.latest_message.get("message_id") or "")


def channel(tracker: Tracker) -> str:
    """The channel of the conversation."""
    return str(tracker.get_latest_input_channel() or "")


def simple(tracker: Tracker) -> bool:
    """Whether the person asked for simple words, always."""
    return bool((tracker.latest_message.get("metadata") or {}).get("simple"))


def slot(tracker: Tracker, name: str) -> Any:
    """A slot, None when unset."""
    return tracker.get_slot(name)


def is_first(tracker: Tracker) -> bool:
    """Whether the last message is the first of the conversation."""
    return len([event for event in tracker.events if event.get("event") == "user"]) == 1


def offer(tracker: Tracker) -> tuple[str, list[str]]:
    """What was said last with buttons under it, before the last message, and their payloads in their order."""
    users = 0
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            users += 1
        if event.get("event") == "bot" and users == 1 and (buttons := (event.get("data") or {}).get("buttons")):
            return str(event.get("text") or ""), [str(button.get("payload")) for button in buttons]
    return "", []


def offered(tracker: Tracker) -> list[str]:
    """The payloads of the buttons under what was said last before the last message, in their order."""
    return offer(tracker)[1]


def previous_action(tracker: Tracker) -> str | None:
    """The action that answered the message before this one."""
    users = 0
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            users += 1
        if event.get("event") == "action" and users == 1:
            name = event.get("name")
            if name not in {"action_listen", "action_extract_slots"}:
                return str(name)
    return None


def said_last(tracker: Tracker) -> str:
    """The text of the last reply before this message; empty when there was none."""
    return next((str(event.get("text") or "") for event in reversed(tracker.events) if event.get("event") == "bot"), "")


def digressions(tracker: Tracker, before: bool = False) -> int:
    """How many messages in a row asked something else than the form did, the last included, or up to the one `before` it.

    Thanks count for two: who thanks has heard enough.
    """
    count, digressed = 0, False
    skip = before
    for event in reversed(tracker.events):
        if event.get("event") == "action" and event.get("name") == "action_digress":
            digressed = True
        if event.get("event") != "user":
            continue
        if skip:
            skip = digressed = False
            continue
        if not digressed:
            break
        thanks = ((event.get("parse_data") or {}).get("intent") or {}).get("name") in THANKS
        count, digressed = count + (2 if thanks else 1), False
    return count


THANKS = frozenset({"thank", "praise"})


def previous_intent(tracker: Tracker) -> str:
    """The intent of the message before this one; empty for the first."""
    return str((message_before(tracker).get("intent") or {}).get("name") or "")


def newest(tracker: Tracker, names: Collection[str]) -> Iterator[tuple[str, Any]]:
    """What these slots were set to in the conversation, newest first, without what was emptied."""
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("name") in names and event.get("value") is not None:
            yield str(event["name"]), event["value"]


def messages_since(tracker: Tracker, name: str) -> int:
    """How many messages of the person came after a slot was last set, the last one included."""
    count = 0
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("name") == name:
            break
        count += event.get("event") == "user"
    return count


def intents_before(tracker: Tracker) -> Iterator[str]:
    """The intents of the messages before the last, newest first."""
    said = [event for event in tracker.events if event.get("event") == "user"]
    for event in reversed(said[:-1]):
        yield str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
