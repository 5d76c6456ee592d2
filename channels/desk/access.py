"""Who is at the desk: the cookie, the session behind it, and that a change comes from our own page.

A change needs the session's own token (in the form, or in a header that htmx sends) and must come from our own origin, by
the browser's own word. The cookie is HttpOnly and SameSite=Lax, so that a link in a mail still finds who is signed in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.responses import Response

from bot.counsellors import sessions
from bot.counsellors.model import Counsellor
from bot.counsellors.sessions import LONGEST, DeskSession
from bot.origin import origin_of
from bot.storage.database import Database
from channels.desk.pages import Refusal, SignInNeeded

TWO_FACTOR: Final = "/desk/tweestap"
CODE: Final = "/desk/code"
_STALE: Final = "Deze pagina is verouderd. Ga terug, laad ze opnieuw en probeer het nog eens."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page."""

    counsellor: Counsellor
    session: DeskSession
    token: str

    @property
    def csrf(self) -> str:
        """What a form must send along."""
        return self.session.csrf

    @property
    def organisation(self) -> str:
        """The organisation whose referrals this counsellor handles. Raises `Refusal` for an operator."""
        if not self.counsellor.handles_referrals or self.counsellor.organisation is None:
            raise Refusal(403, "Een operator ziet geen doorverwijzingen.")
        return self.counsellor.organisation


class Access:
    """Tells who asks. Its methods serve as dependencies of routes."""

    def __init__(self, database: Database, public_url: str, *, two_factor: bool) -> None:
        self._database = database
        self._origin = origin_of(public_url)
        self._https = public_url.startswith("https://")
        self._two_factor = two_factor
        self.cookie = "__Host-leerwijzer-desk" if self._https else "leerwijzer-desk"

    def let_in(self, response: Response, token: str) -> Response:
        """Sets the cookie of a session on a response."""
        response.set_cookie(
            self.cookie, token, max_age=int(LONGEST.total_seconds()), path="/", secure=self._https, httponly=True,
            samesite="lax",
        )  # fmt: skip
        return response

    def let_out(self, response: Response) -> Response:
        """Takes the cookie away."""
        response.delete_cookie(self.cookie, path="/", secure=self._https, httponly=True, samesite="lax")
        return response

    def token(self, request: Request) -> str:
        """What stands in the cookie."""
        return request.cookies.get(self.cookie, "")

    async def half(self, request: Request) -> Visitor:
        """Who gave the password and perhaps not yet the second factor. Raises `SignInNeeded`."""
        known: Visitor | None = getattr(request.state, "visitor", None)
        if known is not None:  # several dependencies of one route ask
            return known
        token = self.token(request)
        found = await self._database.run(lambda connection: sessions.find(connection, token), readonly=True)
        if found is None:
            raise SignInNeeded
        session, note = found
        if note:
            await self._database.run(lambda connection: sessions.touch(connection, token))
        request.state.visitor = Visitor(session.counsellor, session, token)
        return request.state.visitor  # type: ignore[no-any-return]

    async def entered(self, request: Request) -> Visitor:
        """Who is signed in; a second factor that is asked of everybody may still be missing. Raises `SignInNeeded`."""
        visitor = await self.half(request)
        if not visitor.session.complete:
            raise SignInNeeded(CODE)
        return visitor

    async def __call__(self, request: Request) -> Visitor:
        """Who is wholly signed in, for every page of the desk. Raises `SignInNeeded`."""
        visitor = await self.entered(request)
        counsellor = visitor.counsellor
        if self._two_factor and not (counsellor.two_factor or counsellor.has_identity or counsellor.demo):
            raise SignInNeeded(TWO_FACTOR)
        return visitor

    async def still(self, token: str) -> bool:
        """Whether a session is still valid, for a stream that stays open."""
        found = await self._database.run(lambda connection: sessions.find(connection, token), readonly=True)
        return found is not None

    async def own_page(self, request: Request) -> None:
        """Raises `Refusal` for a change that another site asks for."""
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        here = f"{request.url.scheme}://{request.headers.get('host', '')}"
        if site not in (None, "same-origin") or (origin is not None and origin not in (self._origin, here)):
            raise Refusal(403, _STALE)
        if origin is None and site is None:
            raise Refusal(403, _STALE)

    async def own_form(self, request: Request) -> None:
        """Raises `Refusal` for a change without the token of the session."""
        await self.own_page(request)
        visitor = await self.half(request)
        given = request.headers.get("x-csrf-token")
        if given is None:
            form = await request.form()
            field = form.get("csrf")
            given = field if isinstance(field, str) else ""
        if not secrets.compare_digest(given.encode(), visitor.csrf.encode()):
            raise Refusal(403, _STALE)
