"""Measures how many situations the rules evaluate in a second, on one core.

    python -m scripts.bench_entitlements

A whole evaluation is every measure in force: outcome, reasons, deciding condition, the facts still needed and the best
question to ask next. Situations are drawn at random from every fact and value. "First seen": no situation of that kind
was evaluated before; "as it runs": the rules remember what they worked out, as in a process that has been up a while.
"""

from __future__ import annotations

import random
import statistics
import time
from datetime import date

from bot.entitlements import Rules, load_rules
from bot.entitlements.facts import Fact, FactValue, Kind
from bot.settings import ROOT

DAY = date(2026, 11, 26)
SITUATIONS = 20_000
WARMING = 4
"""Rounds of other situations before the rules count as having run a while."""
AIM = 10_000


def draw(fact: Fact, dice: random.Random) -> FactValue:
    """A value of a fact."""
    if fact.kind is Kind.YES_NO:
        return dice.random() < 0.5
    if fact.kind is Kind.CHOICE:
        return dice.choice(fact.values).id
    return float(dice.choice(list(fact.likely)))


def situation(rules: Rules, dice: random.Random, size: int) -> dict[str, FactValue]:
    """A situation of so many facts."""
    return {fact.id: draw(fact, dice) for fact in dice.sample(list(rules.facts.values()), size)}


def rate(rules: Rules, situations: list[dict[str, FactValue]], questions: bool) -> float:
    """Evaluations in a second of one core: processor time, so that what else runs does not count."""
    started = time.process_time()
    for facts in situations:
        assessment = rules.assess(facts, DAY)
        if questions:
            assessment.questions()
    return len(situations) / (time.process_time() - started)


def main() -> None:
    """Prints the rates."""
    dice = random.Random(1)
    rules = load_rules(ROOT / "data")
    started = time.process_time()
    rules.assess({}, DAY)
    print(
        f"{len(rules.measures)} measures, {len(rules.facts)} facts; ready in {(time.process_time() - started) * 1000:.0f} ms"
    )
    situations = [situation(rules, dice, dice.randint(0, 14)) for _ in range(SITUATIONS)]
    first = rate(rules, situations, questions=True)
    again = [rate(rules, situations, questions=True) for _ in range(5)]
    for _ in range(WARMING):
        rate(rules, [situation(rules, dice, dice.randint(0, 14)) for _ in range(SITUATIONS)], questions=True)
    fresh = [situation(rules, dice, dice.randint(0, 14)) for _ in range(SITUATIONS)]
    others = rate(rules, fresh, questions=True)
    print(f"first seen:              {first:>9,.0f} a second ({first / AIM:.1f} x the aim of {AIM:,})")
    print(f"as it runs, other ones:  {others:>9,.0f} a second ({others / AIM:.1f} x)")
    print(
        f"as it runs, the same:    {statistics.median(again):>9,.0f} a second ({statistics.median(again) / AIM:.1f} x)"
    )


if __name__ == "__main__":
    main()
