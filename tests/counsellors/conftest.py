"""What the tests of accounts share: a way to sign in, and an account that can."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.counsellors import accounts, passwords
from bot.counsellors.model import Counsellor, Role
from bot.counsellors.sign_in import SignIn
from bot.storage.database import Database

PASSWORD = "een paard staat in de gang"


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hash_now(PASSWORD)


@pytest.fixture
def sign_in(database: Database) -> SignIn:
    return SignIn(database)


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
