"""Which sites may talk to the web channel: our own, the same origin, those of the settings. CORS for those alone."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.origin import origin_of
from channels.errors import error_response

API: Final = "/web/"
STATIC: Final = "/static/"


class Origins:
    """ASGI middleware over the API and the static files of the web channel.

    A request to the API from a page of another site is refused with 403, before anything is read. A POST must say where
    it comes from, as every browser does; a GET of the same origin carries no Origin, and needs its token anyway.
    """

    def __init__(self, app: ASGIApp, *, public_url: str, allowed: tuple[str, ...]) -> None:
        self.app = app
        self._allowed = frozenset(origin_of(url) for url in (public_url, *allowed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith((API, STATIC)):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        allowed = self._may(scope, headers, origin)
        if path.startswith(API):
            missing = origin is None and (
                scope["method"] not in ("GET", "HEAD") or headers.get("sec-fetch-site") not in (None, "same-origin")
            )
            if missing or (origin is not None and not allowed):
                refusal = error_response(
                    403, "origin", "Deze site mag hier niet mee praten.", {"Vary": "Origin, Sec-Fetch-Site"}
                )
                await refusal(scope, receive, send)
                return
            if scope["method"] == "OPTIONS":
                await self._preflight(origin or "")(scope, receive, send)
                return

        async def send_with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                response = MutableHeaders(scope=message)
                response.add_vary_header("Origin")
                if origin is not None and allowed:
                    response["Access-Control-Allow-Origin"] = origin
            await send(message)

        await self.app(scope, receive, send_with_cors)

    def _may(self, scope: Scope, headers: Headers, origin: str | None) -> bool:
        if origin is None:
            return False
        # Sec-Fetch-Site is the browser's own word, and holds behind a proxy that hides scheme or host from us.
        if origin in self._allowed or headers.get("sec-fetch-site") == "same-origin":
            return True
        return origin == f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"

    @staticmethod
    def _preflight(origin: str) -> Response:
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": "GET, POST",
                "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
                "Access-Control-Max-Age": "600",
                "Vary": "Origin",
            },
        )
