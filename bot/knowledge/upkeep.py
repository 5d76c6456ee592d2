"""What editors must look at again, soonest first: figures, articles, organisations and helplines with their check dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.knowledge.articles import Library
from bot.knowledge.figures import Figures
from bot.referral.directory import Directory, Helplines


class Kind(StrEnum):
    """What is to be checked, as editors call it."""

    FIGURE = "cijfer"
    ARTICLE = "artikel"
    ORGANISATION = "organisatie"
    HELPLINE = "hulplijnen"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to check again on a day."""

    kind: Kind
    id: str
    name: str
    certainty: str
    checked: date
    check_again: date
    sources: tuple[tuple[str, str | None], ...]
    """Title and address of each source."""
    used_by: tuple[str, ...] = ()
    """The articles that name a figure."""
    note: str = ""

    def late(self, on: date) -> bool:
        """Whether the day has passed."""
        return on > self.check_again

    def days(self, on: date) -> int:
        """Days until it must be checked; negative when that has passed."""
        return (self.check_again - on).days


def due(figures: Figures, library: Library, directory: Directory, helplines: Helplines) -> list[Due]:
    """Everything with a check date, soonest first; of the same day by kind and id."""
    return sorted(
        [*_figures(figures, library), *_articles(library, figures), *_organisations(directory), _helplines(helplines)],
        key=lambda one: (one.check_again, one.kind, one.id),
    )


def _figures(figures: Figures, library: Library) -> Iterator[Due]:
    for figure in figures.values():
        users = tuple(article.id for article in library if figure.id in article.figure_ids())
        sources = tuple((source.title, source.url) for source in figure.references)
        yield Due(
            Kind.FIGURE,
            figure.id,
            figure.name,
            figure.certainty.value,
            figure.checked,
            figure.check_again,
            sources,
            users,
            figure.note,
        )


def _articles(library: Library, figures: Figures) -> Iterator[Due]:
    for article in library:
        sources = tuple((figures.sources[name].title, figures.sources[name].url) for name in article.sources)
        yield Due(
            Kind.ARTICLE,
            article.id,
            article.title,
            article.certainty.value,
            article.checked,
            article.check_again,
            sources,
        )


def _organisations(directory: Directory) -> Iterator[Due]:
    for one in directory:
        source = ((one.source.title, one.source.url),)
        yield Due(Kind.ORGANISATION, one.id, one.name, one.certainty.value, one.checked, one.check_again, source)


def _helplines(helplines: Helplines) -> Due:
    source = ((helplines.source.title, helplines.source.url),)
    return Due(Kind.HELPLINE, "helplines", "Hulplijnen", "", helplines.checked, helplines.check_again, source)
