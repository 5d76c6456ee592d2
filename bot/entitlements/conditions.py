"""Conditions as editors write them: one fact compared, `all` or `any` of several, or something that stays open.

    {fact: work_region, is: flanders, met: "Je werkt in Vlaanderen.", unmet: "Je werkt niet in Vlaanderen."}
    {fact: hours_per_week, at_least: "vov-doelgroep-2025:hours-per-week", met: …, unmet: …}
    {all: [ … ], met: …, unmet: …}      {any: [ … ]}
    {open: "Het OCMW kijkt ook naar je inkomen."}

Numbers are never written here: they stand in the figures, and are named by figure and part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.entitlements.facts import FactName
from bot.knowledge.figures import Certainty, Line

FigurePart = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(:[a-z0-9-]+)?$")]
COMPARISONS = ("is_", "is_not", "at_least", "more_than", "at_most", "less_than")


class Condition(BaseModel):
    """One condition, as it stands in a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    fact: FactName | None = None
    is_: tuple[str | bool, ...] | None = Field(default=None, alias="is")
    is_not: tuple[str | bool, ...] | None = None
    at_least: FigurePart | None = None
    more_than: FigurePart | None = None
    at_most: FigurePart | None = None
    less_than: FigurePart | None = None
    all_: tuple[Condition, ...] | None = Field(default=None, alias="all", min_length=1)
    any_: tuple[Condition, ...] | None = Field(default=None, alias="any", min_length=1)
    open: Line | None = None
    """What is not known and cannot be asked: the sources are silent, or somebody looks at it in person."""
    certainty: Certainty | None = None
    """Of this condition and what stands under it, where it differs from that of the rule."""
    provided: Line | None = None
    """A proviso: while the fact is not told, the condition counts as met and this is said with it ("als je …")."""
    met: Line | None = None
    unmet: Line | None = None
    """How it reads in an answer when it is met, and when it is not. Once on each way down."""
    unclear: Line | None = None
    """How it reads when it is not known; when left out it follows from the labels of its facts."""

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, raw: object) -> object:
        if isinstance(raw, dict):
            return {
                key: [value] if key in ("is", "is_not") and isinstance(value, str | bool) else value
                for key, value in raw.items()
            }
        return raw

    @model_validator(mode="after")
    def _one_form(self) -> Condition:
        forms = [name for name in ("fact", "all_", "any_", "open") if getattr(self, name) is not None]
        if len(forms) != 1:
            raise ValueError("a condition is one of: fact, all, any, open")
        comparisons = [name for name in COMPARISONS if getattr(self, name) is not None]
        if (self.fact is not None) != (len(comparisons) == 1):
            raise ValueError("a fact is compared once: is, is_not, at_least, more_than, at_most or less_than")
        if self.provided and self.fact is None:
            raise ValueError("'provided' belongs to a fact")
        if self.open and (self.met or self.unmet):
            raise ValueError("'open' is its own text")
        if (self.met is None) != (self.unmet is None):
            raise ValueError("'met' and 'unmet' go together")
        if self.unclear and not self.met:
            raise ValueError("'unclear' needs 'met' and 'unmet'")
        return self

    @property
    def children(self) -> tuple[Condition, ...]:
        """The conditions under it."""
        return self.all_ or self.any_ or ()

    @property
    def threshold(self) -> str | None:
        """The figure (and part) that it compares with."""
        return self.at_least or self.more_than or self.at_most or self.less_than

    def walk(self) -> Iterator[Condition]:
        """It and everything under it."""
        yield self
        for child in self.children:
            yield from child.walk()
