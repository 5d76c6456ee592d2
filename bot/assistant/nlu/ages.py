"""Ages: "ik ben 34", "34 jaar", "vijftig jaar oud", "mijn moeder van 52", "58j", "20-jarige", "op mijn 53ste", "65-plus"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from itertools import pairwise

from bot.assistant.nlu.mentions import MAX_AGE, MIN_AGE, Mention
from bot.assistant.nlu.numbers import Number, number, numbers
from bot.assistant.nlu.text import Token

ADULT = 14
"""A lower number is an age only where the tagger says so: "twee kinderen van 3 en 7"."""

_GLUED = re.compile(r"(\d{1,3})(?:j|jr|jaar|-?jarigen?|joar|-?plus|-?plussers?)")
_BIRTHDAY = re.compile(r"(\d{2})(?:ste|de|e)")
_OWN = frozenset({"mijn", "mn", "haar", "zijn", "zyn", "uw"})
_YEARS = frozenset("jaar jaren jr j joar jaor jaartjes lentes jarige jarig jarigen".split())
_OLD = frozenset({"oud", "jong", "geworden"})
_BEFORE = frozenset(
    """ben is zijn word wordt was leeftijd leeftyd ouderdom zyn bijna net pas al nog maar reeds amper ongeveer rond
    juist""".split()
)
_BEING = frozenset({"ben", "is", "bent", "word", "wordt", "leeftijd", "zyn", "zijt", "zyt", "geworden"})
_WHO = frozenset(
    "ik hij zij ze k kben ikben man vrouw zoon dochter moeder vader broer zus cliënt client mama papa".split()
)
_PERSON = frozenset({"je", "ge", "ik", "hij", "ze", "u", "al", "pas", "nog"})
_LASTING = frozenset("al sinds reeds na over binnen minstens elke laatste afgelopen eerste gedurende om".split())
"""Before "20 jaar" these tell a duration."""
_NOT_AFTER = frozenset(
    """geleden ervaring ervaringen lang dienst gewerkt werk werken werkt gewoond garantie later terug studeren studie
    school op gedaan bezig in als aan bij weg opleiding euro uur uren procent km kilometer maanden weken dagen keer
    kinderen personen mensen""".split()
)
_UNITS = frozenset(
    """euro eur uur u h uren maand maanden week weken dag dagen keer km kilometer procent min minuten kinderen lessen
    lesuren lestijden lt lesuur studiepunten punten cijfers plaatsen personen mensen leerlingen cursisten modules boeken
    vragen soorten maal januari februari maart april mei juni juli augustus september oktober november december m² m2
    ton kg man""".split()
)
_CLAUSE_ENDS = frozenset({"en", "maar", "dus", "of", "mag", "kan"})


class _Opinion(Enum):
    """What the words around a number say."""

    AGE = auto()
    PERHAPS = auto()
    OTHER = auto()


def ages(tokens: Sequence[Token]) -> list[Mention]:
    """The ages in a text: `sure` where the words around the number leave no doubt, and none where they say otherwise."""
    found = [*_glued(tokens), *_birthdays(tokens)]
    for item in numbers(tokens):
        if MIN_AGE <= item.value <= MAX_AGE:
            opinion = _opinion(tokens, item)
            if opinion is not _Opinion.OTHER:
                sure = opinion is _Opinion.AGE and item.value >= ADULT
                start, end = tokens[item.start].start, tokens[item.end - 1].end
                found.append(Mention("age", start, end, str(item.value), "pattern", sure=sure))
    return found


def _glued(tokens: Sequence[Token]) -> list[Mention]:
    found: list[Mention] = []
    for token in tokens:
        match = _GLUED.fullmatch(token.text.lower())
        if match and MIN_AGE <= int(match[1]) <= MAX_AGE:
            end = token.start + len(match[1])
            found.append(Mention("age", token.start, end, str(int(match[1])), "pattern"))
    return found


def _birthdays(tokens: Sequence[Token]) -> list[Mention]:
    found: list[Mention] = []
    for before, token in pairwise(tokens):
        match = _BIRTHDAY.fullmatch(token.text.lower())
        if match and before.key in _OWN and int(match[1]) >= ADULT:
            found.append(Mention("age", token.start, token.start + 2, str(int(match[1])), "pattern"))
    return found


def _opinion(tokens: Sequence[Token], item: Number) -> _Opinion:
    start, end = item.start, item.end
    before = [token.key for token in tokens[max(0, start - 3) : start]]
    after = [token.key for token in tokens[end : end + 2]]
    last, following = (before[-1] if before else ""), (after[0] if after else "")
    sign = tokens[start - 1].text if start else ""
    next_sign = tokens[end].text if end < len(tokens) else ""
    if following in _UNITS or next_sign in ("%", "€", "/", ":") or sign in ("€", "/", "#"):
        return _Opinion.OTHER
    if _has_decimals(tokens, start, end) or (last.isdigit() and number(last) is not None):
        return _Opinion.OTHER
    if following in _YEARS:
        return _of_years(before, after)
    if following in _BEING and last in _PERSON:
        return _Opinion.AGE
    told = bool(set(before) & _WHO) or last in _BEING
    ends = end >= len(tokens) or not following or following in _CLAUSE_ENDS
    if last in _BEFORE and told and ends:
        return _Opinion.AGE
    return _Opinion.PERHAPS


def _of_years(before: list[str], after: list[str]) -> _Opinion:
    """What "N jaar" means: an age ("ik ben 34 jaar"), or how long something lasts ("al 20 jaar bakker")."""
    last, beyond = (before[-1] if before else ""), (after[1] if len(after) > 1 else "")
    if beyond in _OLD:
        return _Opinion.AGE
    if last in _LASTING:
        return _Opinion.PERHAPS if len(after) < 2 and set(before) & _BEING else _Opinion.OTHER
    if beyond in _NOT_AFTER:
        return _Opinion.PERHAPS
    told = bool(set(before) & _BEFORE) and len(after) < 2
    return _Opinion.AGE if told or beyond == "en" or last in _BEFORE or last in ("van", "heb") else _Opinion.PERHAPS


def _has_decimals(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether digits stand right before or after the number with a comma or full stop between: "1,50"."""
    for sign, other in ((start - 1, start - 2), (end, end + 1)):
        if 0 <= other < len(tokens) and tokens[sign].text in (",", ".") and tokens[other].key.isdigit():
            first, last = min(other, start), max(other, end - 1)
            written = sum(len(token.text) for token in tokens[first : last + 1])
            if tokens[last].end - tokens[first].start == written:
                return True
    return False
