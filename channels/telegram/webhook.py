"""The webhook: Telegram posts each update here, with our secret in a header, until it gets a 200."""

from __future__ import annotations

import json
import secrets
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response

from channels.errors import ApiError, documented
from channels.middleware import note
from channels.telegram.door import Door

log = structlog.get_logger(__name__)

PATH: Final = "/webhooks/telegram"
MAX_BODY: Final = 1024 * 1024
"""Bytes: an update with a long text, its entities and the message it answers stays far below it."""
HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"


def router(door: Door, secret: str) -> APIRouter:
    """The route. `secret` must not be empty."""
    if not secret:
        raise ValueError("a webhook without a secret would take updates from anybody")
    routes = APIRouter(tags=["telegram"])
    expected = secret.encode()

    @routes.post(PATH, include_in_schema=False, responses=documented(403, 413, 503))
    async def webhook(request: Request) -> Response:
        """Stores an update and answers at once."""
        given = request.headers.get(HEADER, "").encode()
        if not secrets.compare_digest(given, expected):
            raise ApiError(403, "secret", "Dit adres is voor Telegram, met het juiste geheim.")
        try:
            update = json.loads(await request.body())
        except ValueError:
            update = None
        if not isinstance(update, dict):
            # Of Telegram, by its secret, and yet no update: asking for it again would give the same.
            log.warning("telegram.unreadable")
            return Response()
        stored = await door.take(update)
        if stored:
            note(request.scope, inbox=stored[0])
        return Response()

    return routes
