"""What somebody types in a search box, as wishes: "lassen in gent 's avonds, max 200 euro, vanaf januari".

Places, times, ways, organisations and incentives are read with the word lists of the assistant, so that both understand the
same. What is left over is what is to be learnt.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.assistant.nlu import wordlists
from bot.assistant.nlu.candidates import CandidateFinder
from bot.assistant.nlu.mentions import Mention
from bot.assistant.nlu.negation import negated
from bot.assistant.nlu.place_values import with_place
from bot.assistant.nlu.text import key, tokenise
from bot.catalogue.model import Incentive, LanguageLevel
from bot.catalogue.query import SearchQuery
from bot.catalogue.subjects import Subjects
from bot.catalogue.words import tokens
from bot.places import Gazetteer, Place

MAX_TEXT = 300
"""Characters that are read; nobody types more in a search box."""
_READ = frozenset({"schedule", "delivery_mode", "incentive", "provider", "location"})
_SOON_DAYS = 45
_CITY = 20_000
"""Inhabitants from which a name is known even when misspelt: every word resembles some village."""
_LITTLE = frozenset(
    "in op te van voor met en of maar niet geen bij rond de het een om vanaf aan naar uit liefst graag".split()
)

_IN_A_PLACE = re.compile(r"in\s", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("januari", "jan", "januarie"),
            ("februari", "feb", "febr", "februarie"),
            ("maart", "mrt"),
            ("april", "apr"),
            ("mei",),
            ("juni", "jun"),
            ("juli", "jul"),
            ("augustus", "aug"),
            ("september", "sept", "sep"),
            ("oktober", "okt", "october"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_AMOUNT = r"(?:€|eur|euro)?\s*(?P<amount>\d{1,5}(?:[.,]\d{1,2})?)\s*(?:€|eur(?:o|os)?)?"


@dataclass(slots=True)
class _Reading:
    """A text being read: what was understood is blanked out, so that nothing is read twice."""

    text: str
    wishes: dict[str, Any] = field(default_factory=dict)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The first place where a pattern fits, blanked out."""
        if found := pattern.search(self.text):
            self.blank(found.start(), found.end())
        return found

    def blank(self, start: int, end: int) -> None:
        """Leaves a stretch of the text out of what is still to be read."""
        self.text = self.text[:start] + " " * (end - start) + self.text[end:]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_JOB_SEEKERS = _pattern(r"\b(?:voor |als )?(?:een )?(?:werkzoekend\w*|werkloos|werkloze\w*|werklozen)\b")
_FREE = _pattern(r"\b(?:gratis|kosteloos|kosteloze|gratuit|zonder (?:te )?betalen|for free|(?:mag )?niks kosten)\b")
_AT_MOST = _pattern(
    r"(?:\b(?:onder(?: de)?|max(?:imum|imaal)?\.?|ten hoogste|hoogstens|minder dan|niet meer dan|goedkoper dan"
    rf"|niet duurder dan|tot|voor)|<=?)\s*{_AMOUNT}"
)
_AT_MOST_AFTER = _pattern(rf"{_AMOUNT}\s*(?:max(?:imum|imaal)?|of minder|of goedkoper)\b")
_MONEY = _pattern(r"€|\beuro?s?\b")
_RADIUS = _pattern(
    r"\b(?:binnen(?: de)?|in een straal van|straal van|straal|op|max(?:imum|imaal)?\.?|hoogstens|tot op|tot)?\s*"
    r"(?P<km>\d{1,3})\s*(?:km|kilometers?)\b(?:\s*(?:van|rond|rondom))?"
)
_SHORTAGE = _pattern(r"\bknelpunt(?:beroep(?:en)?|opleiding(?:en)?|vacatures?)?\b")
_IN_MONTH = _pattern(
    r"\b(?:(?:start(?:en|t)?|begin(?:nen|t)?|beginnend|startend)\s+)?"
    r"(?:(?P<how>vanaf|na|ten vroegste|pas in|voor|vóór|tegen|ten laatste|in)\s+)?"
    rf"(?:(?:begin|half|midden|eind|de maand)\s+)?(?P<month>{_MONTH})\b\.?(?:\s+(?P<year>20\d\d))?"
)
_SOON = _pattern(
    r"\b(?:(?:zo|heel) (?:snel|rap|vlug) mogelijk|asap|onmiddellijk|meteen|direct (?:starten|beginnen)|nu (?:starten|beginnen)"
    r"|binnenkort|(?:snel|vlug|rap) (?:starten|beginnen)|deze maand|volgende week|deze week)\b"
)
_NEXT_MONTH = _pattern(r"\bvolgende maand\b")
_AFTER_NEW_YEAR = _pattern(r"\b(?:na nieuwjaar|na de kerstvakantie|(?:in )?het nieuwe jaar|volgend jaar)\b")
_NO_DUTCH = _pattern(
    r"\b(?:(?:ik|die|we)\s+)?(?:spreek|spreken|kan|ken|praat|versta|begrijp|met)\s+(?:nog\s+)?"
    r"(?P<much>(?:bijna\s+|nog\s+)?(?:geen|weinig|amper|nauwelijks)|(?:nog\s+)?niet\s+(?:zo\s+)?(?:goed|veel)"
    r"|(?:een\s+)?(?:klein\s+)?beetje)\s+(?:goed\s+)?(?:nederlands|vlaams)\b"
)
_ADVANCED = _pattern(
    r"\bgevorderd\w*|\bvervolg(?:cursus)?\b|\b(?:geen|niet voor|niet meer voor)\b(?:\s+(?:een|absolute|echte|cursus|voor)){0,2}"
    r"\s+beginner\w*|\b(?:ken|kan|weet)\b[^.,]{0,12}\bal (?:wat|iets|veel|een beetje)\b"
    r"|\bal (?:wat|iets|veel|een beetje) (?:kan|kent|ken|weet)\b|\b(?:hoger|moeilijker) niveau\b"
    r"|\bniet (?:meer )?(?:de|van de) basis\b"
)
_BEGINNER = _pattern(r"\bbeginn(?:er|end)\w*|\b(?:zonder|geen) voorkennis\b|\bken er (?:nog )?niets van\b")
_HOW_TO_GET_THERE = _pattern(
    r"(?<!rijden )\bmet (?:(?:de|den|het|een|mijn|mijne) )?(?:auto|wagen|trein|bus|tram|fiets|openbaar vervoer)\b"
    r"|\b(?:geen|enkel|alleen) (?:(?:de|den|een|met de) )?(?:auto|wagen|trein|bus|tram|fiets|openbaar vervoer|rijbewijs)\b"
)
"""Says nothing of what is to be learnt: "ik kan niet met de auto, enkel trein"."""
_LEVEL = _pattern(
    r"\b(?P<said>(?:mijn |met )?(?:taal\s?niveau|niveau nederlands|nederlands niveau))\s*(?P<level>a1|a2|b1|b2|c1)\b"
)


class Reader:
    """Reads typed searches. Load once, then share: it never changes."""

    def __init__(self, places: Gazetteer, subjects: Subjects, word_lists: Path) -> None:
        """`word_lists` is a folder like data/nlu/gazetteers. Raises `WordListError` naming file, entry and field."""
        entries = [entry for entry in wordlists.load(word_lists)[0] if entry.entity in _READ]
        self._places = places
        self._subjects = subjects
        self._topics = frozenset(key(word) for phrase, _ in subjects.names() for word in tokens(phrase))
        ordinary = self._topics | {key(word) for word in subjects.plain_words}
        self._finder = CandidateFinder(entries, places, ordinary)

    def read(self, text: str, today: date) -> SearchQuery:
        """The wishes in a text; months are the next ones from `today`. Whatever is not understood is the subject."""
        reading = _Reading(text[:MAX_TEXT])
        _read_price(reading)
        _read_start(reading, today)
        _read_level(reading)
        _read_advanced(reading)
        while reading.take(_HOW_TO_GET_THERE):
            pass
        if reading.take(_SHORTAGE):
            reading.wishes["shortage"] = True
        if radius := reading.take(_RADIUS):
            reading.wishes["radius"] = float(radius["km"]) or None
        query = self._with_mentions(reading)
        subject = _trimmed(reading.text)
        if not subject and query.language_level and not query.shortage:
            return replace(query, subject="nederlands", language_level=None)
        return replace(query, subject=subject)

    def _with_mentions(self, reading: _Reading) -> SearchQuery:
        text = reading.text
        words = tokenise(text)
        found: dict[str, list[Any]] = {}
        for mention in _apart(self._mentions(text)):
            touched = [at for at, token in enumerate(words) if token.start < mention.end and mention.start < token.end]
            refused = bool(touched) and negated(words, touched[0], touched[-1] + 1, mention.entity)
            name = f"not {mention.entity}" if refused else mention.entity
            if values := self._values(mention, text):
                found.setdefault(name, []).extend(values)
                reading.blank(mention.start, mention.end)
        places = found.get("location", [])
        incentives = found.get("incentive", [])
        return SearchQuery(
            **reading.wishes,
            place=places[0] if places else None,
            schedule=frozenset(found.get("schedule", ())),
            delivery_mode=next(iter(found.get("delivery_mode", ())), None),
            provider=next(iter(found.get("provider", ())), ""),
            recognised_for=incentives[0] if incentives else None,
            excluded_places=tuple(found.get("not location", ())),
            excluded_schedule=frozenset(found.get("not schedule", ())),
            excluded_mode=next(iter(found.get("not delivery_mode", ())), None),
            excluded_provider=next(iter(found.get("not provider", ())), ""),
        )

    def _mentions(self, text: str) -> Iterator[Mention]:
        """What is surely meant: in a search box a name needs no sentence around it, but a topic goes before a village."""
        topics = list(self._subjects.spans(text))
        for mention in self._finder.find(text, tokenise(text)):
            if mention.entity not in _READ or any(s < mention.end and mention.start < e for s, e in topics):
                continue
            said = key(text[mention.start : mention.end])
            if mention.entity == "provider" and _IN_A_PLACE.match(text[mention.start : mention.end]):
                continue  # "in Gent" is a place before it is the organisation IN-Gent
            if mention.entity == "location" and said in self._topics and not _after_in(text, mention.start):
                continue
            if mention.sure or self._sure_here(mention, text, said):
                yield mention

    def _sure_here(self, mention: Mention, text: str, said: str) -> bool:
        """What is a guess in a sentence but not in a search box: "avond", "kust", a city misspelt."""
        if mention.entity == "schedule":
            return "avond" in said
        if mention.entity != "location":
            return False
        place = self._place(mention, text)
        if place is None:
            return False
        if mention.source == "misspelt":
            return place.is_area or place.population >= _CITY
        return place.is_area or _after_in(text, mention.start)

    def _values(self, mention: Mention, text: str) -> Iterable[Any]:
        if mention.entity == "location":
            place = self._place(mention, text)
            return (place,) if place else ()
        if mention.entity == "incentive":
            return (Incentive(mention.value),) if mention.value in Incentive.__members__.values() else ()
        if part := mention.more.get("part"):
            return (mention.value, part)
        return (mention.value,)

    def _place(self, mention: Mention, text: str) -> Place | None:
        more = with_place(mention, text, self._places).more
        if "place" in more:
            return self._places.get(more["place"])
        # Of several places of one name the first is the largest.
        return self._places.get(more["candidates"][0]) if more.get("candidates") else None


def _trimmed(text: str) -> str:
    """A text without the little words and signs at its ends that belonged to what was read out of it."""
    words = [word for word in text.split() if any(char.isalnum() for char in word)]
    while words and key(words[-1]) in _LITTLE:
        words.pop()
    while words and key(words[0]) in _LITTLE:
        words.pop(0)
    return " ".join(words).strip(" ,;:.-")


def _apart(mentions: Iterable[Mention]) -> list[Mention]:
    """Of mentions that share words the longest, and of equally long ones the first."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda one: one.start - one.end):
        if not any(mention.overlaps(other) for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda one: one.start)


def _after_in(text: str, start: int) -> bool:
    before = text[:start].split()
    return bool(before) and key(before[-1]) in {
        "in",
        "te",
        "nabij",
        "rond",
        "bij",
        "van",
        "omgeving",
        "regio",
        "richting",
    }


def _read_price(reading: _Reading) -> None:
    if reading.take(_FREE):
        if reading.take(_JOB_SEEKERS):
            reading.wishes["free_for_job_seekers"] = True
        else:
            reading.wishes["max_price"] = Decimal(0)
        return
    for pattern in (_AT_MOST, _AT_MOST_AFTER):
        found = pattern.search(reading.text)
        if found and (_MONEY.search(found[0]) or key(found[0]).startswith(("max", "goedkoper"))):
            reading.blank(found.start(), found.end())
            reading.wishes["max_price"] = Decimal(found["amount"].replace(",", "."))
            return


def _read_start(reading: _Reading, today: date) -> None:
    wishes = reading.wishes
    if reading.take(_SOON):
        wishes["start_until"] = today + timedelta(days=_SOON_DAYS)
    elif reading.take(_NEXT_MONTH):
        wishes["start_from"], wishes["start_until"] = _month(today.month % 12 + 1, today)
    elif reading.take(_AFTER_NEW_YEAR):
        wishes["start_from"] = date(today.year + 1, 1, 1)
    elif found := reading.take(_IN_MONTH):
        first, last = _month(_MONTHS[found["month"].lower()], today, int(found["year"]) if found["year"] else None)
        how = (found["how"] or "in").lower()
        if how in {"voor", "vóór", "tegen", "ten laatste"}:
            wishes["start_until"] = max(today, first - timedelta(days=1))
        else:
            wishes["start_from"] = max(today, first)
            if how == "in":
                wishes["start_until"] = max(today, last)


def _month(month: int, today: date, year: int | None = None) -> tuple[date, date]:
    """The first and the last day of a month: of a year, or the next of that name."""
    year = year or (today.year if month >= today.month else today.year + 1)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _read_level(reading: _Reading) -> None:
    if found := reading.take(_NO_DUTCH):
        little = re.search("geen|weinig|amper|nauwelijks", found["much"], re.IGNORECASE)
        reading.wishes["language_level"] = LanguageLevel.A1 if little else LanguageLevel.A2
    elif (found := _LEVEL.search(reading.text)) and not found["said"].lower().startswith("nederlands niveau"):
        reading.blank(found.start(), found.end())
        reading.wishes["language_level"] = LanguageLevel(found["level"].upper())


def _read_advanced(reading: _Reading) -> None:
    """For whom it should be. The word itself is left where it stands: it may be in a title too."""
    if _ADVANCED.search(reading.text):
        reading.wishes["advanced"] = True
    elif _BEGINNER.search(reading.text):
        reading.wishes["advanced"] = False
