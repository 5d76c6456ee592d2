"""The webhook: Meta asks once whether the address is ours, and then posts signed bodies until it gets a 200."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from channels.errors import ApiError, documented
from channels.middleware import note
from channels.whatsapp.door import Door

log = structlog.get_logger(__name__)

PATH: Final = "/webhooks/whatsapp"
HEADER: Final = "X-Hub-Signature-256"
_PREFIX: Final = "sha256="


def is_signed(body: bytes, signature: str, app_secret: str) -> bool:
    """Whether `signature` is that of this body, byte for byte, with the secret of the app."""
    expected = _PREFIX + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    return secrets.compare_digest(signature.encode(), expected.encode())


def router(door: Door, app_secret: str, verify_token: str) -> APIRouter:
    """The routes. Neither secret may be empty."""
    if not app_secret or not verify_token:
        raise ValueError("a webhook without its secrets would take anything from anybody")
    routes = APIRouter(tags=["whatsapp"])

    @routes.get(PATH, include_in_schema=False)
    async def verify(
        mode: Annotated[str, Query(alias="hub.mode")] = "",
        token: Annotated[str, Query(alias="hub.verify_token")] = "",
        challenge: Annotated[str, Query(alias="hub.challenge", max_length=1000)] = "",
    ) -> Response:
        """Proves that the address is ours."""
        if mode != "subscribe" or not secrets.compare_digest(token.encode(), verify_token.encode()):
            raise ApiError(403, "secret", "Dit adres is voor Meta, met het juiste token.")
        return PlainTextResponse(challenge)

    @routes.post(PATH, include_in_schema=False, responses=documented(403, 413, 503))
    async def webhook(request: Request) -> Response:
        """Stores what a body holds and answers at once."""
        body = await request.body()
        if not is_signed(body, request.headers.get(HEADER, ""), app_secret):
            raise ApiError(403, "secret", "Dit adres is voor Meta, met de juiste handtekening.")
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            # Of Meta, by its signature, and yet nothing we can read: asking for it again would give the same.
            log.warning("whatsapp.unreadable")
            return Response()
        stored = await door.take(content)
        if stored:
            note(request.scope, inbox=stored[0], messages=len(stored))
        return Response()

    return routes
