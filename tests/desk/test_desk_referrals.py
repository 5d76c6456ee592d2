"""Referrals at the desk over HTTP: what a counsellor sees and does, and that no one sees those of another organisation."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from desk.conftest import Visit
from support.referred import refer
from support.site import Events, Site

from bot.assistant.evaluation import read_examples
from bot.conversation.message import Author, InboundMessage
from bot.conversation.model import Floor
from bot.counsellors import examples
from bot.counsellors.model import Counsellor, Role
from bot.overview.model import Overview, Right
from bot.overview.store import make as make_overview
from bot.referral import presence
from bot.referral.referrals import Way
from bot.storage.columns import utcnow
from bot.storage.referral_tables import referral_reads
from bot.storage.referral_tables import referrals as table
from bot.storage.tables import conversations

Visits = Callable[[], Visit]
Accounts = Callable[..., Counsellor]

_numbers = itertools.count()


@pytest.fixture
async def an(visit: Visits, account: Accounts, desk_site: Site) -> Visit:
    return await entered(visit, account, "An Peeters")


async def entered(
    visit: Visits, account: Accounts, name: str, organisation: str | None = "vdab", role: Role = Role.COUNSELLOR
) -> Visit:
    """A fresh counsellor, signed in."""
    email = f"{name.split()[0].lower()}{next(_numbers)}{len(name)}@{organisation}.example"
    account(email, role, organisation, name)
    me = visit()
    assert (await me.sign_in(email)).status_code == 303
    return me


async def test_a_referral_is_seen_claimed_answered_and_closed(an: Visit, desk_site: Site) -> None:
    person = await refer(desk_site, way=Way.CHAT)
    listed = await an.get("/desk")
    assert person.reference in listed.text
    assert "wacht in het gesprek" in listed.text
    path = f"/desk/r/{person.reference}"
    shown = await an.get(path)
    assert "lassen, &#39;s avonds" in shown.text
    assert "kost dat veel?" in shown.text  # the transcript from the start
    assert "nagekeken op 2026-11-23" in shown.text  # what the person was told, with its source
    assert (await an.post(f"{path}/opnemen")).headers["location"] == path
    assert (await an.post(f"{path}/zeg", text="Dag, ik ben An.", key="k1")).status_code == 303
    assert (await an.post(f"{path}/zeg", text="Dag, ik ben An.", key="k1")).status_code == 303  # a double click
    lines = await desk_site.conversations.lines(person.conversation_id)
    assert [line.text for line in lines if line.author is Author.COUNSELLOR] == ["Dag, ik ben An."]
    await person.write("Ik zoek een cursus")
    shown = await an.get(path)
    assert "Ik zoek een cursus" in shown.text
    assert "live in gesprek" in shown.text
    assert (await an.post(f"{path}/sluiten", outcome="niets")).status_code == 422
    assert (await an.post(f"{path}/sluiten", outcome="reached")).status_code == 303
    assert "bereikt en geholpen" in (await an.get("/desk?afgesloten=1")).text
    assert (await desk_site.conversations.floor(person.conversation_id))[0] is Floor.ASSISTANT
    assert (await an.post(f"{path}/zeg", text="Nog iets", key="k2")).status_code == 409


async def test_what_a_person_writes_is_never_markup(an: Visit, desk_site: Site) -> None:
    person = await refer(desk_site, way=Way.CHAT, said="stout <img src=x onerror=alert(1)>")
    await person.write("**vet** <script>alert(1)</script>")
    shown = (await an.get(f"/desk/r/{person.reference}")).text
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "javascript:" not in re.sub(r"&#39;", "'", " ".join(re.findall(r'href="([^"]*)"', shown)))
    assert "<strong>vet</strong> &lt;script&gt;" in shown


async def test_another_organisation_gets_at_nothing(visit: Visits, account: Accounts, desk_site: Site) -> None:
    person = await refer(desk_site, way=Way.CHAT)
    stranger = await entered(visit, account, "Sam Van Gent", "gtb")
    administrator = await entered(visit, account, "Ada Beheer", "gtb", Role.ADMINISTRATOR)
    operator = await entered(visit, account, "Otto Operator", None, Role.OPERATOR)
    path = f"/desk/r/{person.reference}"
    gets = [
        path,
        f"{path}/stand",
        f"{path}/gebeurtenissen",
        f"{path}/fout/2",
        path.lower(),
        f"/desk/r/{person.reference[3:]}",
    ]
    posts: list[tuple[str, dict[str, str]]] = [
        ("opnemen", {}), ("zeg", {"text": "x", "key": "x"}), ("einde", {}), ("bereikt", {}), ("teruggeven", {}),
        ("typt", {}), ("contact", {}), ("doorgeven", {"colleague": "1"}), ("sluiten", {"outcome": "other"}),
        ("notitie", {"text": "x"}), ("fout/2", {"text": "x", "intent": "greet"}),
    ]  # fmt: skip
    before = await rows(desk_site, person.reference)
    for other in (stranger, administrator, operator):
        for get in gets:
            response = await other.get(get)
            assert response.status_code in (403, 404), get
            assert "lassen" not in response.text
        for post, fields in posts:
            response = await other.post(f"{path}/{post}", **fields)
            assert response.status_code in (403, 404, 422), post
            assert "0470" not in response.text
        for page in ("/desk", "/desk/lijst", "/desk?afgesloten=1", "/desk/lijst?open=" + person.reference):
            response = await other.get(page)
            assert f'{path}"' not in response.text
    assert await rows(desk_site, person.reference) == before
    assert not desk_site.conversations.signs.typing(person.conversation_id, Author.COUNSELLOR)


async def rows(site: Site, reference: str) -> list[object]:
    """Everything that is stored of a referral, and how much is said in its conversation."""

    def read(connection: sa.engine.Connection) -> list[object]:
        one = connection.execute(sa.select(table).where(table.c.reference == reference)).one()
        reads = connection.execute(sa.select(referral_reads).where(referral_reads.c.referral_id == one.id)).all()
        said = connection.execute(
            sa.select(conversations.c.seq).where(conversations.c.id == one.conversation_id)
        ).scalar()
        return [tuple(one), reads, said]

    return await site.database.run(read, readonly=True)


async def test_without_signing_in_there_is_nothing(visit: Visits, desk_site: Site) -> None:
    person = await refer(desk_site)
    nobody = visit()
    for path in ("/desk", f"/desk/r/{person.reference}", "/desk/gebeurtenissen", "/desk/lijst"):
        assert (await nobody.get(path)).status_code == 303
    assert (await nobody.post(f"/desk/r/{person.reference}/opnemen")).status_code in (303, 403)


async def test_of_two_who_take_it_up_one_wins_and_the_other_hears_who(
    visit: Visits, account: Accounts, an: Visit, desk_site: Site
) -> None:
    person = await refer(desk_site)
    bo = await entered(visit, account, "Bo Claes")
    path = f"/desk/r/{person.reference}"
    results = await asyncio.gather(an.post(f"{path}/opnemen"), bo.post(f"{path}/opnemen"))
    assert sorted(response.status_code for response in results) == [303, 409]
    winner = "An Peeters" if results[0].status_code == 303 else "Bo Claes"
    loser = results[1] if winner == "An Peeters" else results[0]
    assert f"{winner} heeft deze doorverwijzing opgenomen" in loser.text
    other = bo if winner == "An Peeters" else an
    assert f"{winner} heeft deze doorverwijzing opgenomen" in (await other.get(path)).text
    refused = await other.post(f"{path}/zeg", text="Dag", key="k")
    assert refused.status_code == 409


async def test_the_contact_shows_on_request_and_that_is_kept(an: Visit, desk_site: Site) -> None:
    person = await refer(desk_site)
    path = f"/desk/r/{person.reference}"
    assert "0470" not in (await an.get(path)).text
    shown = await an.post(f"{path}/contact", {"HX-Request": "true"})
    assert "0470 12 34 56" in shown.text

    def reads(connection: sa.engine.Connection) -> list[str]:
        query = sa.select(referral_reads.c.what).join(table, table.c.id == referral_reads.c.referral_id)
        return [row.what for row in connection.execute(query.where(table.c.reference == person.reference))]

    kept = await desk_site.database.run(reads, readonly=True)
    assert kept.count("contact") == 1
    assert "transcript" in kept


async def test_without_the_transcript_only_what_is_said_from_now_on_is_seen(an: Visit, desk_site: Site) -> None:
    person = await refer(desk_site, way=Way.CHAT, with_transcript=False)
    await person.write("ik wacht hier")
    shown = (await an.get(f"/desk/r/{person.reference}")).text
    assert "kost dat veel?" not in shown
    assert "ik wacht hier" in shown


async def test_handing_on_to_a_colleague(visit: Visits, account: Accounts, an: Visit, desk_site: Site) -> None:
    person = await refer(desk_site)
    path = f"/desk/r/{person.reference}"
    bo = await entered(visit, account, "Bo Doorgeef")
    await entered(visit, account, "Sam Vreemd", "gtb")
    await an.post(f"{path}/opnemen")
    page = (await an.get(path)).text
    options = dict(re.findall(r'<option value="(\d+)">([^<]+)</option>', page))
    assert "Sam Vreemd" not in options.values()
    number = next(key for key, name in options.items() if name == "Bo Doorgeef")
    assert (await an.post(f"{path}/doorgeven", colleague="999999")).status_code == 422
    assert (await an.post(f"{path}/doorgeven", colleague=number)).status_code == 303
    assert "bij <strong>jij</strong>" in (await bo.get(path)).text
    assert "An Peeters gaf door aan Bo Doorgeef" in (await bo.get(path)).text


async def test_notes_are_for_colleagues_and_encrypted(an: Visit, desk_site: Site) -> None:
    person = await refer(desk_site)
    path = f"/desk/r/{person.reference}"
    assert (await an.post(f"{path}/notitie", text=" ")).status_code == 422
    await an.post(f"{path}/notitie", text="Belt liever na <b>17 uur</b>")
    assert "Belt liever na &lt;b&gt;17 uur" in (await an.get(path)).text
    stored = await desk_site.database.run(
        lambda connection: str(connection.exec_driver_sql("SELECT * FROM referral_notes").all()), readonly=True
    )
    assert "Belt liever" not in stored


async def test_a_wrong_answer_becomes_an_example_that_evaluation_reads(
    an: Visit, desk_site: Site, tmp_path: Path
) -> None:
    person = await refer(desk_site, said="kost [dat] iets? mail jan@x.be of bel 0470 12 34 56")
    lines = await desk_site.conversations.lines(person.conversation_id)
    seq = next(line.seq for line in lines if line.author is Author.ASSISTANT)
    path = f"/desk/r/{person.reference}/fout/{seq}"
    form = (await an.get(path)).text
    assert "kost (dat) iets? mail … of bel …" in form
    assert (await an.post(path, text="…", intent="ask_cost")).status_code == 422
    assert (await an.post(path, text="kost dat iets?", intent="geen_intentie")).status_code == 422
    assert (await an.post(path, text="kost dat iets?", intent="ask_discount")).status_code == 303
    assert (await an.post(path, text="kost dat iets?", intent="ask_cost")).status_code == 303
    file = tmp_path / "nagekeken.yml"
    file.write_text(await desk_site.database.run(examples.as_nlu, readonly=True), encoding="utf-8")
    (found,) = [one for one in read_examples(file) if one.text == "kost dat iets?"]
    assert found.intent == "ask_cost"
    await desk_site.conversations.erase(person.conversation_id)
    assert "kost dat iets?" not in await desk_site.database.run(examples.as_nlu, readonly=True)


async def test_lines_come_live_once_and_in_order(an: Visit, desk_site: Site) -> None:
    person = await refer(desk_site, way=Way.CHAT)
    path = f"/desk/r/{person.reference}"
    await an.post(f"{path}/zeg", text="Dag!", key="a")
    after = int(re.search(r'data-after="(\d+)"', (await an.get(path)).text)[1])  # type: ignore[index]
    async with an.http.stream("GET", f"{path}/gebeurtenissen?after={after}") as response:
        events = Events(response)
        sent = [await person.write(f"bericht {number}") for number in range(5)]
        got = [await events.line() for _ in sent]
        assert [line["seq"] for line in got] == sent
        assert "bericht 3" in got[3]["html"]
        desk_site.conversations.signs.types(person.conversation_id, Author.CITIZEN)
        while (event := await events.next()).get("event") != "typing":
            pass
        assert event["data"] == '{"on": true}'
    async with an.http.stream(
        "GET", f"{path}/gebeurtenissen?after={after}", headers={"Last-Event-ID": str(sent[2])}
    ) as response:
        events = Events(response)
        assert [(await events.line())["seq"] for _ in range(2)] == sent[3:]


async def test_a_stream_ends_with_its_session(visit: Visits, account: Accounts, desk_site: Site, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from channels.desk import live

    monkeypatch.setattr(live, "BEAT", 0.2)
    me = await entered(visit, account, "Uit Gelogd")
    async with me.http.stream("GET", "/desk/gebeurtenissen") as response:
        events = Events(response)
        await me.post("/desk/afmelden")
        while (await events.next()).get("event") != "out":
            pass


async def test_who_is_there_says_so(an: Visit, desk_site: Site) -> None:
    page = (await an.get("/desk")).text
    assert 'aria-checked="true"' in page

    async def there() -> int:
        return len(await desk_site.database.run(lambda c: presence.present(c, "vdab", utcnow()), readonly=True))

    before = await there()
    await an.post("/desk/aanwezig", available="1")
    assert await there() == before + 1
    assert 'aria-checked="false"' in (await an.post("/desk/aanwezig", {"HX-Request": "true"}, available="0")).text
    assert 'aria-checked="false"' in (await an.get("/desk")).text
    await an.post("/desk/aanwezig", available="1")
    await an.post("/desk/afmelden")
    assert await there() == before  # who signed out is not waited for


async def test_another_organisation_is_proposed_and_only_consent_moves_it(
    visit: Visits, account: Accounts, an: Visit, desk_site: Site
) -> None:
    person = await refer(desk_site, way=Way.CHAT)
    path = f"/desk/r/{person.reference}"
    sam = await entered(visit, account, "Sam Overname", "gtb")
    await an.post(f"{path}/opnemen")
    assert '<option value="gtb">' in (await an.get(path)).text
    for wrong in ("", "vdab", "ligo", "geen"):
        assert (await an.post(f"{path}/voorstellen", organisation=wrong)).status_code in (409, 422)
    assert (await an.post(f"{path}/voorstellen", organisation="gtb")).status_code == 303
    assert "De persoon heeft nog niet beslist" in (await an.get(path)).text
    assert (await sam.get(path)).status_code == 404  # nothing goes there before the person says yes
    asked = (await desk_site.conversations.lines(person.conversation_id))[-1]
    assert asked.reply is not None
    yes = asked.reply.buttons[0]
    await desk_site.conversations.accept(
        InboundMessage(channel="web", sender=person.sender, message_id="ja", button=yes.payload)
    )
    assert (await sam.get(path)).status_code == 200
    assert (await an.get(path)).status_code == 404


async def test_the_organisation_says_once_whether_somebody_was_helped(an: Visit, desk_site: Site) -> None:
    person = await refer(desk_site)
    path = f"/desk/r/{person.reference}"
    await an.post(f"{path}/opnemen")
    await an.post(f"{path}/sluiten", outcome="reached")
    assert "Is deze persoon geholpen?" in (await an.get(path)).text
    assert (await an.post(f"{path}/nadien", answer="misschien")).status_code == 422
    assert (await an.post(f"{path}/nadien", answer="partly")).status_code == 303
    page = (await an.get(path)).text
    assert "Jullie: een beetje geholpen." in page
    assert "Is deze persoon geholpen?" not in page


async def test_what_was_kept_and_worked_out_goes_along_with_the_transcript(an: Visit, desk_site: Site) -> None:
    for with_transcript in (True, False):
        person = await refer(desk_site, with_transcript=with_transcript)
        right = Right(name="Vlaams opleidingsverlof", outcome="Vermoedelijk wel", why=("Je werkt in Vlaanderen.",))
        made = Overview(made_at=utcnow() - timedelta(minutes=5), kept=False, rights=(right,))
        with desk_site.database.begin() as connection:
            make_overview(connection, person.conversation_id, f"overzicht-{with_transcript}", made, 30)
        page = (await an.get(f"/desk/r/{person.reference}")).text
        assert ("Vlaams opleidingsverlof" in page) is with_transcript
