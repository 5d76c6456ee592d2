"""Encryption at rest of what people say and of how to reach them: `Encrypted` columns hold Fernet tokens (AES, HMAC).

The keys come from the settings; without any, one is made once in `var_dir`. With several, the first one encrypts and all
of them decrypt: put a new key in front, run `leerwijzer keys rotate`, and take the old one away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.settings import Settings, get_settings
from bot.storage.kept import kept
from bot.trouble import Trouble

KEY_FILE = "encryption.key"
_MARK = "gAAAA"
"""How every Fernet token begins; anything else was stored before there was encryption, and is read as it is."""


class WrongKey(Trouble, ValueError):
    """A value was encrypted with a key that is not among ours."""


class Cipher:
    """Encrypts with the first of some keys, decrypts with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises `WrongKey` when there is no key or one is no Fernet key."""
        if not keys:
            raise WrongKey("there is no encryption key")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
            self._first = MultiFernet([Fernet(keys[0])])
        except ValueError as error:
            raise WrongKey(
                "an encryption key is 32 bytes in URL-safe base64: make one with `leerwijzer keys new`"
            ) from error

    def seal(self, text: str) -> str:
        """The token of a text."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def unseal(self, stored: str) -> str:
        """The text of a token. Raises `WrongKey`."""
        if not stored.startswith(_MARK):
            return stored
        try:
            return self._fernet.decrypt(stored.encode("ascii", "replace")).decode()
        except InvalidToken:
            raise WrongKey("it was encrypted with another key than that of LEERWIJZER_ENCRYPTION_KEYS") from None

    def is_current(self, stored: str) -> bool:
        """Whether a stored value is a token of the first key."""
        try:
            self._first.decrypt(stored.encode("ascii", "replace"))
        except InvalidToken:
            return False
        return True


def new_key() -> str:
    """A fresh key."""
    return Fernet.generate_key().decode("ascii")


def keys_of(settings: Settings) -> list[str]:
    """The keys of the settings, the one in force first; else the one of `var_dir`, made there with permissions 0600."""
    given = settings.encryption_keys.get_secret_value().replace(",", " ").split()
    return given or [kept(settings.var_dir / KEY_FILE, new_key)]


_in_use: list[Cipher] = []


def use(cipher: Cipher) -> None:
    """Makes `cipher` the one of this process."""
    _in_use[:] = [cipher]


def current() -> Cipher:
    """The cipher of this process: that of `use`, else that of its settings."""
    if not _in_use:
        use(Cipher(keys_of(get_settings())))
    return _in_use[0]


class Encrypted(sa.types.TypeDecorator):
    """Text that is encrypted in the database and plain in the program. Cannot be searched or compared in SQL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        # The empty text stays empty: it holds nothing, and says that something was erased.
        return current().seal(value) if value else value

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return current().unseal(value) if value else value
