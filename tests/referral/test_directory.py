"""Who is suggested to whom, with which reason, and how organisations read as cards."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import language
from bot.knowledge.articles import Level
from bot.knowledge.datafile import DataError
from bot.knowledge.vocabulary import EMPLOYMENT_STATUSES
from bot.places import Gazetteer
from bot.referral.directory import load_directory, where_is
from bot.referral.organisations import PROVINCES, OpeningHours, Service
from bot.settings import ROOT

DATA = ROOT / "data" / "referral"
PLACES = Gazetteer.load(ROOT / "data" / "places")
DIRECTORY = load_directory(DATA, PLACES)
WORKING = ("employee", "self_employed", "temporary_worker", "civil_servant")


def suggested(need: Service, place: str = "", status: str = "") -> list[str]:
    """The ids suggested to someone there, best first."""
    found = DIRECTORY.route_from(need, PLACES.resolve(place).place if place else None, status)
    return [suggestion.organisation.id for suggestion in found]


@pytest.mark.parametrize(
    ("text", "place", "first"),
    [
        ("ik wil naar de stap", "Gent", "leerwinkel-oost-vlaanderen"),
        ("toch liever de Leerwinkel", "Brugge", "leerwinkel-west-vlaanderen"),
        ("kan vdab brussel ook?", "", "vdab-brussel"),
        ("ik zet een stap vooruit", "Gent", None),
    ],
)
def test_an_organisation_is_found_by_its_name_inside_a_sentence(text: str, place: str, first: str | None) -> None:
    found = DIRECTORY.mentioned(text, PLACES.resolve(place).place if place else None)
    assert next((one.id for one in found), None) == first


@pytest.mark.parametrize(
    ("need", "place", "status", "first"),
    [
        # Help in choosing: the Leerwinkel of the province or the city, in Brussels that of Brussels.
        (Service.GUIDE, "Brugge", "", "leerwinkel-west-vlaanderen"),
        (Service.GUIDE, "Heule", "job_seeker", "leerwinkel-west-vlaanderen"),
        (Service.GUIDE, "Gent", "", "leerwinkel-oost-vlaanderen"),
        (Service.GUIDE, "9300", "", "leerwinkel-oost-vlaanderen"),
        (Service.GUIDE, "Mechelen", "", "leerwinkel-mechelen"),
        (Service.GUIDE, "Leuven", "", "leerwinkel-leuven"),
        (Service.GUIDE, "Elsene", "", "leerwinkel-brussel"),
        (Service.GUIDE, "1030", "employee", "leerwinkel-brussel"),
        # Where none is known: a career centre for who works, VDAB for the others.
        (Service.GUIDE, "Hasselt", "employee", "loopbaancentrum"),
        (Service.GUIDE, "Antwerpen", "self_employed", "loopbaancentrum"),
        (Service.GUIDE, "Antwerpen", "job_seeker", "vdab"),
        (Service.GUIDE, "Hasselt", "incapacitated", "gtb"),
        (Service.GUIDE, "", "", "vdab"),
        (Service.HEALTH, "Aalst", "", "gtb"),
        (Service.HEALTH, "", "", "gtb"),
        (Service.HEALTH, "Brussel", "", "actiris"),
        (Service.JOBS, "Kortrijk", "", "vdab"),
        (Service.JOBS, "Molenbeek", "", "actiris"),
        (Service.JOBS, "Gent", "incapacitated", "gtb"),
        (Service.BENEFITS, "Genk", "job_seeker", "vdab"),
        (Service.BENEFITS, "Anderlecht", "job_seeker", "actiris"),
        (Service.BENEFITS, "Genk", "living_wage", "ocmw"),
        (Service.BENEFITS, "Genk", "incapacitated", "ziekenfonds"),
        (Service.LANGUAGE, "Antwerpen", "", "atlas"),
        (Service.LANGUAGE, "Gent", "", "in-gent"),
        (Service.LANGUAGE, "Oostende", "", "agentschap-integratie"),
        (Service.LANGUAGE, "Jette", "", "huis-van-het-nederlands"),
        (Service.LANGUAGE, "", "", "agentschap-integratie"),
        (Service.DEBT, "Gent", "", "ocmw"),
        (Service.DEBT, "", "", "ocmw"),
        (Service.SUPPORT, "Gent", "", "eigen-centrum"),
        (Service.RECOGNITION, "Gent", "", "naric"),
        (Service.INFORM, "Tongeren", "", "vdab"),
        (Service.INFORM, "", "", "vdab"),
        (Service.INFORM, "Jette", "", "leerwinkel-brussel"),
    ],
)
def test_who_is_suggested_first(need: Service, place: str, status: str, first: str) -> None:
    assert suggested(need, place, status)[0] == first


@pytest.mark.parametrize(
    ("postcode", "office"),
    [
        ("1000", "werkwinkel-brussel-centrum"),
        ("1030", "werkwinkel-brussel-sint-joost"),
        ("1210", "werkwinkel-brussel-sint-joost"),
        ("1070", "werkwinkel-brussel-anderlecht"),
        ("1180", "werkwinkel-brussel-anderlecht"),
    ],
)
def test_in_brussels_the_postcode_says_which_job_office(postcode: str, office: str) -> None:
    found = suggested(Service.JOBS, postcode)
    assert [one for one in found if one.startswith("werkwinkel")] == [office]
    assert found.index("actiris") < found.index(office)


def test_a_career_centre_is_for_those_who_work() -> None:
    for status in EMPLOYMENT_STATUSES:
        assert ("loopbaancentrum" in suggested(Service.GUIDE, "Hasselt", status)) == (status in WORKING)


def test_the_city_service_replaces_the_flemish_one() -> None:
    assert "agentschap-integratie" not in suggested(Service.LANGUAGE, "Antwerpen")
    assert "agentschap-integratie" not in suggested(Service.LANGUAGE, "Oostakker")
    assert "atlas" not in suggested(Service.LANGUAGE, "Mechelen")


def test_a_province_is_enough_for_what_works_in_all_of_it() -> None:
    found = DIRECTORY.route(Service.GUIDE, province="Vlaams-Brabant")
    assert "leerwinkel-leuven" not in [one.organisation.id for one in found]
    assert DIRECTORY.route(Service.GUIDE, province="West-Vlaanderen")[0].organisation.id == "leerwinkel-west-vlaanderen"
    # And for what works in the whole region.
    assert DIRECTORY.route(Service.JOBS, province="Limburg")[0].organisation.id == "vdab"


ANY_PLACE = st.sampled_from(
    ["", "Brugge", "Gent", "Antwerpen", "Mechelen", "Leuven", "Hasselt", "Halle", "1070", "Brussel"]
)


@given(st.sampled_from(list(Service)), ANY_PLACE, st.sampled_from(["", *sorted(EMPLOYMENT_STATUSES)]))
def test_suggestions_are_explained_and_of_the_place(need: Service, place: str, status: str) -> None:
    where = where_is(PLACES.resolve(place).place if place else None)
    found = DIRECTORY.route_from(need, PLACES.resolve(place).place if place else None, status)
    assert len({one.organisation.id for one in found}) == len(found)
    if need is not Service.RECOGNITION or where.region != "Brussel":
        assert found
    for one in found:
        assert need in one.organisation.services
        assert one.organisation.area.nearness(where) is not None
        assert one.organisation.services[need].why in one.reason
        only = one.organisation.services[need].only_for
        assert not only or not status or status in only
    assert found == DIRECTORY.route_from(need, PLACES.resolve(place).place if place else None, status)


@given(st.sampled_from(list(Service)), st.sampled_from(["", *sorted(EMPLOYMENT_STATUSES)]))
def test_nobody_in_flanders_is_sent_to_brussels_or_the_other_way(need: Service, status: str) -> None:
    brussels_only = {one.id for one in DIRECTORY if one.area.regions == ("Brussel",) or one.area.postcodes}
    flemish_only = {one.id for one in DIRECTORY if one.area.regions == ("Vlaanderen",) or one.area.provinces}
    assert not brussels_only & set(suggested(need, "Aalst", status))
    assert not flemish_only & set(suggested(need, "1040", status))


def test_a_reason_says_for_whom_it_is() -> None:
    reasons = {
        one.organisation.id: one.reason for one in DIRECTORY.route_from(Service.GUIDE, PLACES.resolve("Gent").place)
    }
    assert reasons["leerwinkel-oost-vlaanderen"].endswith("Voor heel Oost-Vlaanderen.")
    assert reasons["vdab"].endswith("Voor wie in Vlaanderen woont.")
    city = DIRECTORY.route_from(Service.GUIDE, PLACES.resolve("Mechelen").place)[0]
    assert city.reason.endswith("Voor wie in Mechelen woont.")
    # Of someone whose place is unknown, the reason names the region, so that they can tell.
    assert DIRECTORY.route_from(Service.INFORM, None)[0].reason.endswith("Voor wie in Vlaanderen woont.")


# ---- by name -------------------------------------------------------------------------------------------------------


def test_a_name_may_mean_several_and_the_place_says_which() -> None:
    assert len(DIRECTORY.named("leerwinkel")) == 5
    assert [one.id for one in DIRECTORY.named("Leerwinkel", PLACES.resolve("Ieper").place)] == [
        "leerwinkel-west-vlaanderen"
    ]
    assert [one.id for one in DIRECTORY.named("VDAB", PLACES.resolve("Jette").place)] == ["vdab-brussel"]
    assert DIRECTORY.named("Leerwinkel", PLACES.resolve("Hasselt").place) == []
    assert DIRECTORY.named("bakker") == []


def test_an_organisation_is_found_by_its_id() -> None:
    gtb = DIRECTORY.get("gtb")
    assert gtb is not None and gtb.name == "GTB"
    assert DIRECTORY.get("bakker") is None
    assert len(list(DIRECTORY)) == len(DIRECTORY)


# ---- cards ---------------------------------------------------------------------------------------------------------


def facts(identifier: str) -> dict[str, str]:
    """The facts on the card of an organisation."""
    organisation = DIRECTORY.get(identifier)
    assert organisation is not None
    return {fact.label: fact.value for fact in DIRECTORY.card(organisation).facts}


def test_a_card_shows_what_is_known() -> None:
    assert facts("vdab") == {
        "Telefoon": "0800 30 700",
        "Website": "vdab.be",
        "Open": "maandag tot vrijdag, 8 tot 16.30 uur (vermoedelijk)",
        "Prijs": "Bellen is gratis.",
    }
    assert facts("gtb")["Via"] == "VDAB, 0800 30 700"
    assert facts("atlas")["Telefoon"] == "03 338 70 11"
    assert facts("infolijn-1700")["Telefoon"] == "1700"
    assert facts("beroepenpunt")["Taal"] == "Nederlands, Frans"


def test_what_is_not_known_stays_unknown() -> None:
    assert facts("leerwinkel-leuven") == {"Contact": "ken ik niet"}
    for organisation in DIRECTORY:
        if organisation.id != "vdab":
            assert organisation.hours is None, "the facts know no other hours"
    with_phone = {organisation.id for organisation in DIRECTORY if organisation.phone}
    assert with_phone == {"vdab", "vdab-brussel", "atlas", "infolijn-1700"}


@pytest.mark.parametrize("number", ["011 30 56 00", "016 47 43 11", "09 321 86 00", "056 74 21 50"])
def test_numbers_that_look_outdated_are_told_nowhere(number: str) -> None:
    digits = re.sub(r"\D", "", number).removeprefix("0")
    for file in (ROOT / "data").glob("*/**/*.yml"):
        if file.parts[-2] in ("referral", "knowledge", "articles"):
            assert digits not in re.sub(r"\D", "", file.read_text(encoding="utf-8")), file.name


def test_an_uncertain_card_says_so_and_names_its_reason() -> None:
    atlas, vdab = DIRECTORY.get("atlas"), DIRECTORY.get("vdab")
    assert atlas is not None and vdab is not None
    assert "Niet helemaal zeker" in DIRECTORY.card(atlas).notice
    assert DIRECTORY.card(vdab).notice == ""
    assert DIRECTORY.card(vdab).subtitle == vdab.does
    assert DIRECTORY.card(vdab, "Omdat het kan.").subtitle == "Omdat het kan."


def test_each_organisation_has_a_source_and_plain_words() -> None:
    for organisation in DIRECTORY:
        assert organisation.reference().checked == organisation.checked.isoformat()
        for text in (organisation.does, *(offer.why for offer in organisation.services.values())):
            assert language.problems(text, Level.PLAIN) == [], text


@pytest.mark.parametrize(
    ("days", "opens", "closes", "text"),
    [
        ((1, 2, 3, 4, 5), "08:00", "16:30", "maandag tot vrijdag, 8 tot 16.30 uur"),
        ((1,), "09:05", "12:00", "maandag, 9.05 tot 12 uur"),
        ((2, 4), "13:00", "17:00", "dinsdag, donderdag, 13 tot 17 uur"),
        ((6, 7), "10:00", "11:00", "zaterdag, zondag, 10 tot 11 uur"),
    ],
)
def test_hours_read_as_people_say_them(days: tuple[int, ...], opens: str, closes: str, text: str) -> None:
    assert OpeningHours.model_validate({"days": days, "opens": opens, "closes": closes}).text() == text


# ---- loading -------------------------------------------------------------------------------------------------------


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """A copy of the data in which one piece of organisations.yml is replaced."""

    def edit(old: str, new: str) -> Path:
        shutil.copytree(DATA, tmp_path / "referral")
        path = tmp_path / "referral" / "organisations.yml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path / "referral"

    return edit


@pytest.mark.parametrize(
    ("old", "new", "entry", "field", "message"),
    [
        ("area: {municipalities: [Mechelen]}", "area: {municipalities: [Mechele]}", "leerwinkel-mechelen",
         "area.municipalities", "is no municipality"),
        ("except_municipalities: [Antwerpen, Gent]", "except_municipalities: [Oostakker]", "agentschap-integratie",
         "area.except_municipalities", "is no municipality"),
        ('postcodes: ["1030"', 'postcodes: ["9999"', "werkwinkel-brussel-sint-joost", "area.postcodes", "'9999' is no"),
        ('postcodes: ["1030"', 'postcodes: ["B-1030"', "werkwinkel-brussel-sint-joost", "area.postcodes.0", "pattern"),
        ("provinces: [West-Vlaanderen]", "provinces: [Zeeland]", "leerwinkel-west-vlaanderen", "area.provinces",
         "unknown province 'Zeeland'"),
        ("regions: [Vlaanderen]", "regions: [Wallonië]", "vdab", "area.regions.0", "'Vlaanderen' or 'Brussel'"),
        ("contact: {via: vdab}", "contact: {via: bakker}", "loopbaancentrum", "contact.via", "unknown organisation"),
        ('"+3280030700", phone_abroad', '"0800 30 700", phone_abroad', "vdab", "contact.phone", "pattern"),
        ("inform: {rank: 1", "bake: {rank: 1", "vdab", "services.bake.[key]", "'inform'"),
        ("inform: {rank: 1", "inform: {rank: 0", "vdab", "services.inform.rank", "greater than or equal to 1"),
        ("only_for: [job_seeker]", "only_for: [dromer]", "vdab", "services.support.only_for", "'dromer'"),
        ('closes: "16:30"', 'closes: "06:30"', "vdab", "hours.0", "closes before it opens"),
        ("days: [1, 2, 3, 4, 5]", "days: [1, 1]", "vdab", "hours.0", "once each"),
        ("days: [1, 2, 3, 4, 5]", "days: [8]", "vdab", "hours.0.days.0", "less than or equal to 7"),
        ("hours_certainty: vermoedelijk", "hours_certainty: na te kijken", "vdab", "", "hours_certainty"),
        ("contact_certainty: zeker", "contact_certainty: verouderd?", "vdab", "", "leave it out"),
        ("    certainty: zeker", "    certainty: na te kijken", "vdab", "", "may not be told"),
        ("check_again: 2027-05-15", "check_again: 2026-01-01", "vdab", "", "after checked"),
        ("- id: gtb", "- id: vdab", "vdab", "id", "stands twice"),
    ],
)  # fmt: skip
def test_a_wrong_organisation_is_named_with_file_entry_and_field(
    edited: Callable[[str, str], Path], old: str, new: str, entry: str, field: str, message: str
) -> None:
    with pytest.raises(DataError) as raised:
        load_directory(edited(old, new), PLACES)
    assert (raised.value.file, raised.value.entry, raised.value.field) == ("organisations.yml", entry, field)
    assert message in str(raised.value)


def test_the_provinces_are_those_of_the_places() -> None:
    assert {PLACES.resolve(f"provincie {name}").place.province for name in PROVINCES} == PROVINCES  # type: ignore[union-attr]


def test_everything_is_checked_again_in_time() -> None:
    assert all(organisation.check_again <= date(2027, 11, 23) for organisation in DIRECTORY)
