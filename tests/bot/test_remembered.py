"""Data of a folder: read once, again when a file changes, and never kept when it could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.remembered import remembered


def test_a_folder_is_read_once_until_a_file_in_it_changes(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("one")
    load = remembered(lambda folder: [(folder / "a.yml").read_text()])
    first = load(tmp_path)
    assert load(tmp_path / ".." / tmp_path.name) is first
    (tmp_path / "a.yml").write_text("three")
    assert load(tmp_path) == ["three"]


def test_what_could_not_be_read_is_tried_again(tmp_path: Path) -> None:
    load = remembered(lambda folder: (folder / "a.yml").read_text())
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        load(tmp_path)
    (tmp_path / "a.yml").write_text("one")
    assert load(tmp_path) == "one"
