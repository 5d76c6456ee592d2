"""The measures as editors write them in data/entitlements/measures: what one gets, by which rule, from when to when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.entitlements.conditions import Condition
from bot.entitlements.facts import FactError, Facts, Kind
from bot.entitlements.wording import figures_in, split_reference
from bot.knowledge.datafile import DataError, read_entries
from bot.knowledge.figures import Certainty, Figures, Identifier, Line, WebAddress
from bot.knowledge.vocabulary import INCENTIVES, INTENTS

_Wrong = Callable[[str], DataError]
"""Makes the error for one field of one entry."""
Paragraph = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Benefit(_Entry):
    """What one gets; the first whose `when` is met is told."""

    text: Paragraph
    when: Condition | None = None
    figure: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(:[a-z0-9-]+)?$")] | None = None
    """Of vouchers: the figure with the most that is paid, whose part `voucher` is the most that they are worth. Of a share of
    the price: the figure and the part that is the share in percent; its part `maximum` is the most that is paid."""


class Rule(_Entry):
    """One version of a measure, in force for courses that start between two days."""

    valid_from: date | None
    valid_until: date | None
    certainty: Certainty
    when: Condition
    gives: tuple[Benefit, ...] = ()
    decides: str = ""
    """The body that decides in the end, as in "… beslist": never more than probably then."""
    legal: Paragraph
    sources: tuple[Identifier, ...] = Field(min_length=1)
    checked: date
    check_again: date

    @model_validator(mode="after")
    def _consistent(self) -> Rule:
        if self.check_again <= self.checked:
            raise ValueError("check_again must be after checked")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        return self

    def in_force(self, on: date) -> bool:
        """Whether it holds for a course that starts on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )


class Measure(_Entry):
    """Something that people may be entitled to."""

    id: Identifier
    name: Line
    what: Paragraph
    intents: tuple[str, ...] = Field(min_length=1)
    """The questions that it answers."""
    incentive: str = ""
    """The entity value that names it."""
    general: bool = True
    """Whether it belongs in the overview; else it is worked out when asked for by name."""
    weight: float = Field(default=1.0, gt=0)
    """How much it matters which question is asked first."""
    lowers: Literal["", "reduced", "free", "voucher", "share"] = ""
    """How it lowers the price of a course: to the reduced tariff, to nothing, by a voucher, or by a share of it."""
    concerns: Condition | None = None
    """For whom it is worth telling in the overview; all when left out."""
    next_step: Line
    apply: Line
    apply_url: WebAddress | None = None
    successor: Identifier | None = None
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Measure:
        for intent in self.intents:
            if intent not in INTENTS:
                raise ValueError(f"unknown intent '{intent}'")
        if self.incentive and self.incentive not in INCENTIVES:
            raise ValueError(f"unknown incentive '{self.incentive}'")
        for earlier, later in pairwise(self.rules):
            if earlier.valid_until is None or later.valid_from is None or later.valid_from <= earlier.valid_until:
                raise ValueError("rules must follow each other in time without overlap")
        return self

    def rule(self, on: date) -> Rule | None:
        """The version in force on a day."""
        return next((rule for rule in self.rules if rule.in_force(on)), None)


def load_measures(folder: Path, facts: Facts, figures: Figures) -> tuple[Measure, ...]:
    """The measures of a folder like data/entitlements. Raises `DataError` naming file, entry and field."""
    measures: dict[str, Measure] = {}
    successors: list[tuple[str, Measure]] = []
    for path in sorted((folder / "measures").glob("*.yml")):
        for measure in read_entries(path, "measures", Measure):
            if measure.id in measures:
                raise DataError(path.name, "stands in another file too", entry=measure.id, field="id")
            measures[measure.id] = measure
            successors.append((path.name, measure))
            _check(measure, path.name, facts, figures)
    for file, measure in successors:
        if measure.successor and measure.successor not in measures:
            raise DataError(file, f"unknown measure '{measure.successor}'", entry=measure.id, field="successor")
    if not measures:
        raise DataError("measures", "holds no .yml file with measures")
    return tuple(measures.values())


def _check(measure: Measure, file: str, facts: Facts, figures: Figures) -> None:
    def wrong(field: str) -> _Wrong:
        return lambda message: DataError(file, message, entry=measure.id, field=field)

    for text in (measure.what, measure.next_step):
        _figures_usable(text, figures, wrong("what, next_step"))
    if measure.concerns:
        _check_tree(measure.concerns, facts, figures, wrong("concerns"))
    for number, rule in enumerate(measure.rules):
        _check_tree(rule.when, facts, figures, wrong(f"rules.{number}.when"))
        _check_worded(rule.when, wrong(f"rules.{number}.when"))
        for benefit in rule.gives:
            _figures_usable(benefit.text, figures, wrong(f"rules.{number}.gives"))
            for reference in _paid(measure, benefit):
                _figures_usable(f"{{figure:{reference}}}", figures, wrong(f"rules.{number}.gives.figure"))
            if benefit.when:
                _check_tree(benefit.when, facts, figures, wrong(f"rules.{number}.gives"))
        _figures_usable(rule.legal, figures, wrong(f"rules.{number}.legal"))
        for source in rule.sources:
            if source not in figures.sources:
                raise wrong(f"rules.{number}.sources")(f"unknown source '{source}'")


def _paid(measure: Measure, benefit: Benefit) -> tuple[str, ...]:
    """The figures that a price is worked out from; without a figure a share is only told."""
    if measure.lowers == "voucher":
        return (f"{benefit.figure}", f"{benefit.figure}:voucher")
    if measure.lowers == "share" and benefit.figure:
        return (benefit.figure, f"{split_reference(benefit.figure)[0]}:maximum")
    return ()


def _check_tree(tree: Condition, facts: Facts, figures: Figures, wrong: _Wrong) -> None:
    for node in tree.walk():
        _check_comparison(node, facts, figures, wrong)
        for text in (node.met, node.unmet, node.unclear, node.open, node.provided):
            _figures_usable(text or "", figures, wrong)


def _figures_usable(text: str, figures: Figures, wrong: _Wrong) -> None:
    """Raises when a text names a figure that is not there, or that may not be told to a citizen."""
    for reference in figures_in(text):
        name, part = split_reference(reference)
        if name not in figures:
            raise wrong(f"unknown figure '{name}'")
        if figures[name].quantity(part) is None:
            raise wrong(f"the figure has no amount for '{reference}'")
        if not figures[name].certainty.usable:
            raise wrong(f"figure '{name}' is '{figures[name].certainty}' and may not be named")


def _check_comparison(node: Condition, facts: Facts, figures: Figures, wrong: _Wrong) -> None:
    """Raises when a leaf asks of a fact what that fact cannot be."""
    if node.fact is None:
        return
    fact = facts.get(node.fact)
    if fact is None:
        raise wrong(f"unknown fact '{node.fact}'")
    if (node.threshold is not None) != (fact.kind is Kind.NUMBER):
        raise wrong(
            f"'{fact.id}' is a {fact.kind}: compare it {'with' if fact.kind is Kind.NUMBER else 'without'} a number"
        )
    for value in node.is_ or node.is_not or ():
        try:
            fact.check(value)
        except FactError as error:
            raise wrong(str(error)) from error
    if node.threshold is not None:
        name, part = split_reference(node.threshold)
        if name not in figures or figures[name].quantity(part) is None:
            raise wrong(f"unknown figure '{node.threshold}'")


def _check_worded(node: Condition, wrong: _Wrong, above: bool = False) -> None:
    """Raises when a leaf has no words on its way down, or has them twice."""
    here = node.met is not None or node.open is not None
    if here and above and node.open is None:
        raise wrong(f"'{node.met}' stands under a condition that has words already")
    if not node.children and not here and not above:
        raise wrong(f"the condition on '{node.fact}' needs 'met' and 'unmet'")
    for child in node.children:
        _check_worded(child, wrong, above or here)
