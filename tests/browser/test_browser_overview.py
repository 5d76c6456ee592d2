"""The overview in a browser: accessible, on a phone too, and on at most two sheets of A4."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, BrowserContext, expect
from support.axe import violations
from support.browser import Chat, ChatServer

from bot.conversation.message import Card, Fact, Source
from bot.overview import kept, store
from bot.overview.model import Overview, Right
from bot.storage.database import Database
from bot.storage.tables import conversations

FACTS = (
    ("Waar", "Voorbeeldcentrum, Voorbeeldstraat 37, 9000 Gent"), ("Start", "21 januari 2027 tot 10 juni 2027"),
    ("Wanneer", "dinsdag en donderdag, 's avonds, 18.30 tot 21.30 uur"), ("Hoe", "in de klas"), ("Duur", "120 lestijden"),
    ("Nederlands", "niveau A2"), ("Je krijgt", "deelcertificaat"), ("Prijs", "120 euro, met vermindering gratis"),
)  # fmt: skip


def full() -> Overview:
    """As much as an overview holds of courses, rights and contacts."""
    facts = tuple(Fact(label=label, value=value) for label, value in FACTS)
    url = "https://voorbeeld.example/opleidingen/een-lange-naam-van-een-opleiding-in-gent"
    courses = tuple(
        Card(title=f"Lassen: niveau {number}", subtitle="CVO Voorbeeld", notice="voorbeeldaanbod", facts=facts, url=url)
        for number in range(kept.MOST)
    )
    rights = tuple(
        Right(
            name=f"Maatregel {number}", outcome="Vermoedelijk wel",
            why=("Je werkt in Vlaanderen.", "Je werkt minstens 80 procent.", "De cursus telt genoeg uren."),
            gives="Je mag uren van je werk wegblijven, met behoud van je loon.", where="Bij je werkgever",
            sources=(Source(title="Vlaanderen.be", checked="2026-11-23"),),
        )
        for number in range(6)
    )  # fmt: skip
    contact = Card(title="VDAB", subtitle="Werk en opleiding", facts=(Fact(label="Telefoon", value="0800 30 700"),))
    steps = tuple(f"Vraag CVO Voorbeeld of er nog plaats is: lassen, niveau {number}." for number in range(kept.MOST))
    return Overview(
        made_at=datetime.now(UTC), kept=True, courses=courses, rights=rights, steps=steps, contacts=(contact, contact),
        sources=(Source(title="Prijzen", url=url, checked="2026-11-23"),),
    )  # fmt: skip


@pytest.fixture
async def address(chat: Chat, server: ChatServer) -> str:
    """The page of a full overview."""
    database = Database(f"sqlite:///{server.var / 'leerwijzer.db'}")
    overview = full()

    def make(connection: sa.engine.Connection) -> str:
        newest = sa.select(conversations.c.id).order_by(conversations.c.created_at.desc()).limit(1)
        conversation = str(connection.execute(newest).scalar_one())
        return store.make(connection, conversation, f"{conversation}:test", overview, 30)

    token = await database.run(make)
    database.close()
    return f"{server.url}/overzicht/{token}"


async def test_it_is_accessible_and_prints_on_two_sheets(context: BrowserContext, address: str, tmp_path: Path) -> None:
    page = await context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    await page.goto(address)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Mijn overzicht")
    await expect(page.get_by_role("button", name="Druk af")).to_be_visible()
    assert await violations(page) == []
    assert faults == []
    await page.pdf(path=tmp_path / "overzicht.pdf", prefer_css_page_size=True)
    sheets = re.findall(rb"/Type\s*/Page\b", (tmp_path / "overzicht.pdf").read_bytes())
    assert 1 <= len(sheets) <= 2


async def test_it_fits_a_small_phone(browser: Browser, address: str) -> None:
    context = await browser.new_context(locale="nl-BE", viewport={"width": 320, "height": 568})
    page = await context.new_page()
    await page.goto(address)
    assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    await context.close()
