"""The whole application in a process of its own, as `leerwijzer run` starts it, on a free port and an empty database."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass(frozen=True, slots=True)
class Live:
    """A running application: its address, its process, its files."""

    url: str
    process: subprocess.Popen[bytes]
    var: Path
    log: Path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command() -> str:
    """The command `leerwijzer` of this environment."""
    return str(Path(sys.executable).parent / "leerwijzer")


@contextlib.contextmanager
def live_application(var: Path, port: int | None = None, **settings: str) -> Iterator[Live]:
    """Starts the application and waits until it would answer; ends it with the block.

    `settings` are variables without their prefix. Raises with the log when it does not become ready within two minutes.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    log = var / "log.txt"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LEERWIJZER_")}
    environment |= {f"LEERWIJZER_{name.upper()}": value for name, value in settings.items()}
    environment |= {"LEERWIJZER_VAR_DIR": str(var), "LEERWIJZER_PUBLIC_URL": url}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [command(), "run", "--port", str(port)],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(url, process, log)
        yield Live(url, process, var, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        if process.poll() is not None:
            break
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/health/ready", timeout=5, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the application did not become ready:\n{log.read_text(encoding='utf-8')[-4000:]}")
