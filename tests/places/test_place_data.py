"""Mistakes in data/places are said with file, entry and field."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.places import Gazetteer, PlaceDataError
from bot.settings import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "data" / "places", tmp_path / "places"))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("places.csv", "44021,municipality,Gent", "44021,city,Gent", r"places\.csv, line \d+, kind: 'city'"),
        (
            "places.csv",
            "44021,municipality,Gent,Gand,44021,40000,02000,",
            "44021,municipality,Gent,Gand,44021,40000,02000,x",
            r"latitude: 'x.*not a number",
        ),
        ("places.csv", "id,kind,name", "id,sort,name", "column kind is missing"),
        ("places.csv", "44021-afsnee,", "44021-drongen,", "id: '44021-drongen' is empty or stands there twice"),
        ("postcodes.csv", "9000,44021", "90000,44021", r"postcodes\.csv, line \d+, postcode: '90000'"),
        ("postcodes.csv", "9000,44021", "9000,99999", r"municipality: '99999' is unknown"),
        ("aliases.yml", "Gent: [", "Gentt: [", "aliases.yml, 'Gentt': is not a known place"),
        ("aliases.yml", "Aalst (Aalst): [", "Aalst: [", "'Aalst': 2 places are called so"),
        (
            "areas.yml",
            "municipalities: [Voeren]",
            "municipalities: [Voerren]",
            "'voerstreek', municipalities: Voerren is unknown",
        ),
        ("areas.yml", "kind: province, name: Limburg", "kind: county, name: Limburg", "'limburg', kind: 'county'"),
        (
            "words.yml",
            "ambiguous_words:\n  [mol",
            "ambiguous_words:\n  [no",
            "words.yml, ambiguous_words: must be a list of words",
        ),
        ("words.yml", "filler_words:", "filler_words: [", "words.yml: "),
    ],
)
def test_a_mistake_is_named(folder: Path, file: str, old: str, new: str, said: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlaceDataError, match=said):
        Gazetteer.load(folder)


@pytest.mark.parametrize(
    "file", ["places.csv", "postcodes.csv", "postcode-points.csv", "areas.yml", "aliases.yml", "words.yml"]
)
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(PlaceDataError, match=f"{file} does not exist"):
        Gazetteer.load(folder)
