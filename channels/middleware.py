"""What every request passes: access log, security headers, the last resort for errors, and the limit on bodies.

Plain ASGI, because Starlette's BaseHTTPMiddleware buffers and would stand between an event stream and its reader.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.errors import FAILED, error_response, places

log = structlog.get_logger(__name__)

MAX_BODY: Final = 64 * 1024
"""Bytes of a request body; the longest message (3000 characters of four bytes, JSON around it) fits several times."""
DRAINED: Final = 4 * 1024 * 1024
"""Bytes that are read and thrown away beyond the limit: a client that is cut off while it sends never sees why."""
BODY_SECONDS: Final = 30.0
"""How long a client may take to send its body."""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing inline, nothing from elsewhere, no text that becomes markup."""

DESK_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""For the counsellors' desk: as above, with forms. Without trusted types, because htmx makes markup of what our own
templates rendered, in which every word of a person is escaped."""

_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def note(scope: Scope, **ids: str | int) -> None:
    """Adds ids (a conversation's, a message's) to this request's line in the access log. Never what a person wrote."""
    scope.setdefault("state", {}).setdefault("logged_ids", {}).update(ids)


class AccessLog:
    """One line per request: its id, method, route, status and duration. No path, no query, no address of a person."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        note(scope, request=request_id)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            # The route's pattern, as a path itself may hold words that somebody typed.
            route = getattr(scope.get("route"), "path", None) or "-"
            write = log.debug if route.startswith("/health/") else log.info
            write(
                "http.request",
                method=scope["method"],
                route=route,
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
                **scope["state"]["logged_ids"],
            )


class SecurityHeaders:
    """Puts the security headers on every response; one that a route set itself stays."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self.app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    if headers.setdefault(name, value) == "":  # a route that goes without
                        del headers[name]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class LastResort:
    """Turns an error that nobody expected into a 500 of the usual shape, and logs its type and place, not its text."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_and_see(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_see)
        except Exception as error:
            log.error("http.failed", error=type(error).__name__, at=places(error), **scope["state"]["logged_ids"])
            if not started:  # else the server closes the connection, so the client sees that the answer broke off
                await error_response(FAILED.status, FAILED.code, FAILED.message)(scope, receive, send)


class BodyLimit:
    """Reads the body before the app does, keeps at most `limit` bytes, and answers 413 (or 408 when it takes too long).

    Counts what arrives, so that a chunked body or a false Content-Length cannot pass.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: int = MAX_BODY,
        seconds: float = BODY_SECONDS,
        larger: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """`larger` gives paths whose bodies may be larger, with their limit in bytes (below `DRAINED`)."""
        self.app = app
        self._limit_of = dict(larger)
        self._limit = limit
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        limit = self._limit_of.get(scope.get("path", ""), self._limit)
        body = bytearray()
        size = 0
        announced = _announced(Headers(scope=scope))
        more = announced <= DRAINED
        try:
            async with asyncio.timeout(self._seconds):
                while more and size < DRAINED:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    part = message.get("body", b"")
                    size += len(part)
                    if size <= limit:
                        body += part
                    more = message.get("more_body", False)
        except TimeoutError:
            response = error_response(
                408, "timeout", "Het versturen duurde te lang. Probeer het opnieuw.", {"Connection": "close"}
            )
            await response(scope, receive, send)
            return
        if max(size, announced) > limit:
            text = f"Dit bericht is te groot: hoogstens {limit // 1024} KB."
            await error_response(413, "too_large", text, {"Connection": "close"})(scope, receive, send)
            return
        given = False

        async def receive_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, receive_again, send)


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 0
    return int(length) if len(length) < 16 else DRAINED + 1
