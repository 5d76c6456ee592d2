"""Signing in: address and password, then the second factor; with a lock after too many wrong tries.

A try is counted before it is looked at, so that a hundred at once are no more than five; a success sets the count back.
Who knows nothing learns nothing: an unknown address takes as long and gets the same answer as a wrong password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.counsellors import accounts, audit, passwords, sessions, two_factor
from bot.counsellors.audit import Action
from bot.counsellors.model import AccountError, Counsellor, Locked, Refused
from bot.storage.counsellor_tables import counsellors
from bot.storage.database import Database
from bot.storage.tables import utcnow

TRIES = 5
"""Wrong tries before an account is locked (password and second factor together)."""
LOCK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that begins: its token goes into the cookie."""

    token: str
    counsellor: Counsellor
    complete: bool
    """False when the second factor is still to be given."""


@dataclass(frozen=True, slots=True)
class _Known:
    counsellor: Counsellor
    password_hash: str | None
    totp_secret: str | None
    totp_step: int | None


class SignIn:
    """The ways in. `demo` lets fictional accounts in."""

    def __init__(self, database: Database, *, demo: bool = False) -> None:
        self._database = database
        self._demo = demo

    async def with_password(self, email: str, password: str, now: datetime | None = None) -> SignedIn:
        """A session for who gives the right password. Raises `Refused` or `Locked`."""
        moment = now or utcnow()
        known = await self._database.run(lambda connection: self._count_try(connection, email, moment))
        right = await passwords.matches(known.password_hash if known else None, password)
        if known is None or not right:
            await self._database.run(lambda connection: self._refused(connection, known, moment))
            raise Refused
        assert known.password_hash is not None
        renewed = await passwords.hashed(password) if passwords.outdated(known.password_hash) else None

        def let_in(connection: sa.engine.Connection) -> SignedIn:
            if renewed:
                _set(connection, known.counsellor.id, password_hash=renewed)
            complete = not known.counsellor.two_factor
            if complete:
                _succeeded(connection, known.counsellor, moment)
            token = sessions.begin(connection, known.counsellor, complete=complete, now=moment)
            return SignedIn(token, known.counsellor, complete)

        return await self._database.run(let_in)

    async def with_second_factor(self, token: str, code: str, now: datetime | None = None) -> SignedIn:
        """Completes the session of `token` with a code of the app or a recovery code; its token is replaced.

        Raises `Refused` for a wrong, used or old code, `Locked` after too many.
        """
        moment = now or utcnow()

        def complete(connection: sa.engine.Connection) -> SignedIn | None:
            found = sessions.find(connection, token, moment)
            if found is None or found[0].complete:
                raise Refused("Je aanmelding duurde te lang. Begin opnieuw.")
            known = self._count_try(connection, found[0].counsellor.email, moment)
            if known is None or not self._right(connection, known, code, moment):
                self._refused(connection, known, moment)
                return None
            sessions.end(connection, token)
            _succeeded(connection, known.counsellor, moment)
            return SignedIn(
                sessions.begin(connection, known.counsellor, complete=True, now=moment), known.counsellor, True
            )

        signed_in = await self._database.run(complete)
        if signed_in is None:
            raise Refused("Die code klopt niet, of je gebruikte ze al. Neem de volgende.")
        return signed_in

    async def with_identity(
        self, issuer: str, subject: str, verified_email: str | None, now: datetime | None = None
    ) -> SignedIn:
        """A session for an identity of OpenID Connect; the provider asked for the second factor, if any.

        The first time it is tied to the account that was invited with the address that the provider verified. Raises
        `Refused` when there is none.
        """
        moment = now or utcnow()

        def let_in(connection: sa.engine.Connection) -> SignedIn | None:
            where = sa.and_(counsellors.c.oidc_issuer == issuer, counsellors.c.oidc_subject == subject)
            row = connection.execute(sa.select(counsellors).where(where)).first()
            counsellor = None if row is None else accounts.counsellor_of(row)
            if counsellor is None and verified_email:
                counsellor = accounts.by_email(connection, verified_email)
                if counsellor is not None and counsellor.has_identity:
                    counsellor = None  # of another person at the provider
                if counsellor is not None and counsellor.active:
                    _set(connection, counsellor.id, oidc_issuer=issuer, oidc_subject=subject)
            if counsellor is None or not counsellor.active or counsellor.demo:
                audit.record(connection, Action.REFUSED, counsellor, now=moment)
                return None
            _succeeded(connection, counsellor, moment)
            return SignedIn(sessions.begin(connection, counsellor, complete=True, now=moment), counsellor, True)

        signed_in = await self._database.run(let_in)
        if signed_in is None:
            raise Refused("Er is geen account voor jou. Vraag je beheerder om je uit te nodigen.")
        return signed_in

    async def sign_out(self, token: str) -> None:
        """Ends a session."""

        def end(connection: sa.engine.Connection) -> None:
            found = sessions.find(connection, token)
            if found is not None:
                audit.record(connection, Action.SIGNED_OUT, found[0].counsellor)
            sessions.end(connection, token)

        await self._database.run(end)

    async def confirm_password(self, counsellor: Counsellor, password: str, now: datetime | None = None) -> None:
        """Looks whether who is signed in knows the password, as a try. Raises `Refused` or `Locked`."""
        moment = now or utcnow()
        known = await self._database.run(lambda connection: self._count_try(connection, counsellor.email, moment))
        if known is None or not await passwords.matches(known.password_hash, password):
            await self._database.run(lambda connection: self._refused(connection, known, moment))
            raise Refused("Je huidige wachtwoord klopt niet.")
        await self._database.run(lambda connection: _set(connection, counsellor.id, tries=0, locked_until=None))

    async def change_password(self, counsellor: Counsellor, password_hash: str, now: datetime | None = None) -> str:
        """Gives the account another password and ends all its sessions; gives the token of a new one."""
        moment = now or utcnow()

        def change(connection: sa.engine.Connection) -> str:
            accounts.set_password(connection, counsellor.id, password_hash)
            audit.record(connection, Action.PASSWORD_SET, counsellor, now=moment)
            return sessions.begin(connection, counsellor, complete=True, now=moment)

        return await self._database.run(change)

    async def begin_two_factor(self, counsellor: Counsellor) -> two_factor.Enrolment:
        """A fresh secret to put in an app, which counts once a code of it was given (`confirm_two_factor`).

        Raises `AccountError` when the account has a second factor: that is taken away by an administrator alone.
        """
        secret = two_factor.new_secret()

        def begin(connection: sa.engine.Connection) -> None:
            where = sa.and_(counsellors.c.id == counsellor.id, counsellors.c.totp_confirmed.is_(False))
            values = {"totp_secret": secret, "totp_step": None}
            if connection.execute(sa.update(counsellors).where(where).values(**values)).rowcount != 1:
                raise AccountError("Tweestapscontrole staat al aan.")

        await self._database.run(begin)
        return two_factor.enrolment(counsellor, secret)

    async def pending_two_factor(self, counsellor: Counsellor) -> two_factor.Enrolment | None:
        """What `begin_two_factor` gave and is not confirmed yet, to show again."""
        known = await self._database.run(lambda connection: _known(connection, counsellor.email), readonly=True)
        if known is None or known.totp_secret is None or known.counsellor.two_factor:
            return None
        return two_factor.enrolment(counsellor, known.totp_secret)

    async def confirm_two_factor(self, counsellor: Counsellor, code: str, now: datetime | None = None) -> list[str]:
        """Turns the second factor on, given a code of the app, and gives the recovery codes. Raises `AccountError`."""
        moment = now or utcnow()

        def confirm(connection: sa.engine.Connection) -> list[str]:
            known = _known(connection, counsellor.email)
            if known is None or known.totp_secret is None or known.counsellor.two_factor:
                raise AccountError("Begin opnieuw met tweestapscontrole.")
            step = two_factor.step_of(known.totp_secret, code, moment, known.totp_step)
            if step is None:
                raise AccountError("Die code klopt niet. Neem de code die nu in je app staat.")
            _set(connection, counsellor.id, totp_confirmed=True, totp_step=step)
            audit.record(connection, Action.TWO_FACTOR_ON, counsellor, now=moment)
            return two_factor.new_recovery_codes(connection, counsellor.id)

        return await self._database.run(confirm)

    async def renew_recovery_codes(
        self, counsellor: Counsellor, password: str, now: datetime | None = None
    ) -> list[str]:
        """Fresh recovery codes for who knows the password; the ones before end. Raises `AccountError`, `Refused` or `Locked`."""
        moment = now or utcnow()
        if not counsellor.two_factor:
            raise AccountError("Zet eerst tweestapscontrole aan.")
        await self.confirm_password(counsellor, password, moment)

        def renew(connection: sa.engine.Connection) -> list[str]:
            audit.record(connection, Action.RECOVERY_RENEWED, counsellor, now=moment)
            return two_factor.new_recovery_codes(connection, counsellor.id)

        return await self._database.run(renew)

    def _right(self, connection: sa.engine.Connection, known: _Known, code: str, now: datetime) -> bool:
        if known.totp_secret is not None:
            step = two_factor.step_of(known.totp_secret, code, now, known.totp_step)
            if step is not None:
                return two_factor.use_step(connection, known.counsellor.id, step)
        if two_factor.use_recovery_code(connection, known.counsellor.id, code, now):
            audit.record(connection, Action.RECOVERY_USED, known.counsellor, now=now)
            return True
        return False

    def _count_try(self, connection: sa.engine.Connection, email: str, now: datetime) -> _Known | None:
        """The account, one try further; None when nobody may get in. Raises `Locked`."""
        known = _known(connection, email)
        if known is None or not known.counsellor.active or (known.counsellor.demo and not self._demo):
            return None
        locked = counsellors.c.locked_until
        counted = connection.execute(
            sa.update(counsellors)
            .where(
                counsellors.c.id == known.counsellor.id,
                sa.or_(locked.is_(None), locked <= now),
                sa.or_(counsellors.c.tries < TRIES, locked.is_not(None)),
            )
            # After a lock one begins anew.
            .values(tries=sa.case((locked.is_not(None), 1), else_=counsellors.c.tries + 1), locked_until=None)
        ).rowcount
        if counted != 1:
            until = known.counsellor.locked_until
            raise Locked(until if until and until > now else now + LOCK)
        return known

    def _refused(self, connection: sa.engine.Connection, known: _Known | None, now: datetime) -> None:
        """Writes down a wrong try, and locks the account at the last one."""
        counsellor = known.counsellor if known else None
        audit.record(connection, Action.REFUSED, counsellor, now=now)
        if counsellor is None:
            return
        where = sa.and_(counsellors.c.id == counsellor.id, counsellors.c.tries >= TRIES)
        if connection.execute(sa.update(counsellors).where(where).values(locked_until=now + LOCK)).rowcount:
            audit.record(connection, Action.LOCKED, counsellor, now=now)


def _succeeded(connection: sa.engine.Connection, counsellor: Counsellor, now: datetime) -> None:
    _set(connection, counsellor.id, tries=0, locked_until=None, signed_in_at=now)
    audit.record(connection, Action.SIGNED_IN, counsellor, now=now)


def _set(connection: sa.engine.Connection, counsellor_id: int, **values: object) -> None:
    connection.execute(sa.update(counsellors).where(counsellors.c.id == counsellor_id).values(**values))


def _known(connection: sa.engine.Connection, email: str) -> _Known | None:
    row = connection.execute(sa.select(counsellors).where(accounts.has_email(email))).first()
    if row is None:
        return None
    return _Known(accounts.counsellor_of(row), row.password_hash, row.totp_secret, row.totp_step)
