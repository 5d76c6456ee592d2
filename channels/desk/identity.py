"""Signing in with an organisation's own OpenID Connect: authorisation code with PKCE, state and nonce, by authlib.

What must be remembered between the two halves (state, nonce, verifier) stands in a signed cookie that lives ten minutes.
"""

from __future__ import annotations

import json
import warnings
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import Response

from bot.counsellors.model import Refused
from bot.counsellors.sign_in import SignIn
from bot.settings import Settings
from channels.desk.access import Access
from channels.desk.pages import HOME, Refusal, go
from channels.errors import places

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # authlib would rather have a fork of httpx
    from authlib.integrations.starlette_client import OAuth

log = structlog.get_logger(__name__)

PATH: Final = f"{HOME}/identiteit"
CALLBACK: Final = f"{PATH}/terug"
_COOKIE: Final = "leerwijzer-desk-identity"
_SECONDS: Final = 600
_TIMEOUT: Final = 10.0
_FAILED: Final = "Aanmelden bij je organisatie is niet gelukt. Probeer het opnieuw."


def router(settings: Settings, sign_in: SignIn, access: Access, secret: str) -> APIRouter:
    """The two routes. Only for settings that name a provider."""
    routes = APIRouter(include_in_schema=False)
    issuer, https = settings.oidc_issuer, settings.public_url.startswith("https://")
    signer = URLSafeTimedSerializer(secret, salt="leerwijzer.desk.identity")
    oauth = OAuth()
    oauth.register(
        "desk",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": _TIMEOUT},
    )

    @routes.get(PATH)
    async def begin(request: Request) -> Response:
        """Sends the browser to the provider."""
        remembered: dict[str, Any] = {}
        request.scope["session"] = remembered
        try:
            await check_issuer()
            response: Response = await oauth.desk.authorize_redirect(request, f"{settings.public_url}{CALLBACK}")
        except Refusal:
            raise
        except Exception as error:
            log.warning("desk.identity.unreachable", error=type(error).__name__, at=places(error))
            raise Refusal(
                502, "De aanmelddienst van je organisatie antwoordt niet. Probeer het straks opnieuw."
            ) from None
        response.headers["Cache-Control"] = "no-store"
        response.set_cookie(
            _COOKIE, signer.dumps(json.dumps(remembered)), max_age=_SECONDS, path=PATH, secure=https, httponly=True,
            samesite="lax",
        )  # fmt: skip
        return response

    async def check_issuer() -> None:
        metadata = await oauth.desk.load_server_metadata()
        if metadata.get("issuer") != issuer:
            log.error("desk.identity.issuer", wanted=issuer)
            raise Refusal(502, "De aanmelddienst van je organisatie is verkeerd ingesteld. Verwittig je beheerder.")

    @routes.get(CALLBACK)
    async def finish(request: Request) -> Response:
        """Takes what the provider sends back."""
        request.scope["session"] = _remembered(signer, request.cookies.get(_COOKIE, ""))
        try:
            await check_issuer()
            token: dict[str, Any] = await oauth.desk.authorize_access_token(request)
            claims = token["userinfo"]  # of the ID token, with its signature, issuer, audience, time and nonce checked
            subject = claims["sub"]
        except Refusal:
            raise
        except Exception as error:
            log.warning("desk.identity.refused", error=type(error).__name__, at=places(error))
            raise Refusal(401, _FAILED) from None
        email = claims.get("email") if claims.get("email_verified") is True else None
        try:
            signed_in = await sign_in.with_identity(issuer, str(subject), email)
        except Refused as refused:
            raise Refusal(403, str(refused)) from None
        response = access.let_in(go(HOME), signed_in.token)
        response.delete_cookie(_COOKIE, path=PATH, secure=https, httponly=True, samesite="lax")
        return response

    return routes


def _remembered(signer: URLSafeTimedSerializer, cookie: str) -> dict[str, Any]:
    try:
        return dict(json.loads(signer.loads(cookie, max_age=_SECONDS)))
    except (BadData, ValueError):
        return {}
