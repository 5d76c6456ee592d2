"""Administration at the desk: who manages what, and nobody anything else."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import date, time

import pytest
from desk.conftest import Visit
from desk.test_desk_referrals import entered
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from support.mail_server import mail_server
from support.people import eventually
from support.rasa_server import RasaServer
from support.site import Site, running

from bot import mail
from bot.counsellors import accounts, replies
from bot.counsellors.model import AccountError, Counsellor, Role
from bot.referral import callers, hours
from bot.referral.organisations import OpeningHours
from bot.settings import Settings
from channels.desk.hours_form import by_day, read_closed, read_hours

Visits = Callable[[], Visit]
Accounts = Callable[..., Counsellor]
ME = "/desk/beheer/vdab"


async def test_an_administrator_invites_and_switches_off(visit: Visits, account: Accounts, desk_site: Site) -> None:
    me = await entered(visit, account, "Ada Beheer", "vdab", Role.ADMINISTRATOR)
    assert (await me.get("/desk/beheer")).headers["location"] == ME
    assert (await me.get(ME)).status_code == 200
    made = await me.post(f"{ME}/uitnodigen", name="Cem Nieuw", email="cem@vdab.example", role="counsellor")
    link = re.search(r'value="http://localhost:8000(/desk/uitnodiging/[^"]+)"', made.text)
    assert link is not None
    assert "Dag Cem" in (await visit().get(link[1])).text
    assert (await me.post(f"{ME}/uitnodigen", name="Op", email="op@vdab.example", role="operator")).status_code == 422
    assert (
        "al een account"
        in (await me.post(f"{ME}/uitnodigen", name="C", email="cem@vdab.example", role="counsellor")).text
    )

    colleague = account("dirk@vdab.example", name="Dirk Weg")
    dirk = visit()
    await dirk.sign_in("dirk@vdab.example")
    assert (await me.post(f"{ME}/account/{colleague.id}/uit")).status_code == 200
    assert (await dirk.get("/desk")).status_code == 303
    assert (await me.post(f"{ME}/account/{colleague.id}/aan")).status_code == 200
    again = await me.post(f"{ME}/account/{colleague.id}/nieuw")
    assert "/desk/uitnodiging/" in again.text
    assert "Dirk Weg" in again.text


async def test_an_invitation_is_mailed_too(
    tmp_path_factory: pytest.TempPathFactory,
    desk_rasa: RasaServer,
    desk_password_hash: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "_PAUSES", (0.1,))
    with mail_server() as (inbox, url):
        settings = Settings(
            _env_file=None,
            var_dir=tmp_path_factory.mktemp("mailed"),
            desk_two_factor="optional",
            smtp_url=SecretStr(url),
        )
        async with running(settings, desk_rasa) as site:
            with site.database.begin() as connection:
                me = accounts.add(connection, "ada@vdab.example", "Ada Beheer", Role.ADMINISTRATOR, "vdab")
                accounts.set_password(connection, me.id, desk_password_hash)
            ada = Visit(site.http, site.url)
            await ada.sign_in("ada@vdab.example")
            made = await ada.post(f"{ME}/uitnodigen", name="Cem Nieuw", email="cem@vdab.example", role="counsellor")
            shown = re.search(r'value="(http://localhost:8000/desk/uitnodiging/[^"]+)"', made.text)
            assert shown is not None and "cem@vdab.example" in made.text
            await eventually(lambda: len(inbox.took) == 1)
            (mailed,) = inbox.took
            assert mailed["To"] == "cem@vdab.example"
            assert "Dag Cem" in mailed.get_content() and shown[1] in mailed.get_content()
            inbox.answers += ["451 later"]
            with site.database.read() as connection:
                cem = accounts.by_email(connection, "cem@vdab.example")
                assert cem is not None
            for _ in range(2):  # the second link ends the first, which must not arrive after it
                again = await ada.post(f"{ME}/account/{cem.id}/nieuw")
            newest = re.search(r'value="([^"]+/desk/uitnodiging/[^"]+)"', again.text)
            assert newest is not None
            await eventually(lambda: any(newest[1] in one.get_content() for one in inbox.took))


async def test_hours_of_ones_own_to_call_back(visit: Visits, account: Accounts, desk_site: Site) -> None:
    me = await entered(visit, account, "Bel Terug", "vdab")
    assert "tijdens de uren van je organisatie" in (await me.get("/desk/account")).text
    page = await me.get("/desk/account/beluren")
    assert page.status_code == 200
    wrong = await me.post("/desk/account/beluren", **{"opens-2": "18:00", "closes-2": "17:00"})
    assert wrong.status_code == 422 and "dinsdag" in wrong.text
    kept = await me.post("/desk/account/beluren", **{"opens-2": "18:00", "closes-2": "19:30"})
    assert 'value="18:00"' in kept.text
    assert "dinsdag, 18 tot 19.30 uur" in (await me.get("/desk/account")).text
    with desk_site.database.read() as connection:
        mine = next(one for one in accounts.of_organisation(connection, "vdab") if one.name == "Bel Terug")
        assert callers.own_hours(connection, mine.id) == [OpeningHours(days=(2,), opens=time(18), closes=time(19, 30))]
    theirs = f"{ME}/account/{mine.id}/beluren"
    chief = await entered(visit, account, "Ada Uren", "vdab", Role.ADMINISTRATOR)
    assert theirs in (await chief.get(ME)).text
    assert "Beluren van Bel Terug" in (await chief.get(theirs)).text
    await chief.post(theirs, **{"opens-1": "09:00", "closes-1": "10:00"})
    assert "maandag, 9 tot 10 uur" in (await me.get("/desk/account")).text
    stranger = await entered(visit, account, "Ana Ver", "gtb", Role.ADMINISTRATOR)
    for other, path in ((me, theirs), (stranger, theirs), (stranger, f"/desk/beheer/gtb/account/{mine.id}/beluren")):
        assert (await other.get(path)).status_code == 404
        assert (await other.post(path, **{"opens-1": "11:00", "closes-1": "12:00"})).status_code == 404
    assert "maandag, 9 tot 10 uur" in (await me.get("/desk/account")).text
    await me.post("/desk/account/beluren")
    assert "tijdens de uren van je organisatie" in (await me.get("/desk/account")).text


async def test_nobody_manages_what_is_not_theirs(visit: Visits, account: Accounts, desk_site: Site) -> None:
    victim = account("slachtoffer@vdab.example", name="Vic Timo")
    with desk_site.database.begin() as connection:
        replies.put(connection, "vdab", "Blijft", "staan")
        number = next(one.id for one in replies.of_organisation(connection, "vdab") if one.title == "Blijft")
    for me in (
        await entered(visit, account, "Ana Ander", "gtb", Role.ADMINISTRATOR),
        await entered(visit, account, "Cas Gewoon", "vdab"),
    ):
        assert (await me.get(ME)).status_code == 404
        for path, fields in [
            ("uitnodigen", {"name": "x", "email": "x@x.example", "role": "administrator"}),
            (f"account/{victim.id}/uit", {}),
            (f"account/{victim.id}/nieuw", {}),
            (f"account/{victim.id}/beheerder", {}),
            ("antwoorden", {"title": "x", "text": "x"}),
            (f"antwoorden/{number}/weg", {}),
            ("uren", {"opens-1": "09:00", "closes-1": "10:00"}),
        ]:
            response = await me.post(f"{ME}/{path}", **fields)
            assert response.status_code == 404, path
            assert "uitnodiging" not in response.text
    other = await entered(visit, account, "Ana Ander2", "gtb", Role.ADMINISTRATOR)  # through their own organisation
    assert (await other.post(f"/desk/beheer/gtb/account/{victim.id}/uit")).status_code == 422
    assert (await other.post(f"/desk/beheer/gtb/antwoorden/{number}/weg")).status_code == 422
    assert (await other.get("/desk/beheer/gtb/voorbeelden.yml")).status_code == 403
    with desk_site.database.read() as connection:
        now_is = accounts.get(connection, victim.id)
        assert now_is is not None
        assert (now_is.active, now_is.role, now_is.has_password) == (True, Role.COUNSELLOR, True)
        assert "Blijft" in [one.title for one in replies.of_organisation(connection, "vdab")]


async def test_nobody_shuts_themselves_out(visit: Visits, account: Accounts, desk_site: Site) -> None:
    me = await entered(visit, account, "Eva Zelf", "vdab", Role.ADMINISTRATOR)
    with desk_site.database.read() as connection:
        mine = next(one for one in accounts.of_organisation(connection, "vdab") if one.name == "Eva Zelf")
    for what in ("uit", "nieuw", "begeleider"):
        assert (await me.post(f"{ME}/account/{mine.id}/{what}")).status_code == 422
    assert (await me.post(f"{ME}/account/abc/uit")).status_code == 422
    assert (await me.post(f"{ME}/account/{mine.id}/operator")).status_code == 404


async def test_an_operator_manages_all_and_sees_no_referral(visit: Visits, account: Accounts) -> None:
    me = await entered(visit, account, "Otto Alles", None, Role.OPERATOR)
    assert (await me.get("/desk")).headers["location"] == "/desk/beheer"
    assert "VDAB" in (await me.get("/desk/beheer")).text
    assert (await me.get("/desk/beheer/gtb")).status_code == 200
    assert (await me.get("/desk/beheer/geen-organisatie")).status_code == 404
    assert (await me.get(f"{ME}/voorbeelden.yml")).status_code == 200


async def test_hours_replies_and_mailbox(visit: Visits, account: Accounts, desk_site: Site) -> None:
    me = await entered(visit, account, "Uri Uren", "vdab", Role.ADMINISTRATOR)
    fields = {
        "opens-1": "09:00",
        "closes-1": "12:00",
        "opens-1b": "13:00",
        "closes-1b": "16:30",
        "closed": "24/12/2026",
    }
    saved = await me.post(f"{ME}/uren", mailbox="loket@vdab.example", **fields)
    for shown in ('value="13:00"', "24/12/2026", 'value="loket@vdab.example"'):
        assert shown in saved.text
    assert "niet in volgorde" in (await me.post(f"{ME}/uren", **{"opens-2": "12:00", "closes-2": "09:00"})).text
    assert "geen dag" in (await me.post(f"{ME}/uren", closed="morgen")).text
    assert "e-mailadres" in (await me.post(f"{ME}/uren", mailbox="geen")).text
    with desk_site.database.read() as connection:
        assert hours.mailbox(connection, "vdab") == "loket@vdab.example"
    assert "Welkom" in (await me.post(f"{ME}/antwoorden", title="Welkom", text="Welkom <b>hier</b>")).text


@given(st.lists(st.tuples(st.integers(0, 22), st.integers(1, 23)), min_size=7, max_size=7))
def test_hours_come_back_as_they_were_filled_in(pairs: list[tuple[int, int]]) -> None:
    fields = {}
    for number, (begin, end) in enumerate(pairs, start=1):
        if begin < end:
            fields |= {f"opens-{number}": f"{begin:02}:00", f"closes-{number}": f"{end:02}:00"}
    found = by_day(read_hours(fields) or ())
    for number, (begin, end) in enumerate(pairs, start=1):
        assert [(part.opens, part.closes) for part in found[number]] == (
            [(time(begin), time(end))] if begin < end else []
        )


@given(
    st.dictionaries(
        st.sampled_from([f"{w}-{n}" for w in ("opens", "closes") for n in range(1, 8)]), st.text(max_size=8)
    )
)
def test_whatever_is_filled_in_is_hours_or_a_refusal(fields: dict[str, str]) -> None:
    with contextlib.suppress(AccountError):
        read_hours(fields)


@pytest.mark.parametrize(
    "text", ["24/12/2026, 25.12.2026", "2026-12-24\n2026-12-25", " 24-12-2026;25/12/2026 24/12/2026"]
)
def test_closed_days_as_people_write_them(text: str) -> None:
    assert read_closed(text) == [date(2026, 12, 24), date(2026, 12, 25)]
