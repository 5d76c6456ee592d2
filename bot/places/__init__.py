"""Places of Flanders and Brussels, as people name them."""

from bot.places.gazetteer import Gazetteer, Match, Method
from bot.places.load import PlaceDataError
from bot.places.place import Place, PlaceKind, distance_between, distance_km

__all__ = ["Gazetteer", "Match", "Method", "Place", "PlaceDataError", "PlaceKind", "distance_between", "distance_km"]
