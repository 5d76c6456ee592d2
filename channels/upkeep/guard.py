"""Who may see the operators' pages: whoever has the token, or somebody at the machine itself when no token is set.

One dependency, so that another way of signing in needs a change here alone.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from typing import Final

from fastapi import Request

from bot.settings import Settings
from channels.errors import ApiError
from channels.rest import is_local

_ASK: Final = {"WWW-Authenticate": 'Basic realm="Leerwijzer beheer", charset="UTF-8"'}
_HERE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names under which a browser on the machine itself asks: under another name a page elsewhere could be asking for it."""


def operators_only(settings: Settings) -> Callable[[Request], None]:
    """The dependency that lets operators through and raises `ApiError` for everybody else: 401 with a token set, else 403.

    The token is the password of HTTP Basic, with any name, so that a browser asks for it; or a bearer token.
    """
    token = settings.operator_token.get_secret_value()

    def check(request: Request) -> None:
        if token:
            if not secrets.compare_digest(_given(request.headers.get("authorization", "")), token.encode()):
                raise ApiError(401, "unauthorised", "Geef het token van de beheerder als wachtwoord.", _ASK)
            return
        host = (
            request.headers.get("host", "").rsplit(":", 1)[0] if "]" not in request.headers.get("host", "") else "[::1]"
        )
        if not is_local(request) or host not in _HERE:
            message = "Zonder LEERWIJZER_OPERATOR_TOKEN is deze pagina er enkel op dezelfde machine."
            raise ApiError(403, "local_only", message)

    return check


def _given(header: str) -> bytes:
    """The token in an Authorization header; empty when there is none that can be read."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode()
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
