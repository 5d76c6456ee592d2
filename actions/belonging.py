"""Where somebody belongs: "ik ben ingeschreven bij VDAB", "trajectbegeleider bij OCMW". Told so, an organisation is no wish.

A pure function over a text. It looks at the clause around the name: a verb or a word for people before it ("ik zit op het",
"mijn begeleider van de"), or what the organisation itself does after it ("VDAB stuurt mij", "bij VDAB ingeschreven").
"""

from __future__ import annotations

import re

_LEARNT = r"(?!(?:cursus\w*|les\w*|opleiding\w*|vorming\w*|leren|volg\w*|zoek\w*|wil)\b)"
"""No word of a wish may stand between: "ik ben op zoek naar een cursus bij VDAB" asks for one."""
_BETWEEN = rf"(?:\s+{_LEARNT}[\w'’-]+){{0,3}}"
_AT = r"\s+(?:bij|van|door|op|aan|in|via)(?:\s+(?:de|het|den|'t|een|mijn|ons))?\s*$"
_WHO = r"(?<![\w'])(?:ik|we|wij|hij|zij|ze|die|cli[eë]nt)\b"
_IS = rf"{_WHO}[^.,;:!?]{{0,20}}?\b(?:ben|zit|zitten|sta|staan|is|zijn|staat|loopt?|leef|leeft)"
_PEOPLE = (
    r"\w*begeleid(?:er|ster|ing)|\w*consulent\w*|\w*bemiddel\w+|medewerk\w+|(?:maatschappelijk|sociaal) (?:werk\w+|assistent\w*)|"
    r"assistent\w*|klant\w*|cli[eë]nt\w*|lid|dossier|brief|uitkering|leefloon|steun|geld|dop"
)
_DONE = r"ingeschreven|aangemeld|begeleid|gestuurd|doorgestuurd|doorverwezen|geholpen|opgevolgd|betaald"
_BEFORE = re.compile(
    rf"(?:{_IS}|\b(?:werk|werken|werkt|werkte|{_PEOPLE}|{_DONE})){_BETWEEN}{_AT}|\bmoet{_BETWEEN}\s+van(?:\s+(?:de|het|den))?\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"\s*(?:{_DONE}|(?:\w*stuur\w*|zegt|zei|vindt|wil dat|betaalt|begeleidt|helpt|raadt|verplicht)\b)", re.IGNORECASE
)


def belongs(text: str, start: int, end: int) -> bool:
    """Whether the organisation named from `start` to `end` is where somebody is known, works or gets help."""
    return bool(_BEFORE.search(text, 0, start) or _AFTER.match(text, end))
