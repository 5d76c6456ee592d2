"""From candidates and the tagger's opinion to the entities of a text, none overlapping another.

Who wins, in this order:
1. phone numbers and e-mail addresses, which a pattern proves;
2. what the tagger marks, when a value in the contract can be given to it;
3. the one thing that a bare answer holds ("de tweede", "vijftig");
4. sure words and patterns that the tagger did not mark, unless it is near certain that they are no entity (`VETO`).
A language name is always a language, also inside a topic that the tagger marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.assistant.nlu.mentions import FREE, VALUES, Mention, allowed
from bot.assistant.nlu.tagger import Span, Tagging
from bot.assistant.nlu.text import Token, key
from bot.assistant.nlu.values import ValueFinder
from bot.assistant.nlu.wordlists import Nearby

PROVEN = frozenset({"phone_number", "email"})
VETO = {"course_topic": 0.7, "language": 0.98}
"""A sure candidate is dropped when the tagger holds it for no entity with at least this probability."""
DEFAULT_VETO = 0.9
BARE_INTENTS = frozenset(
    {"", "inform", "refine_search", "search_course", "course_details", "ask_cost", "ask_contact_point", "affirm"}
)
"""Where a message may be the bare answer to a question; "meer" alone is a wish for more, not the village."""
MOST_BARE = 8
"""Words in such an answer."""

_BESIDE = frozenset(
    """de den die dat da het t een n nen in op te om bij van voor naar met per is ben ik k we wij zij ja nee neen ok oke
    graag liefst liever aub alstublieft alsjeblieft svp please pls maar dan en of eens toch gewoon enkel alleen doe geef
    neem kies dien diejen dees deze wel nog euh hm mm hallo dag merci dank u je mij dus jaar oud nummer nr optie keuze
    zit sta""".split()
)
"""Words that may stand beside the one entity of a bare answer ("ja, de tweede graag")."""
_BARE_ORDER = ("education_level", "employment_status", "delivery_mode", "schedule", "age", "ordinal", "location")
"""Which type a bare answer has when it may be several: the last of them."""
_NAMES = frozenset({"course_topic", "location", "language", "provider"})
_LISTED = frozenset(VALUES) | {"provider", "language", "location"}
"""Types whose words stand in lists, so that what the lists hold as one is one."""
_TRIM_FRONT = frozenset(
    """de het een t n den nen ne ene in op van voor naar met bij te om als iets tot aan over cursus cursussen opleiding
    les lessen mijn die da dat zo""".split()
)
_TRIM_BACK = frozenset(
    """de het een in op van voor naar met bij te om is cursus cursussen opleiding opleidingen les lessen en of die dat
    leren volgen worden""".split()
)


class Resolver:
    """Decides. Load once, then share: it never changes."""

    def __init__(self, values: ValueFinder, nearby: Sequence[Nearby] = ()) -> None:
        """`nearby`: bare names that mean something else beside certain words."""
        self._values = values
        self._nearby = nearby

    def resolve(
        self, text: str, tokens: Sequence[Token], candidates: Sequence[Mention], tagging: Tagging, intent: str = ""
    ) -> list[Mention]:
        """The entities of the text in order. `intent`: what the person is taken to want, empty when unknown."""
        chosen: list[Mention] = []
        _take(chosen, (mention for mention in candidates if mention.entity in PROVEN))
        for span in sorted(tagging.spans, key=lambda span: -span.probability):
            _take(chosen, self._from_span(text, tokens, candidates, span))
        if not chosen and intent in BARE_INTENTS:
            chosen += _bare_answer(tokens, candidates)
        unmarked = [m for m in candidates if m.sure and not _vetoed(tokens, m, tagging)]
        _take(chosen, sorted(unmarked, key=lambda mention: mention.start - mention.end))
        chosen.sort(key=lambda mention: mention.start)
        return [self._in_context(text, tokens, mention) for mention in chosen]

    def _from_span(
        self, text: str, tokens: Sequence[Token], candidates: Sequence[Mention], span: Span
    ) -> list[Mention]:
        first, last = _trim(tokens, span.start, span.end) if span.entity in _NAMES else (span.start, span.end)
        start, end = tokens[first].start, tokens[last - 1].end
        if span.entity in _LISTED:
            start, end = _widened(candidates, span.entity, start, end)
        if span.entity == "course_topic":
            inside = [m for m in candidates if m.entity == "language" and m.sure and start <= m.start and m.end <= end]
            if inside:
                return inside
        found = [m for m in candidates if m.entity == span.entity and m.start < end and start < m.end]
        if not found and _is_number(span.entity, text[start:end]):
            return []
        best = max(found, key=lambda m: (m.sure, m.source != "misspelt", m.end - m.start, m.confidence), default=None)
        value = self._value(text[start:end], tokens[first:last], span.entity, best)
        if value is None or not allowed(span.entity, value):
            return []
        more = dict(best.more) if best is not None else {}
        return [Mention(span.entity, start, end, value, "tagger", True, span.probability, more)]

    def _value(self, text: str, tokens: Sequence[Token], entity: str, best: Mention | None) -> str | None:
        """The value of a marked span: of the best candidate in it when that is certain, else what its words are nearest to."""
        if entity == "course_topic":
            return text
        certain = best is not None and best.source != "misspelt" and (best.sure or entity not in VALUES)
        value = best.value if best is not None and certain else self._values.find(entity, text, tokens)
        if value is None and best is not None:
            value = best.value
        return text if value is None and entity in FREE else value

    def _in_context(self, text: str, tokens: Sequence[Token], mention: Mention) -> Mention:
        for rule in self._nearby:
            if rule.entity == mention.entity and key(text[mention.start : mention.end]) in rule.keys:
                words = [token.key for token in tokens]
                pairs = {one + other for one, other in zip(words, words[1:], strict=False)}
                if rule.near & (set(words) | pairs):
                    return replace(mention, value=rule.value)
        return mention


def _take(chosen: list[Mention], mentions: Iterable[Mention]) -> None:
    for mention in mentions:
        if not any(mention.overlaps(other) for other in chosen):
            chosen.append(mention)


def _vetoed(tokens: Sequence[Token], mention: Mention, tagging: Tagging) -> bool:
    outside = [
        probability
        for token, probability in zip(tokens, tagging.outside, strict=True)
        if token.start < mention.end and mention.start < token.end
    ]
    return bool(outside) and min(outside) >= VETO.get(mention.entity, DEFAULT_VETO)


def _is_number(entity: str, text: str) -> bool:
    """Whether a span is a number that only a pattern may allow: others are amounts, years, durations."""
    return entity == "age" or (entity == "location" and key(text).isdigit())


def _bare_answer(tokens: Sequence[Token], candidates: Sequence[Mention]) -> list[Mention]:
    """A message that is nothing but one entity ("de tweede", "vijftig", "overdag graag"): then a perhaps is a yes."""
    words = [token for token in tokens if token.key]
    if not 0 < len(words) <= MOST_BARE:
        return []
    alone = len(words) == 1 and words[0].key in _BESIDE  # "een" is an article more often than the first
    about_self = words[0].key in ("ik", "k", "ben", "is")  # "ik ben bakker" tells no wish
    whole = [
        mention
        for mention in candidates
        if mention.source != "misspelt"
        and not (alone and mention.entity == "ordinal")
        and not (about_self and mention.entity == "course_topic")
        and allowed(mention.entity, mention.value)
        and all(token.key in _BESIDE or (mention.start <= token.start and token.end <= mention.end) for token in words)
    ]
    order = {entity: rank for rank, entity in enumerate(_BARE_ORDER, 1)}
    best = max(whole, key=lambda m: (m.end - m.start, m.sure, order.get(m.entity, 0)), default=None)
    return [best] if best is not None else []


def _widened(candidates: Sequence[Mention], entity: str, start: int, end: int) -> tuple[int, int]:
    """The longest listed phrase of the type that holds the span ("tijdens de week overdag" for "overdag")."""
    holding = [m for m in candidates if m.entity == entity and m.sure and m.start <= start and end <= m.end]
    best = max(holding, key=lambda m: m.end - m.start, default=None)
    return (best.start, best.end) if best is not None else (start, end)


def _trim(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """The span without articles, prepositions and words like "cursus" at its ends."""
    while last - first > 1 and (not tokens[first].key or tokens[first].key in _TRIM_FRONT):
        first += 1
    while last - first > 1 and (not tokens[last - 1].key or tokens[last - 1].key in _TRIM_BACK):
        last -= 1
    return first, last
