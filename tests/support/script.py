"""What the fake Rasa server answers in the tests of the channels: the first word of a message says what comes back."""

from __future__ import annotations

from collections.abc import Callable

from bot.assistant.interface import Answer, Turn
from bot.conversation.message import Button, Card, Fact, Reply, Source

MARKUP = "<img src=x onerror=\"document.title='gekraakt'\"><script>document.title='gekraakt'</script>"
"""Text that would take over a page that made markup of it."""
SCRIPT_LINK = "javascript:document.title='gekraakt'"

OPENING = Reply(
    text=(
        "Dag! Ik ben **Leerwijzer**, een digitale assistent. Ik ben geen mens.\n\n"
        "Ik zoek cursussen voor je, en ik leg uit wat ze kosten. Wat wil je weten?"
    ),
    buttons=(
        Button(title="Ik zoek een cursus", payload="/search_course"),
        Button(title="Wat kost een cursus?", payload="/ask_price"),
        Button(title="Ik wil een mens spreken", payload="/request_human"),
    ),
)

COURSE = Card(
    title="Lassen: basis",
    subtitle="Voorbeeldcentrum De Kade, Gent",
    notice="voorbeeldaanbod",
    facts=(
        Fact(label="Start", value="2 februari 2027"),
        Fact(label="Lesuren", value="maandag en woensdag, 18.30 tot 21.30 uur"),
        Fact(label="Prijs", value="**180 euro**, voor jou vermoedelijk minder"),
    ),
    url="https://voorbeeld.example/lassen",
    buttons=(Button(title="Details", payload="/show_details"), Button(title="Wat kost dit?", payload="/ask_price")),
)
SECOND_COURSE = Card(title="Lassen: TIG en MIG voor gevorderden", subtitle="Voorbeeldschool, Lokeren (18 km)")


def _courses(_text: str) -> list[Reply]:
    more = (Button(title="Meer cursussen", payload="/more"), Button(title="Enkel overdag", payload="/day"))
    return [
        Reply(text="Ik vond **2 cursussen** lassen in de buurt van Gent."),
        Reply(cards=(COURSE, SECOND_COURSE), buttons=more),
    ]


def _price(_text: str) -> list[Reply]:
    source = Source(title="Prijzen", url="https://voorbeeld.example/prijs", checked="2026-11-23")
    text = "De cursus kost **180 euro**.\n\nKijk op https://voorbeeld.example/prijs."
    return [Reply(text=text, sources=(source,))]


def _choices(_text: str) -> list[Reply]:
    buttons = (Button(title="Overdag", payload="/day"), Button(title="'s Avonds", payload="/evening"))
    return [Reply(text="Wanneer past het je?", buttons=buttons)]


def _naughty(_text: str) -> list[Reply]:
    card = Card(title=MARKUP, subtitle=MARKUP, url=SCRIPT_LINK, facts=(Fact(label=MARKUP, value=MARKUP),))
    source = Source(title=MARKUP, url=SCRIPT_LINK, checked="geen datum")
    return [Reply(text=MARKUP, buttons=(Button(title=MARKUP, payload="/x"),), cards=(card,), sources=(source,))]


def _long(_text: str) -> list[Reply]:
    return [Reply(text="\n\n".join(f"Alinea {number}. " + "Dit is een zin. " * 12 for number in range(1, 9)))]


def _hard(_text: str) -> list[Reply]:
    tool = Button(title="Eenvoudiger", payload='/ask_simpler{"article":"vov"}')
    return [Reply(text="Een moeilijk antwoord.", tools=(tool,))]


def _nothing(_text: str) -> list[Reply]:
    return []


_SCRIPT: dict[str, Callable[[str], list[Reply]]] = {
    "lassen": _courses,
    "kost": _price,
    "keuzes": _choices,
    "stout": _naughty,
    "lang": _long,
    "moeilijk": _hard,
    "niets": _nothing,
}


def scripted(turn: Turn) -> Answer:
    """The answer to a turn; without a word of the script, what was written or chosen."""
    if turn.payload is not None:
        return Answer(replies=(Reply(text=f"Je koos {turn.text} ({turn.payload})"),), intent="button")
    first = (turn.text.lower().split() or [""])[0]
    if first in _SCRIPT:
        return Answer(replies=tuple(_SCRIPT[first](turn.text)), intent=first)
    return Answer(replies=(Reply(text=f"Je schreef: {turn.text}"),))
