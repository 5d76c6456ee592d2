"""A reply as text to read and options to choose: what a channel without cards makes of it, before its own limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from babel.dates import format_date

from bot.conversation.message import Author, Button, Card, Reply, Source
from bot.conversation.model import Said
from channels.rich import Rich, bold, join, link, read, units

CHOOSE: Final = "Kies hieronder, of typ je antwoord."
"""Above buttons that come without a text."""
MORE_CHOICES: Final = "Meer keuzes:"
"""Above the buttons that did not fit with the others."""
ELLIPSIS: Final = "…"
_ABOUT: Final = " · "
_LEAST_ABOUT: Final = 8
_COUNSELLOR: Final = "Medewerker, een mens:"
_SCHEMES: Final = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Option:
    """A button: the opaque id it sends, its title, and what it is about when it stands on a card."""

    id: str
    title: str
    about: str = ""

    def label(self, most: int) -> str:
        """The title within `most` UTF-16 units, before it what it is about: of three cards each has the same button."""
        room = most - units(self.title) - len(_ABOUT)
        if self.about and room >= _LEAST_ABOUT:
            return shortened(self.about, room) + _ABOUT + self.title
        return shortened(self.title, most)


def text_of(said: Said, *, links: bool) -> Rich:
    """All there is to read. With `links` the channel can hide an address behind words; else addresses are written out."""
    reply = said.reply
    who = bold(_COUNSELLOR) if said.author is Author.COUNSELLOR else Rich()
    words = join((who, read(reply.text)), "\n")
    cards = (_card(card, links) for card in reply.cards)
    sources = join((_source(source, links) for source in reply.sources), "\n")
    return join((words, *cards, sources), "\n\n")


def with_titles(text: Rich, options: Iterable[Option], most: int) -> Rich:
    """`text`, and behind it in full each title that is longer than a label of `most` units shows."""
    too_long = [Rich(f"• {option.title}") for option in options if units(option.title) > most]
    return join((text, join(too_long, "\n")), "\n\n")


def options_of(reply: Reply) -> tuple[Option, ...]:
    """Every button, those of cards first, in the order in which they are read."""
    several = len(reply.cards) > 1
    return tuple(_options(reply, several))


def _options(reply: Reply, several: bool) -> Iterator[Option]:
    for card in reply.cards:
        yield from (_option(button, card.title if several else "") for button in card.buttons)
    yield from (_option(button) for button in reply.buttons)


def _option(button: Button, about: str = "") -> Option:
    return Option(button.payload, " ".join(button.title.split()) or ELLIPSIS, " ".join(about.split()))


def _card(card: Card, links: bool) -> Rich:
    facts = (join((bold(f"{fact.label}:"), read(fact.value)), " ") for fact in card.facts)
    notice = Rich(f"({card.notice})") if card.notice else Rich()
    return join((bold(card.title), Rich(card.subtitle), notice, *facts, _address("Meer info", card.url, links)), "\n")


def _source(source: Source, links: bool) -> Rich:
    try:
        checked = format_date(date.fromisoformat(source.checked), "d MMMM yyyy", locale="nl_BE")
    except ValueError:
        checked = source.checked
    title = _address(source.title, source.url, links) if links else Rich()
    title = title if title.text else Rich(source.title)
    line = join((Rich("Bron: "), title, Rich(f" (nagekeken op {checked})")))
    return line if links else join((line, _address("", source.url, links)), "\n")


def _address(text: str, url: str | None, links: bool) -> Rich:
    """A link, or the address written out behind its text; nothing when it is no address of the web."""
    if not url or not url.startswith(_SCHEMES) or any(char.isspace() for char in url):
        return Rich()
    if links:
        return link(text, url)
    return Rich(f"{text}: {url}" if text else url)


def shortened(text: str, most: int) -> str:
    """A label of at most `most` UTF-16 units; what is left out is shown by an ellipsis, and must stand elsewhere whole."""
    if units(text) <= most:
        return text
    while units(text) > most - 1:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS
