"""Coming in at the desk over HTTP: cookies, forms of other sites, invitations, two steps."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from desk.conftest import PASSWORD, Visit
from support.rasa_server import RasaServer
from support.site import Site, running

from bot.counsellors import accounts, invitations
from bot.counsellors.model import Counsellor, Role
from bot.settings import Settings
from bot.storage.tables import utcnow

Visits = Callable[[], Visit]
Accounts = Callable[..., Counsellor]


async def test_signing_in_and_out(visit: Visits, account: Accounts) -> None:
    account("binnen@vdab.example")
    me = visit()
    shown = await me.get("/desk/aanmelden")
    assert shown.status_code == 200
    assert "Demo" not in shown.text
    response = await me.sign_in("binnen@vdab.example")
    assert response.headers["location"] == "/desk"
    cookie = response.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert part in cookie
    page = await me.get("/desk/account")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "unsafe" not in page.headers["content-security-policy"]
    response = await me.post("/desk/afmelden")
    assert response.headers["location"] == "/desk/aanmelden"
    me.http.cookies.set("leerwijzer-desk", cookie.split("=", 1)[1].split(";")[0])  # a copy kept by somebody
    assert (await me.get("/desk/account")).headers["location"].startswith("/desk/aanmelden")


async def test_a_wrong_password_says_so_and_keeps_the_address(visit: Visits, account: Accounts) -> None:
    account("fout@vdab.example")
    response = await visit().sign_in("fout@vdab.example", '"><script>alert(1)</script>')
    assert response.status_code == 401
    assert "klopt niet" in response.text
    assert 'value="fout@vdab.example"' in response.text
    response = await visit().sign_in('"><script>alert(1)</script>@x.example')
    assert "<script>alert" not in response.text


async def test_one_comes_back_where_one_wanted_to_be(visit: Visits, account: Accounts) -> None:
    account("terug@vdab.example")
    me = visit()
    where = (await me.get("/desk/account")).headers["location"]
    assert where == "/desk/aanmelden?verder=/desk/account"
    assert 'name="onward" value="/desk/account"' in (await me.get(where)).text
    response = await me.post("/desk/aanmelden", email="terug@vdab.example", password=PASSWORD, onward="/desk/account")
    assert response.headers["location"] == "/desk/account"


@pytest.mark.parametrize(
    "onward",
    ["//kwaad.example", "https://kwaad.example", "/desk//kwaad.example", "/desk/\\kwaad", "/deskx", "/desk/\r\nX: y"],
)
async def test_one_goes_nowhere_else(visit: Visits, account: Accounts, onward: str) -> None:
    account(f"weg{abs(hash(onward))}@vdab.example")
    response = await visit().post(
        "/desk/aanmelden", email=f"weg{abs(hash(onward))}@vdab.example", password=PASSWORD, onward=onward
    )
    assert response.headers["location"] == "/desk"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://kwaad.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://kwaad.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
async def test_a_form_of_another_site_is_refused(visit: Visits, account: Accounts, headers: dict[str, str]) -> None:
    name = f"csrf{len(headers)}{abs(hash(str(headers)))}@vdab.example"
    account(name)
    me = visit()
    await me.sign_in(name)
    for path, data in [
        ("/desk/afmelden", {"csrf": me.csrf}),
        ("/desk/aanmelden", {"email": name, "password": PASSWORD}),
    ]:
        assert (await me.http.post(path, data=data, headers=headers)).status_code == 403
    assert (await me.get("/desk/account")).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "é" * 43, None])
async def test_a_form_without_its_token_is_refused(visit: Visits, account: Accounts, token: str | None) -> None:
    name = f"token{abs(hash(token))}@vdab.example"
    account(name)
    me, other = visit(), visit()
    await me.sign_in(name)
    await other.sign_in(name)
    fields = {} if token is None else {"csrf": token}
    origin = {"Origin": me.origin}
    assert (await me.http.post("/desk/afmelden", data=fields, headers=origin)).status_code == 403
    assert (await me.http.post("/desk/afmelden", data={"csrf": other.csrf}, headers=origin)).status_code == 403
    assert (await me.http.post("/desk/afmelden", headers=origin | {"X-CSRF-Token": me.csrf})).status_code == 303


async def test_without_a_session_there_is_nothing(visit: Visits) -> None:
    me = visit()
    for path in ("/desk/account", "/desk/tweestap", "/desk/code"):
        assert (await me.get(path)).status_code == 303
    piece = await me.get("/desk/account", headers={"HX-Request": "true"})
    assert (piece.status_code, piece.headers["hx-redirect"]) == (401, "/desk/aanmelden")
    me.http.cookies.set("leerwijzer-desk", "x" * 4000)
    assert (await me.get("/desk/account")).status_code == 303


async def test_an_invitation_is_taken_up_once(visit: Visits, desk_site: Site) -> None:
    with desk_site.database.begin() as connection:
        counsellor = accounts.add(connection, "nieuw@vdab.example", "Bo Claes", Role.COUNSELLOR, "vdab")
        token = invitations.make_link(connection, counsellor)
    me, link = visit(), f"/desk/uitnodiging/{token}"
    assert "Dag Bo" in (await me.get(link)).text
    assert (await me.post(link, password="kort", again="kort")).status_code == 422
    assert "niet hetzelfde" in (await me.post(link, password=PASSWORD, again=f"{PASSWORD}!")).text
    assert (await me.post(link, password=PASSWORD, again=PASSWORD)).headers["location"] == "/desk"
    assert (await me.get("/desk/account")).status_code == 200
    for response in (await me.get(link), await me.post(link, password=PASSWORD, again=PASSWORD)):
        assert response.status_code == 410
        assert "werkt niet meer" in response.text


async def test_two_steps(visit: Visits, account: Accounts) -> None:
    account("twee@vdab.example")
    me = visit()
    await me.sign_in("twee@vdab.example")
    page = await me.get("/desk/tweestap")
    assert page.text.count("<svg") == 1
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert secret is not None
    assert secret[1] in (await me.get("/desk/tweestap")).text  # loaded again, the app that scanned it still fits
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    assert (await me.post("/desk/tweestap", code="000000")).status_code == 422
    codes = re.findall(r"<code>([2-9A-Z-]{17})</code>", (await me.post("/desk/tweestap", code=app.now())).text)
    assert len(codes) == 10
    assert (await me.get("/desk/tweestap")).headers["location"] == "/desk/account"

    again = visit()
    assert (await again.post("/desk/aanmelden", email="twee@vdab.example", password=PASSWORD)).headers[
        "location"
    ] == "/desk/code"
    assert (await again.get("/desk/account")).headers["location"] == "/desk/code"  # halfway is nowhere
    assert (await again.post("/desk/code", code="123456")).status_code == 401
    later = app.at(utcnow() + timedelta(seconds=30))
    assert (await again.post("/desk/code", code=later)).headers["location"] == "/desk"
    assert "nog 10 herstelcodes" in (await again.get("/desk/account")).text

    assert (await again.post("/desk/account/herstelcodes", password="geraden")).status_code == 422  # a stolen session
    renewed = re.findall(
        r"<code>([2-9A-Z-]{17})</code>", (await again.post("/desk/account/herstelcodes", password=PASSWORD)).text
    )
    assert len({*renewed, *codes}) == 20
    for code, status in ((codes[0], 401), (renewed[0], 303), (renewed[0], 401)):
        lost = visit()
        await lost.post("/desk/aanmelden", email="twee@vdab.example", password=PASSWORD)
        assert (await lost.post("/desk/code", code=code)).status_code == status
    assert "nog 9 herstelcodes" in (await again.get("/desk/account")).text


async def test_without_two_steps_there_are_no_recovery_codes(visit: Visits, account: Accounts) -> None:
    account("geen@vdab.example")
    me = visit()
    await me.sign_in("geen@vdab.example")
    assert "herstelcodes" not in (await me.get("/desk/account")).text
    assert (await me.post("/desk/account/herstelcodes", password=PASSWORD)).status_code == 422


async def test_another_password_ends_other_sessions(visit: Visits, account: Accounts) -> None:
    account("wissel@vdab.example")
    me, other = visit(), visit()
    await me.sign_in("wissel@vdab.example")
    await other.sign_in("wissel@vdab.example")
    new = "vier koeien in de wei"
    assert (await me.post("/desk/account/wachtwoord", old="fout", password=new, again=new)).status_code == 422
    assert (await me.post("/desk/account/wachtwoord", old=PASSWORD, password=new, again=new)).status_code == 303
    assert (await me.get("/desk/account")).status_code == 200
    assert (await other.get("/desk/account")).status_code == 303
    assert (await visit().sign_in("wissel@vdab.example", new)).status_code == 303


async def test_the_second_step_is_asked_of_everybody_when_required(
    tmp_path_factory: pytest.TempPathFactory, desk_rasa: RasaServer, desk_password_hash: str, visit: Visits
) -> None:
    settings = Settings(_env_file=None, var_dir=tmp_path_factory.mktemp("strict"))
    async with running(settings, desk_rasa) as site:
        with site.database.begin() as connection:
            counsellor = accounts.add(connection, "an@vdab.example", "An Peeters", Role.COUNSELLOR, "vdab")
            accounts.set_password(connection, counsellor.id, desk_password_hash)
        me = Visit(site.http, site.url)
        await me.sign_in("an@vdab.example")
        assert (await me.get("/desk/account")).headers["location"] == "/desk/tweestap"


async def test_behind_https_the_cookie_is_bound_to_the_host(
    tmp_path_factory: pytest.TempPathFactory, desk_rasa: RasaServer, desk_password_hash: str
) -> None:
    settings = Settings(_env_file=None, var_dir=tmp_path_factory.mktemp("https"), public_url="https://leren.example")
    async with running(settings, desk_rasa) as site:
        with site.database.begin() as connection:
            counsellor = accounts.add(connection, "an@vdab.example", "An Peeters", Role.COUNSELLOR, "vdab")
            accounts.set_password(connection, counsellor.id, desk_password_hash)
        response = await Visit(site.http, "https://leren.example").sign_in("an@vdab.example")
        cookie = response.headers["set-cookie"]
        assert cookie.startswith("__Host-leerwijzer-desk=")
        assert "Secure" in cookie


async def test_static_files_name_their_origin(visit: Visits) -> None:
    me = visit()
    script = await me.get("/desk/static/htmx.min.js")
    assert script.headers["content-type"].startswith("text/javascript")
    licence = (await me.get("/desk/static/htmx.LICENSE.txt")).text
    assert hashlib.sha256(script.content).hexdigest() in licence
