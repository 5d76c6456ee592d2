"""Which of the results shown: "de tweede", "nummer 3", "nr 2", "2de", "de laatste", "optie 1"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.assistant.nlu.mentions import Mention
from bot.assistant.nlu.numbers import number
from bot.assistant.nlu.text import Token

MAX = 20
_NUMBERED = frozenset(
    "nummer numero nr n nummr numer nummertje optie keuze resultaat kaartje kaart no cursus opleiding puntje punt".split()
)
_SURE_NUMBERED = frozenset("nummer numero nr nummr numer nummertje optie keuze resultaat kaartje".split())
_DIGIT_ORDINAL = re.compile(r"(\d{1,2})(?:de|den|ste|sten|e|te|ème|eme|ième|st|nd|rd|th)", re.IGNORECASE)
_NOT_NUMBER_BEFORE = frozenset("gsm telefoon tel rekening rijksregister huis dossier".split())


def ordinals(tokens: Sequence[Token]) -> list[Mention]:
    """The ordinals written with digits, or as a number after a word like "nummer". Words ("tweede") are in the word lists."""
    found: list[Mention] = []
    for at, token in enumerate(tokens):
        if digits := _DIGIT_ORDINAL.fullmatch(token.text):
            value = int(digits[1])
            if 1 <= value <= MAX:
                found.append(Mention("ordinal", token.start, token.end, str(value), "pattern", sure=False))
            continue
        value_or_none = number(token.key) if token.key else None
        if value_or_none is None or not 1 <= value_or_none <= MAX:
            continue
        before = _word_before(tokens, at)
        if before in _NUMBERED or (at > 0 and tokens[at - 1].text == "#"):
            told = before in _SURE_NUMBERED and not _longer_number(tokens, at)
            found.append(Mention("ordinal", token.start, token.end, str(value_or_none), "pattern", sure=told))
        elif at == 0 and len(tokens) == 1 and value_or_none <= 10:
            found.append(Mention("ordinal", token.start, token.end, str(value_or_none), "pattern", sure=False))
    return found


def _word_before(tokens: Sequence[Token], at: int) -> str:
    """The word before a number, skipping the dot or degree sign of "nr." and "n°"."""
    for token in reversed(tokens[max(0, at - 2) : at]):
        if token.key:
            return token.key
        if token.text not in (".", "°", ":", "-"):
            return ""
    return ""


def _longer_number(tokens: Sequence[Token], at: int) -> bool:
    """Whether the number goes on ("nummer 0470 12"), or is of something else ("gsm nummer 3")."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is not None and (following.key.isdigit() or following.text in ("/", "-")):
        return True
    return bool({token.key for token in tokens[max(0, at - 3) : at]} & _NOT_NUMBER_BEFORE)
