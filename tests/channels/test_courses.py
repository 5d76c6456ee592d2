"""Courses for people and for programs: the list, each course's own page, and `GET /api/courses`."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from support.courses import DATA, PUBLIC, courses_app, with_example

from bot.catalogue.importers import Builder, Feed, Found, importer_for
from bot.catalogue.loading import load, prepare
from bot.catalogue.model import Module
from bot.catalogue.subjects import Subjects
from bot.knowledge.figures import load_figures
from bot.places import Gazetteer
from bot.storage.database import Database
from channels.courses.map import OutlineMap

EVIL = "<script>alert(1)</script></title>\"'&"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "places")


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return Subjects.load(DATA / "catalogue")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with the example catalogue, and a course that means harm."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("stocked") / "test.db"
        shutil.copy(Path(request.getfixturevalue("migrated_sqlite")), path)
        database = with_example(Database(f"sqlite:///{path}"))
        _add_evil(database)
        yield database
        database.close()
        return
    template = request.getfixturevalue("migrated_postgres")
    server: sa.engine.Engine = request.getfixturevalue("postgres_server")
    name = f"{template}_stocked"
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    database = with_example(Database(server.url.set(database=name).render_as_string(hide_password=False)))
    _add_evil(database)
    try:
        yield database
    finally:
        database.close()
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def _add_evil(database: Database) -> None:
    subjects = Subjects.load(DATA / "catalogue")
    builder = Builder("kwaad", Gazetteer.load(DATA / "places"), subjects, ())
    evil = builder.build(
        {
            "id": "1",
            "title": EVIL + " Zeldzaamwoord",
            "description": EVIL,
            "provider": {"name": EVIL, "phone": EVIL, "email": EVIL},
            "location": {"place": "Ronse", "street": EVIL, "name": EVIL},
            "certificate": EVIL,
            "url": "https://www.voorbeeld.be/?a=%3Cb%3E&b=1",
        }
    ).model_copy(update={"modules": (Module(title=EVIL),)})
    with database.begin() as connection:
        load(connection, "kwaad", [prepare(evil, subjects)])


@pytest.fixture(scope="module")
async def client(stocked: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=courses_app(stocked))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def api(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    response = await client.get("/api/courses", params=params)
    assert response.status_code == 200, response.text
    return dict(response.json())


def text_of(page: str) -> str:
    return " ".join(" ".join(html.document_fromstring(page).itertext()).split())


# -- the API


async def test_courses_that_meet_every_filter(client: httpx.AsyncClient) -> None:
    found = await api(client, subject="lassen", place="Gand", schedule="evening", radius=5)
    assert (found["place"], found["subjects"]) == ("Gent", ["lassen"])
    assert 0 < found["total"] == len(found["items"])
    for item in found["items"]:
        assert item["offering"]["location"]["municipality_id"] == "44021"
        assert "evening" in item["offering"]["schedule"]["parts"]
        assert item["missed"] == []
        assert item["offering"]["example"] is True
        assert item["page"] == f"{PUBLIC}/opleidingen/" + item["page"].rpartition("/")[2]
        assert item["page"].endswith(item["key"])


async def test_what_nothing_meets_is_empty_unless_the_nearest_is_asked(client: httpx.AsyncClient) -> None:
    wishes = {"subject": "bijen houden", "place": "De Panne", "radius": 1}
    strict = await api(client, **wishes)
    assert (strict["total"], strict["items"], strict["next"]) == (0, [], None)
    nearest = await api(client, **wishes, nearest=True)
    assert nearest["items"]
    assert nearest["relaxed"]
    assert "verder weg" in nearest["explanation"]


async def test_pages_follow_each_other_and_end(client: httpx.AsyncClient) -> None:
    keys: list[str] = []
    url: str | None = "/api/courses?subject=lassen&limit=40"
    total = 0
    while url:
        page = (await client.get(url.removeprefix(PUBLIC))).json()
        total = page["total"]
        keys += [item["key"] for item in page["items"]]
        url = page["next"]
        assert url is None or url.startswith(f"{PUBLIC}/api/courses?")
    assert len(keys) == len(set(keys)) == total > 40


async def test_an_etag_saves_sending_the_same_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/api/courses?subject=lassen")
    again = await client.get(
        "/api/courses?subject=lassen", headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'}
    )
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await client.get("/api/courses?subject=frans", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    assert first.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"limit": 0}, 422), ({"limit": 101}, 422), ({"offset": -1}, 422), ({"place": "Namen"}, 400),
        ({"place": "Hofstade"}, 400), ({"mode": "soms"}, 422), ({"language_level": "Z9"}, 422), ({"max_price": -1}, 422),
        ({"start_from": "2027-02-01", "start_until": "2027-01-01"}, 400), ({"schedule": "nacht"}, 422),
        ({"radius": "nan"}, 422),
    ],
)  # fmt: skip
async def test_a_filter_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, params: dict[str, Any], status: int
) -> None:
    response = await client.get("/api/courses", params=params)
    assert response.status_code == status
    assert response.json()["error"]["message"]


async def test_one_course_by_its_key(client: httpx.AsyncClient) -> None:
    item = (await api(client, subject="lassen", place="Gent"))["items"][0]
    details = (await client.get(f"/api/courses/{item['key']}")).json()
    assert details["course"]["offering"] == item["offering"]
    assert not details["retired"]
    assert details["runs"]
    assert (await client.get("/api/courses/niets")).status_code == 404


async def test_the_api_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"]["/api/courses"]["get"]
    names = {parameter["name"] for parameter in described["parameters"]}
    assert {"subject", "place", "radius", "schedule", "max_price", "recognised_for", "limit", "offset"} <= names
    assert {"200", "304", "400", "422"} <= set(described["responses"])


# -- the list


async def test_the_list_shows_what_there_is_and_where(client: httpx.AsyncClient) -> None:
    response = await client.get("/opleidingen")
    assert response.status_code == 200
    page = html.document_fromstring(response.text)
    assert len(page.xpath("//li[@class='card']")) == 20
    assert len(page.xpath("//circle")) > 60
    assert page.xpath("//a[@rel='next']")
    assert "voorbeeldaanbod" in response.text
    assert "http" not in "".join(page.xpath("//img/@src | //script/@src | //link[@rel='stylesheet']/@href"))
    assert not page.xpath("//script")


async def test_filters_stay_filled_in_and_narrow_the_list(client: httpx.AsyncClient) -> None:
    response = await client.get(
        "/opleidingen?wat=lassen&waar=gent&km=5&wanneer=evening&erkend=training_leave&gratis=nee&pagina=1"
    )
    page = html.document_fromstring(response.text)
    assert page.xpath("//input[@id='wat']/@value") == ["lassen"]
    assert page.xpath("//input[@value='evening']/@checked")
    assert page.xpath("//select[@id='erkend']/option[@selected]/@value") == ["training_leave"]
    assert page.xpath("//details[@open]//select[@id='erkend']")
    places = page.xpath("//li[@class='card']//dt[text()='Waar']/../dd/text()")
    assert places
    assert all("Gent" in place for place in places)
    assert page.xpath("//*[@class='here']")


@pytest.mark.parametrize("name", ["Merelbeke", "Melle", "Merelbeke-Melle", "9820"])
async def test_a_merged_municipality_is_known_by_its_old_and_new_names(client: httpx.AsyncClient, name: str) -> None:
    found = await api(client, place=name, radius=5)
    assert "44088" in {
        item["offering"]["location"]["municipality_id"] for item in found["items"] if item["offering"]["location"]
    }


async def test_what_is_wrong_in_a_filter_is_said_beside_it(client: httpx.AsyncClient) -> None:
    response = await client.get("/opleidingen?waar=Namen&prijs=veel&vanaf=ooit&km=7&pagina=x&hoe=soms")
    page = html.document_fromstring(response.text)
    assert response.status_code == 200
    for name in ("waar", "prijs", "vanaf"):
        [field] = page.xpath(f"//input[@id='{name}']")
        assert field.get("aria-invalid") == "true"
        assert page.xpath(f"//*[@id='{field.get('aria-describedby')}']/text()")
    several = await client.get("/opleidingen?waar=Hofstade")
    assert "Hofstade (Zemst)" in several.text
    guessed = await client.get("/opleidingen?waar=Antwerpn")
    assert "We zochten in Antwerpen" in guessed.text


async def test_no_results_is_no_dead_end(client: httpx.AsyncClient) -> None:
    relaxed = text_of((await client.get("/opleidingen?wat=bijen+houden&waar=De+Panne&km=5")).text)
    assert "Niets past helemaal" in relaxed
    assert "verder weg" in relaxed
    nothing = text_of((await client.get("/opleidingen?wat=kwantumfysica")).text)
    assert "Niets gevonden" in nothing
    assert "aan Leerwijzer vragen" in nothing


async def test_the_last_page_ends(client: httpx.AsyncClient) -> None:
    for page in ("2", "100000", "-3", "0"):
        assert (await client.get(f"/opleidingen?wat=lassen&pagina={page}")).status_code == 200
    first = html.document_fromstring((await client.get("/opleidingen?wat=lassen")).text)
    seen = set(first.xpath("//li[@class='card']//a/@href"))
    second = html.document_fromstring((await client.get("/opleidingen?wat=lassen&pagina=2")).text)
    assert not seen & set(second.xpath("//li[@class='card']//a/@href"))
    assert second.xpath("//a[@rel='prev']")
    beyond = html.document_fromstring((await client.get("/opleidingen?wat=lassen&waar=Gent&pagina=400")).text)
    assert beyond.xpath("//li[@class='card']//a/@href")


_FIELDS = st.sampled_from(["wat", "waar", "km", "wanneer", "prijs", "vanaf", "bij", "pagina"])


@given(query=st.dictionaries(_FIELDS, st.text(max_size=40)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_address_gives_a_page(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    response = await client.get("/opleidingen", params=query)
    assert response.status_code == 200


# -- a course


async def test_a_course_has_a_page_of_its_own(client: httpx.AsyncClient) -> None:
    item = (await api(client, subject="lassen", place="Gent", provider="CVO"))["items"][0]
    response = await client.get(item["page"].removeprefix(PUBLIC))
    assert response.status_code == 200
    page = html.document_fromstring(response.text)
    text = text_of(response.text)
    assert page.xpath("//link[@rel='canonical']/@href") == [item["page"]]
    assert item["offering"]["title"] in text
    assert "voorbeeldaanbod" in text
    for line in item["price"]["lines"]:
        assert line in text
    for source in item["price"]["sources"]:
        assert source["title"] in text
    assert "nagekeken op" in text
    assert page.xpath("//svg[@role='img']/@aria-label")
    assert page.xpath("//a[starts-with(@href, 'mailto:?subject=')]")
    assert "Dezelfde opleiding, ergens anders of later" in text


async def test_the_json_ld_of_a_page_comes_in_again(
    client: httpx.AsyncClient, tmp_path: Path, gazetteer: Gazetteer, subjects: Subjects
) -> None:
    item = (await api(client, subject="lassen", place="Gent"))["items"][0]
    path = tmp_path / "page.html"
    path.write_bytes((await client.get(item["page"].removeprefix(PUBLIC))).content)
    feed = Feed(path, "page.html")
    importer = importer_for(feed)
    builder = Builder("example", gazetteer, subjects, load_figures(DATA / "knowledge"))
    [result] = importer.read(feed, builder)
    assert importer.name == "web-page"
    assert isinstance(result, Found)
    assert result.offering.id == item["offering"]["id"]
    assert result.offering.price.model_dump(mode="json") == item["offering"]["price"]


async def test_the_readable_part_of_an_address_may_change(client: httpx.AsyncClient) -> None:
    item = (await api(client, subject="lassen"))["items"][0]
    response = await client.get(f"/opleidingen/oude-titel-{item['key']}")
    assert response.status_code == 301
    assert item["page"].endswith(response.headers["location"])
    assert (await client.get("/opleidingen/iets-dat-er-niet-is")).status_code == 404


async def test_what_a_feed_says_is_text_and_never_markup(client: httpx.AsyncClient) -> None:
    [item] = (await api(client, subject="zeldzaamwoord"))["items"]
    for address in (item["page"].removeprefix(PUBLIC), "/opleidingen?wat=zeldzaamwoord"):
        page = (await client.get(address)).text
        assert "<script>alert" not in page
        assert "alert(1)" in page
        tree = html.document_fromstring(page)
        assert [s.get("type") for s in tree.xpath("//script")] in ([], ["application/ld+json"])
        for script in tree.xpath("//script"):
            assert json.loads(script.text)["name"].startswith("<script>alert(1)</script>")
    evil = await client.get("/opleidingen", params={"wat": EVIL, "waar": EVIL, "bij": EVIL})
    assert "<script>alert" not in evil.text


async def test_what_is_offered_no_longer_keeps_its_page(database: Database, subjects: Subjects, tmp_path: Path) -> None:
    builder = Builder("cvo", Gazetteer.load(DATA / "places"), subjects, ())
    course = {"title": "Lassen", "provider": "CVO", "course": {"id": "L"}}
    here, there = (
        builder.build(course | {"id": place, "location": {"place": place}, "start": "2027-02-01"})
        for place in ("Gent", "Aalst (Aalst)")
    )
    with database.begin() as connection:
        load(
            connection, "cvo", [prepare(each, subjects) for each in (here, there)], at=datetime(2026, 11, 1, tzinfo=UTC)
        )
    with database.begin() as connection:
        load(connection, "cvo", [prepare(there, subjects)], at=datetime(2026, 11, 20, tzinfo=UTC))
    transport = httpx.ASGITransport(app=courses_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get(f"/opleidingen/{here.slug}")
        assert response.status_code == 410
        text = text_of(response.text)
        assert "wordt niet meer aangeboden" in text
        assert "1 november 2026" in text
        assert there.slug in response.text
        assert "application/ld+json" not in response.text
        details = (await client.get(f"/api/courses/{here.page_key}")).json()
        assert (details["retired"], details["runs"]) == (True, [there.page_key])
        assert (await client.get(f"/opleidingen/{there.slug}")).status_code == 200


async def test_what_began_already_says_so(database: Database, subjects: Subjects) -> None:
    builder = Builder("cvo", Gazetteer.load(DATA / "places"), subjects, ())
    begun = builder.build(
        {"id": "1", "title": "Lassen", "provider": "CVO", "location": {"place": "Gent"}, "start": "2026-09-01"}
    )
    with database.begin() as connection:
        load(connection, "cvo", [prepare(begun, subjects)])
    transport = httpx.ASGITransport(app=courses_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert "is al begonnen" in (await client.get(f"/opleidingen/{begun.slug}")).text


# -- the map


def test_the_map_holds_every_municipality(gazetteer: Gazetteer) -> None:
    drawn = OutlineMap(DATA / "places", gazetteer)
    municipalities = [place for place in gazetteer if place.id == place.municipality_id]
    dots = drawn.dots({place.id: 1 + number for number, place in enumerate(municipalities)} | {"": 5, "99999": 3})
    assert len(dots) == len(municipalities) == 304
    assert all(0 <= dot.x <= 1000 and 0 <= dot.y <= drawn.height for dot in dots)
    assert [dot.radius for dot in dots] == sorted((dot.radius for dot in dots), reverse=True)
    assert all(re.fullmatch(r"(M[\d., ]+Z)+", shape.path) for shape in drawn.shapes)
    assert {shape.name for shape in drawn.shapes} >= {"Antwerpen", "Limburg"}
