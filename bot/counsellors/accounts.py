"""Accounts: made by an invitation, changed, switched off. Never deleted: what was done at the desk names who did it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.conversation.text import one_line
from bot.counsellors.model import AccountError, Counsellor, Role
from bot.referral.contact import ContactError, parse_email
from bot.storage.counsellor_tables import counsellor_links, counsellor_sessions, counsellors, recovery_codes
from bot.storage.tables import utcnow

_NAME = 80
_EMAIL = 255


def add(
    connection: sa.engine.Connection,
    email: str,
    name: str,
    role: Role,
    organisation: str | None,
    *,
    demo: bool = False,
    now: datetime | None = None,
) -> Counsellor:
    """A new account that cannot sign in yet. Raises `AccountError` for a wrong or known address, name or role."""
    address, shown = _address(email), one_line(name, _NAME)
    if not shown:
        raise AccountError("Vul een naam in.")
    if (role is Role.OPERATOR) != (organisation is None):
        raise AccountError("Een operator hoort bij geen organisatie; een begeleider en een beheerder bij één.")
    if by_email(connection, address) is not None:
        raise AccountError(f"Er is al een account met het adres {address}.")
    values = {
        "email": address,
        "name": shown,
        "role": role.value,
        "organisation": organisation,
        "active": True,
        "demo": demo,
        "created_at": now or utcnow(),
        "totp_confirmed": False,
        "tries": 0,
    }
    try:
        with connection.begin_nested():
            added = connection.execute(sa.insert(counsellors).values(**values))
    except sa.exc.IntegrityError as error:  # invited by somebody else at the same moment
        raise AccountError(f"Er is al een account met het adres {address}.") from error
    return _required(connection, int(added.inserted_primary_key[0]))


def _address(email: str) -> str:
    try:
        return parse_email(email).lower()
    except ContactError as error:
        raise AccountError(str(error)) from error


def by_email(connection: sa.engine.Connection, email: str) -> Counsellor | None:
    """The account with this address, however it is written."""
    return _one(connection, has_email(email))


def has_email(email: str) -> Any:
    """The condition that a row of the table is the account with this address; whatever was typed."""
    return counsellors.c.email == one_line(email, _EMAIL).lower()


def get(connection: sa.engine.Connection, counsellor_id: int) -> Counsellor | None:
    """The account with this number."""
    return _one(connection, counsellors.c.id == counsellor_id)


def of_organisation(connection: sa.engine.Connection, organisation: str | None) -> list[Counsellor]:
    """The accounts of an organisation by name; all accounts for None."""
    query = sa.select(counsellors).order_by(counsellors.c.organisation, counsellors.c.name, counsellors.c.id)
    if organisation is not None:
        query = query.where(counsellors.c.organisation == organisation)
    return [counsellor_of(row) for row in connection.execute(query)]


def deactivate(connection: sa.engine.Connection, counsellor_id: int) -> Counsellor:
    """Switches an account off: its sessions and links end at once. Raises `AccountError` when there is none."""
    _change(connection, counsellor_id, active=False)
    _end_everything(connection, counsellor_id)
    return _required(connection, counsellor_id)


def activate(connection: sa.engine.Connection, counsellor_id: int) -> Counsellor:
    """Switches an account on again. Raises `AccountError` when there is none."""
    _change(connection, counsellor_id, active=True)
    return unlock(connection, counsellor_id)


def unlock(connection: sa.engine.Connection, counsellor_id: int) -> Counsellor:
    """Ends the lock after too many tries. Raises `AccountError` when there is no such account."""
    _change(connection, counsellor_id, tries=0, locked_until=None)
    return _required(connection, counsellor_id)


def change_role(connection: sa.engine.Connection, counsellor_id: int, role: Role) -> Counsellor:
    """Makes a counsellor an administrator or the other way around. Raises `AccountError`."""
    if Role.OPERATOR in (role, _required(connection, counsellor_id).role):
        raise AccountError("Een operator blijft operator, en niemand wordt het langs deze weg.")
    _change(connection, counsellor_id, role=role.value)
    return _required(connection, counsellor_id)


def forget_credentials(connection: sa.engine.Connection, counsellor_id: int) -> Counsellor:
    """Takes away password, second factor and sessions, for who lost them: an invitation is the only way in again."""
    _change(
        connection,
        counsellor_id,
        password_hash=None,
        oidc_issuer=None,
        oidc_subject=None,
        totp_secret=None,
        totp_confirmed=False,
        totp_step=None,
        tries=0,
        locked_until=None,
    )
    _end_everything(connection, counsellor_id)
    connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.counsellor_id == counsellor_id))
    return _required(connection, counsellor_id)


def set_password(connection: sa.engine.Connection, counsellor_id: int, password_hash: str) -> None:
    """Stores the hash of a checked password, and ends every session that began with the old one."""
    _change(connection, counsellor_id, password_hash=password_hash)
    connection.execute(sa.delete(counsellor_sessions).where(counsellor_sessions.c.counsellor_id == counsellor_id))


def _end_everything(connection: sa.engine.Connection, counsellor_id: int) -> None:
    for table in (counsellor_sessions, counsellor_links):
        connection.execute(sa.delete(table).where(table.c.counsellor_id == counsellor_id))


def _change(connection: sa.engine.Connection, counsellor_id: int, **values: Any) -> None:
    changed = connection.execute(sa.update(counsellors).where(counsellors.c.id == counsellor_id).values(**values))
    if changed.rowcount != 1:
        raise AccountError("Dat account is er niet.")


def _required(connection: sa.engine.Connection, counsellor_id: int) -> Counsellor:
    found = get(connection, counsellor_id)
    if found is None:
        raise AccountError("Dat account is er niet.")
    return found


def _one(connection: sa.engine.Connection, condition: Any) -> Counsellor | None:
    row = connection.execute(sa.select(counsellors).where(condition)).first()
    return None if row is None else counsellor_of(row)


def counsellor_of(row: Any) -> Counsellor:
    """The account in a row of the table."""
    return Counsellor(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        organisation=row.organisation,
        active=row.active,
        demo=row.demo,
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
        has_password=row.password_hash is not None,
        has_identity=row.oidc_subject is not None,
        two_factor=row.totp_confirmed,
        locked_until=row.locked_until,
    )
