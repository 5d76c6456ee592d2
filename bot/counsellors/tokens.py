"""Unguessable tokens. Only their SHA-256 is stored: who reads the database cannot use them.

They hold 256 random bits, so a slow hash would add nothing.
"""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """43 characters that fit in a link and a cookie."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token: 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
