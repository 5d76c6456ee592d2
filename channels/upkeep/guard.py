"""Who may see the operators' pages: an operator who is signed in at the desk, whoever has the token, or somebody at the machine
itself when no token is set. One dependency, so that another way of signing in needs a change here alone.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request

from bot.counsellors.model import Role
from bot.settings import Settings
from bot.storage.database import Database
from channels.desk.access import Access
from channels.desk.pages import SignInNeeded
from channels.errors import ApiError
from channels.here import is_local

_ASK: Final = {"WWW-Authenticate": 'Basic realm="Leerwijzer beheer", charset="UTF-8"'}


def operators_only(settings: Settings, database: Database) -> Callable[[Request], Awaitable[None]]:
    """The dependency that lets operators through and raises `ApiError` for everybody else: 401 with a token set, else 403.

    The token is the password of HTTP Basic, with any name, so that a browser asks for it; or a bearer token.
    """
    access = Access(database, settings.public_url, two_factor=settings.desk_two_factor == "required")
    token = settings.operator_token.get_secret_value()

    async def check(request: Request) -> None:
        if await _signed_in(access, request):
            return
        if token:
            if not secrets.compare_digest(_given(request.headers.get("authorization", "")), token.encode()):
                raise ApiError(401, "unauthorised", "Geef het token van de beheerder als wachtwoord.", _ASK)
        elif not is_local(request, settings.public_url):
            message = (
                "Meld je aan op /desk als operator, of zet LEERWIJZER_OPERATOR_TOKEN. Zonder token is deze pagina er enkel "
                "op localhost, en niet als er een openbaar adres is."
            )
            raise ApiError(403, "local_only", message)

    return check


async def _signed_in(access: Access, request: Request) -> bool:
    if not access.token(request):
        return False
    try:
        visitor = await access(request)
    except SignInNeeded:
        return False
    return visitor.counsellor.role is Role.OPERATOR


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
