"""The page of an overview: everything on it as text, open to who has the link, gone with the conversation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.site import Site, Visitor

from bot.conversation.message import Card, Fact, Source
from bot.overview import store
from bot.overview.model import Overview, Right
from channels.web.overview import safe
from channels.web.session import Sessions, signing_secret

EVIL = "<script>alert(1)</script>"


def filled(made_at: datetime) -> Overview:
    card = Card(
        title="Lassen: basis", subtitle="Voorbeeldcentrum", notice="voorbeeldaanbod", url="https://voorbeeld.example/x",
        facts=(Fact(label="Prijs", value="**180 euro**"),),
    )  # fmt: skip
    right = Right(
        name="Vlaams opleidingsverlof", outcome="Vermoedelijk wel", why=("Je werkt in Vlaanderen.",), gives="Uren vrij.",
        where="Je werkgever", url="javascript:alert(1)", sources=(Source(title="Vlaanderen.be", checked="2026-11-23"),),
    )  # fmt: skip
    return Overview(
        made_at=made_at, kept=True, courses=(card, Card(title=EVIL, url="javascript:alert(1)")), rights=(right,),
        steps=("Bel het centrum.",), contacts=(Card(title="VDAB", facts=(Fact(label="Telefoon", value="0800 30 700"),)),),
        sources=(Source(title="Prijzen", url="https://voorbeeld.example/p", checked="2026-11-23"),),
    )  # fmt: skip


async def made(site: Site, made_at: datetime | None = None) -> tuple[Visitor, str]:
    visitor = await site.visitor()
    sender = Sessions(signing_secret(site.settings), 30).read(visitor.token).sender
    conversation = await site.conversations.find("web", sender)
    assert conversation is not None
    overview = filled(made_at or datetime.now(UTC))
    key = f"m-{conversation.id}"
    token = await site.database.run(lambda connection: store.make(connection, conversation.id, key, overview, 30))
    return visitor, token


async def test_it_shows_everything_as_text(site: Site) -> None:
    _, token = await made(site)
    response = await site.http.get(f"/overzicht/{token}")
    assert response.status_code == 200
    page = response.text
    for text in (
        "Lassen: basis", "voorbeeldaanbod", "180 euro", "Vermoedelijk wel", "Je werkt in Vlaanderen.", "Bel het centrum.",
        "0800 30 700", "nagekeken op 23 november 2026", 'href="https://voorbeeld.example/x" rel="noreferrer"',
    ):  # fmt: skip
        assert text in page, text
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert "javascript:" not in page
    assert "**" not in page


async def test_nobody_keeps_or_finds_it(site: Site) -> None:
    _, token = await made(site)
    headers = (await site.http.get(f"/overzicht/{token}")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]


async def test_it_is_gone_with_the_conversation_and_with_time(site: Site) -> None:
    visitor, token = await made(site)
    await site.http.post("/web/erase", json={}, headers=visitor.headers)
    gone = await site.http.get(f"/overzicht/{token}")
    assert gone.status_code == 404
    assert "niet (meer)" in gone.text
    _, old = await made(site, datetime.now(UTC) - timedelta(days=31))
    assert (await site.http.get(f"/overzicht/{old}")).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 32, "..%2Fprivacy", EVIL, "%00"])
async def test_a_link_that_is_not_right_is_explained(site: Site, token: str) -> None:
    response = await site.http.get(f"/overzicht/{token}")
    assert response.status_code == 404
    assert EVIL not in response.text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.be", "https://a.be"),
        ("http://a.be", "http://a.be"),
        ("javascript:x", None),
        ("//a", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(url: str | None, expected: str | None) -> None:
    assert safe(url) == expected
