"""How large the widget is, and how soon it can be used on a slow phone: `python -m scripts.bench_widget [RUNS]`.

Chromium as a phone: four times slower than this machine, over 4G with 150 ms delay and 1.6 Mbit/s. Measured from when the
file has arrived, and from the page's `load` event, until the button is there and opens the panel when pressed.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, async_playwright

from bot.assistant.remote import RemoteAssistant
from bot.logs import configure_logs
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import migrate
from channels.app import create_app, version
from channels.server import opening
from channels.web.bundle import bundle

SLOWER = 4
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
WATCH = """() => {
    const seen = () => document.querySelector("leerwijzer-chat")?.shadowRoot?.querySelector(".launcher");
    const look = () => {
        const launcher = seen();
        if (!launcher) return requestAnimationFrame(look);
        window.usableAt = performance.now();
        launcher.click();
        window.openedAt = performance.now();
        window.opened = launcher.getAttribute("aria-expanded");
    };
    look();
}"""
READ = """() => ({
    arrived: performance.getEntriesByType("resource").find((one) => one.name.endsWith("/widget.js")).responseEnd,
    loaded: performance.getEntriesByType("navigation")[0].loadEventStart,
    usable: window.usableAt, opened: window.openedAt, open: window.opened,
})"""


@asynccontextmanager
async def _server(var: Path) -> AsyncIterator[str]:
    settings = Settings(_env_file=None, var_dir=var)  # type: ignore[call-arg]
    migrate(settings.database)
    database = Database(settings.database)
    # Nobody asks anything: what answers does not matter here.
    app = create_app(settings, RemoteAssistant(("http://127.0.0.1:9",)), database, opening=opening())
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn tells nobody)
        await asyncio.sleep(0.05)
    try:
        yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        database.close()


async def _once(browser: Browser, url: str) -> dict[str, Any]:
    context = await browser.new_context(viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", NETWORK)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.add_init_script(f"({WATCH})()")
    await page.goto(f"{url}/voorbeeld/knop", wait_until="load")
    await page.wait_for_function("window.openedAt && performance.getEntriesByType('navigation')[0].loadEventStart")
    found: dict[str, Any] = await page.evaluate(READ)
    assert found["open"] == "true", "pressed, and not open"
    await context.close()
    return found


async def main(runs: int) -> None:
    """Prints the size and the times."""
    configure_logs("error")
    made = bundle(version())
    print(f"widget.js: {len(made.content):,} bytes, {len(made.compressed):,} compressed (limit 20,000)")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as var:
        async with _server(Path(var)) as url, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            times = [await _once(browser, url) for _ in range(runs)]
            await browser.close()
    for name, start, end in (
        ("file arrived -> usable", "arrived", "usable"),
        ("load event -> usable", "loaded", "usable"),
        ("press -> open", "usable", "opened"),
    ):
        spans = sorted(one[end] - one[start] for one in times)
        print(f"{name}: median {statistics.median(spans):.0f} ms, worst {spans[-1]:.0f} ms over {runs} runs")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
