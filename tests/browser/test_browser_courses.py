"""The pages of courses in a real browser: for everyone, on any screen, without scripts, and on paper."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect
from support.courses import courses_app, with_example

from bot.storage.database import Database

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PATHS = (
    "/opleidingen",
    "/opleidingen?wat=lassen&waar=Gent&wanneer=evening&niveau=A2",
    "/opleidingen?waar=Hofstade&prijs=veel&vanaf=ooit",
    "/opleidingen?wat=kwantumfysica",
    "/opleidingen/geen-idee",
)


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None: ...


@pytest.fixture(scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> AsyncIterator[str]:
    """Where the pages are, with the example catalogue."""
    path = tmp_path_factory.mktemp("courses") / "test.db"
    shutil.copy(migrated_sqlite, path)
    database = with_example(Database(f"sqlite:///{path}"))
    server = _Server(uvicorn.Config(courses_app(database), port=0, ws="none", log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn tells nobody)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    with suppress(asyncio.CancelledError):
        await serving
    database.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page in whose console nothing may go wrong."""
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    assert [fault for fault in faults if "404" not in fault] == []


async def violations(page: Page) -> list[str]:
    results = await Axe().run(page, options=RULES)
    return [f"{found['id']}: {found['nodes'][0]['html'][:160]}" for found in results.response["violations"]]


async def first_course(page: Page, address: str) -> None:
    """Goes to the page of a course, as a person does."""
    await page.goto(f"{address}/opleidingen?wat=lassen&waar=Gent")
    await page.locator(".card h3 a").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Lassen")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong(browser: Browser, address: str, scheme: Any) -> None:
    context = await browser.new_context(locale="nl-BE", color_scheme=scheme)
    page = await context.new_page()
    for path in PATHS:
        await page.goto(address + path)
        for summary in await page.locator("summary").all():
            if not await summary.evaluate("it => it.parentElement.open"):
                await summary.click()
        assert await violations(page) == [], path
    await first_course(page, address)
    assert await violations(page) == []
    await context.close()


async def test_nothing_comes_from_elsewhere(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{address}/opleidingen")
    await first_course(page, address)
    assert [url for url in asked if not url.startswith(address)] == []


async def test_one_can_filter_with_the_keyboard_and_without_scripts(
    browser_without_javascript: BrowserContext, address: str
) -> None:
    page = await browser_without_javascript.new_page()
    await page.goto(f"{address}/opleidingen")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    await page.get_by_label("Wat wil je leren?").fill("lassen")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Gent")
    await page.get_by_label("Wat wil je leren?").press("Enter")
    await page.wait_for_url("**wat=lassen**")
    await expect(page.get_by_role("heading", name="opleidingen", exact=False).nth(1)).to_be_in_viewport()
    assert await page.locator(".card").count() > 3
    await expect(page.get_by_label("Waar?", exact=True)).to_have_value("Gent")
    await page.get_by_text("Meer filters").click()
    await page.get_by_label("gratis voor wie werk zoekt").check()
    await page.get_by_role("button", name="Zoek").click()
    await page.wait_for_url("**gratis=ja**")
    for price in await page.locator(".card", has_text="Prijs").all_inner_texts():
        assert "gratis" in price
    await page.get_by_role("link", name="Wis alle filters").click()
    await expect(page.get_by_label("Wat wil je leren?")).to_have_value("")


async def test_the_map_and_its_list_lead_to_a_place(page: Page, address: str) -> None:
    await page.goto(f"{address}/opleidingen?wat=lassen")
    await page.get_by_text("Waar is er les?").click()
    await page.get_by_role("link", name="Hasselt", exact=True).click()
    await expect(page.get_by_label("Waar?", exact=True)).to_have_value("Hasselt")
    assert await page.locator(".card").count() > 0
    await page.goto(f"{address}/opleidingen?wat=lassen")
    await page.locator("svg circle").first.click()
    await expect(page.get_by_label("Waar?", exact=True)).not_to_have_value("")


@pytest.mark.parametrize("width", [320, 390, 768])
async def test_small_screens_and_large_text_need_no_sideways_scrolling(
    browser: Browser, address: str, width: int
) -> None:
    context = await browser.new_context(locale="nl-BE", viewport={"width": width, "height": 800})
    page = await context.new_page()
    for size in ("100%", "200%"):
        for path in PATHS[:2]:
            await page.goto(address + path)
            await page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, size)
        await first_course(page, address)
        await page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
    await context.close()


async def test_on_paper_the_address_is_there_and_what_is_clicked_is_not(page: Page, address: str) -> None:
    await first_course(page, address)
    await expect(page.locator(".paper svg")).to_be_hidden()
    await page.emulate_media(media="print")
    await expect(page.locator(".paper svg")).to_be_visible()
    await expect(page.locator(".paper")).to_contain_text("https://leerwijzer.example/opleidingen/")
    await expect(page.get_by_role("navigation", name="Hoofdmenu")).to_be_hidden()
