"""The operators' list of what must be checked again, and who may see it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date

import pytest
from lxml import html
from starlette.requests import Request

from bot.counsellors import accounts, sessions
from bot.counsellors.model import Role
from bot.knowledge.upkeep import Due, Kind
from bot.settings import Settings
from bot.storage.database import Database
from channels.errors import ApiError
from channels.upkeep.guard import operators_only
from channels.upkeep.pages import listed, page

TODAY = date(2026, 11, 26)


def one(identifier: str, day: date, kind: Kind = Kind.FIGURE, name: str = "Naam", **other: object) -> Due:
    values = {"certainty": "zeker", "checked": date(2026, 1, 1), "sources": (("Bron", "https://bron.be"),)} | other
    return Due(kind, identifier, name, check_again=day, **values)  # type: ignore[arg-type]


def cells(text: str) -> list[list[str]]:
    rows = html.fromstring(text).xpath("//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def test_the_real_data_are_listed_soonest_first() -> None:
    everything = listed(Settings(_env_file=None))
    assert [due.check_again for due in everything] == sorted(due.check_again for due in everything)
    assert {due.kind for due in everything} == set(Kind)


def test_what_is_late_is_marked_in_words() -> None:
    rows = cells(page([one("oud", date(2026, 11, 20)), one("nieuw", date(2026, 11, 27))], TODAY))
    assert rows[0][0] == "20 november 2026over datum: 6 dagen"
    assert rows[1][0] == "27 november 2026over 1 dag"


def test_it_can_be_narrowed_to_a_kind_and_to_days() -> None:
    everything = [one("a", date(2026, 12, 1)), one("b", date(2027, 5, 1)), one("c", date(2026, 12, 1), Kind.ARTICLE)]
    assert len(cells(page(everything, TODAY))) == 3
    assert [row[1] for row in cells(page(everything, TODAY, Kind.ARTICLE))] == ["artikel"]
    assert len(cells(page(everything, TODAY, within=30))) == 2
    assert "Niets te zien" in page(everything, TODAY, Kind.HELPLINE)


def test_what_editors_wrote_is_text_and_never_markup() -> None:
    text = page([one("x", TODAY, name="<script>alert(1)</script>", note="<b>")], TODAY)
    assert "<script>" not in text and "&lt;script&gt;" in text


# ---- who may see it ------------------------------------------------------------------------------------------------


def request(client: str = "127.0.0.1", **headers: str) -> Request:
    given = {"host": "localhost:8000"} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "client": (client, 1)})


async def allowed(asked: Request, token: str = "", public_url: str = "http://localhost:8000") -> int:
    settings = Settings(_env_file=None, operator_token=token, public_url=public_url)
    check = operators_only(settings, Database("sqlite://"))
    try:
        await check(asked)
    except ApiError as error:
        return error.status
    return 200


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"beheer:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {"host": "[::1]:8000"}, 200),
        ("192.168.1.4", {}, 403),
        ("127.0.0.1", {"x_forwarded_for": "10.0.0.1"}, 403),
        ("127.0.0.1", {"forwarded": "for=10.0.0.1"}, 403),
        ("127.0.0.1", {"host": "evil.example"}, 403),
        ("127.0.0.1", {"host": ""}, 403),
    ],
)
async def test_without_a_token_only_the_machine_itself(client: str, headers: Mapping[str, str], status: int) -> None:
    assert await allowed(request(client, **headers)) == status
    assert await allowed(request(client, **headers), public_url="https://leren.example") == 403


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (basic("geheim"), 200),
        ("Bearer geheim", 200),
        (basic("fout"), 401),
        ("Bearer fout", 401),
        ("Basic geheim", 401),
        ("Basic !!!", 401),
        ("", 401),
        (basic(""), 401),
    ],
)
async def test_with_a_token_whoever_has_it_and_nobody_else(authorization: str, status: int) -> None:
    assert await allowed(request("192.168.1.4", authorization=authorization), "geheim") == status
    assert await allowed(request("127.0.0.1"), "geheim") == 401


@pytest.mark.parametrize(
    ("role", "complete", "status"),
    [
        (Role.OPERATOR, True, 200),
        (Role.OPERATOR, False, 403),
        (Role.ADMINISTRATOR, True, 403),
        (Role.COUNSELLOR, True, 403),
    ],
)
async def test_an_operator_who_is_wholly_signed_in_at_the_desk_may_see_it_from_anywhere(
    database: Database, role: Role, complete: bool, status: int
) -> None:
    with database.begin() as connection:
        organisation = None if role is Role.OPERATOR else "vdab"
        counsellor = accounts.add(connection, "op@voorbeeld.be", "Op Eraris", role, organisation)
        token = sessions.begin(connection, counsellor, complete=complete)
    settings = Settings(_env_file=None, desk_two_factor="optional")
    check = operators_only(settings, database)
    asked = request("192.168.1.4", cookie=f"leerwijzer-desk={token}")
    if status == 200:
        await check(asked)
        return
    with pytest.raises(ApiError) as refused:
        await check(asked)
    assert refused.value.status == status
