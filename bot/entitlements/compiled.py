"""Conditions made ready to be evaluated: what a fact can make true or false is one bit.

A comparison of a fact ("works in Flanders") is one atom, the same for every rule that makes it. A situation is then two
numbers: the atoms that are true and those that are false; what is in neither is not known. A tree of conditions is
evaluated over them in Kleene's logic, either over what is certain alone or over what is likely too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.entitlements.conditions import COMPARISONS, Condition
from bot.entitlements.facts import FactError, Facts, FactValue, Kind
from bot.entitlements.logic import Truth, all_of, any_of
from bot.entitlements.wording import fill, split_reference
from bot.knowledge.figures import Certainty, Figures, quotable

_STRENGTH = (Certainty.UNCHECKED, Certainty.DATED, Certainty.LIKELY, Certainty.CERTAIN)
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
}
_UNSETTLED = 0.5
"""The chance given to what no answer can settle."""


def weakest(certainties: Iterable[Certainty]) -> Certainty:
    """The least sure of several."""
    return min(certainties, key=_STRENGTH.index)


@dataclass(frozen=True, slots=True)
class Bits:
    """Atoms that are true and atoms that are false."""

    true: int = 0
    false: int = 0

    @property
    def unknown(self) -> int:
        """A mask of the atoms that are neither."""
        return ~(self.true | self.false)

    def joined(self, other: Bits) -> Bits:
        """With what the other adds where nothing is known yet."""
        return Bits(self.true | (other.true & self.unknown), self.false | (other.false & self.unknown))


class Form(StrEnum):
    """What a node of a tree is."""

    ATOM = "atom"
    ALL = "all"
    ANY = "any"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Node:
    """A condition, ready to be evaluated."""

    form: Form
    certainty: Certainty
    """Of an atom: how sure the rule is that asks it."""
    usable: bool = True
    """Whether the rule that asks it may be relied on."""
    certain: bool = False
    """Whether that rule is certain."""
    bit: int = 0
    fact: str = ""
    provided: str = ""
    children: tuple[Node, ...] = ()
    met: str = ""
    unmet: str = ""
    unclear: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Of the facts under it, when `unclear` says no more than that they are not known."""

    @property
    def worded(self) -> bool:
        """Whether it is one reason in an answer, with everything under it."""
        return bool(self.met or self.unclear)

    def truth(self, bits: Bits, sure: bool) -> Truth:
        """Whether it holds. `sure`: only by what is certain, and without provisos."""
        if self.form is Form.ATOM:
            if not self.usable or (sure and not self.certain):
                return None
            if bits.true & self.bit:
                return True
            if bits.false & self.bit:
                return False
            return True if self.provided and not sure else None
        if self.form is Form.ALL:
            return all_of([child.truth(bits, sure) for child in self.children])
        if self.form is Form.ANY:
            return any_of([child.truth(bits, sure) for child in self.children])
        return None

    def chance(self, bits: Bits, chances: Mapping[int, float]) -> float:
        """How likely it is to hold, taking the facts that are not known as independent."""
        if self.form is Form.ATOM:
            if not self.usable:
                return _UNSETTLED
            if bits.true & self.bit or (self.provided and not bits.false & self.bit):
                return 1.0
            return 0.0 if bits.false & self.bit else chances[self.bit]
        if self.form is Form.OPEN:
            return _UNSETTLED
        product = 1.0
        every = self.form is Form.ALL
        for child in self.children:
            chance = child.chance(bits, chances)
            product *= chance if every else 1 - chance
            if not product:
                break
        return product if every else 1 - product

    def atoms(self) -> Iterable[Node]:
        """The atoms and open ends under it."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.atoms()


@dataclass
class Atoms:
    """The atoms of all rules, and what each value of each fact makes of them. Filled while rules are compiled."""

    facts: Facts
    figures: Figures
    on: date
    """The day for which figures must be in force."""
    _bits: dict[tuple[str, str, object], int] = field(default_factory=dict)
    _tests: dict[str, list[tuple[int, Callable[[FactValue], bool]]]] = field(default_factory=dict)

    def compile(self, condition: Condition, certainty: Certainty) -> Node:
        """The condition as a node. `certainty` is that of the rule, or of the condition above."""
        certainty = condition.certainty or certainty
        if condition.fact is not None:
            return self._atom(condition, condition.fact, certainty)
        if condition.open is not None:
            return Node(Form.OPEN, certainty, unclear=fill(condition.open, self.figures, self.on))
        children = tuple(self.compile(child, certainty) for child in condition.children)
        return self._worded(Node(Form.ALL if condition.all_ else Form.ANY, certainty, children=children), condition)

    def _atom(self, condition: Condition, fact: str, certainty: Certainty) -> Node:
        comparison = next(name for name in COMPARISONS if getattr(condition, name) is not None)
        operand: object
        test: Callable[[FactValue], bool]
        if condition.threshold is not None:
            name, part = split_reference(condition.threshold)
            figure = self.figures[name]
            quantity = figure.quantity(part)
            limit = float(quantity[0] if quantity else Decimal(0))
            if quantity is None or not quotable(figure, self.on):
                certainty = Certainty.UNCHECKED
            certainty = weakest((certainty, figure.certainty))
            compare = _COMPARE[comparison]
            operand, test = limit, lambda value: isinstance(value, float) and compare(value, limit)
        else:
            accepted = frozenset(condition.is_ or condition.is_not or ())
            operand = accepted
            wanted = condition.is_ is not None
            test = lambda value: (value in accepted) is wanted  # noqa: E731 - one of two tests
        key = (fact, comparison, operand)
        if key not in self._bits:
            self._bits[key] = 1 << len(self._bits)
            self._tests.setdefault(fact, []).append((self._bits[key], test))
        provided = fill(condition.provided, self.figures, self.on) if condition.provided else ""
        usable, certain = certainty.usable, certainty is Certainty.CERTAIN
        return self._worded(Node(Form.ATOM, certainty, usable, certain, self._bits[key], fact, provided), condition)

    def _worded(self, node: Node, condition: Condition) -> Node:
        def filled(text: str | None) -> str:
            return fill(text, self.figures, self.on) if text else ""

        met = filled(condition.met)
        unclear = filled(condition.unclear)
        if met and not unclear:
            facts = dict.fromkeys(node.fact for node in condition.walk() if node.fact)
            labels = tuple((fact, self.facts[fact].label) for fact in facts)
            unclear = f"Ik weet nog niet {' en '.join(label for _, label in labels)}."
            node = replace(node, labels=labels)
        return replace(node, met=met, unmet=filled(condition.unmet), unclear=unclear)

    def of_value(self, fact: str, value: FactValue) -> Bits:
        """What a value of a fact makes true and false."""
        true = false = 0
        for bit, test in self._tests.get(fact, ()):
            if test(value):
                true |= bit
            else:
                false |= bit
        return Bits(true, false)


class Reader:
    """From facts to bits, with the answers looked up that were worked out before."""

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self._facts = atoms.facts
        self._choices = {
            (fact.id, value): atoms.of_value(fact.id, value)
            for fact in self._facts.values()
            if fact.kind is not Kind.NUMBER
            for value, _ in fact.expectations()
        }
        self.chances = self._chances()
        last = len(atoms._bits)
        self.known_bit = {fact: 1 << (last + place) for place, fact in enumerate(self._facts)}
        """A bit that is true when a fact is known, whatever its value."""
        self.bits_of = {fact: sum(bit for bit, _ in tests) for fact, tests in atoms._tests.items()}
        self._follows = {
            (fact.id, value): self.read({fact.id: value})
            for fact in self._facts.values()
            for value, _ in fact.expectations()
        }

    def read(self, told: Mapping[str, FactValue]) -> Bits:
        """The bits of what is told and of what follows from it. Raises `FactError` for what no fact can be."""
        true = false = 0
        for name, value in self._facts.complete(told).items():
            bits = self._choices.get((name, value)) if not isinstance(value, float) else None
            if bits is None:
                fact = self._facts.get(name)
                if fact is None:
                    raise FactError(name, f"Het feit '{name[:40]}' kennen we niet.")
                bits = self._atoms.of_value(name, fact.check(value))
            true |= bits.true | self.known_bit[name]
            false |= bits.false
        return Bits(true, false)

    def outcomes_of(self, fact: str, mask: int) -> list[tuple[Bits, float]]:
        """What its possible values make true and false within a mask, each with its probability; what is alike is one."""
        found: dict[tuple[int, int], float] = {}
        for value, probability in self._facts[fact].expectations():
            bits = self._follows[fact, value]
            key = (bits.true & mask, bits.false & mask)
            found[key] = found.get(key, 0.0) + probability
        return [(Bits(*key), probability) for key, probability in found.items()]

    def _chances(self) -> dict[int, float]:
        chances: dict[int, float] = {}
        for fact, tests in self._atoms._tests.items():
            for bit, test in tests:
                expected = self._facts[fact].expectations()
                chances[bit] = sum(weight for value, weight in expected if test(value))
        return chances
