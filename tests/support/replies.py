"""Replies of every shape, for the tests of what channels make of them."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.conversation.message import Author, Button, Card, Fact, Reply, Source
from bot.conversation.model import Said

_words = st.text(st.sampled_from("abcde  éè🙂&<>*_~`.\n-"), max_size=60)
_titles = st.text(st.sampled_from("abcdé🙂' *"), min_size=1, max_size=90)
_long = st.one_of(
    _words,
    st.integers(1, 900).map(lambda count: "Dit is een zin. " * count),
    st.integers(1, 9000).map(lambda count: "x" * count),
    st.integers(1, 200).map(lambda count: "**vet** en niet " * count),
)
_urls = st.none() | st.sampled_from(["https://voorbeeld.example/a?b=c_d", "javascript:alert(1)", "http://x y"])


def _numbered(buttons: list[str]) -> tuple[Button, ...]:
    return tuple(Button(title=title, payload=f"b_{index:022d}") for index, title in enumerate(buttons))


_buttons = st.lists(_titles, max_size=25).map(_numbered)
_cards = st.builds(
    Card,
    title=_titles,
    subtitle=_words,
    facts=st.lists(st.builds(Fact, label=_titles, value=_words), max_size=4).map(tuple),
    notice=_words,
    url=_urls,
    buttons=st.lists(_titles, max_size=3).map(_numbered),
)
_sources = st.builds(Source, title=_titles, url=_urls, checked=st.sampled_from(["2026-11-23", "ooit"]))
replies = st.builds(
    Reply,
    text=_long,
    buttons=_buttons,
    cards=st.lists(_cards, max_size=4).map(tuple),
    sources=st.lists(_sources, max_size=3).map(tuple),
)
saids = st.builds(Said, st.sampled_from([Author.ASSISTANT, Author.COUNSELLOR, Author.SYSTEM]), replies)
"""Lines to a person."""


def words_of(said: Said) -> list[str]:
    """Every word that the person must get to read: of text, cards and sources."""
    reply = said.reply
    texts = [reply.text, *(source.title for source in reply.sources)]
    for card in reply.cards:
        texts += [card.title, card.subtitle, card.notice, *(f"{fact.label}: {fact.value}" for fact in card.facts)]
    return [word for text in texts for word in text.replace("*", " ").split()]
