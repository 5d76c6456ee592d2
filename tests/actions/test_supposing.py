"""What is only supposed, asked or said of a group tells nothing of the person."""

from __future__ import annotations

import pytest

from actions.supposing import supposed

SUPPOSED = [
    ("en als ik *werkloos word?", "if"),
    ("en als *zelfstandige?", "the follow-up question"),
    ("wat als ik geen *bachelor had?", "what if"),
    ("stel dat ik *ziek word, mag ik dan stoppen", "suppose"),
    ("mocht ik *werkloos worden, wat dan", "were"),
    ("wat is een *leefloon?", "a definition"),
    ("leg eens uit wat een *leefloon is", "a definition asked of somebody"),
    ("en voor *werklozen?", "a group"),
    ("is dat gratis voor een *werkloze", "one of a group"),
    ("kan een *zelfstandige ook cheques krijgen", "asked in general"),
    ("krijgen *gepensioneerden korting?", "asked of a group"),
    ("hoe zit dat met *werklozen", "asked in general"),
    ("ik heb werk. en als *werkloze?", "one sentence after what is so"),
    ("moet ik betalen als ik *werkloos ben?", "a condition"),
]
TOLD = [
    "ik ben *werkloos",
    "*werkloos",
    "*werkloos, cursus lassen in gent",
    "ben *werkloos en wat kost dat",
    "ik ben *zelfstandige, krijg ik cheques?",
    "krijg ik als *zelfstandige cheques?",
    "waar heb ik recht op als *zelfstandige",
    "voor mij als *werkloze",
    "ik werk als *bediende",
    "wat kost dat? ik ben *werkloos",
    "als ik iets leer, dan graag lassen, want ik ben *werkloos",
    "mag ik een cursus volgen, ik zit op *ziekenkas",
    "heb *leefloon, wat krijg ik",
    "ik werk voor de *overheid",
    "hoeveel betaal ik met een *leefloon",
]


@pytest.mark.parametrize(("marked", "why"), SUPPOSED)
def test_is_supposed(marked: str, why: str) -> None:
    assert supposed(marked.replace("*", ""), marked.index("*")), why


@pytest.mark.parametrize("marked", TOLD)
def test_is_told(marked: str) -> None:
    assert not supposed(marked.replace("*", ""), marked.index("*"))
