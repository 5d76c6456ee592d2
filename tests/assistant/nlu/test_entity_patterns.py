"""Ages, ordinals, times, contact details, postcodes: as people write them, and what only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.nlu.ages import ages
from bot.assistant.nlu.candidates import CandidateFinder
from bot.assistant.nlu.contact_details import emails, phone_numbers
from bot.assistant.nlu.mentions import Mention, allowed
from bot.assistant.nlu.ordinals import ordinals
from bot.assistant.nlu.text import tokenise
from bot.assistant.nlu.times import day_parts, hours, weekday
from bot.places import Gazetteer
from bot.settings import ROOT

PLACES = Gazetteer.load(ROOT / "data" / "places")
FINDER = CandidateFinder([], PLACES)


def sure(found: list[Mention]) -> list[str]:
    return [mention.value for mention in found if mention.sure]


def said(found: list[Mention]) -> list[str]:
    return [mention.value for mention in found]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ik ben 34", "34"),
        ("Ik ben 34 jaar oud", "34"),
        ("ik ben vijftig", "50"),
        ("mijn vrouw is vijf en veertig", "45"),
        ("ik ben al 61 jaar", "61"),
        ("ik ben 58j", "58"),
        ("58-jarige zoekt les", "58"),
        ("op mijn 53ste nog beginnen", "53"),
        ("leeftijd: 29", "29"),
        ("mag dat als je 38 bent", "38"),
        ("korting voor 65-plussers", "65"),
        ("50plus", "50"),
    ],
)
def test_ages(text: str, value: str) -> None:
    assert value in said(ages(tokenise(text)))


@pytest.mark.parametrize(
    "text", ["ik ben 34", "Ik ben 34 jaar oud", "ik word vijftig", "als ge 38 zijt", "58j", "ik heb 33 jaar"]
)
def test_ages_beyond_doubt(text: str) -> None:
    assert len(sure(ages(tokenise(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "ik werk al 20 jaar als bakker",
        "ik ben sinds 20 jaar metser",
        "dat kost 50 euro",
        "€ 50",
        "1,50 per lesuur",
        "30 studiepunten",
        "20%",
        "op 20 oktober",
        "96 lestijden",
        "tussen 9/12",
        "er zijn 4 lessen",
        "200 jaar",
        "2 jaar",
    ],
)
def test_what_is_no_age(text: str) -> None:
    assert ages(tokenise(text)) == []


@pytest.mark.parametrize(
    "text", ["twee kinderen van 3 en 7", "20 jaar ervaring", "na 30 jaar fabriek", "12 jaar school"]
)
def test_ages_in_doubt_are_left_to_the_tagger(text: str) -> None:
    assert sure(ages(tokenise(text))) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nummer 3", "3"),
        ("nr 2", "2"),
        ("nr. 2", "2"),
        ("n° 4", "4"),
        ("#2", "2"),
        ("Nummer drie graag", "3"),
        ("optie 1", "1"),
        ("de 2de", "2"),
        ("den 3e", "3"),
        ("1ste", "1"),
        ("2", "2"),
        ("the 2nd", "2"),
    ],
)
def test_ordinals(text: str, value: str) -> None:
    assert said(ordinals(tokenise(text))) == [value]


@pytest.mark.parametrize(
    "text",
    ["nummer 0470 12 34 56", "ik heb 3 kinderen", "nummer 999", "0ste", "2 uur", "mijn gsm nummer is kwijt", "100ste"],
)
def test_what_is_no_sure_ordinal(text: str) -> None:
    assert sure(ordinals(tokenise(text))) == []


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("maandag", "monday"),
        ("dinsdach", "tuesday"),
        ("woesdag", "wednesday"),
        ("donderdags", "thursday"),
        ("vrijdagen", "friday"),
        ("zatterdag", "saturday"),
        ("saterdag", "saturday"),
        ("zondag", "sunday"),
    ],
)
def test_weekdays(word: str, day: str) -> None:
    assert weekday(word) == day


@pytest.mark.parametrize("word", ["dag", "vandaag", "feestdag", "verjaardag", "middag", "dagen", "opendeurdag", "zon"])
def test_other_days_are_no_weekdays(word: str) -> None:
    assert weekday(word) is None


@pytest.mark.parametrize(
    ("text", "value", "part"),
    [
        ("dinsdagavond", "tuesday", "evening"),
        ("op zaterdagvoormiddag", "saturday", "day"),
        ("maandag voormiddag", "monday", "day"),
        ("maandachavond", "monday", "evening"),
        ("woensdagnamiddag", "wednesday", "day"),
        ("vrijdagavonden", "friday", "evening"),
        ("op zaterdag", "saturday", None),
    ],
)
def test_days_with_a_part_of_the_day(text: str, value: str, part: str | None) -> None:
    (found,) = day_parts(tokenise(text))
    assert (found.value, found.more.get("part")) == (value, part)


@pytest.mark.parametrize(
    ("text", "value", "certain"),
    [
        ("na 18u", "evening", True),
        ("liefst na 18 uur", "evening", True),
        ("vanaf 19.30", "evening", True),
        ("vanaf 18u30", "evening", True),
        ("na 6 uur", "evening", False),
        ("om 10 uur", "day", False),
        ("voor 16u", "day", False),
    ],
)
def test_hours(text: str, value: str, certain: bool) -> None:
    (found,) = hours(text)
    assert (found.value, found.sure) == (value, certain)


@pytest.mark.parametrize("text", ["na 18 jaar", "na 3 uur rijden", "van 2018", "18 uur les", "na 25 uur", "om 1 uur"])
def test_what_is_no_hour(text: str) -> None:
    assert hours(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0470 12 34 56", "+32470123456"),
        ("bel 0470/12.34.56 aub", "+32470123456"),
        ("0470123456", "+32470123456"),
        ("+32 470 12 34 56", "+32470123456"),
        ("0032 470 12 34 56", "+32470123456"),
        ("32470123456", "+32470123456"),
        ("+32 (0)470 12 34 56", "+32470123456"),
        ("09 321 86 00", "+3293218600"),
        ("02/508.38.11", "+3225083811"),
        ("0496-40-27-63", "+32496402763"),
        ("+31 6 12345678", "+31612345678"),
    ],
)
def test_phone_numbers(text: str, value: str) -> None:
    assert said(phone_numbers(text)) == [value]


@pytest.mark.parametrize(
    "text",
    ["9300", "01/02/2027", "12-12-2026", "0470 12", "01.02.03-004.05", "0123456789012345678", "mijn nummer", "0900"],
)
def test_what_is_no_phone_number(text: str) -> None:
    assert phone_numbers(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mail is Fatima.H@Example.be.", "fatima.h@example.be"),
        ("jan+les@voorbeeld.example.be, dank u", "jan+les@voorbeeld.example.be"),
        ("jos at example punt be", "jos@example.be"),
        ("(rita_v@mail.example.be)", "rita_v@mail.example.be"),
    ],
)
def test_emails(text: str, value: str) -> None:
    assert said(emails(text)) == [value]


@pytest.mark.parametrize("text", ["jan@", "@example.be", "jan@example", "a@b@c.be", "om 3 at home", "jan..@.be"])
def test_what_is_no_email(text: str) -> None:
    assert emails(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("9300", "9300"),
        ("ik woon in 8501", "8501"),
        ("B9000 Gent", "9000"),
        ("2018 Antwerpen", "2018"),
        ("postcode 1930", "1930"),
    ],
)
def test_postcodes(text: str, code: str) -> None:
    found = FINDER.find(text, tokenise(text))
    assert code in [mention.value for mention in found if mention.entity == "location"]


@pytest.mark.parametrize(
    "text", ["9999", "1500 euro", "€ 2000", "in 2018", "sinds 2020", "9300/12", "1.500", "4000", "12345"]
)
def test_what_is_no_postcode(text: str) -> None:
    found = FINDER.find(text, tokenise(text))
    assert not [mention for mention in found if mention.entity == "location" and mention.value.isdigit()]


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("0123456789 @.+-/()u'jn€"))))
def test_patterns_never_fail_and_keep_to_the_contract(text: str) -> None:
    tokens = tokenise(text)
    found = [*ages(tokens), *ordinals(tokens), *day_parts(tokens), *hours(text), *phone_numbers(text), *emails(text)]
    for mention in found:
        assert text[mention.start : mention.end].strip()
        assert allowed(mention.entity, mention.value), mention
