"""What stands above the courses that were found: what was searched, how many there are, what had to give."""

from __future__ import annotations

from dataclasses import replace

from actions.base import Turn
from actions.wishes import Wishes, in_words
from bot.catalogue.columns import is_advanced
from bot.catalogue.model import DeliveryMode
from bot.catalogue.search import SearchResult, Wish

WHERE = " Zeg er gerust bij waar je woont, dan zoek ik dichtbij."


def headline(turn: Turn, wishes: Wishes, result: SearchResult, offset: int) -> str:
    """What stands above the cards: what was searched, how many there are, what had to give."""
    words = in_words(wishes, turn.services.places)
    if offset:
        return f"Nog meer: {words}." if words else "Nog meer cursussen."
    if result.near:
        spread = "" if wishes.place or wishes.mode == "online" else WHERE
        return f"Precies dit vind ik niet: {words}. {result.explanation or 'Dit lijkt erop.'}{spread}"
    if result.relaxed and result.relaxed != (Wish.OTHER_DAYS,):
        return f"Precies dit vind ik niet: {words}. Dit komt het dichtst in de buurt. {result.explanation}"
    count = "Ik vond 1 cursus" if result.fitting == 1 else f"Ik vond {result.fitting} cursussen"
    text = _found(count, wishes, result, turn)
    if result.explanation:
        text += f" {result.explanation}"
    let_go = {Wish.ONLINE, *result.relaxed}
    if nearly := len([hit for hit in result.hits if set(hit.missed) - let_go]):
        text += " Eén past bijna." if nearly == 1 else f" {nearly} passen bijna."
    if wishes.not_mode == "online" and any(hit.offering.delivery_mode is DeliveryMode.BLENDED for hit in result.hits):
        text += " Let op: er zijn er bij die deels online zijn."
    if not wishes.place and wishes.mode != "online":
        text += WHERE
    return text


def _found(count: str, wishes: Wishes, result: SearchResult, turn: Turn) -> str:
    """How many there are of what, and whether they are in the place itself."""
    places = turn.services.places
    place = places.get(wishes.place) if wishes.place else None
    if place and result.around and not result.inside:
        words = in_words(replace(wishes, place=""), places)
        text = f"{count} rond {place.label}{': ' if words else ''}{words}. In {place.label} zelf vond ik er geen."
    else:
        words = in_words(wishes, places, beside=bool(result.around))
        text = f"{count}: {words}." if words else f"{count}."
    if place and wishes.nearest:
        text += " De dichtste staan eerst. Nog te ver? Noem een andere gemeente, of zoek online."
    if wishes.advanced:
        text += (
            " Wat voor gevorderden is, staat eerst."
            if for_advanced(result)
            else " Bij geen enkele staat dat ze voor gevorderden is."
        )
    return text


def for_advanced(result: SearchResult) -> bool:
    """Whether what stands first is for who knows something already, by its title."""
    return bool(result.hits) and is_advanced(result.hits[0].offering.title)
