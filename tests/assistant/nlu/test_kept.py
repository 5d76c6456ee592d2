"""What was learnt is kept by what it was learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assistant.nlu.kept import NEWEST, keep


class Lesson:
    """Writes how often it was given."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, directory: Path) -> None:
        self.times += 1
        (directory / "learnt.txt").write_text(str(self.times))


def test_the_same_is_learnt_once(tmp_path: Path) -> None:
    learn = Lesson()
    for name, made_of in (("a", "x"), ("b", "x"), ("c", "y"), ("d", "x")):
        keep("words", tmp_path / "kept", [made_of], learn, tmp_path / name)
    found = [(tmp_path / name / "learnt.txt").read_text() for name in "abcd"]
    assert found == ["1", "1", "2", "1"]


def test_texts_are_not_joined_to_one(tmp_path: Path) -> None:
    learn = Lesson()
    keep("words", tmp_path / "kept", ["ab", "c"], learn, tmp_path / "a")
    keep("words", tmp_path / "kept", ["a", "bc"], learn, tmp_path / "b")
    assert learn.times == 2


def test_what_failed_is_not_kept(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        (directory / "half.txt").write_text("half")
        raise RuntimeError("no entity")

    with pytest.raises(RuntimeError):
        keep("words", tmp_path / "kept", ["x"], fail, tmp_path / "a")
    assert list((tmp_path / "kept").iterdir()) == []
    assert not (tmp_path / "a").exists()


def test_old_ones_go(tmp_path: Path) -> None:
    learn = Lesson()
    for number in range(NEWEST + 2):
        keep("words", tmp_path / "kept", [str(number)], learn, tmp_path / str(number))
    assert len(list((tmp_path / "kept").iterdir())) == NEWEST
