"""All rules together: from the facts of a person and a course to what they are entitled to, on one day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from bot.entitlements.compiled import Atoms, Reader
from bot.entitlements.evaluation import CompiledMeasure, Evaluated
from bot.entitlements.facts import Facts, FactValue, load_facts
from bot.entitlements.measures import Measure, load_measures
from bot.entitlements.outcome import Outcome, Reason, Result
from bot.knowledge.figures import Figures, load_figures

_GETS = (Outcome.YES, Outcome.PROBABLY)
_REFUSED = (Outcome.NO, Outcome.PROBABLY_NOT)
_ORDER = {Outcome.YES: 0, Outcome.PROBABLY: 1, Outcome.UNKNOWN: 2, Outcome.PROBABLY_NOT: 3, Outcome.NO: 4}


@dataclass(frozen=True, slots=True)
class Assessment:
    """What somebody is entitled to, by the rules of one day."""

    on: date
    evaluated: tuple[Evaluated, ...]
    named: bool = False
    """Whether the measures were asked for by name: then all are told, whomever they concern."""

    @property
    def results(self) -> tuple[Result, ...]:
        """The result of each measure, in the order of the files."""
        return tuple(one.result for one in self.evaluated)

    @property
    def concerning(self) -> tuple[Evaluated, ...]:
        """What may concern this person. When nothing of what was asked for by name does: what is surely not for them."""
        found = tuple(one for one in self.evaluated if one.concerns is not False)
        if found or not self.named:
            return found
        return tuple(one for one in self.evaluated if one.result.outcome in _REFUSED) or self.evaluated

    @property
    def overview(self) -> tuple[Result, ...]:
        """The results that concern this person, what they get first.

        Where that is not known: only what they get, and what they may get of what they asked for by name.
        """
        told = [one.result for one in self.concerning if one.concerns or self._possible(one.result)]
        told = told or [one.result for one in self.concerning if self.named]
        return tuple(sorted(told, key=lambda result: (_ORDER[result.outcome], not result.hinges_on_course)))

    def _possible(self, result: Result) -> bool:
        return result.outcome not in _REFUSED if self.named else result.outcome in _GETS

    def get(self, measure: str) -> Result | None:
        """The result of one measure."""
        return next((one.result for one in self.evaluated if one.result.measure == measure), None)

    def questions(self, without: Collection[str] = ()) -> tuple[str, ...]:
        """The facts worth asking, the one that teaches most about all open measures first.

        `without` are facts that need not be asked (again).
        """
        gains: dict[str, float] = {}
        for one in self.concerning:
            for gain in one.gains:
                fact = gain.lead if gain.lead and gain.lead not in without else gain.fact
                gains[fact] = gains.get(fact, 0.0) + gain.bits
        wanted = [fact for fact in gains if fact not in without]
        return tuple(sorted(wanted, key=lambda fact: (-gains[fact], fact)))


class _Day:
    """Everything compiled as it stands on one day."""

    def __init__(self, measures: Iterable[Measure], facts: Facts, figures: Figures, on: date) -> None:
        self._atoms = Atoms(facts, figures, on)
        self.measures = {measure.id: CompiledMeasure(measure, self._atoms) for measure in measures}
        self.reader = Reader(self._atoms)
        for compiled in self.measures.values():
            compiled.finish(self.reader)
        self.general = tuple(
            compiled
            for compiled in self.measures.values()
            if compiled.measure.general and compiled.measure.rule(on) is not None
        )


class Rules:
    """The rules, compiled once for each stretch of days on which nothing changes. Share it: it keeps no person's data."""

    def __init__(self, measures: Iterable[Measure], facts: Facts, figures: Figures) -> None:
        self.facts = facts
        self.figures = figures
        self.measures = {measure.id: measure for measure in measures}
        self._changes = sorted(self._boundaries())
        self._days: dict[int, _Day] = {}

    def _boundaries(self) -> set[date]:
        """The days on which a rule or a figure begins to hold, or no longer does."""
        found: set[date] = set()
        periods = [(r.valid_from, r.valid_until) for m in self.measures.values() for r in m.rules]
        periods += [(figure.valid_from, figure.valid_until) for figure in self.figures.values()]
        for begin, end in periods:
            found |= {begin} if begin else set()
            found |= {end + timedelta(days=1)} if end else set()
        return found

    def _day(self, on: date) -> _Day:
        stretch = bisect_right(self._changes, on)
        day = self._days.get(stretch)
        if day is None:
            day = self._days[stretch] = _Day(self.measures.values(), self.facts, self.figures, on)
        return day

    def assess(self, told: Mapping[str, FactValue], on: date, measures: Collection[str] | None = None) -> Assessment:
        """What somebody is entitled to for a course that starts on a day.

        Without `measures`: all general ones in force then. With: those, whether in force or not. Raises `FactError` for
        an unknown fact or a value that it cannot have, `KeyError` for an unknown measure.
        """
        day = self._day(on)
        bits = day.reader.read(told)
        chosen = day.general if measures is None else [day.measures[name] for name in measures]
        results = tuple([compiled.evaluate(bits, day.reader) for compiled in chosen])
        return Assessment(on, results, named=measures is not None)

    def conditions(self, measure: str, told: Mapping[str, FactValue], on: date) -> tuple[Reason, ...]:
        """Every condition of a measure with its truth, for professionals; none when it is not in force."""
        day = self._day(on)
        return day.measures[measure].conditions(day.reader.read(told))

    @property
    def lowering(self) -> tuple[str, ...]:
        """The measures that lower the price of a course."""
        return tuple(measure.id for measure in self.measures.values() if measure.lowers)

    def answering(self, intent: str, incentive: str = "") -> tuple[str, ...]:
        """The measures that answer a question, those of a named incentive alone when there are any."""
        found = [measure for measure in self.measures.values() if intent in measure.intents]
        named = [measure for measure in self.measures.values() if incentive and measure.incentive == incentive]
        return tuple(measure.id for measure in named or found)


def load_rules(data: Path, figures: Figures | None = None) -> Rules:
    """The rules of a data folder. Raises `DataError` naming file, entry and field."""
    figures = figures or load_figures(data / "knowledge")
    facts = load_facts(data / "entitlements")
    return Rules(load_measures(data / "entitlements", facts, figures), facts, figures)


@lru_cache(maxsize=4)
def shared_rules(data: Path) -> Rules:
    """The rules of a data folder, loaded once in this process."""
    return load_rules(data)
