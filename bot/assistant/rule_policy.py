"""Rasa's RulePolicy, with its rules found by what a turn holds instead of tried one after the other.

Rasa tries every rule at every prediction, three times a message: with some two hundred rules that is half of the time of
choosing an action. The choice is Rasa's own; only the rules that cannot apply are left out beforehand.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from bot.assistant.rasa_import import prepare

prepare()

from rasa.core.policies.rule_policy import SHOULD_NOT_BE_SET, RulePolicy  # noqa: E402
from rasa.engine.recipes.default_recipe import DefaultV1Recipe  # noqa: E402
from rasa.shared.core.constants import PREVIOUS_ACTION, USER  # noqa: E402
from rasa.shared.core.trackers import State  # noqa: E402
from rasa.shared.nlu.constants import ACTION_NAME, INTENT  # noqa: E402

Said = tuple[str | None, str | None]
"""An intent and the action before it, as far as they are told."""
Index = dict[Said, list[str]]
"""Rules by what their last turn says."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class IndexedRulePolicy(RulePolicy):
    """RulePolicy, quicker with many rules."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._indexes: dict[int, tuple[dict[str, str], int, Index]] = {}

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        """The rules that the last turns fulfil."""
        if not states:
            return set(lookup)
        intent, action = _said(states[-1])
        index = self._index(lookup)
        # A rule may leave the intent or the action open.
        wanted = {(one, other) for one in (intent, None) for other in (action, None)}
        candidates = {key: lookup[key] for said in wanted for key in index.get(said, ())}
        found: set[str] = super()._get_possible_keys(candidates, states)
        return found

    def _index(self, lookup: dict[str, str]) -> Index:
        rules, size, index = self._indexes.get(id(lookup), (None, 0, {}))
        if rules is not lookup or size != len(lookup):  # while training, rules come and go
            made: Index = defaultdict(list)
            for key in lookup:
                made[_said(self._rule_key_to_state(key)[-1])].append(key)
            self._indexes[id(lookup)] = lookup, len(lookup), made
            return made
        return index


def _said(state: State) -> Said:
    intent, action = state.get(USER, {}).get(INTENT), state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    return tuple(None if value == SHOULD_NOT_BE_SET else value for value in (intent, action))  # type: ignore[return-value]
