"""What people say is not in the database in plain words, and keys can be replaced while it is used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from support.referrals import add_conversation, make

from bot.referral.referrals import get
from bot.settings import Settings
from bot.storage import cipher as module
from bot.storage.cipher import KEY_FILE, Cipher, WrongKey, keys_of, new_key, use
from bot.storage.database import Database
from bot.storage.rotation import encrypted_columns, rotate
from bot.storage.tables import inbox, metadata

CANARY = "kanariepiet"


@pytest.fixture
def own_cipher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test use other keys."""
    monkeypatch.setattr(module, "_in_use", list(module._in_use))


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_what_is_sealed_can_be_unsealed_and_not_read(text: str) -> None:
    cipher = Cipher([new_key()])
    sealed = cipher.seal(text)
    assert cipher.unseal(sealed) == text
    assert len(text) < 4 or text not in sealed


def test_another_key_does_not_open_it() -> None:
    sealed = Cipher([new_key()]).seal(CANARY)
    with pytest.raises(WrongKey, match="LEERWIJZER_ENCRYPTION_KEYS"):
        Cipher([new_key()]).unseal(sealed)
    with pytest.raises(WrongKey):
        Cipher([new_key()]).unseal("gAAAA dit is geen token \u20ac")
    with pytest.raises(ValueError, match="keys new"):
        Cipher(["kort"])
    with pytest.raises(ValueError, match="no encryption key"):
        Cipher([])


def test_what_was_stored_before_encryption_is_read() -> None:
    assert Cipher([new_key()]).unseal("hallo") == "hallo"


def test_the_key_is_made_once_for_our_eyes_only(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make_settings(encryption_keys=SecretStr(""))
    (key,) = keys_of(settings)
    Cipher([key])
    assert keys_of(settings) == [key]
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    first, second = new_key(), new_key()
    assert keys_of(make_settings(encryption_keys=SecretStr(f"{first}, {second}"))) == [first, second]


def raw(database: Database) -> str:
    """Everything in the tables as the database holds it."""
    found = []
    with database.read() as connection:
        for table in metadata.sorted_tables:
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            found += [str(row) for row in connection.exec_driver_sql(f'SELECT {columns} FROM "{table.name}"')]
    return "\n".join(found)


def fill(database: Database) -> int:
    """A message and a referral with the canary in them; gives the id of the referral."""
    conversation = add_conversation(database)
    with database.begin() as connection:
        connection.execute(
            sa.insert(inbox).values(
                conversation_id=conversation,
                message_id="1",
                seq=1,
                kind="text",
                text=CANARY,
                payload=f"/x{CANARY}",
                received_at=datetime.now(UTC),
                status="done",
            )
        )
    contact = f"{CANARY}@voorbeeld.be"
    from bot.referral.consent import Way

    return make(database, way=Way.MAIL, contact=contact, summary=CANARY, consent_text=f"naar {contact}?").id


def test_the_database_holds_no_plain_word(database: Database) -> None:
    identifier = fill(database)
    assert CANARY not in raw(database)
    assert "LW-" in raw(database)
    with database.read() as connection:
        found = get(connection, identifier)
        assert (found.summary, found.contact) == (CANARY, f"{CANARY}@voorbeeld.be")
        assert connection.execute(sa.select(inbox.c.text)).scalar() == CANARY


def test_a_new_key_takes_over_and_the_old_one_may_go(database: Database, own_cipher: None) -> None:
    old, fresh = new_key(), new_key()
    use(Cipher([old]))
    identifier = fill(database)
    use(Cipher([fresh, old]))
    with database.read() as connection:
        assert get(connection, identifier).summary == CANARY
    told: dict[str, int] = {}
    count = rotate(database, Cipher([fresh, old]), told.__setitem__)
    assert count == sum(told.values()) == 6
    assert told["referrals.summary"] == told["inbox.text"] == told["referral_consents.text"] == 1
    assert rotate(database, Cipher([fresh, old])) == 0
    use(Cipher([fresh]))
    with database.read() as connection:
        assert get(connection, identifier).summary == CANARY
    with pytest.raises(WrongKey):
        rotate(database, Cipher([old]))


def test_rotating_encrypts_what_was_stored_before_encryption(database: Database) -> None:
    conversation = add_conversation(database)
    with database.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO inbox (conversation_id, message_id, seq, kind, text, received_at, status, attempts, failures)"
                " VALUES (:c, 'm', 1, 'text', :t, CURRENT_TIMESTAMP, 'done', 0, 0)"
            ),
            {"c": conversation, "t": CANARY},
        )
    assert CANARY in raw(database)
    assert rotate(database, module.current()) == 1
    assert CANARY not in raw(database)


def test_rasas_events_are_among_what_is_encrypted() -> None:
    names = {f"{column.table.name}.{column.name}" for column in encrypted_columns()}
    assert {"events.data", "inbox.text", "outbox.body", "referrals.contact", "referral_consents.text"} <= names
