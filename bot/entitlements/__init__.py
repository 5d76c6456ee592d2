"""Who is entitled to what, from the rules that editors keep in data/entitlements."""

from bot.entitlements.facts import Fact, FactError, Facts, FactValue
from bot.entitlements.outcome import Outcome, Reason, Result
from bot.entitlements.rules import Assessment, Rules, load_rules

__all__ = [
    "Assessment",
    "Fact",
    "FactError",
    "FactValue",
    "Facts",
    "Outcome",
    "Reason",
    "Result",
    "Rules",
    "load_rules",
]
