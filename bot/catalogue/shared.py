"""The catalogue of this process: one for conversations and course pages alike, so that its columns are in memory once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.catalogue import meaning
from bot.catalogue.search import Catalogue
from bot.knowledge.figures import Figures, load_figures
from bot.places import Gazetteer
from bot.settings import Settings
from bot.storage.database import Database


class SharedCatalogue(NamedTuple):
    """A catalogue, and what it was made with."""

    catalogue: Catalogue
    places: Gazetteer
    figures: Figures

    @property
    def database(self) -> Database:
        """The door through which the catalogue reads; open as long as the process lives."""
        return self.catalogue.database


def shared_catalogue(settings: Settings) -> SharedCatalogue:
    """The catalogue of these settings, made once. Raises what is wrong with the data, naming file, entry and field."""
    return _shared(settings.database, settings.data_dir, settings.models_dir)


@lru_cache(maxsize=2)
def _shared(url: str, data: Path, models: Path) -> SharedCatalogue:
    places, figures = Gazetteer.load(data / "places"), load_figures(data / "knowledge")
    catalogue = Catalogue(Database(url), data / "catalogue", places, figures, vectors=models / meaning.FILE)
    return SharedCatalogue(catalogue, places, figures)
