"""What the tests in a browser drive: the application in a process of its own, and the conversation on its page."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
from playwright.async_api import Locator, Page

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nothing uses now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class ChatServer:
    """The application as a process, on one port for as long as the tests run."""

    def __init__(self, var: Path, rasa: str) -> None:
        self.port, self.partner_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.partner = f"http://127.0.0.1:{self.partner_port}"
        self.var = var
        self._rasa = rasa
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it is ready."""
        command = [sys.executable, "-m", "support.chat_server", "--port", str(self.port), "--var", str(self.var)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
        with (self.var / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--rasa", self._rasa, "--allow", self.partner],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health/ready", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError((self.var / "log").read_text())

    def kill(self) -> None:
        """Ends it as a power cut does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ends it as an operator does; gives its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=15)


class Chat:
    """The conversation as a person meets it on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.log: Locator = page.get_by_role("log")
        self.input: Locator = page.get_by_label("Jouw vraag of antwoord")
        self.error: Locator = page.get_by_role("alert")
        self.lines: Locator = page.locator("leerwijzer-chat .line")
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)

    async def open(self, url: str) -> Chat:
        """Opens the page and waits for the opening."""
        await self.page.goto(url)
        await self.sees("Ik zoek cursussen voor je")
        return self

    async def say(self, text: str) -> None:
        """Types a text and sends it with the Enter key."""
        await self.input.fill(text)
        await self.input.press("Enter")

    async def sees(self, text: str, times: int = 1) -> None:
        """Waits until a text stands in the conversation, so many times."""
        found = self.log.get_by_text(text)
        await found.nth(times - 1).wait_for(timeout=15_000)
        assert await found.count() == times, f"{text!r} stands there {await found.count()} times"

    async def bubbles(self) -> list[str]:
        """What is said, from the first to the last."""
        return await self.page.locator("leerwijzer-chat .bubble").all_inner_texts()

    async def pending(self) -> int:
        """How many messages have no line yet."""
        return await self.page.locator("leerwijzer-chat .pending").count()
