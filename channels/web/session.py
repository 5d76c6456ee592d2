"""Sessions of the web channel: a signed token that expires and names one person's conversation, and what signs it.

The token is no cookie and stands in no URL: the widget keeps it and sends it as `Authorization: Bearer`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.settings import MIN_SECRET, Settings
from bot.storage.kept import kept
from bot.trouble import Trouble
from channels.errors import ApiError

SECRET_FILE: Final = "secret"  # noqa: S105 the name of the file
RENEW_AFTER: Final = timedelta(days=1)
"""A token older than this is renewed by the widget at its next use, so that a session lives on while it is used."""


class Session(BaseModel):
    """What a token says."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    sender: str
    """The stable id of the person's conversation on the channel `web`."""
    site: str
    """The origin of the page for which the token was made."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh token, until when it is valid and from when it should be renewed (aware, UTC)."""

    token: str
    expires_at: datetime
    renew_at: datetime


def signing_secret(settings: Settings) -> str:
    """The secret of the settings, else the one of `var_dir`, made there at the first start with permissions 0600.

    Raises `Trouble`, naming what to do, when the one that is kept is too short to be safe.
    """
    secret = settings.secret.get_secret_value()
    if secret:
        return secret
    path = settings.var_dir / SECRET_FILE
    secret = kept(path, lambda: secrets.token_urlsafe(48))
    if len(secret) < MIN_SECRET:
        raise Trouble(f"{path} holds no usable secret: remove it, then it is made again (sessions will end)")
    return secret


def new_sender() -> str:
    """An id for a new person, unguessable."""
    return secrets.token_urlsafe(18)


class Sessions:
    """Makes and reads tokens. `days` is how long one stays valid."""

    def __init__(self, secret: str, days: int) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="leerwijzer.web.session")
        self._life = timedelta(days=days)

    def issue(self, session: Session) -> Issued:
        """A token for a session, valid from now."""
        now = datetime.now(UTC)
        token = self._serializer.dumps([session.sender, session.site])
        return Issued(str(token), now + self._life, now + min(RENEW_AFTER, self._life / 2))

    def read(self, token: str) -> Session:
        """What a token says. Raises `ApiError` 401: `session_invalid` for a forged one, else `session_expired`."""
        try:
            content = self._serializer.loads(token, max_age=int(self._life.total_seconds()))
            sender, site = content
            return Session(sender=sender, site=site)
        except SignatureExpired:
            raise _refused("session_expired", "Je gesprek is verlopen. Begin een nieuw gesprek.") from None
        except (BadData, ValidationError, TypeError, ValueError):
            raise _refused("session_invalid", "Je gesprek is niet herkend. Begin een nieuw gesprek.") from None

    def from_header(self, authorization: str | None, origin: str | None) -> Session:
        """The session of a request. Raises `ApiError` 401 without a valid token, or with one of another site."""
        if not authorization:
            raise _refused("session_missing", "Begin eerst een gesprek.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _refused("session_invalid", "Je gesprek is niet herkend. Begin een nieuw gesprek.")
        session = self.read(token.strip())
        if origin is not None and origin != session.site:
            raise _refused("session_invalid", "Je gesprek is niet herkend. Begin een nieuw gesprek.")
        return session


def _refused(code: str, message: str) -> ApiError:
    return ApiError(401, code, message, {"WWW-Authenticate": "Bearer"})
