"""The facts that rules ask about: a person and a course, each with its type, its question, and how likely its values are.

`data/entitlements/facts.yml` holds them. A fact may follow from another: who works for the government works as an
employee. What is told itself always goes before what follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.knowledge.datafile import DataError, read_entries
from bot.knowledge.figures import Line
from bot.trouble import Trouble

FactValue = str | bool | float
"""A choice by its id, yes or no, or a number."""
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
MAX_TITLE = 20
"""Characters of a button on the smallest channel."""


class FactError(Trouble, ValueError):
    """A fact that is not known here, or a value that it cannot have. `fact` names it; the text is Dutch."""

    def __init__(self, fact: str, message: str) -> None:
        super().__init__(message)
        self.fact = fact


class Kind(StrEnum):
    """What sort of value a fact has."""

    CHOICE = "choice"
    YES_NO = "yes_no"
    NUMBER = "number"


class About(StrEnum):
    """Whom or what a fact is about."""

    PERSON = "person"
    COURSE = "course"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(_Entry):
    """One value of a fact with choices."""

    id: FactName
    label: Line
    """As it reads after "Ik ging uit van:", and for programs: "werknemer"."""
    title: str = Field(default="", max_length=MAX_TITLE)
    """Its button; empty for what is only typed."""
    words: tuple[Line, ...] = ()
    """What people type for it, lower case."""
    weight: float = Field(default=1.0, gt=0)
    """How often it is so, against the other values: only for the order of questions."""
    figure: str = ""
    """Of a tariff: the figure that holds it."""
    implies: dict[FactName, str | bool] = Field(default_factory=dict)
    """Facts that follow from it."""


class Fact(_Entry):
    """Something that decides who is entitled to what."""

    id: FactName
    kind: Kind
    about: About = About.PERSON
    label: Line
    """The fact as the end of "Ik weet nog niet …": "waar je werkt"."""
    question: str = ""
    """How it is asked; empty for what is never asked in a conversation."""
    hint: str = ""
    """What is said when an answer was not understood."""
    values: tuple[Choice, ...] = ()
    minimum: float = Field(default=0, ge=0)
    maximum: float = Field(default=10_000, gt=0)
    likely: dict[float, float] = Field(default_factory=dict)
    """Of a number: values that are usual, each with its weight. Only for the order of questions."""
    words: tuple[Line, ...] = ()
    """Of a yes or no: what people type who have it so, unasked."""
    likely_yes: float = Field(default=0.5, gt=0, lt=1)
    """Of a yes or no: how often it is yes. Only for the order of questions."""
    reading: str = ""
    """How a number, or a yes, reads after "Ik ging uit van:", with {value}: "{value} uur per week"."""
    buttons: dict[float, Annotated[str, Field(min_length=1, max_length=MAX_TITLE)]] = Field(default_factory=dict)
    """Of a number: values that have a button, with its title."""

    @property
    def asked(self) -> bool:
        """Whether a conversation may ask it."""
        return bool(self.question)

    @model_validator(mode="after")
    def _consistent(self) -> Fact:
        if (self.kind is Kind.CHOICE) != bool(self.values):
            raise ValueError("'values' belongs to a choice, and a choice needs them")
        if self.kind is Kind.NUMBER and not self.likely:
            raise ValueError("a number needs 'likely'")
        if self.kind is not Kind.NUMBER and (self.likely or self.buttons):
            raise ValueError("only a number has 'likely' and 'buttons'")
        if self.kind is not Kind.YES_NO and self.words:
            raise ValueError("only a yes or no has 'words'")
        for number in (*self.likely, *self.buttons):
            if not self.minimum <= number <= self.maximum:
                raise ValueError(f"{number} is not between minimum and maximum")
        identifiers = [choice.id for choice in self.values]
        if len(set(identifiers)) != len(identifiers):
            raise ValueError("a value stands twice")
        return self

    def choice(self, identifier: object) -> Choice | None:
        """One of its values."""
        return next((choice for choice in self.values if choice.id == identifier), None)

    def in_words(self, value: FactValue) -> str:
        """A value as it reads after "Ik ging uit van:"; empty when it has no words."""
        if choice := self.choice(value):
            return choice.label
        if isinstance(value, bool):
            return self.reading if value else ""
        if isinstance(value, float) and value in self.buttons:
            return self.buttons[value].lower()
        return self.reading.format(value=f"{value:g}") if isinstance(value, float) else ""

    def check(self, value: object) -> FactValue:
        """The value as rules use it. Raises `FactError` when this fact cannot have it."""
        if self.kind is Kind.YES_NO:
            if isinstance(value, bool):
                return value
            raise FactError(self.id, f"'{self.id}' is ja of nee: true of false.")
        if self.kind is Kind.CHOICE:
            if isinstance(value, str) and self.choice(value):
                return value
            known = ", ".join(choice.id for choice in self.values)
            raise FactError(self.id, f"'{self.id}' is een van: {known}.")
        if isinstance(value, int | float) and not isinstance(value, bool) and self.minimum <= value <= self.maximum:
            return float(value)
        raise FactError(self.id, f"'{self.id}' is een getal van {self.minimum:g} tot {self.maximum:g}.")

    def expectations(self) -> list[tuple[FactValue, float]]:
        """What it may turn out to be, each with its probability; together 1."""
        weighted: list[tuple[FactValue, float]]
        if self.kind is Kind.YES_NO:
            weighted = [(True, self.likely_yes), (False, 1 - self.likely_yes)]
        elif self.kind is Kind.CHOICE:
            weighted = [(choice.id, choice.weight) for choice in self.values]
        else:
            weighted = list(self.likely.items())
        total = sum(weight for _, weight in weighted)
        return [(value, weight / total) for value, weight in weighted]


class Facts(Mapping[str, Fact]):
    """Every fact by its id, in the order of the file."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._facts = dict(facts)
        self._implied = {
            (fact.id, choice.id): dict(choice.implies)
            for fact in self._facts.values()
            for choice in fact.values
            if choice.implies
        }

    def __getitem__(self, key: str) -> Fact:
        return self._facts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def implying(self, names: Collection[str]) -> tuple[str, ...]:
        """The facts that can be asked and from which one of these may follow, in the order of the file."""
        found = (fact for (fact, _), implied in self._implied.items() if implied.keys() & set(names))
        return tuple(dict.fromkeys(fact for fact in found if self._facts[fact].asked))

    def implied(self, fact: str, value: object) -> Mapping[str, FactValue]:
        """What follows from one value of a fact."""
        return self._implied.get((fact, str(value)), {})

    def complete(self, told: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """What is told with what follows from it. Of two that imply the same, the one first in the file counts."""
        known = dict(told)
        for (fact, value), implied in self._implied.items():
            if known.get(fact) == value:
                for name, follows in implied.items():
                    known.setdefault(name, follows)
        return known

    def checked(self, given: Mapping[str, object]) -> dict[str, FactValue]:
        """Facts from outside, each checked. Raises `FactError` naming the first that is wrong."""
        values = {}
        for name, value in given.items():
            fact = self._facts.get(name)
            if fact is None:
                raise FactError(name, f"Het feit '{name[:40]}' kennen we niet.")
            values[name] = fact.check(value)
        return values


def load_facts(folder: Path) -> Facts:
    """The facts of a folder like data/entitlements. Raises `DataError` naming file, entry and field."""
    facts = {fact.id: fact for fact in read_entries(folder / "facts.yml", "facts", Fact)}
    for fact in facts.values():
        for choice in fact.values:
            for name, value in choice.implies.items():
                try:
                    if name not in facts:
                        raise FactError(name, f"unknown fact '{name}'")
                    facts[name].check(value)
                except FactError as error:
                    raise DataError("facts.yml", str(error), entry=fact.id, field="values.implies") from error
    return Facts(facts)
