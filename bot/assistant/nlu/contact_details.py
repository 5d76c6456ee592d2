"""Phone numbers and e-mail addresses that people leave."""

from __future__ import annotations

import re

import phonenumbers

from bot.assistant.nlu.mentions import Mention

REGION = "BE"
"""A number without a country code is Belgian."""
MAX_SEARCHED = 3000
_EMAIL = re.compile(
    r"(?<![\w.+@-])[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![\w@-])"
)
_SPELLED_AT = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9._-]{2,40}\s?(?:\(at\)|\[at\]|\sapenstaartje\s|\sat\s)\s?[A-Za-z0-9-]{2,40}(?:\.|\s(?:punt|dot)\s)(?:be|com|eu|net|org|nl|fr)(?!\w)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![\w.,/-])(?:\+|00|\(0\)|0|32)[\d\s./()-]{6,24}\d(?![\w])")
_NOT_A_PHONE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}")


def emails(text: str) -> list[Mention]:
    """The e-mail addresses in a text, lower case; "jan at example punt be" is written out.

    >>> emails("mail naar Jan.Peeters@Example.be.")[0].value
    'jan.peeters@example.be'
    """
    found = [
        Mention("email", m.start(), m.end(), m.group().lower(), "pattern") for m in _EMAIL.finditer(text[:MAX_SEARCHED])
    ]
    for match in _SPELLED_AT.finditer(text[:MAX_SEARCHED]):
        written = re.sub(r"\s?(?:\(at\)|\[at\]|\sapenstaartje\s|\sat\s)\s?", "@", match.group(), flags=re.IGNORECASE)
        written = re.sub(r"\s(?:punt|dot)\s", ".", written, flags=re.IGNORECASE).lower()
        if _EMAIL.fullmatch(written):
            found.append(Mention("email", match.start(), match.end(), written, "pattern"))
    return found


def phone_numbers(text: str) -> list[Mention]:
    """The phone numbers in a text as E.164 (+32470123456), Belgian unless they carry a country code.

    >>> phone_numbers("bel 0470 12 34 56")[0].value
    '+32470123456'
    """
    if sum(char.isdigit() for char in text[:MAX_SEARCHED]) < 8:
        return []
    found: list[Mention] = []
    for match in _DIGITS.finditer(text[:MAX_SEARCHED]):
        if _NOT_A_PHONE.fullmatch(match.group().strip()):
            continue
        value = _as_phone(match.group())
        if value:
            found.append(Mention("phone_number", match.start(), match.end(), value, "pattern"))
    return found


def _as_phone(written: str) -> str | None:
    digits = written.replace("(0)", "") if written.startswith(("+", "00")) else written
    if digits.startswith("32"):
        digits = f"+{digits}"
    try:
        number = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
