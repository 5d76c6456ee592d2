"""Tables that a command fills in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.markdown import NoPlace, fill, table


def test_a_table_escapes_what_would_break_it() -> None:
    assert table([("a|b", 1)], ("wat", "n")) == "| wat | n |\n| --- | --- |\n| a\\|b | 1 |"


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "doc.md"
    path.write_text("voor\n<!-- begin: x -->\noud\n<!-- end: x -->\nna\n", encoding="utf-8")
    fill(path, "x", [("a", r"\1")], ("k", "v"))
    assert path.read_text(encoding="utf-8") == (
        "voor\n<!-- begin: x -->\n| k | v |\n| --- | --- |\n| a | \\1 |\n<!-- end: x -->\nna\n"
    )


def test_without_marks_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "doc.md"
    path.write_text("voor", encoding="utf-8")
    with pytest.raises(NoPlace, match="begin: x"):
        fill(path, "x", [], ("k",))
    assert path.read_text(encoding="utf-8") == "voor"
