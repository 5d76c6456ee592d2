"""Reading the YAML that editors change: every mistake is named with its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.knowledge.datafile import DataError, read_entries


class Thing(BaseModel):
    id: str
    size: int


def write(path: Path, text: str | bytes) -> Path:
    file = path / "things.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_entries_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "things:\n- {id: b, size: 1}\n- {id: a, size: 2}\n")
    assert [thing.id for thing in read_entries(file, "things", Thing)] == ["b", "a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping"),
        ("- 1", "must be a mapping"),
        ("things: []", "field 'things': must be a list with at least one entry"),
        ("things: 3", "field 'things': must be a list"),
        ("things: [{id: a, size: 1}]\nother: 2", "field 'other': unknown key"),
        ("things: [{id: a, size: 1}, {id: a, size: 2}]", "entry 'a', field 'id': stands twice"),
        ("things: [{id: a, size: groot}]", "entry 'a', field 'size'"),
        ("things: [{id: a}]", "entry 'a', field 'size': Field required"),
        ("things: [3]", "entry 'number 1'"),
        ("things: [{id: a, size: 1, size: 2}]", "the key 'size' stands twice"),
        ("things: [", "is not valid YAML"),
        ("things: !!python/object/apply:os.getcwd []", "is not valid YAML"),
        (b"\xff\xfe\xff", "is not valid YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(DataError) as raised:
        read_entries(write(tmp_path, text), "things", Thing)
    assert str(raised.value).startswith("things.yml")
    assert message in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.yml: cannot be read"):
        read_entries(tmp_path / "nowhere.yml", "things", Thing)


def test_every_wrong_field_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="size"):
        read_entries(write(tmp_path, "things: [{id: 3}]"), "things", Thing)
