"""Passwords: argon2id with the parameters that RFC 9106 recommends, and what is too weak to be one.

Hashing takes some tens of milliseconds and 64 MiB. It runs on two threads of its own, so that neither the event loop nor
a transaction waits for it, and a flood of tries cannot take the machine's memory.
"""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from bot.counsellors.model import AccountError

SHORTEST, LONGEST = 12, 200
"""Characters of a password (NIST SP 800-63B: length counts, kinds of characters do not)."""
_FEWEST_DIFFERENT = 5
_OBVIOUS = ("leerwijzer", "wachtwoord", "password", "welkom", "qwerty", "azerty", "123456")

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


class WeakPassword(AccountError):
    """A password that is refused; the text says why, in Dutch."""


def check(password: str, *known: str) -> None:
    """Raises `WeakPassword` for what is too short, too long, too simple, or holds something `known` (name, address)."""
    normal = _normal(password)
    if len(normal) < SHORTEST:
        raise WeakPassword(f"Kies een wachtwoord van minstens {SHORTEST} tekens. Een zinnetje is goed.")
    if len(password) > LONGEST:
        raise WeakPassword(f"Kies een wachtwoord van hoogstens {LONGEST} tekens.")
    if len(set(normal)) < _FEWEST_DIFFERENT:
        raise WeakPassword("Dit wachtwoord herhaalt dezelfde tekens. Kies een ander.")
    plain = normal.casefold()
    parts = [part for text in known for part in text.casefold().replace("@", " ").split() if len(part) >= 4]
    rest = plain
    for part in (*_OBVIOUS, *parts):
        rest = rest.replace(part, "")
    if len(rest) < SHORTEST // 2:
        raise WeakPassword("Dit wachtwoord is te makkelijk te raden. Kies een ander.")


async def hashed(password: str) -> str:
    """The hash to store. Check the password first."""
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_now, password)


def hash_now(password: str) -> str:
    """As `hashed`, for commands, where nothing else waits."""
    return _hasher.hash(_normal(password))


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one of the hash. Without a hash it takes as long and is False."""
    if len(password) > LONGEST:
        return False
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password_hash, password)


def outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _nobody(), _normal(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    # The same word typed on another keyboard may come as other code points.
    return unicodedata.normalize("NFC", password)
