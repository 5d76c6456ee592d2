"""Cleans what people type, before anything reads it: no character that hides, reorders or breaks text gets further."""

from __future__ import annotations

import re
import unicodedata

# Characters that show nothing but are letters, marks or symbols to Unicode (from its Default_Ignorable_Code_Point, and
# the Braille blank). The variation selectors are left: emoji need them.
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_NEVER = frozenset(_BLANKS) | {"\ufffd", "\ufffe", "\uffff"}
_VISIBLE = frozenset("LNPS")  # first letters of the categories: letters, numbers, punctuation, symbols


def clean(text: str) -> str:
    """`text` without control, zero-width and direction characters, its line ends as "\\n", its tabs as spaces, in NFC.

    Surrogates that make a pair become the character they stand for; lone ones go, as does U+FFFD. Blank space at both
    ends goes too. Cleaning twice changes nothing more.

    >>> clean(" goeie\\tdag\\u200b\\r\\n\\x00")
    'goeie dag'
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    lines = _LINE_ENDS.sub("\n", whole).replace("\t", " ")
    kept = "".join(char for char in lines if char == "\n" or _stays(char))
    return unicodedata.normalize("NFC", kept).strip()


def _stays(char: str) -> bool:
    # Cc control, Cf format (zero-width, direction, tags, soft hyphen), Cs surrogate.
    return char not in _NEVER and unicodedata.category(char) not in ("Cc", "Cf", "Cs")


def shows(text: str) -> bool:
    """Whether cleaned text holds anything that a reader can see."""
    return any(unicodedata.category(char)[0] in _VISIBLE for char in text)


def one_line(text: str, most: int) -> str:
    """Cleaned text on one line, of at most `most` characters."""
    return " ".join(clean(text).split())[:most].rstrip()
