"""Phone numbers and e-mail addresses that people leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referral.contact import ContactError, display_phone, parse_email, parse_phone


@pytest.mark.parametrize(
    ("text", "number", "shown"),
    [
        ("0470 12 34 56", "+32470123456", "0470 12 34 56"),
        ("0470/12.34.56", "+32470123456", "0470 12 34 56"),
        ("+32 470 12 34 56", "+32470123456", "0470 12 34 56"),
        ("0032470123456", "+32470123456", "0470 12 34 56"),
        ("  (0)470-12-34-56 ", "+32470123456", "0470 12 34 56"),
        ("02 508 38 11", "+3225083811", "02 508 38 11"),
        ("09/223.45.67", "+3292234567", "09 223 45 67"),
        ("050 44 55 66", "+3250445566", "050 44 55 66"),
    ],
)
def test_a_belgian_number_has_one_form(text: str, number: str, shown: str) -> None:
    assert parse_phone(text) == number
    assert display_phone(number) == shown


@pytest.mark.parametrize(
    "text", ["", "  ", "bel mij", "0470", "0470 12 34 5", "0470 12 34 56 78", "112", "1234567890123"]
)
def test_what_is_no_number_is_explained(text: str) -> None:
    with pytest.raises(ContactError, match=r"geen geldig telefoonnummer\. Typ het zo: 0470 12 34 56"):
        parse_phone(text)


@pytest.mark.parametrize("text", ["+31 6 12345678", "+33 1 42 68 53 00", "0031612345678"])
def test_a_foreign_number_is_explained(text: str) -> None:
    with pytest.raises(ContactError, match="alleen een Belgisch nummer"):
        parse_phone(text)


@pytest.mark.parametrize("text", ["0800 30 700", "0900 12 345"])
def test_the_number_of_a_service_is_not_theirs(text: str) -> None:
    with pytest.raises(ContactError, match="nummer van een dienst"):
        parse_phone(text)


def test_a_short_number_is_shown_as_it_is() -> None:
    assert display_phone("1700") == "1700"


@given(
    st.sampled_from(["0470", "0486", "0496"]),
    st.text("0123456789", min_size=6, max_size=6),
    st.lists(st.sampled_from(["", " ", "/", ".", "-"]), min_size=6, max_size=6),
    st.sampled_from(["0", "+32", "0032", "+32 "]),
)
def test_however_a_mobile_number_is_typed_it_is_the_same(
    prefix: str, digits: str, separators: list[str], country: str
) -> None:
    typed = country + prefix[1:] + "".join(sign + digit for sign, digit in zip(separators, digits, strict=True))
    assert parse_phone(typed) == f"+32{prefix[1:]}{digits}"
    assert parse_phone(display_phone(parse_phone(typed))) == parse_phone(typed)


@given(st.text(max_size=400))
def test_any_text_gives_a_contact_or_a_clear_error(text: str) -> None:
    for parse in (parse_phone, parse_email):
        try:
            value = parse(text)
        except ContactError as error:
            assert str(error).endswith(".")
        else:
            assert parse(value) == value
            assert len(value) <= 255


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("jan.peeters@voorbeeld.be", "jan.peeters@voorbeeld.be"),
        (" Jan@VOORBEELD.be ", "Jan@voorbeeld.be"),
        ("jan+les@sub.voorbeeld.be", "jan+les@sub.voorbeeld.be"),
    ],
)
def test_an_address_has_one_form(text: str, address: str) -> None:
    assert parse_email(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "jan", "jan@", "@voorbeeld.be", "jan@voorbeeld", "jan peeters@voorbeeld.be", "a@b@c.be", "x" * 300 + "@a.be"],
)
def test_what_is_no_address_is_explained(text: str) -> None:
    with pytest.raises(ContactError, match=r"geen geldig e-mailadres\. Typ het zo"):
        parse_email(text)
