"""Dutch numbers from 0 to 110 as people write them: 34, vierendertig, vijf en veertig, vijvenveertig."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.assistant.nlu.text import Token, sound

_ONES: dict[int, tuple[str, ...]] = {
    1: ("een", "ene", "eene", "jin"),
    2: ("twee", "twe", "twie"),
    3: ("drie", "dree", "dri"),
    4: ("vier", "fier"),
    5: ("vijf", "vijv", "vuuf", "vief", "vaaf"),
    6: ("zes", "zesse"),
    7: ("zeven", "zeve", "zeuven", "seven"),
    8: ("acht", "ach"),
    9: ("negen", "nege", "neege", "neugen"),
}
_TEENS: dict[int, tuple[str, ...]] = {
    0: ("nul",),
    10: ("tien", "tie"),
    11: ("elf", "ellef"),
    12: ("twaalf", "twalf", "twolf"),
    13: ("dertien", "dertie", "derten"),
    14: ("veertien", "veertie", "viertien"),
    15: ("vijftien", "vijftie", "vuuftien"),
    16: ("zestien", "zestie"),
    17: ("zeventien", "zeventie"),
    18: ("achttien", "achtien", "achttie"),
    19: ("negentien", "negentie"),
}
_TENS: dict[int, tuple[str, ...]] = {
    20: ("twintig", "twintich", "twentig", "twinteg"),
    30: ("dertig", "dertich", "derteg", "dartig"),
    40: ("veertig", "veertich", "viertig", "vertig", "veerteg"),
    50: ("vijftig", "vijftich", "vuuftig", "fieftig", "vijvtig", "vijfteg"),
    60: ("zestig", "zestich", "sestig", "tsestig", "zesteg"),
    70: ("zeventig", "zeventich", "seventig", "tseventig", "zeuventig"),
    80: ("tachtig", "tachtich", "tachteg", "achtig"),
    90: ("negentig", "negentich", "tnegentig"),
    100: ("honderd", "hondert"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """Tokens `start` to `end` (exclusive) are a number."""

    start: int
    end: int
    value: int
    digits: bool


@cache
def _words() -> dict[str, int]:
    table = {word: value for group in (_ONES, _TEENS, _TENS) for value, words in group.items() for word in words}
    for tens, tens_words in _TENS.items():
        if tens == 100:
            continue
        for one, one_words in _ONES.items():
            for first in one_words:
                for last in tens_words:
                    for link in ("en", "e", "n", ""):
                        table.setdefault(first + link + last, tens + one)
    return {sound(word): value for word, value in reversed(table.items())} | table


def number(word: str) -> int | None:
    """The number that a key (`text.key`) spells or writes in digits.

    >>> number("vijvenveertig"), number("34"), number("lassen")
    (45, 34, None)
    """
    if word.isascii() and word.isdigit():
        return int(word) if len(word) <= 4 else None
    table = _words()
    if word in table:
        return table[word]
    return table.get(sound(word)) if len(word) >= 5 else None


def numbers(tokens: Sequence[Token]) -> Iterator[Number]:
    """The numbers in a text, left to right, "vijf en veertig" as one."""
    at = 0
    while at < len(tokens):
        for length in (3, 1):
            part = tokens[at : at + length]
            if len(part) < length or (length == 3 and part[1].key not in ("en", "e")):
                continue
            joined = "".join(token.key for token in part)
            if length == 3 and joined.isdigit():
                continue
            value = number(joined) if joined else None
            if value is not None:
                yield Number(at, at + length, value, joined.isdigit())
                at += length - 1
                break
        at += 1
