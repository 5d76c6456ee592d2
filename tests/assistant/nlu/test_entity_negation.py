"""What a person does not want, and what only sounds so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.nlu.negation import negated
from bot.assistant.nlu.text import tokenise


def is_negated(text: str, entity: str) -> bool:
    """Whether the words between brackets are negated."""
    before, _, rest = text.partition("[")
    said, _, after = rest.partition("]")
    tokens = tokenise(before + said + after)
    start, end = len(before), len(before) + len(said)
    touched = [at for at, token in enumerate(tokens) if token.start < end and start < token.end]
    return negated(tokens, touched[0], touched[-1] + 1, entity)


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("niet in [Gent]", "location"),
        ("geen [avondles]", "schedule"),
        ("liever niet [online]", "delivery_mode"),
        ("gene [vdab]", "provider"),
        ("ni op [maandag]", "schedule"),
        ("nie in 't [weekend]", "schedule"),
        ("alles behalve [woensdag]", "schedule"),
        ("niet in Gent of [Brugge]", "location"),
        ("niet in Gent en ook niet in [Brugge]", "location"),
        ("[zaterdag] kan ik niet", "schedule"),
        ("op [maandag] lukt het niet, op dinsdag wel", "schedule"),
        ("[online] liever niet", "delivery_mode"),
        ("[Gent] is te ver", "location"),
        ("[vrijdag] gaat niet", "schedule"),
        ("[zaterdags] werk ik", "schedule"),
        ("in [Gent] niet", "location"),
        ("zonder [stage]", "course_topic"),
        ("ik ben niet [werkloos]", "employment_status"),
        ("ik heb geen [leefloon]", "employment_status"),
        ("nooit op [zondag]", "schedule"),
    ],
)
def test_negated(text: str, entity: str) -> None:
    assert is_negated(text, entity)


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("in [Gent]", "location"),
        ("waarom niet in [Gent]", "location"),
        ("waarom kan dat niet in [Gent]?", "location"),
        ("zijn er geen [avondlessen]?", "schedule"),
        ("kan dat niet in [Gent]?", "location"),
        ("niet in Gent maar in [Aalst]", "location"),
        ("niet in Gent, [Aalst] is goed", "location"),
        ("niet in Gent en wel in [Aalst]", "location"),
        ("niet ver van [Gent]", "location"),
        ("niet te ver van [Gent]", "location"),
        ("niet alleen in [Gent]", "location"),
        ("ik spreek geen [Nederlands]", "language"),
        ("ik versta niet goed [Nederlands]", "language"),
        ("ik weet niet of er in [Gent] iets is", "location"),
        ("in [Gent] niet duur", "location"),
        ("ik ben niet ziek, ik ben [werkloos]", "employment_status"),
        ("op maandag lukt het niet, op [dinsdag] wel", "schedule"),
        ("geen geld. [Gent]", "location"),
        ("niet 0470 12 34 56 maar [34]", "age"),
    ],
)
def test_not_negated(text: str, entity: str) -> None:
    assert not is_negated(text, entity)


@given(st.text(), st.data())
def test_never_fails(text: str, data: st.DataObject) -> None:
    tokens = tokenise(text)
    if tokens:
        start = data.draw(st.integers(0, len(tokens) - 1))
        end = data.draw(st.integers(start + 1, len(tokens)))
        assert negated(tokens, start, end, "location") in (True, False)
        assert not negated(tokens, start, end, "age")
