"""What the tests of accounts share: a sealer, a way to sign in, and an account that can."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet

from bot.counsellors import accounts, passwords
from bot.counsellors.model import Counsellor, Role
from bot.counsellors.sign_in import SignIn
from bot.storage.database import Database

PASSWORD = "een paard staat in de gang"


class FernetSealer:
    """Seals as the application does."""

    def __init__(self) -> None:
        self._fernet = Fernet(Fernet.generate_key())

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        return self._fernet.decrypt(sealed.encode()).decode()


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hash_now(PASSWORD)


@pytest.fixture
def sign_in(database: Database) -> SignIn:
    return SignIn(database, FernetSealer())


@pytest.fixture
def make(database: Database, password_hash: str) -> Callable[..., Counsellor]:
    """Makes an account with `PASSWORD`."""

    def make_account(
        email: str = "an@vdab.example", role: Role = Role.COUNSELLOR, organisation: str | None = "vdab", **more: bool
    ) -> Counsellor:
        with database.begin() as connection:
            counsellor = accounts.add(connection, email, "An Peeters", role, organisation, **more)
            accounts.set_password(connection, counsellor.id, password_hash)
            found = accounts.get(connection, counsellor.id)
        assert found is not None
        return found

    return make_account
