"""The form of an organisation's hours: from two fields a day to opening hours, and what is wrong with it in Dutch."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from bot.counsellors.model import AccountError
from bot.referral.contact import ContactError, parse_email
from bot.referral.organisations import OpeningHours

DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
MOST_CLOSED = 60
"""Closed days that one organisation may name."""


def read_hours(fields: Mapping[str, str]) -> list[OpeningHours] | None:
    """The hours in the fields `opens-1` … `closes-7` (1 is Monday) and, for a second stretch of a day, `opens-1b` … .

    None when all are empty.

    Days with the same hours become one entry. Raises `AccountError` that names the day.
    """
    same: dict[tuple[time, time], list[int]] = defaultdict(list)
    for number, name in enumerate(DAYS, start=1):
        before: time | None = None
        for part in ("", "b"):
            opens = fields.get(f"opens-{number}{part}", "").strip()
            closes = fields.get(f"closes-{number}{part}", "").strip()
            if not opens and not closes:
                continue
            try:
                begin, end = (datetime.strptime(text, "%H:%M").time() for text in (opens, closes))
            except ValueError:
                raise AccountError(f"Vul voor {name} een begin en een einde in, zoals 09:00 en 16:30.") from None
            if begin >= end or (before is not None and begin < before):
                raise AccountError(f"De uren van {name} staan niet in volgorde.")
            before = end
            same[begin, end].append(number)
    return [OpeningHours(days=tuple(days), opens=begin, closes=end) for (begin, end), days in same.items()] or None


def read_closed(text: str) -> list[date]:
    """The days in a field, one a line or apart by commas, as 2026-12-24 or 24/12/2026. Raises `AccountError`."""
    found = set()
    for word in re.split(r"[\s,;]+", text.strip()):
        if word:
            found.add(_day(word))
    if len(found) > MOST_CLOSED:
        raise AccountError(f"Hoogstens {MOST_CLOSED} sluitingsdagen.")
    return sorted(found)


def _day(word: str) -> date:
    belgian = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", word)
    try:
        if belgian:
            return date(int(belgian[3]), int(belgian[2]), int(belgian[1]))
        return date.fromisoformat(word)
    except ValueError:
        raise AccountError(f"'{word[:20]}' is geen dag. Schrijf 24/12/2026.") from None


def read_mailbox(text: str) -> str | None:
    """An address of the organisation; None when empty. Raises `AccountError`."""
    if not text.strip():
        return None
    try:
        return parse_email(text)
    except ContactError as error:
        raise AccountError(str(error)) from error


def by_day(weekly: Iterable[OpeningHours]) -> dict[int, list[OpeningHours]]:
    """The stretches of each day, in order."""
    found: dict[int, list[OpeningHours]] = {number: [] for number in range(1, 8)}
    for part in sorted(weekly, key=lambda part: part.opens):
        for day in part.days:
            found[day].append(part)
    return found
