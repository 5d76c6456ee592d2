"""What people write in a feed, read as values: dates, yes and no, amounts, lesson times. Pure; each raises `FieldError`."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from bot.catalogue.model import Incentive, LanguageLevel, Moment, Part, Weekday

MAX_TEXT: Final = 20_000
"""Characters of the longest text that a course may have."""
MAX_PRICE: Final = Decimal(100_000)
_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 1, 1)
_DAYS: Final = {
    **{name: day for day in Weekday for name in (day.value, day.value[:3])},
    **dict(zip(("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"), Weekday, strict=True)),
    **dict(zip(("ma", "di", "wo", "do", "vr", "za", "zo"), Weekday, strict=True)),
}
_PARTS: Final = {
    **{part.value: part for part in Part},
    "dag": Part.DAY, "overdag": Part.DAY, "avond": Part.EVENING, "'s avonds": Part.EVENING, "avonds": Part.EVENING,
    "weekend": Part.WEEKEND,
}  # fmt: skip
_INCENTIVES: Final = {
    **{incentive.value: incentive for incentive in Incentive},
    "opleidingsverlof": Incentive.TRAINING_LEAVE, "vov": Incentive.TRAINING_LEAVE, "verlof": Incentive.TRAINING_LEAVE,
    "opleidingscheques": Incentive.TRAINING_VOUCHERS, "cheques": Incentive.TRAINING_VOUCHERS,
    "opleidingscheque": Incentive.TRAINING_VOUCHERS,
    "opleidingskrediet": Incentive.TRAINING_CREDIT, "krediet": Incentive.TRAINING_CREDIT,
}  # fmt: skip
_YES, _NO = {"ja", "j", "x", "true", "1", "yes", "waar"}, {"nee", "neen", "n", "false", "0", "no", "onwaar", ""}
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_TIME = re.compile(r"(\d{1,2})(?:[:.hu](\d{2})?)?u?")
_URL = re.compile(r"(?i)https?://[^\s<>\"'/?#]+[^\s<>\"]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2028\u2029\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")


class FieldError(ValueError):
    """A field cannot be used; `reason` says why, in Dutch."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def shown(value: object) -> str:
    """A value as a report repeats it: short, on one line, printable."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return f"'{text[:57]}…'" if len(text) > 60 else f"'{text}'"


def text_of(field: str, value: object, most: int = MAX_TEXT) -> str:
    """A text without control characters and superfluous spaces; empty for nothing."""
    if value is None:
        return ""
    if not isinstance(value, str | int | float | Decimal) or isinstance(value, bool):
        raise FieldError(field, "is geen tekst")
    text = str(value)
    if text.isascii() and text.isprintable():  # nearly all: nothing in it but letters, signs and single spaces
        text = _SPACES.sub(" ", text).strip() if "  " in text else text.strip()
    else:
        if _SURROGATE.search(text):
            raise FieldError(field, "bevat tekens in een verkeerde codering; bewaar het bestand als UTF-8")
        text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        text = _SPACES.sub(" ", _CONTROL.sub(" ", text)).strip()
    if len(text) > most:
        raise FieldError(field, f"is te lang: {len(text)} tekens, hoogstens {most}")
    return text


def date_of(field: str, value: object) -> date | None:
    """A day: 2027-02-01, 1/2/2027, or a moment of which only the day counts."""
    text = text_of(field, value, 200)
    if not text:
        return None
    if found := _DATE.fullmatch(text):
        year, month, day, day_first, month_second, year_last = found.groups()
        try:
            read = date(int(year or year_last), int(month or month_second), int(day or day_first))
        except ValueError:
            read = None
        if read and _EARLIEST <= read <= _LATEST:
            return read
    raise FieldError(field, f"{shown(text)} is geen datum zoals 2027-02-01 of 1/2/2027")


def bool_of(field: str, value: object) -> bool:
    """Ja or nee; nothing is nee."""
    if isinstance(value, bool):
        return value
    text = text_of(field, value, 200).casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise FieldError(field, f"{shown(text)} is niet ja of nee")


def int_of(field: str, value: object, least: int = 0, most: int = 100_000) -> int | None:
    """A whole number; none for nothing."""
    text = text_of(field, value, 200)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}(?:[.,]0+)?", text) or not least <= (number := int(re.split("[.,]", text)[0])) <= most:
        raise FieldError(field, f"{shown(text)} is geen geheel getal van {least} tot {most}")
    return number


def euro_of(field: str, value: object) -> Decimal | None:
    """An amount in euro: 120, 1.250,50, € 99; none for nothing."""
    text = text_of(field, value, 200)
    if not text:
        return None
    bare = re.sub(r"(?i)€|eur(o)?|\s", "", text)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d{1,2})?|\d+,\d{1,2}", bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d{1,2})?", bare):
        bare = bare.replace(",", "")
    try:
        amount = Decimal(bare) if re.fullmatch(r"\d{1,9}(\.\d{1,4})?", bare) else None
    except InvalidOperation:
        amount = None
    if amount is None or amount > MAX_PRICE:
        raise FieldError(field, f"{shown(text)} is geen bedrag in euro zoals 120,00")
    return amount.quantize(Decimal("0.01"))


def level_of(field: str, value: object) -> LanguageLevel | None:
    """A level of Dutch, A1 to C1; none for nothing. A half step ("A2.1", "B1+") counts as its whole."""
    text = text_of(field, value, 200).upper()
    if not text:
        return None
    if found := re.fullmatch(r"(A1|A2|B1|B2|C1)(?:[.+].?)?", text):
        return LanguageLevel(found[1])
    raise FieldError(field, f"{shown(text)} is geen taalniveau van A1 tot C1")


def incentives_of(field: str, values: object) -> tuple[Incentive, ...]:
    """What a course is recognised for: opleidingsverlof, opleidingscheques, opleidingskrediet."""
    found = []
    for value in listed(field, values):
        name = value.casefold()
        if name not in _INCENTIVES:
            raise FieldError(field, f"{shown(value)} is geen opleidingsverlof, opleidingscheques of opleidingskrediet")
        found.append(_INCENTIVES[name])
    return tuple(dict.fromkeys(found))


def listed(field: str, values: object) -> tuple[str, ...]:
    """A list, or a text with `;` between."""
    if values is None or values == "":
        return ()
    parts = values.split(";") if isinstance(values, str) else values
    if not isinstance(parts, list | tuple) or len(parts) > 200:
        raise FieldError(field, "is geen lijst van hoogstens 200")
    return tuple(text for part in parts if (text := text_of(field, part, 1000)))


def moments_of(field: str, values: object) -> tuple[tuple[Moment, ...], tuple[Part, ...]]:
    """Lessons in the week ("dinsdag 18:30-21:30"), or only parts of it ("avond")."""
    moments: list[Moment] = []
    parts: list[Part] = []
    given = [values] if isinstance(values, dict) else values
    written = (
        [f"{v.get('weekday')} {v.get('start')}-{v.get('end')}" if isinstance(v, dict) else v for v in given]
        if isinstance(given, list | tuple)
        else given
    )
    for value in listed(field, written):
        if (part := _PARTS.get(value.casefold())) is not None:
            parts.append(part)
        else:
            moments.append(moment_of(field, value))
    return tuple(dict.fromkeys(moments)), tuple(dict.fromkeys(parts))


@lru_cache(maxsize=4096)
def moment_of(field: str, text: str) -> Moment:
    """One lesson in the week: "dinsdag 18:30-21:30", "di 18u30-21u30", "tuesday 18:30-21:30"."""
    wrong = FieldError(field, f"{shown(text)} is niet zoals 'dinsdag 18:30-21:30' of 'avond'")
    day, _, hours = text.casefold().partition(" ")
    start, _, end = hours.replace(" tot ", "-").replace("–", "-").replace(" ", "").partition("-")
    weekday = _DAYS.get(day.strip("."))
    begin, finish = _time_of(start), _time_of(end)
    if weekday is None or begin is None or finish is None:
        raise wrong
    if finish <= begin:
        raise FieldError(field, f"{shown(text)}: het einde ligt niet na het begin")
    return Moment(weekday=weekday, start=begin, end=finish)


def _time_of(text: str) -> time | None:
    found = _TIME.fullmatch(text.removesuffix(":00") if text.count(":") == 2 else text)
    if not found or not found[1]:
        return None
    try:
        return time(int(found[1]), int(found[2] or 0))
    except ValueError:
        return None


def url_of(field: str, value: object) -> str | None:
    """A web address, http or https; none for nothing."""
    text = text_of(field, value, 2000)
    if not text:
        return None
    if _URL.fullmatch(text) and "@" not in text.split("/")[2]:
        return text
    if re.fullmatch(r"(?i)(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[^\s<>\"]*)?", text):
        return f"https://{text}"
    raise FieldError(field, f"{shown(text)} is geen webadres")


def mapping_of(field: str, value: Any) -> dict[str, Any]:
    """A group of fields; empty for nothing."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FieldError(field, "is geen groep van velden")
    return value
