"""What people write in a feed, read as values; and never anything but a value or a refusal with a reason."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue.importers import values
from bot.catalogue.importers.values import FieldError
from bot.catalogue.model import Incentive, LanguageLevel, Moment, Part, Weekday

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text("\ud800\udc80\x00<>;|'\"=0123456789-:/., "),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2027-02-01", date(2027, 2, 1)),
        ("1/2/2027", date(2027, 2, 1)),
        ("01-02-2027", date(2027, 2, 1)),
        ("1.2.2027", date(2027, 2, 1)),
        ("2027-02-01T18:30:00+01:00", date(2027, 2, 1)),
        ("", None),
        (None, None),
    ],
)
def test_dates(written: object, meant: date | None) -> None:
    assert values.date_of("start", written) == meant


@pytest.mark.parametrize(
    "written", ["31/2/2027", "2027-13-01", "morgen", "20270201", "1/2/27", "0001-01-01", "9999-01-01", "2/2027"]
)
def test_what_is_no_date(written: str) -> None:
    with pytest.raises(FieldError, match="start: .*geen datum"):
        values.date_of("start", written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("120", "120"), ("120,5", "120.5"), ("1.250,50", "1250.5"), ("1.250", "1250"), ("1,250.50", "1250.5"),
        ("€ 99", "99"), ("99 euro", "99"), ("0", "0"), (12.5, "12.5"), (40, "40"),
    ],
)  # fmt: skip
def test_amounts(written: object, meant: str) -> None:
    assert values.euro_of("price", written) == Decimal(meant)


@pytest.mark.parametrize("written", ["duur", "-5", "12,345,6", "1e9", "999999999", "NaN", "Infinity", "$12"])
def test_what_is_no_amount(written: str) -> None:
    with pytest.raises(FieldError, match="geen bedrag"):
        values.euro_of("price", written)


@pytest.mark.parametrize(
    "written",
    ["dinsdag 18:30-21:30", "di 18u30-21u30", "Tuesday 18:30 - 21:30", "di. 18.30 tot 21.30", "tue 18:30–21:30"],
)
def test_moments(written: str) -> None:
    assert values.moment_of("moments", written) == Moment(weekday=Weekday.TUESDAY, start=time(18, 30), end=time(21, 30))


@pytest.mark.parametrize(
    "written", ["dinsdag", "dinsdag 21:30-18:30", "didi 9-12", "dinsdag 25:00-26:00", "18:30-21:30", "-"]
)
def test_what_is_no_moment(written: str) -> None:
    with pytest.raises(FieldError, match="moments"):
        values.moment_of("moments", written)


def test_lessons_may_be_known_roughly_only() -> None:
    assert values.moments_of("moments", "avond; weekend") == ((), (Part.EVENING, Part.WEEKEND))
    moments, parts = values.moments_of("moments", [{"weekday": "monday", "start": "09:00:00", "end": "12:00:00"}])
    assert (moments, parts) == ((Moment(weekday=Weekday.MONDAY, start=time(9), end=time(12)),), ())


def test_words_that_have_a_fixed_meaning() -> None:
    assert values.bool_of("shortage", "Ja") is True
    assert values.bool_of("shortage", "") is False
    assert values.level_of("level", "a2.1") is LanguageLevel.A2
    assert values.incentives_of("for", "opleidingsverlof; VOV;cheques") == (
        Incentive.TRAINING_LEAVE,
        Incentive.TRAINING_VOUCHERS,
    )
    assert values.url_of("url", "www.voorbeeld.be/x") == "https://www.voorbeeld.be/x"
    for read, written in (
        (values.bool_of, "misschien"),
        (values.level_of, "moedertaal"),
        (values.incentives_of, "kindergeld"),
        (values.url_of, "javascript:alert(1)"),
        (values.url_of, "https://jan:geheim@voorbeeld.be"),
        (values.int_of, "twaalf"),
        (values.int_of, "12,5"),
    ):
        with pytest.raises(FieldError):
            read("field", written)


def test_texts_lose_what_cannot_be_read_and_nothing_else() -> None:
    assert values.text_of("title", " Las\x00sen \u200b en\tbuigen\r\n") == "Las sen en buigen"
    with pytest.raises(FieldError, match="UTF-8"):
        values.text_of("title", "caf\udce9")
    with pytest.raises(FieldError, match="te lang"):
        values.text_of("title", "x" * 301, 300)


@given(value=ANYTHING)
@settings(deadline=None)
def test_anything_gives_a_value_or_a_reason(value: Any) -> None:
    for read in (
        values.text_of, values.date_of, values.bool_of, values.int_of, values.euro_of, values.level_of,
        values.incentives_of, values.listed, values.moments_of, values.url_of, values.mapping_of,
    ):  # fmt: skip
        try:
            read("field", value)
        except FieldError as error:
            assert error.reason
            assert error.reason.isprintable()
