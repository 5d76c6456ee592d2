"""A real Chromium before the application in a process of its own, which the tests may kill and start again."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright
from support.browser import Chat, ChatServer
from support.rasa_server import RasaServer
from support.script import scripted

FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of this directory."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def rasa() -> Iterator[RasaServer]:
    """A fake Rasa server that answers by the script."""
    server = RasaServer()
    server.answer = scripted
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, rasa: RasaServer) -> Iterator[ChatServer]:
    """The application."""
    server = ChatServer(tmp_path_factory.mktemp("browser"), rasa.url)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; skips when the machine has none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A person with an empty browser."""
    context = await browser.new_context(locale="nl-BE", viewport={"width": 1280, "height": 860})
    yield context
    await context.close()


@pytest.fixture
async def chat(context: BrowserContext, server: ChatServer) -> AsyncIterator[Chat]:
    """The page with the opening. No error may appear in its console, except of requests that fail."""
    chat = await Chat(await context.new_page()).open(server.url)
    yield chat
    faults = [fault for fault in chat.faults if "Failed to load resource" not in fault and "net::ERR" not in fault]
    assert faults == []


@pytest.fixture
async def browser_without_javascript(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A person whose browser runs no scripts."""
    context = await browser.new_context(locale="nl-BE", java_script_enabled=False)
    yield context
    await context.close()
