"""Which organisation is where somebody belongs, and which one is asked for."""

from __future__ import annotations

import pytest

from actions.belonging import belongs


@pytest.mark.parametrize(
    "text",
    [
        "ik ben bij VDAB ingeschreven en zoek lassen",
        "ik zit op het OCMW",
        "ik ben trajectbegeleider bij OCMW, cliënt wil heftruck",
        "mijn begeleider van de VDAB zegt dat ik heftruck moet leren",
        "ik word begeleid door het OCMW",
        "ik werk bij het OCMW",
        "ik moet van den VDAB Nederlands leren",
        "VDAB stuurt mij",
        "ik krijg een leefloon van het OCMW",
    ],
)
def test_where_somebody_belongs(text: str) -> None:
    assert told(text)


@pytest.mark.parametrize(
    "text",
    [
        "ik ben op zoek naar een cursus bij VDAB",
        "spaans van VDAB",
        "ik ben geïnteresseerd in lessen van VDAB",
        "ik wil een opleiding volgen bij VDAB",
        "ik ben 34 en wil lassen bij VDAB",
        "liever bij VDAB",
        "kan dat ook via VDAB",
    ],
)
def test_where_somebody_wants_to_learn(text: str) -> None:
    assert not told(text)


def told(text: str) -> bool:
    name = "VDAB" if "VDAB" in text else "OCMW"
    start = text.index(name)
    return belongs(text, start, start + len(name))
