"""Negation: "niet in Gent", "geen avondles", "liever niet online", "zaterdag kan ik niet".

A pure function over tokens. A negating word reaches forward over at most `REACH` words, not over a border ("maar", a comma, a
full stop); a few set phrases reach back. What only wonders ("waarom niet in Gent", "zijn er geen avondlessen?") rejects
nothing, and neither does "niet alleen", "niet ver van", or a language that somebody does not speak.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.assistant.nlu.text import Token

REACH = 4
"""Words from a negating word to what it negates, both counted in, and as many after a mention."""

_FORMS = {
    **dict.fromkeys(("nie", "ni", "nt", "nimeer", "niemeer", "nietmeer", "not", "pas"), "niet"),
    **dict.fromkeys(("gene", "genen", "gin", "ginne", "ginnen", "gheen", "gen"), "geen"),
    **dict.fromkeys(("neen", "neeje", "nope"), "nee"),
    **dict.fromkeys(("kank", "kankik"), "kan"),
}
"""Dialect and shortened forms of the words that count here."""
_NEGATING = frozenset({"niet", "geen", "nooit", "zonder", "behalve", "uitgezonderd"})
_BORDERS = frozenset("maar want omdat doch wel als dan dat die en tenzij terwijl daarom dus".split())
_JOINING = frozenset({"of", "noch", "en"})
_SIGNS = frozenset(".,;:!?()–—")
_LIMITED = frozenset(
    """alleen enkel te zo ver goed genoeg veel eens zeker slecht echt erg altijd per zoveel langer mee bang mis uit al
    duur vroeg laat moeilijk of wanneer waar hoe wat welke wie""".split()
)
"""After "niet" these are what is denied, not the mention: "niet ver van Gent"."""
_WONDERING = frozenset({"waarom", "waaromme", "wrm"})
_ASKING = frozenset(
    """is zijn bestaat bestaan hebben hebde hebt heeft kan kunt kunnen kunde mag mogen gaat geeft geven zit zou zouden
    staat komt komen zijnder ister isser krijg krijgt""".split()
)
"""Verbs that open a question."""
_SPEAKING = frozenset(
    """spreek spreekt spreken praat praten versta verstaat verstaan begrijp begrijpt ken kent kennen kan kunnen lees
    schrijf snap weet parle parlez comprends speak understand""".split()
)
_WISHES = frozenset({"schedule", "location", "delivery_mode", "provider", "language", "course_topic"})
_FACTS = frozenset({"employment_status", "education_level", "incentive", "ordinal"})
_REACHING_BACK = (
    "liever niet",
    "niet mogelijk",
    "niet nodig",
    "niet meer",
    "niet zien",
    "niet hebben",
    "kan niet",
    "kan ik niet",
    "kan het niet",
    "gaat niet",
    "gaat het niet",
    "gaat mij niet",
    "lukt niet",
    "lukt het niet",
    "lukt mij niet",
    "past niet",
    "past mij niet",
    "hoeft niet",
    "hoef ik niet",
    "wil ik niet",
    "moet ik niet",
    "is te ver",
    "is mij te ver",
    "te ver",
    "niet",
    "nee",
)
"""What rejects the mention before it; a single word only at the end of its clause ("in Gent niet", not "niet duur")."""
_BUSY = "werk ik"
"""Rejects a day or an hour before it."""


def negated(tokens: Sequence[Token], start: int, end: int, entity: str) -> bool:
    """Whether the mention in tokens `start` to `end` (exclusive) is what the person does not want, or is not."""
    if entity not in _WISHES | _FACTS:
        return False
    words = [_FORMS.get(token.key, token.key) for token in tokens]
    if _before(tokens, words, start, entity):
        return True
    return entity in _WISHES and _after(tokens, words, start, end, entity)


def _before(tokens: Sequence[Token], words: list[str], start: int, entity: str) -> bool:
    joined = False
    for step, at in enumerate(range(start - 1, max(-1, start - 1 - 2 * REACH), -1), 1):
        if tokens[at].text in _SIGNS:
            return False
        if words[at] in _NEGATING:
            return _rejects(tokens, words, at, start, entity)
        if words[at] in _JOINING:
            joined = True  # "niet in Gent of in Brugge": a second mention doubles the reach
        elif words[at] in _BORDERS:
            return False
        if step >= (2 * REACH if joined else REACH) or (joined and words[at] == "wel"):
            return False
    return False


def _rejects(tokens: Sequence[Token], words: list[str], cue: int, start: int, entity: str) -> bool:
    before = [word for word in words[:cue] if word]
    if cue + 1 < start and words[cue + 1] in _LIMITED:
        return False
    if set(before[-4:]) & _WONDERING or before[-1:] in (["of"], ["nog"]):
        return False
    if entity == "language" and set(before[-4:]) & _SPEAKING:
        return False
    return not (entity in _WISHES and _is_question(tokens, words, cue))


def _is_question(tokens: Sequence[Token], words: list[str], before: int) -> bool:
    """Whether the clause up to a word begins with a verb and is short: "zijn er geen", "kan dat niet"."""
    clause: list[str] = []
    for token, word in zip(tokens[:before], words, strict=False):
        if token.text in _SIGNS or word in ("maar", "en"):
            clause = []
        elif word:
            clause.append(word)
    return bool(clause) and clause[0] in _ASKING and len(clause) <= 5


def _after(tokens: Sequence[Token], words: list[str], start: int, end: int, entity: str) -> bool:
    following: list[str] = []
    for token, word in zip(tokens[end : end + REACH], words[end:], strict=False):
        if token.text in _SIGNS:
            break
        following.append(word)
    if not following or _is_question(tokens, words, start):
        return False
    said = " ".join(following) + " "
    if said.startswith(f"{_BUSY} "):
        return entity == "schedule"
    for phrase in _REACHING_BACK:
        if said.startswith(f"{phrase} "):
            rest = said[len(phrase) + 1 :].split()
            return not rest if " " not in phrase else not (rest and rest[0] in _LIMITED)
    return False
