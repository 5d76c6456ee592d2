"""What is said of a person without being so: supposed ("en als ik werkloos word?"), asked in general ("wat is een leefloon"),
or of a group ("voor werklozen").

A pure function over a text. "Als" after which no subject comes is no "if" in a sentence that speaks of oneself: "krijg ik als
zelfstandige steun".
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[.?!\n]+")
_CLAUSE = re.compile(r"[,;:]+|\b(?:maar|want|dus)\b", re.IGNORECASE)
_OWN = re.compile(r"(?<![\w'])(?:ik|ikzelf|'k|k|mij|me|mijn|m'n|mn|wij|we|ons|onze)\b", re.IGNORECASE)
_OWN_VERB = re.compile(r"^\W*(?:en\s+)?(?:ben|heb|werk|zit|krijg)\b(?!\s+(?:je|jij|u|jullie)\b)", re.IGNORECASE)
_SUBJECT = r"(?:ik|'k|k|je|jij|u|we|wij|men|iemand|mijn|er|hij|zij|ze)\b"
_IF = re.compile(
    rf"\b(?:als\s+{_SUBJECT}|indien|mocht|stel|veronderstel|gesteld|tenzij)|^\W*(?:en|maar|wat)\s+als\b",
    re.IGNORECASE,
)
_AS = re.compile(r"\bals\s+(?:een\s+)?(?:\w+\s+)?$", re.IGNORECASE)
_GROUP = re.compile(
    r"\bvoor\s+(?:(?:de|alle|een|iemand\s+(?:die|met|van|zonder)|mensen\s+(?:die|met|van|zonder)|wie)\s+)?$",
    re.IGNORECASE,
)
_WORKS = re.compile(r"\bwerk\w*\b", re.IGNORECASE)
_TERM = re.compile(r"\bwat\s+(?:is|zijn|betekent|houdt|wil)?\s*(?:(?:een|het|de|dat)\s+)?$", re.IGNORECASE)
_ASKS = re.compile(
    r"^\W*(?:(?:en|maar|ja|ok[eé]?|dus)\s+)?(?:wat|wie|hoe|hoeveel|waar\w*|wanneer|welke?|voor|is|zijn|geldt|gelden|"
    r"kan|kunnen|mag|mogen|moet|moeten|krijgt?|krijgen|heeft|hebben|bestaat|bestaan|betaalt?|betalen|kost)\b",
    re.IGNORECASE,
)


def supposed(text: str, start: int) -> bool:
    """Whether what begins at `start` is only supposed, asked, or said of a group."""
    ends = [match.end() for match in _SENTENCE.finditer(text, 0, start)]
    begin = ends[-1] if ends else 0
    closing = _SENTENCE.search(text, start)
    sentence = text[begin : closing.start() if closing else len(text)]
    asks = bool(_ASKS.match(sentence)) or bool(
        closing and "?" in closing.group() and sentence.lstrip().lower().startswith("en ")
    )
    before = sentence[: start - begin]
    own = bool(_OWN.search(sentence) or _OWN_VERB.search(sentence))
    clause = _CLAUSE.split(before)[-1]
    if _IF.search(clause) or _TERM.search(clause) or (_GROUP.search(clause) and not _WORKS.search(clause)):
        return True
    return not own and (asks or _AS.search(clause) is not None)
