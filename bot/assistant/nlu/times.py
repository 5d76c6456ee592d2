"""When somebody can come: days with a part of the day ("zaterdagvoormiddag"), and hours ("na 18u", "vanaf 19.30")."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from bot.assistant.nlu.mentions import Mention
from bot.assistant.nlu.text import Token

DAYS = {
    "maandag": "monday",
    "dinsdag": "tuesday",
    "woensdag": "wednesday",
    "donderdag": "thursday",
    "vrijdag": "friday",
    "zaterdag": "saturday",
    "zondag": "sunday",
}
PARTS = {
    "voormiddag": "day",
    "namiddag": "day",
    "morgen": "day",
    "ochtend": "day",
    "middag": "day",
    "noen": "day",
    "overdag": "day",
    "avond": "evening",
    "avont": "evening",
    "avonds": "evening",
    "nacht": "evening",
}
EVENING_FROM = 17
_COMPOUND = re.compile(r"(.{4,11}?)s?(" + "|".join(sorted(PARTS, key=len, reverse=True)) + r")(?:en|je|s)?")
_HOUR = re.compile(
    r"\b(?P<word>na|vanaf|van|v\.?a\.?|tegen|rond|ten vroegste|pas na|pas vanaf|achter|om|voor|tot)\s+(?P<hour>\d{1,2})"
    r"(?:\s?(?:u|uur|h|uren|ure|heures)\.?\s?(?:\d{2})?|[:.](?P<minutes>\d{2})\s?(?:u|uur|h)?)(?![\w])",
    re.IGNORECASE,
)
_LATER = frozenset({"na", "vanaf", "van", "va", "v.a.", "v.a", "pas na", "pas vanaf", "achter", "ten vroegste"})


def weekday(word: str) -> str | None:
    """The English name of the weekday that a key names, misspelt too; "zaterdags" and "vrijdagen" are days as well.

    >>> weekday("woesdag"), weekday("zaterdach"), weekday("zondagen"), weekday("dagen")
    ('wednesday', 'saturday', 'sunday', None)
    """
    stem = re.sub(r"(dag|dach|dacht|dagh|dagg)(s|en|e)?$", "dag", word)
    if stem in DAYS:
        return DAYS[stem]
    if len(stem) < 5 or not stem.endswith(("dag", "dah", "dga", "dg")):
        return None
    near = [(OSA.distance(stem, day), day) for day in DAYS]
    distance, day = min(near)
    close = [name for steps, name in near if steps == distance]
    return DAYS[day] if distance <= 1 and len(close) == 1 else None


def day_parts(tokens: Sequence[Token]) -> list[Mention]:
    """Weekdays, alone or with a part of the day ("dinsdagavond"): the day is the value, the part stands in `more`."""
    found: list[Mention] = []
    for at, token in enumerate(tokens):
        if len(token.key) < 5:
            continue
        if day := weekday(token.key):
            part = PARTS.get(tokens[at + 1].key) if at + 1 < len(tokens) else None
            end = tokens[at + 1].end if part else token.end
            found.append(Mention("schedule", token.start, end, day, "pattern", more={"part": part} if part else {}))
            continue
        compound = _COMPOUND.fullmatch(token.key)
        if compound and (day := weekday(compound[1])):
            part = PARTS[compound[2]]
            found.append(Mention("schedule", token.start, token.end, day, "pattern", more={"part": part}))
    return found


def hours(text: str) -> list[Mention]:
    """Hours as a part of the day: "na 18u" is the evening. An hour that bounds nothing ("om 10 uur") is not sure."""
    found: list[Mention] = []
    for match in _HOUR.finditer(text):
        hour = int(match["hour"])
        if not 5 <= hour <= 23:
            continue
        later = match["word"].lower() in _LATER
        # "na 6 uur" without more is the evening: no lesson begins at six in the morning.
        evening = hour >= EVENING_FROM or (later and hour <= 8 and match["word"].lower() in ("na", "achter", "pas na"))
        sure = evening and later and hour >= EVENING_FROM
        found.append(
            Mention("schedule", match.start(), match.end(), "evening" if evening else "day", "pattern", sure=sure)
        )
    return found
