"""The command as people give it: beside a running application, and stopped with Ctrl+C."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.live import Live, command, live_application


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_application(tmp_path_factory.mktemp("cli")) as live:
        yield live


def given(*arguments: str, var: Path, stdin: str = "") -> tuple[int, str]:
    """Gives the command; its exit code, and what it showed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LEERWIJZER_")}
    done = subprocess.run(
        [command(), *arguments],
        env=environment | {"LEERWIJZER_VAR_DIR": str(var), "COLUMNS": "200"},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_port_that_is_taken_is_said_at_once(live: Live, tmp_path: Path) -> None:
    code, shown = given("run", "--port", live.url.rpartition(":")[2], var=tmp_path)
    assert code == 2
    assert "kan ik niet luisteren" in shown and "--port" in shown
    assert "Traceback" not in shown and "start op" not in shown


def test_talking_beside_a_running_application_is_refused_in_words(live: Live) -> None:
    code, shown = given("chat", var=live.var, stdin="hallo\n")
    assert code == 2
    assert "Een ander proces gebruikt de databank" in shown and "Traceback" not in shown


def test_one_can_talk_through_a_pipe(tmp_path: Path) -> None:
    code, shown = given("chat", var=tmp_path, stdin="cursus lassen in Gent\n1\n")
    assert code == 0
    assert "voorbeeldaanbod" in shown and "Meer hierover" in shown


def test_ctrl_c_ends_it_well(tmp_path: Path) -> None:
    with live_application(tmp_path) as live:
        live.process.send_signal(signal.SIGINT)
        assert live.process.wait(30) == 0
        shown = live.log.read_text(encoding="utf-8")
    assert "Traceback" not in shown and "Aborted" not in shown
