"""Of whom something is told."""

from __future__ import annotations

import pytest

from actions.somebody_else import of_somebody_else


def other(text: str) -> bool:
    """Whether what stands between < and > is told of somebody else."""
    start = text.index("<")
    return of_somebody_else(text.replace("<", "").replace(">", ""), start)


@pytest.mark.parametrize(
    "text",
    [
        "mijn vrouw is <werkloos>, ik werk zelf voltijds",
        "mijn dochter zit <op de ziekenkas>",
        "mijn zoon van <17> wil koken leren in Gent",
        "ik zoek een cursus voor mijn zoon van <19>",
        "mijn man heeft geen diploma en is <werkloos>",
        "ik werk, maar mijn man krijgt <een leefloon>",
        "mijn broer, hij is <zelfstandige>",
        "kan mijn vriendin die <werkloos> is korting krijgen",
        "ik heb een dochter van <22>",
    ],
)
def test_of_somebody_else(text: str) -> None:
    assert other(text)


@pytest.mark.parametrize(
    "text",
    [
        "ik ben <werkloos>",
        "mijn vrouw is ziek, ik werk zelf <voltijds>",
        "ik woon bij mijn moeder en ben <werkloos>",
        "ik ben een man van <45>",
        "mijn man werkt en ik ben <werkloos>",
        "mijn vrouw zegt dat ik <werkloos> ben",
        "mijn kinderen zijn groot, dus ben ik <werkzoekend>",
        "mijn cliënt is <werkloos>",
        "zij krijgt <een leefloon>",
        "ik wil net als mijn broer leren, ik ben <34>",
        "<werkloos>",
    ],
)
def test_of_who_writes(text: str) -> None:
    assert not other(text)
