"""What Telegram gets of a reply: everything in it, within the limits."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from support.replies import saids, words_of
from support.script import COURSE, SECOND_COURSE
from support.telegram_api import refusal_of

from bot.conversation.message import Author, Button, Reply, Source
from bot.conversation.model import Said
from channels.reading import CHOOSE, MORE_CHOICES
from channels.telegram.outgoing import MAX_LABEL, Message, messages


def as_sent(message: Message) -> dict[str, object]:
    """A message as the Bot API gets it."""
    return {
        "text": message.text,
        "entities": [entity.to_dict() for entity in message.entities],
        "reply_markup": message.keyboard.to_dict() if message.keyboard else None,
    }


def buttons(message: Message) -> list[list[tuple[str, str]]]:
    rows = message.keyboard.inline_keyboard if message.keyboard else ()
    return [[(button.text, str(button.callback_data)) for button in row] for row in rows]


def of(reply: Reply, author: Author = Author.ASSISTANT) -> list[Message]:
    return messages([Said(author, reply)])


def test_a_text_with_emphasis_and_a_source() -> None:
    source = Source(title="Prijzen", url="https://voorbeeld.example/prijs", checked="2026-11-23")
    (message,) = of(Reply(text="🙂 Dat kost **180 euro**.", sources=(source,)))
    assert message.text == "🙂 Dat kost 180 euro.\n\nBron: Prijzen (nagekeken op 23 november 2026)"
    as_telegram_counts = message.text.encode("utf-16-le")
    marked = {
        as_telegram_counts[2 * one.offset : 2 * (one.offset + one.length)].decode("utf-16-le"): (one.type, one.url)
        for one in message.entities
    }
    assert marked == {"180 euro": ("bold", None), "Prijzen": ("text_link", "https://voorbeeld.example/prijs")}


def test_cards_are_text_that_reads_well() -> None:
    (message,) = of(Reply(cards=(COURSE, SECOND_COURSE), buttons=(Button(title="Meer", payload="m"),)))
    assert message.text == (
        "Lassen: basis\nVoorbeeldcentrum De Kade, Gent\n(voorbeeldaanbod)\nStart: 2 februari 2027\n"
        "Lesuren: maandag en woensdag, 18.30 tot 21.30 uur\nPrijs: 180 euro, voor jou vermoedelijk minder\nMeer info\n\n"
        "Lassen: TIG en MIG voor gevorderden\nVoorbeeldschool, Lokeren (18 km)"
    )
    assert buttons(message) == [
        [("Lassen: basis · Details", "/show_details")],
        [("Lassen: basis · Wat kost dit?", "/ask_price")],
        [("Meer", "m")],
    ]


def test_short_labels_share_a_row_and_a_long_one_has_its_own() -> None:
    titles = ["Overdag", "'s Avonds", "In het weekend", "Maakt niet uit, ik kan altijd"]
    (message,) = of(Reply(text="Wanneer?", buttons=tuple(Button(title=t, payload=t) for t in titles)))
    assert [[label for label, _ in row] for row in buttons(message)] == [titles[:3], titles[3:]]


def test_a_counsellor_is_named_as_a_person() -> None:
    (message,) = of(Reply(text="Dag, met Els."), Author.COUNSELLOR)
    assert message.text == "Medewerker, een mens:\nDag, met Els."


def test_buttons_alone_have_a_line_above_them() -> None:
    (message,) = of(Reply(buttons=(Button(title="Ja", payload="j"),)))
    assert (message.text, buttons(message)) == (CHOOSE, [[("Ja", "j")]])


def test_an_empty_reply_is_no_message() -> None:
    assert of(Reply()) == []


def test_a_long_text_is_several_messages_with_the_buttons_under_the_last() -> None:
    reply = Reply(
        text="\n\n".join(["Een zin van tien woorden, om te tellen. " * 30] * 5),
        buttons=(Button(title="Ja", payload="j"),),
    )
    first, second = of(reply)
    assert first.keyboard is None
    assert buttons(second) == [[("Ja", "j")]]


def test_more_than_a_hundred_buttons_go_on_in_a_next_message() -> None:
    many = tuple(Button(title=f"Keuze {n}", payload=f"{n}") for n in range(150))
    first, second = of(Reply(text="Kies", buttons=many))
    assert (first.text, second.text) == ("Kies", MORE_CHOICES)
    assert [data for part in (first, second) for row in buttons(part) for _, data in row] == [
        str(n) for n in range(150)
    ]


def test_a_title_that_is_cut_on_its_button_stands_whole_in_the_text() -> None:
    title = "Een heel lange keuze die op geen enkel scherm past en die dus onmogelijk een knop kan zijn"
    (message,) = of(Reply(text="Kies", buttons=(Button(title=title, payload="x"),)))
    assert title in message.text
    assert buttons(message)[0][0][0].endswith("…")


@settings(deadline=None, max_examples=60)
@given(st.lists(saids, max_size=3))
def test_every_reply_is_taken_by_telegram_and_nothing_is_lost(said: list[Said]) -> None:
    parts = messages(said)
    for part in parts:
        assert refusal_of(as_sent(part)) == ""
    text = " ".join(part.text for part in parts)
    for one in said:
        for word in words_of(one):
            assert word in text or word in text.replace(" ", "").replace("\n", "")
    wanted = [button.payload for one in said for card in one.reply.cards for button in card.buttons]
    wanted += [button.payload for one in said for button in one.reply.buttons]
    assert sorted(data for part in parts for row in buttons(part) for _, data in row) == sorted(wanted)
    for part in parts:
        assert all(len(label) <= MAX_LABEL for row in buttons(part) for label, _ in row)


@settings(deadline=None, max_examples=30)
@given(saids)
def test_the_same_reply_is_the_same_messages(said: Said) -> None:
    assert messages([said]) == messages([said])
