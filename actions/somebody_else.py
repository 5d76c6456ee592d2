"""Of whom something is told: "mijn vrouw is werkloos" says nothing of who writes.

A pure function over a text. In a clause, what stands after somebody of one's own ("mijn zoon") is theirs, unless the clause
speaks of oneself first ("ik woon bij mijn moeder"); a clause without a subject goes on with that of the one before. "Hij" is
one of those who were named before: of a client, about whom a counsellor asks, everything counts.
"""

from __future__ import annotations

import re

_PERSON = (
    r"vrouw|man|vriend|vriendin|partner|zoon|dochter|kind|kinderen|moeder|vader|mama|papa|ma|pa|ouders|broers?|zus|zussen|zuster|"
    r"oma|opa|neef|nicht|nonkel|tante|buur(?:man|vrouw)?|collega|schoon\w+|\w*zoon|\w*dochter|ex|kameraad|maat|verloofde"
)
_NAMED = re.compile(rf"\b(?:mijn|mijne|m'n|mn|me|ons|onze|een|ne|nen)\s+(?:\w+e\s+)?(?:{_PERSON})\b", re.IGNORECASE)
_FOR = re.compile(rf"\bvoor\s+{_NAMED.pattern}", re.IGNORECASE)
_THEIRS = re.compile(rf"{_NAMED.pattern}|\b(?:hij|zij|ze)\b", re.IGNORECASE)
_A_MAN = re.compile(r"\b(?:een|ne|nen)\s+(?:\w+\s+)?(?:vrouw|man|moeder|vader|mama|papa)\b", re.IGNORECASE)
_OWN = re.compile(r"(?<![\w'])(?:ik|'k|k|ikzelf|wij|we)\b", re.IGNORECASE)
_OWN_VERB = re.compile(r"\s*(?:en\s+|maar\s+|dus\s+)?(?:ben|heb|werk|zoek|krijg|woon)\b", re.IGNORECASE)
_BORDER = re.compile(r"[.,;:!?\n]+|\b(?:en|maar|want|dus|terwijl|omdat|doordat)\b", re.IGNORECASE)
_AGE = re.compile(r"\s*(?:van|is|,|die)?\s*(?:al|bijna|net|pas)?\s*", re.IGNORECASE)
"""What stands between somebody and their age."""


def for_somebody_else(text: str) -> bool:
    """Whether a text asks for somebody of who writes: "en voor mijn vrouw?"."""
    return _FOR.search(text) is not None


def of_somebody_else(text: str, start: int) -> bool:
    """Whether what begins at `start` is told of another than who writes."""
    if _NAMED.search(text, 0, start) is None:
        return False
    borders = list(_BORDER.finditer(text, 0, start))
    edges = [0, *(border.end() for border in borders)]
    clauses = [text[begin:end] for begin, end in zip(edges, [*(b.start() for b in borders), start], strict=True)]
    theirs = list(_theirs(clauses[-1]))
    if theirs and _AGE.fullmatch(clauses[-1][theirs[-1].end() :]):
        return True  # "voor mijn zoon van 17"
    for clause in reversed(clauses):
        if (owner := _subject(clause)) is not None:
            return owner
    return False


def _theirs(clause: str) -> list[re.Match[str]]:
    men = [match.span() for match in _A_MAN.finditer(clause)]  # "ik ben een vrouw van 34"
    return [match for match in _THEIRS.finditer(clause) if match.span() not in men]


def _subject(clause: str) -> bool | None:
    """Whether a clause is of somebody else; None when it names nobody."""
    theirs, own = _theirs(clause), list(_OWN.finditer(clause))
    if own and (not theirs or own[0].start() < theirs[0].start() or own[-1].start() > theirs[-1].start()):
        return False
    if theirs:
        return True
    return False if _OWN_VERB.match(clause) else None
