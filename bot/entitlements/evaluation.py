"""One measure on one day, ready to be evaluated: from a situation to a result, remembered for the next who asks alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import log2
from typing import NamedTuple

from babel.dates import format_date

from bot.entitlements.compiled import Atoms, Bits, Form, Node, Reader
from bot.entitlements.explain import every_reason, first, open_atoms, provisos, reasons
from bot.entitlements.facts import About
from bot.entitlements.logic import Truth
from bot.entitlements.measures import Measure, Rule
from bot.entitlements.outcome import Outcome, Reason, Reference, Result
from bot.entitlements.wording import fill
from bot.knowledge.figures import Certainty, Figures

_MOST_KEPT = 20_000
"""Situations that are kept for one measure; more than it can tell apart in practice."""
_DOUBTFUL = {
    Certainty.DATED: "Deze regel is oud. Ik weet niet of hij nog klopt.",
    Certainty.UNCHECKED: "Deze regel is nog niet nagekeken.",
}


class Gain(NamedTuple):
    """What knowing a fact would teach about a measure."""

    fact: str
    lead: str
    """The unknown fact from which this one may follow, and which is asked first; empty when there is none."""
    bits: float
    """Of uncertainty taken away, on average, times the weight of the measure."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A result, with what is needed to set it beside others."""

    result: Result
    concerns: Truth
    """Whether it is worth telling in an overview; None when that is not known."""
    gains: tuple[Gain, ...]
    """What there is to learn about this measure by asking."""


class _Benefit(NamedTuple):
    """What one gets, in words, and the figure it is worked out from."""

    text: str
    figure: str


_NOTHING = _Benefit("", "")


class CompiledMeasure:
    """A measure as its rule stands for courses that start on one day."""

    def __init__(self, measure: Measure, atoms: Atoms) -> None:
        self.measure = measure
        self._atoms = atoms
        self._rule = rule = measure.rule(atoms.on)
        self._when = atoms.compile(rule.when, rule.certainty) if rule else None
        self._gives: list[tuple[Node | None, _Benefit]] = []
        for benefit in rule.gives if rule else ():
            when = atoms.compile(benefit.when, rule.certainty) if rule and benefit.when else None
            self._gives.append((when, _Benefit(fill(benefit.text, atoms.figures, atoms.on), benefit.figure or "")))
        self._what = fill(measure.what, atoms.figures, atoms.on)
        self._next_step = fill(measure.next_step, atoms.figures, atoms.on)
        self._legal = [fill(rule.legal, atoms.figures, atoms.on) for rule in measure.rules]
        self._sources = [_references(rule, atoms.figures) for rule in measure.rules]
        self._concerns = atoms.compile(measure.concerns, Certainty.CERTAIN) if measure.concerns else None
        trees = [self._when, self._concerns, *(when for when, _ in self._gives)]
        self._facts = {atom.fact for tree in trees if tree for atom in tree.atoms() if atom.fact}
        self._mask = 0
        self._expected: dict[str, list[tuple[Bits, float]]] = {}
        self._known: dict[tuple[int, int], Evaluated] = {}

    def finish(self, reader: Reader) -> None:
        """Notes which bits matter, once every rule is compiled: of its facts, and whether those they follow from are known."""
        for fact in self._facts:
            self._mask |= reader.bits_of.get(fact, 0)
        for fact in self._atoms.facts.implying(self._facts):
            self._mask |= reader.known_bit[fact]

    def evaluate(self, bits: Bits, reader: Reader) -> Evaluated:
        """The result for a situation."""
        key = (bits.true & self._mask, bits.false & self._mask)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = self._known[key] = self._evaluate(Bits(*key), reader)
        return known

    def conditions(self, bits: Bits) -> tuple[Reason, ...]:
        """Every condition with its truth; none when no rule is in force."""
        return tuple(every_reason(self._when, bits)) if self._when else ()

    def _evaluate(self, bits: Bits, reader: Reader) -> Evaluated:
        concerns = self._concerns.truth(bits, sure=False) if self._concerns else True
        rule, when = self._rule, self._when
        if rule is None or when is None:
            return Evaluated(self._not_in_force(), concerns, ())
        if not rule.certainty.usable:
            reason = Reason(_DOUBTFUL[rule.certainty], None, rule.certainty)
            return Evaluated(self._result(rule, Outcome.UNKNOWN, (reason,), reason), concerns, ())
        certain, likely = when.truth(bits, sure=True), when.truth(bits, sure=False)
        if likely is None:
            return self._open(rule, when, bits, reader, concerns)
        if likely is False:
            outcome = Outcome.NO if certain is False else Outcome.PROBABLY_NOT
            found = tuple(reasons(when, bits, sure=certain is False))
            deciding = first(found, False)
            return Evaluated(self._result(rule, outcome, found, deciding or found[0]), concerns, ())
        left = tuple(dict.fromkeys(provisos(when, bits)))
        outcome = Outcome.YES if certain and not rule.decides else Outcome.PROBABLY
        found = tuple(reason for reason in reasons(when, bits, sure=False) if reason.met)
        result = self._result(
            rule,
            outcome,
            found,
            found[0] if found else self._proviso_alone(left, rule),
            left,
            gives=self._benefit(bits),
        )
        return Evaluated(result, concerns, ())

    def _open(self, rule: Rule, when: Node, bits: Bits, reader: Reader, concerns: Truth) -> Evaluated:
        """The result while something is not known."""
        found = tuple(reasons(when, bits, sure=False))
        left = list(open_atoms(when, bits))
        missing = dict.fromkeys(atom.fact for atom in left if atom.form is Form.ATOM and atom.certainty.usable)
        before = _entropy(when.chance(bits, reader.chances))
        gains = {fact: self._gain(fact, when, bits, reader, before) for fact in missing}
        order = list(self._atoms.facts)
        needed = sorted(gains, key=lambda fact: (-gains[fact], order.index(fact)))
        unmet = [reason for reason in found if reason.met is None]
        deciding = next((reason for fact in needed for reason in unmet if fact in reason.facts), unmet[0])
        result = self._result(
            rule,
            Outcome.UNKNOWN,
            tuple(unmet + [reason for reason in found if reason.met]),
            deciding,
            needed=tuple(needed),
            hinges=all(atom.form is Form.ATOM and self._atoms.facts[atom.fact].about is About.COURSE for atom in left),
        )
        askable = tuple(
            Gain(fact, self._lead(fact, bits, reader), gains[fact] * self.measure.weight)
            for fact in needed
            if self._atoms.facts[fact].asked
        )
        return Evaluated(result, concerns, askable)

    def _lead(self, fact: str, bits: Bits, reader: Reader) -> str:
        """The unknown fact from which a fact may follow."""
        found = (lead for lead in self._atoms.facts.implying((fact,)) if reader.known_bit[lead] & bits.unknown)
        return next(found, "")

    def _outcomes(self, fact: str, reader: Reader) -> list[tuple[Bits, float]]:
        """What knowing a fact may make true and false of this measure."""
        found = self._expected.get(fact)
        if found is None:
            found = self._expected[fact] = reader.outcomes_of(fact, self._mask)
        return found

    def _gain(self, fact: str, when: Node, bits: Bits, reader: Reader, before: float) -> float:
        """How many of the bits of uncertainty about this measure knowing a fact takes away, on average."""
        after = sum(
            probability * _entropy(when.chance(bits.joined(outcome), reader.chances))
            for outcome, probability in self._outcomes(fact, reader)
        )
        return max(0.0, before - after)

    def _benefit(self, bits: Bits) -> _Benefit:
        """What one gets: the first whose condition is met."""
        met = (b for when, b in self._gives if when is None or when.truth(bits, sure=False) is True)
        return next(met, _NOTHING)

    def _proviso_alone(self, left: tuple[str, ...], rule: Rule) -> Reason:
        return Reason(f"Het geldt {left[0]}." if left else self.measure.what, True, rule.certainty)

    def _not_in_force(self) -> Result:
        """The result on a day when no version holds: it came to an end, or begins later."""
        on, rules = self._atoms.on, self.measure.rules
        later = next((rule for rule in rules if rule.valid_from and rule.valid_from > on), None)
        rule = later or rules[-1]
        if later and later.valid_from:
            text = f"Deze regel geldt pas vanaf {_day(later.valid_from)}."
        else:
            ended = rule.valid_until or on - timedelta(days=1)
            text = f"Deze regel gold tot en met {_day(ended)}."
        outcome = {Certainty.CERTAIN: Outcome.NO, Certainty.LIKELY: Outcome.PROBABLY_NOT}.get(
            rule.certainty, Outcome.UNKNOWN
        )
        reason = Reason(text, None if outcome is Outcome.UNKNOWN else False, rule.certainty)
        return self._result(rule, outcome, (reason,), reason, in_force=False)

    def _result(
        self,
        rule: Rule,
        outcome: Outcome,
        found: tuple[Reason, ...],
        deciding: Reason,
        left: tuple[str, ...] = (),
        *,
        needed: tuple[str, ...] = (),
        gives: _Benefit = _NOTHING,
        hinges: bool = False,
        in_force: bool = True,
    ) -> Result:
        measure = self.measure
        version = next(number for number, one in enumerate(measure.rules) if one is rule)
        return Result(
            measure=measure.id,
            name=measure.name,
            what=self._what,
            outcome=outcome,
            reasons=found or (deciding,),
            deciding=deciding,
            provisos=left,
            needed=needed,
            gives=gives.text,
            figure=gives.figure,
            next_step=self._next_step,
            apply=measure.apply,
            apply_url=measure.apply_url,
            decides=rule.decides,
            legal=self._legal[version],
            certainty=rule.certainty,
            sources=self._sources[version],
            checked=rule.checked,
            check_again=rule.check_again,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
            in_force=in_force,
            successor=measure.successor or "",
            hinges_on_course=hinges,
        )


def _references(rule: Rule, figures: Figures) -> tuple[Reference, ...]:
    entries = (figures.sources[source] for source in rule.sources)
    return tuple(Reference(entry.title, entry.url, entry.date) for entry in entries)


def _entropy(chance: float) -> float:
    """The uncertainty of a yes or no, in bits."""
    if chance <= 0 or chance >= 1:
        return 0.0
    return -chance * log2(chance) - (1 - chance) * log2(1 - chance)


def _day(day: date) -> str:
    return format_date(day, "d MMMM yyyy", locale="nl_BE")
