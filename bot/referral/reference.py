"""The number of a referral, "LW-7K3F9Q": to be read out, typed over and said on the phone.

Thirty-two signs without 0, O, 1 and I; six of them give a thousand million numbers. A number is enough to ask how a
referral stands, never to see what is in it.
"""

from __future__ import annotations

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 6
_PREFIX = "LW"
_IN_TEXT = re.compile(rf"\b{_PREFIX}[-–\s]*((?:[{ALPHABET}][-–\s]?){{{LENGTH}}})(?![A-Z0-9])")
_ALONE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")


def new_reference() -> str:
    """A random reference, like "LW-7K3F9Q"; the table keeps it unique."""
    return f"{_PREFIX}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"


def parse_reference(text: str) -> str | None:
    """The reference in what someone typed ("mijn nummer is lw 7k3 f9q"), in its normal form; None when there is none.

    Without the "LW" in front the text must be nothing else.
    """
    upper = text.strip().upper()
    match = _IN_TEXT.search(upper)
    if match:
        return f"{_PREFIX}-{re.sub(r'[^A-Z0-9]', '', match[1])}"
    return f"{_PREFIX}-{upper}" if _ALONE.fullmatch(upper) else None
