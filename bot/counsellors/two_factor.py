"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for who lost the phone.

A code counts once: the step of thirty seconds it belongs to is kept, and only a later one is accepted (RFC 6238, 5.2).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import pyotp
import sqlalchemy as sa

from bot.counsellors.model import Counsellor
from bot.counsellors.tokens import digest
from bot.storage.counsellor_tables import counsellors, recovery_codes

STEP = 30
"""Seconds during which a code stays the same."""
_DRIFT = 1
"""Steps that a phone's clock may run before or behind."""
RECOVERY_CODES = 10
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, O, 1 and I
_ISSUER = "Leerwijzer"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What to show to somebody who adds an authenticator app."""

    secret: str
    """To type over, in groups of four."""
    uri: str
    """What the QR code holds."""

    def qr(self) -> str:
        """The QR code as an SVG element, made here: the secret goes to no other service."""
        import segno

        out = BytesIO()
        segno.make(self.uri, error="m").save(
            out, kind="svg", xmldecl=False, svgns=True, border=4, scale=5, dark="#000", light="#fff",
            title="QR-code voor je app", omitsize=True,
        )  # fmt: skip
        return out.getvalue().decode()


def new_secret() -> str:
    """A secret to share with an app: 160 bits, in base 32."""
    return pyotp.random_base32()


def enrolment(counsellor: Counsellor, secret: str) -> Enrolment:
    """What to show for a secret."""
    uri = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=counsellor.email, issuer_name=_ISSUER)
    return Enrolment(" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)), uri)


def step_of(secret: str, code: str, now: datetime, after: int | None) -> int | None:
    """The step a code belongs to, when it is right now and later than `after`; None when it is not."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    totp = pyotp.TOTP(secret, interval=STEP)
    current = int(now.timestamp()) // STEP
    right = None
    for step in range(current - _DRIFT, current + _DRIFT + 1):  # all of them, so that the time tells nothing
        if secrets.compare_digest(totp.generate_otp(step), digits) and (after is None or step > after):
            right = step
    return right


def use_step(connection: sa.engine.Connection, counsellor_id: int, step: int) -> bool:
    """Uses a step up; False when somebody used it, or a later one, meanwhile."""
    last = counsellors.c.totp_step
    where = sa.and_(counsellors.c.id == counsellor_id, sa.or_(last.is_(None), last < step))
    return bool(connection.execute(sa.update(counsellors).where(where).values(totp_step=step)).rowcount == 1)


def new_recovery_codes(connection: sa.engine.Connection, counsellor_id: int) -> list[str]:
    """Ten fresh codes, shown once; the ones before end."""
    codes = [
        "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]
    connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.counsellor_id == counsellor_id))
    connection.execute(
        sa.insert(recovery_codes), [{"counsellor_id": counsellor_id, "code_hash": digest(code)} for code in codes]
    )
    return codes


def use_recovery_code(connection: sa.engine.Connection, counsellor_id: int, code: str, now: datetime) -> bool:
    """Uses a recovery code up; False when it is not, or no longer, one."""
    signs = "".join(sign for sign in code.upper() if sign in _SIGNS)
    normal = "-".join(signs[start : start + 5] for start in range(0, len(signs), 5))
    used = connection.execute(
        sa.update(recovery_codes)
        .where(
            recovery_codes.c.counsellor_id == counsellor_id,
            recovery_codes.c.code_hash == digest(normal),
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return bool(used.rowcount == 1)


def recovery_codes_left(connection: sa.engine.Connection, counsellor_id: int) -> int:
    """How many recovery codes are unused."""
    query = sa.select(sa.func.count()).where(
        recovery_codes.c.counsellor_id == counsellor_id, recovery_codes.c.used_at.is_(None)
    )
    return int(connection.execute(query).scalar_one())
