"""What WhatsApp gets of the replies of a turn: everything in them, within the limits, in one message where that fits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cloud_api import options_of, refusal_of, text_of
from support.replies import saids, words_of
from support.script import COURSE, SECOND_COURSE

from bot.conversation.message import Author, Button, Reply, Source
from bot.conversation.model import Said
from channels.reading import CHOOSE, MORE_CHOICES
from channels.whatsapp.outgoing import messages


def of(*replies: Reply, author: Author = Author.ASSISTANT) -> list[dict[str, Any]]:
    return messages([Said(author, reply) for reply in replies])


def buttons(*titles: str) -> tuple[Button, ...]:
    return tuple(Button(title=title, payload=f"id {title}"[:60]) for title in titles)


def test_a_turn_is_one_message() -> None:
    source = Source(title="Prijzen", url="https://voorbeeld.example/prijs", checked="2026-11-23")
    (message,) = of(
        Reply(text="Dag! Ik ben een **digitale assistent**."), Reply(text="Dat kost **180 euro**.", sources=(source,))
    )
    assert message == {
        "type": "text",
        "text": {
            "body": "Dag! Ik ben een *digitale assistent*.\n\nDat kost *180 euro*.\n\n"
            "Bron: Prijzen (nagekeken op 23 november 2026)\nhttps://voorbeeld.example/prijs",
            "preview_url": False,
        },
    }


def test_few_short_choices_are_buttons() -> None:
    (message,) = of(Reply(text="Wanneer?", buttons=buttons("Overdag", "'s Avonds", "Weekend")))
    assert message["interactive"]["type"] == "button"
    assert [option["title"] for option in options_of(message)] == ["Overdag", "'s Avonds", "Weekend"]


def test_a_choice_that_two_replies_of_a_turn_offer_stands_there_once() -> None:
    opening = Reply(text="Hallo!", buttons=buttons("Cursus zoeken", "Iemand spreken"))
    greeting = Reply(text="Dag!", buttons=(Button(title="Cursus zoeken", payload="tweede"), *buttons("Iets anders")))
    (message,) = of(opening, greeting)
    assert message["interactive"]["type"] == "button"
    assert {option["title"]: option["id"] for option in options_of(message)} == {
        "Iemand spreken": "id Iemand spreken",
        "Cursus zoeken": "tweede",
        "Iets anders": "id Iets anders",
    }


@pytest.mark.parametrize("titles", [("a", "b", "c", "d"), ("Dit is een titel van meer dan 20", "b")])
def test_what_does_not_fit_on_buttons_is_a_list(titles: tuple[str, ...]) -> None:
    options = tuple(Button(title=title, payload=f"{number}") for number, title in enumerate(titles))
    (message,) = of(Reply(text="Kies", buttons=options))
    assert message["interactive"]["type"] == "list"
    assert [option["id"] for option in options_of(message)] == [option.payload for option in options]


def test_a_long_title_stands_whole_below_its_row_or_in_the_text() -> None:
    long, longer = "Een titel van meer dan vierentwintig tekens", "Een heel lange titel " * 5
    (message,) = of(Reply(text="Kies", buttons=buttons(long, longer.strip())))
    first, _ = options_of(message)
    assert first["title"] == "Een titel van meer dan…"
    assert first["description"] == long
    assert longer.strip() in text_of(message)


def test_cards_are_text_and_rows() -> None:
    (message,) = of(
        Reply(text="Ik vond **2 cursussen**."), Reply(cards=(COURSE, SECOND_COURSE), buttons=buttons("Meer cursussen"))
    )
    assert text_of(message).startswith(
        "Ik vond *2 cursussen*.\n\n*Lassen: basis*\nVoorbeeldcentrum De Kade, Gent\n(voorbeeldaanbod)\n"
        "*Start:* 2 februari 2027"
    )
    assert "Meer info: https://voorbeeld.example/lassen" in text_of(message)
    assert [(row["title"], row.get("description")) for row in options_of(message)] == [
        ("Lassen: basis", "Details"),
        ("Lassen: basis", "Wat kost dit?"),
        ("Meer cursussen", None),
    ]


def test_many_choices_go_on_in_a_next_list() -> None:
    first, second, third = of(Reply(text="Kies", buttons=buttons(*(f"Keuze {n}" for n in range(23)))))
    assert [text_of(part) for part in (first, second, third)] == ["Kies", MORE_CHOICES, MORE_CHOICES]
    assert [len(options_of(part)) for part in (first, second, third)] == [10, 10, 3]


def test_a_body_too_long_for_buttons_is_a_list_and_still_one_message() -> None:
    (message,) = of(Reply(text="Dit is een zin. " * 100, buttons=buttons("Ja", "Nee")))
    assert message["interactive"]["type"] == "list"


def test_a_text_too_long_for_one_message_ends_with_the_choices() -> None:
    first, second = of(Reply(text="Dit is een zin. " * 300, buttons=buttons("Ja", "Nee")))
    assert first["type"] == "text"
    assert [option["title"] for option in options_of(second)] == ["Ja", "Nee"]


def test_buttons_alone_have_a_line_above_them() -> None:
    (message,) = of(Reply(buttons=buttons("Ja")))
    assert text_of(message) == CHOOSE


def test_a_counsellor_is_named_as_a_person() -> None:
    (message,) = of(Reply(text="Dag, met Els."), author=Author.COUNSELLOR)
    assert text_of(message) == "*Medewerker, een mens:*\nDag, met Els."


def test_an_empty_turn_is_no_message() -> None:
    assert of() == of(Reply()) == []


@settings(deadline=None, max_examples=80)
@given(st.lists(saids, max_size=3))
def test_every_turn_is_taken_by_whatsapp_and_nothing_is_lost(said: list[Said]) -> None:
    # Ids are unique in a conversation, as they are when they come from the outbox.
    said = [Said(one.author, _renumbered(one.reply, f"{number}")) for number, one in enumerate(said)]
    parts = messages(said)
    assert [refusal_of(part) for part in parts] == [""] * len(parts)
    text = " ".join(text_of(part) for part in parts).replace("*", " ")
    squeezed = "".join(text.split())
    for one in said:
        for word in words_of(one):
            assert word in text or word in squeezed
    titles = {button.payload: button.title.split() for one in said for button in one.reply.all_buttons()}
    offered = [option["id"] for part in parts for option in options_of(part)]
    assert len(offered) == len(set(offered))
    assert set(offered) <= set(titles)
    # Only what has the same title as another choice of the turn may be left out.
    shown = [titles[one] for one in offered]
    assert all(titles[one] in shown for one in set(titles) - set(offered))


def _renumbered(reply: Reply, prefix: str) -> Reply:
    cards = tuple(
        card.model_copy(
            update={"buttons": tuple(Button(title=b.title, payload=f"{prefix}.{n}.{b.payload}") for b in card.buttons)}
        )
        for n, card in enumerate(reply.cards)
    )
    own = tuple(Button(title=b.title, payload=f"{prefix}.{b.payload}") for b in reply.buttons)
    return reply.model_copy(update={"buttons": own, "cards": cards})
