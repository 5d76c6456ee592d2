"""Each format: read as it is meant, recognised by its content, and never a crash on what is hostile or half."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.catalogue import exporting
from bot.catalogue.importers import IMPORTERS, Builder, Feed, FeedError, Found, Limits, Refusal, importer_for
from bot.catalogue.importers.csv_template import COLUMNS
from bot.catalogue.jsonld import as_jsonld
from bot.catalogue.model import FixedPrice, Module, Offering, ProviderKind, TariffPrice
from bot.catalogue.subjects import Subjects
from bot.knowledge.figures import Figures
from bot.places import Gazetteer
from bot.settings import ROOT

ELM = ROOT / "tests" / "catalogue" / "samples" / "elm-filler.xml"
HEADER = "id;titel;aanbieder;postcode;gemeente;prijs\r\n"


@pytest.fixture(scope="module")
def builder(subjects: Subjects, gazetteer: Gazetteer, figures: Figures) -> Builder:
    return Builder("bron", gazetteer, subjects, figures)


Read = Callable[..., tuple[list[Offering], list[Refusal]]]


@pytest.fixture
def read(tmp_path: Path, builder: Builder) -> Read:
    """read(content) gives the offerings and the refusals of a feed with that content."""

    def read(
        content: str | bytes, name: str = "feed", limits: Limits | None = None
    ) -> tuple[list[Offering], list[Refusal]]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        feed = Feed(path, name, limits)
        results = list(importer_for(feed).read(feed, builder))
        return (
            [result.offering for result in results if isinstance(result, Found)],
            [result for result in results if isinstance(result, Refusal)],
        )

    return read


# -- what goes out comes in again


@pytest.mark.parametrize("form", ["csv", "jsonld", "jsonl"])
def test_every_example_goes_out_and_comes_in_unchanged(
    form: str, example: tuple[Offering, ...], tmp_path: Path, gazetteer: Gazetteer, subjects: Subjects, figures: Figures
) -> None:
    chosen = [offering.model_copy(update={"places_left": 3}) for offering in example[::7]]
    chosen[0] = chosen[0].model_copy(update={"modules": (Module(id="M1", title="Een", hours=40), Module(title="Twee"))})
    path = tmp_path / "export"
    path.write_text("".join(exporting.FORMATS[form](iter(chosen))), encoding="utf-8", newline="")
    feed = Feed(path, "export")
    back = list(importer_for(feed).read(feed, Builder("example", gazetteer, subjects, figures)))
    assert [result for result in back if isinstance(result, Refusal)] == []
    for before, result in zip(chosen, back, strict=True):
        assert isinstance(result, Found)
        assert _ids_aside(result.offering) == _ids_aside(before)


def _ids_aside(offering: Offering) -> dict[str, Any]:
    """An offering without the ids of provider and location, which get the name of the source before them."""
    data = offering.model_dump(mode="json")
    for part in ("provider", "location"):
        if data[part]:
            data[part]["id"] = data[part]["id"].removeprefix("example:").removeprefix("example-")
    if data["price"] == {"kind": "fixed", "amount": "0"}:
        data["price"] = {"kind": "free", "figure": None, "audience": "everyone"}
    if data["price"]["kind"] == "fixed":
        data["price"]["amount"] = float(data["price"]["amount"])
    if data["material_cost"]:
        data["material_cost"] = float(data["material_cost"])
    return data


# -- our CSV


def test_a_row_of_the_template(read: Read) -> None:
    content = (
        "id;titel;opleiding_id;opleiding;onderwerpen;aanbieder;aanbieder_soort;straat;postcode;gemeente;lesmomenten;"
        "startdatum;aantal;eenheid;prijs;taalniveau;erkend_voor;knelpuntberoep;vrije_plaatsen;_intern\n"
        "A1;Lassen voor beginners;L;Lassen;lassen;CVO Ergens;;Kaai 1;9000;Gent;di 18u30-21u30;1/2/2027;120;lestijden;"
        "tarief cvo-knelpunt-2025;A2;opleidingsverlof;ja;4;niet voor jou\n"
    )
    [offering], refused = read(content)
    assert refused == []
    assert offering.id == "bron:A1"
    assert offering.course is not None
    assert (offering.course.id, offering.course.title) == ("bron:L", "Lassen")
    assert offering.subjects == ("lassen",)
    assert offering.provider.kind is ProviderKind.CVO
    assert offering.location is not None
    assert (offering.location.municipality_id, offering.location.street) == ("44021", "Kaai 1")
    assert offering.schedule.parts == ("evening",)
    assert offering.price == TariffPrice(figure="cvo-knelpunt-2025")
    assert (offering.hours, offering.hours_unit, offering.places_left, offering.shortage) == (120, "lestijd", 4, True)
    assert not offering.example


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("Lassen", "", "titel", "ontbreekt"),
        ("A1", "", "id", "ontbreekt"),
        ("CVO", "", "aanbieder", "ontbreekt"),
        ("9000;Gent", "5000;Namen", "gemeente", "geen gemeente"),
        ("9000;Gent", ";Gentt", "gemeente", "bedoel je Gent"),
        ("9000;Gent", ";Vlaams-Brabant", "gemeente", "geen gemeente"),
        ("9000;Gent", ";", "gemeente", "ontbreekt"),
        ("9000;Gent", "9000;Brugge", "gemeente", "hoort bij Gent"),
        ("9000;Gent", ";Hofstade", "gemeente", "zet de postcode erbij"),
        ("12,00", "tarief cvo-bestaat-niet", "prijs", "geen tarief"),
        ("12,00", "tarief cvo-standaard-2025", "aantal", "per lestijd"),
        ("12,00", "tien", "prijs", "geen bedrag"),
        (";12,00", "", "rij", "afgebroken"),
        ("12,00", "12,00;", "rij", "scheidingsteken te veel"),
    ],
)
def test_a_wrong_row_is_refused_with_line_and_field(read: Read, old: str, new: str, field: str, reason: str) -> None:
    row = "A1;Lassen;CVO;9000;Gent;12,00\n"
    offerings, [refusal] = read(HEADER + "A0;Lassen;CVO;9000;Gent;12,00\n" + row.replace(old, new))
    assert len(offerings) == 1
    assert (refusal.line, refusal.field) == (3, field)
    assert reason in refusal.reason


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_separator_and_unicode_encoding(read: Read, separator: str, encoding: str) -> None:
    text = "Titel,ID,aanbieder,gemeente,prijs\nCafé-uitbater €,1,Syntra,Luik of Gent,\n".replace("Luik of ", "")
    [offering], refused = read(text.replace(",", separator).encode(encoding))
    assert (offering.title, refused) == ("Café-uitbater €", [])


def test_another_encoding_refuses_the_field_it_is_in(read: Read) -> None:
    offerings, [refusal] = read((HEADER + "1;Café;CVO;9000;Gent;\n2;Koken;CVO;9000;Gent;\n").encode("cp1252"))
    assert [offering.title for offering in offerings] == ["Koken"]
    assert (refusal.line, refusal.field) == (2, "titel")
    assert "UTF-8" in refusal.reason


def test_a_column_that_does_not_exist_is_named(read: Read) -> None:
    with pytest.raises(FeedError, match="'priijs' bestaat niet"):
        read(HEADER.replace("prijs", "priijs"))
    with pytest.raises(FeedError, match="twee keer"):
        read(HEADER.replace("prijs", "titel"))


def test_quotes_that_never_close_are_found(read: Read) -> None:
    rows = "".join(f"{n};Lassen;CVO;9000;Gent;12\n" for n in range(60_000))
    with pytest.raises(FeedError, match="aanhalingsteken"):
        read(HEADER + '0;"Lassen;CVO;9000;Gent;12\n' + rows)


def test_a_formula_stays_a_text(example: tuple[Offering, ...], read: Read) -> None:
    evil = example[0].model_copy(update={"title": "=HYPERLINK(1)", "id": "bron:1"})
    content = "".join(exporting.as_csv(iter([evil])))
    assert ";'=HYPERLINK(1);" in content
    [back], _ = read(content)
    assert back.title == "=HYPERLINK(1)"


# -- JSON-LD and web pages

COURSE = {
    "@context": "https://schema.org",
    "@type": "Course",
    "name": "Excel voor beginners",
    "description": "<p>Leer <b>rekenen</b>.</p><p>Met de computer.</p>",
    "url": "https://www.voorbeeld.be/excel",
    "provider": {"@type": "Organization", "name": "Syntra Ergens"},
    "hasCourseInstance": [
        {
            "@type": "CourseInstance",
            "courseMode": "Onsite",
            "startDate": "2027-02-01",
            "courseWorkload": "PT24H",
            "location": {"@type": "Place", "address": {"postalCode": "1000", "addressLocality": "Bruxelles"}},
            "offers": {"@type": "Offer", "price": 245, "priceCurrency": "EUR"},
            "courseSchedule": {"byDay": ["Monday", "schema:Tuesday"], "startTime": "18:30", "endTime": "21:30"},
        },
        {"@type": "CourseInstance", "courseMode": "Online", "startDate": "2027-03-01"},
    ],
}


def test_a_course_of_schema_org(read: Read) -> None:
    (first, online), refused = read(json.dumps(COURSE))
    assert refused == []
    assert first.title == "Excel voor beginners"
    assert first.description == "Leer rekenen.\nMet de computer."
    assert first.subjects == ("excel",)
    assert first.price == FixedPrice(amount="245")  # type: ignore[arg-type]
    assert (first.hours, first.provider.kind, first.url) == (24, "syntra", "https://www.voorbeeld.be/excel")
    assert first.location is not None
    assert first.location.municipality_id == "21004"
    assert len(first.schedule.moments) == 2
    assert (online.location, online.delivery_mode, online.price.kind) == (None, "online", "ask")
    assert first.course == online.course
    assert first.id != online.id


def test_pages_that_embed_it_and_lines_of_it(read: Read) -> None:
    script = json.dumps(COURSE)
    page = f'<!doctype html>\n<html><head>\n<script type="application/ld+json">{script}</script>\n</head><p>Tekst'
    by_page, _ = read(page, "page")
    by_document, _ = read(json.dumps({"@graph": [COURSE]}), "graph")
    by_line, _ = read(script + "\n" + script.replace("Excel", "Word") + "\n", "lines")
    assert by_page == by_document == by_line[:2]
    assert [offering.title for offering in by_line[2:]] == ["Word voor beginners"] * 2
    _, [refusal] = read(page.replace("}</script>", "</script>"), "broken")
    assert (refusal.line, refusal.field) == (3, "script")
    with pytest.raises(FeedError, match="geen cursussen"):
        read("<!doctype html><html><p>Welkom")


def test_references_inside_a_document(read: Read) -> None:
    course = {name: value for name, value in COURSE.items() if name != "@context"}
    course["provider"] = {"@id": "#wij"}
    document = {
        "@context": "https://schema.org",
        "@graph": [{"@id": "#wij", "@type": "Organization", "name": "Wij"}, course],
    }
    offerings, _ = read(json.dumps(document))
    assert {offering.provider.name for offering in offerings} == {"Wij"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"provider": None}, "provider"),
        ({"hasCourseInstance": {"@type": "CourseInstance", "startDate": "2027-02-01"}}, "location"),
        ({"hasCourseInstance": {"courseMode": "online", "offers": {"price": "10", "priceCurrency": "USD"}}}, "offers"),
        ({"hasCourseInstance": {"courseMode": "online", "startDate": "volgende week"}}, "startDate"),
    ],
)
def test_a_wrong_course_is_refused_by_the_name_schema_org_has_for_it(
    read: Read, change: dict[str, Any], field: str
) -> None:
    offerings, refused = read(json.dumps(COURSE | change))
    assert (offerings, {refusal.field for refusal in refused}) == ([], {field})


def test_half_a_document_is_no_document(read: Read) -> None:
    content = json.dumps([COURSE], indent=1)
    with pytest.raises(FeedError, match="afgebroken"):
        read(content[: len(content) // 2])


def test_deep_nesting_is_refused(read: Read) -> None:
    with pytest.raises(FeedError, match="diep"):
        read('{"@type": "Course", "x": ' + "[" * 200_000 + "]" * 200_000 + "}")
    _, [refusal] = read('{"@type": "Course", "x": ' + '{"y":' * 200 + "1" + "}" * 201)
    assert "diep" in refusal.reason


# -- European Learning Model


def test_random_filler_is_refused_with_reasons(read: Read) -> None:
    offerings, refused = read(ELM.read_bytes())
    assert offerings == []
    assert [(refusal.line, refusal.field) for refusal in refused] == [(42, "priceDetail"), (410, "priceDetail")]
    assert "niet in euro" in refused[0].reason


def test_an_opportunity_that_makes_sense_comes_in(read: Read) -> None:
    text = ELM.read_text(encoding="utf-8")
    for old, new in (
        ("roY6hw", "Lassen voor beginners"),
        ("eymWDqcrNu7xxywGbts1fZRHK", "CVO Ergens"),
        ("currency/XXX", "currency/EUR"),
        ("1378413989.154", "199.50"),
        ("2023-11-01T10:51:20Z</endDate>", "2025-06-30T10:51:20Z</endDate>"),
    ):
        assert old in text
        text = text.replace(old, new)
    start = text.index("<location id=")
    address = text.index("<noteLiteral", text.index("<fullAddress>", start))
    end = text.index("</noteLiteral>", address)
    text = text[:address] + '<noteLiteral language="nl">Kaai 1, 9000 Gent' + text[end:]
    [offering], [refusal] = read(text)
    assert refusal.line == 410
    assert (offering.title, offering.provider.name, offering.subjects) == (
        "Lassen voor beginners",
        "CVO Ergens",
        ("lassen",),
    )
    assert offering.location is not None
    assert (offering.location.municipality_id, offering.location.street) == ("44021", "Kaai 1")
    assert str(offering.start) == "2024-10-17"
    assert offering.price == FixedPrice(amount="199.50")  # type: ignore[arg-type]
    assert len(offering.modules) == 1


@pytest.mark.parametrize(
    ("postcode", "name", "municipality"),
    [
        ("8501", "Heule", "34022"),
        ("", "Malines", "12025"),
        ("", "Merelbeke", "44088"),
        ("", "Merelbeke-Melle", "44088"),
        ("1050", "Ixelles", "21009"),
        ("9310", "Moorsel", "41002"),
        ("9300", "", "41002"),
        ("9000", "Gent centrum", "44021"),
    ],
)
def test_places_by_dutch_and_french_old_and_new_name(
    builder: Builder, postcode: str, name: str, municipality: str
) -> None:
    fields = {"id": "1", "title": "Lassen", "provider": "CVO", "location": {"postcode": postcode, "place": name}}
    offering = builder.build(fields)
    assert offering.municipality_id == municipality


def test_what_does_not_fit_the_schema_names_its_line(read: Read) -> None:
    text = ELM.read_text(encoding="utf-8").replace('<providedBy idref="http://ORG-01"/>', "<iets/>", 1)
    _, refused = read(text)
    assert (refused[0].line, refused[0].field) == (379, "iets")
    assert "past niet in het schema" in refused[0].reason


def test_what_the_schema_asks_of_the_document_as_a_whole(read: Read) -> None:
    text = ELM.read_text(encoding="utf-8")
    _, [wrong, _] = read(text.replace('<providedBy idref="http://ORG-01"/>', '<providedBy idref="http://ORG-09"/>', 1))
    assert (wrong.line, wrong.field, wrong.reason) == (
        379,
        "providedBy",
        "verwijst naar 'http://ORG-09', dat er niet in staat",
    )
    _, [_, again] = read(text.replace(">kZyFGPX<", ">p7B.BM<"))
    assert (again.field, again.reason) == ("identifier", "het nummer 'p7B.BM' staat er al in")


BOMB = """<?xml version="1.0"?><!DOCTYPE Courses [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<Courses xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/">&d;&d;&d;</Courses>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE Courses [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Courses xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/"><a>&x;</a></Courses>"""
REMOTE = """<?xml version="1.0"?><!DOCTYPE Courses SYSTEM "http://127.0.0.1:9/evil.dtd">
<Courses xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/"/>"""


@pytest.mark.parametrize(
    "content", [BOMB, OUTSIDE, REMOTE, BOMB.replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16")]
)
def test_xml_that_may_do_harm_is_refused(read: Read, content: str | bytes) -> None:
    with pytest.raises(FeedError, match="DOCTYPE"):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        b'<Courses xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/">',
        b'<x xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/">Courses</x>',
        b'<Courses xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/"/>',
        ELM.read_bytes()[:100_000],
    ],
)
def test_xml_that_is_half_or_empty_is_refused(read: Read, content: bytes) -> None:
    with pytest.raises(FeedError):
        read(content)


# -- limits


def test_what_is_packed_is_unpacked_within_limits(read: Read) -> None:
    content = HEADER.encode() + b"1;Lassen;CVO;9000;Gent;12\n"
    assert len(read(gzip.compress(content))[0]) == 1
    with pytest.raises(FeedError, match="niet volledig"):
        read(gzip.compress(content)[:-10])
    bomb = gzip.compress(HEADER.encode() + b"1;Lassen;CVO;9000;Gent;12\n" * 200_000)
    with pytest.raises(FeedError, match="groter dan 1 MB"):
        read(bomb, limits=Limits(megabytes=1))


def test_limits_of_lines_of_whole_documents_and_of_time(read: Read) -> None:
    with pytest.raises(FeedError, match="langer dan"):
        read(HEADER + "1;" + "x" * 1_100_000)
    with pytest.raises(FeedError, match="groter dan 1 MB"):
        read(json.dumps(COURSE | {"x": "y" * 1_100_000}), limits=Limits(whole_megabytes=1))
    with pytest.raises(FeedError, match="te lang"):
        read(HEADER, limits=Limits(seconds=-1))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "leeg"),
        (b"PK\x03\x04rest", "zip"),
        (b"<rss/>", "geen CSV"),
        (b"a;b;c\n", "geen CSV"),
        (b"\xff\xd8\xff", "geen CSV"),
        (b"{}", ""),
    ],
)
def test_what_is_none_of_the_formats_says_so(read: Read, content: bytes, reason: str) -> None:
    try:
        offerings, refused = read(content)
    except FeedError as error:
        assert reason in str(error)
    else:
        assert (offerings, len(refused), reason) == ([], 1, "")


SEEDS = [
    (HEADER + "A1;Lassen;CVO;9000;Gent;12,00\nA2;Excel;Syntra;;Brussel;gratis\n").encode(),
    json.dumps(COURSE).encode(),
    json.dumps({"id": "1", "title": "Lassen", "provider": "CVO", "location": {"place": "Gent"}}).encode() + b"\n",
    f'<html><script type="application/ld+json">{json.dumps(COURSE)}</script>'.encode(),
    ELM.read_bytes()[:3000],
]


@given(seed=st.sampled_from(SEEDS), data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_gives_results_or_a_reason(seed: bytes, data: st.DataObject, read: Read) -> None:
    """Bytes cut, doubled, changed or swapped for anything: nothing crashes, and everything that comes in is whole."""
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 60)))
    content = seed[:start] + data.draw(st.binary(max_size=30) | st.just(seed[start:end] * 2)) + seed[end:]
    try:
        offerings, refused = read(content)
    except FeedError as error:
        assert str(error)
        return
    assert all(offering.id.startswith("bron:") and offering.title for offering in offerings)
    assert all(refusal.field and refusal.reason for refusal in refused)


_SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@type", "@id", "name", "@value", "address", "geo", "price", "byDay", "latitude"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
_KEYS = st.sampled_from([*COURSE, "location", "offers", "startDate", "identifier", "hasPart"])


@given(record=st.dictionaries(_KEYS, _SHAPES))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_shape_of_json_ld_gives_results_or_a_reason(record: dict[str, Any], read: Read) -> None:
    offerings, refused = read(json.dumps({"@type": "Course"} | record) + "\n")
    assert all(offering.title for offering in offerings)
    assert all(refusal.reason for refusal in refused)


def test_names_of_formats_are_their_own() -> None:
    assert len({importer.name for importer in IMPORTERS}) == len(IMPORTERS)
    assert len(set(COLUMNS.values())) == len(COLUMNS)


def test_an_own_page_is_linked_beside_the_page_of_the_provider(example: tuple[Offering, ...]) -> None:
    offering = example[0].model_copy(update={"url": "https://www.voorbeeld.be/x"})
    document = as_jsonld(offering, "https://leerwijzer.example/opleidingen/x")
    assert (document["url"], document["lw:page"]) == (
        "https://leerwijzer.example/opleidingen/x",
        "https://www.voorbeeld.be/x",
    )


def test_the_template_in_the_docs_is_the_template(read: Read) -> None:
    content = (ROOT / "docs" / "sjabloon.csv").read_bytes()
    assert content.decode().splitlines()[0].split(";") == list(COLUMNS)
    [offering], refused = read(content)
    assert (offering.title, refused, offering.example) == ("Lassen voor beginners", [], True)
    described = (ROOT / "docs" / "aanbod.md").read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in described] == []
