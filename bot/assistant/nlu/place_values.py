"""What a place name in a message means: the canonical name and id, or the places it may be."""

from __future__ import annotations

from dataclasses import replace

from bot.assistant.nlu.mentions import Mention
from bot.places import Gazetteer, Method, Place


def with_place(mention: Mention, text: str, places: Gazetteer) -> Mention:
    """The mention with the place's name as value and its id under `place`.

    A name of several places keeps the person's words as value and the ids under `candidates`; one that no place bears keeps the
    words alone. `misspelt` tells that the name was not written so, and is worth repeating to the person.
    """
    words = text[mention.start : mention.end]
    match = places.resolve(words)
    if not match.places and mention.value != words:
        match = places.resolve(mention.value)  # "Gentse": the word lists know what it comes from
    if match.ambiguous:
        around = places.resolve(text)  # "Hofstade bij Aalst": what else is named decides
        if around.place in match.places:
            match = around
    if match.place is not None:
        more = {"place": match.place.id, **({"misspelt": True} if match.method is Method.FUZZY else {})}
        return replace(mention, value=_name(match.place, places), more=more)
    if match.places:
        return replace(mention, value=words, more={"candidates": [place.id for place in match.places]})
    return replace(mention, value=words, more={})


def _name(place: Place, places: Gazetteer) -> str:
    """A name that leads back to this place alone: "Heule", or "Beveren (Roeselare)" where there are more."""
    return place.name if places.resolve(place.name).place == place else place.label
