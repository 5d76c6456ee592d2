"""Checks of the contact details that someone leaves: a Belgian phone number, an e-mail address.

Each gives the value in its one normal form, or raises `ContactError` with what to tell the person, in Dutch.
"""

from __future__ import annotations

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

_REGION = "BE"
_PERSONAL = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE}

_NO_PHONE = "Dat is geen geldig telefoonnummer. Typ het zo: 0470 12 34 56."
_FOREIGN_PHONE = "Ik kan alleen een Belgisch nummer noteren. Heb je er geen, dan kan het ook met je e-mailadres."
_SERVICE_PHONE = "Dat is een nummer van een dienst. Typ het nummer waarop jij bereikbaar bent."
_NO_EMAIL = "Dat is geen geldig e-mailadres. Typ het zo: naam@voorbeeld.be."
_MAX_INPUT = 255


class ContactError(ValueError):
    """The contact detail cannot be used. Its text is for the person."""


def parse_phone(text: str) -> str:
    """A Belgian fixed or mobile number as `+32470123456`. Raises `ContactError`."""
    try:
        number = phonenumbers.parse(text.strip()[:_MAX_INPUT], _REGION)
    except NumberParseException as error:
        raise ContactError(_NO_PHONE) from error
    if number.extension:
        raise ContactError(_NO_PHONE)
    if number.country_code != phonenumbers.country_code_for_region(_REGION):
        raise ContactError(_FOREIGN_PHONE if phonenumbers.is_valid_number(number) else _NO_PHONE)
    if not phonenumbers.is_valid_number(number):
        raise ContactError(_NO_PHONE)
    if phonenumbers.number_type(number) not in _PERSONAL:
        raise ContactError(_SERVICE_PHONE)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def display_phone(number: str) -> str:
    """A number in E.164 as Belgians write it, "0470 12 34 56"; a short number ("1700") as it is."""
    if not number.startswith("+"):
        return number
    return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.NATIONAL)


def contact_in_words(way: str, contact: str) -> str:
    """What goes along to reach the person, in Dutch: "je telefoonnummer 0470 12 34 56"."""
    if way == "chat" or not contact:
        return "wat je in dit gesprek schrijft"
    if contact.startswith("+"):
        return f"je telefoonnummer {display_phone(contact)}"
    return f"je e-mailadres {contact}"


def reached_in_words(way: str, contact: str) -> str:
    """How the person will be reached, in Dutch: "ze bellen je op 0470 12 34 56"."""
    if way == "chat" or not contact:
        return "hier in dit gesprek"
    return f"ze bellen je op {display_phone(contact)}" if contact.startswith("+") else f"ze mailen je op {contact}"


def parse_email(text: str) -> str:
    """An e-mail address in its normal form. Raises `ContactError`. Asks no name server: a typing error is found, a
    mailbox that does not exist is not."""
    if len(text) > _MAX_INPUT:
        raise ContactError(_NO_EMAIL)
    try:
        address = validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ContactError(_NO_EMAIL) from error
    if len(address) > _MAX_INPUT:
        raise ContactError(_NO_EMAIL)
    return address
