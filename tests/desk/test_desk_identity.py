"""Signing in with OpenID Connect, against a real provider; and what of it is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import ValidationError
from support.identity_provider import CLIENT, SECRET, IdentityProvider
from support.rasa_server import RasaServer
from support.site import Site, running

from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.settings import Settings
from channels.desk.identity import CALLBACK, PATH


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider()
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
async def site(
    tmp_path_factory: pytest.TempPathFactory, desk_rasa: RasaServer, provider: IdentityProvider
) -> AsyncIterator[Site]:
    settings = Settings(
        _env_file=None, var_dir=tmp_path_factory.mktemp("identity"), oidc_issuer=provider.url, oidc_client_id=CLIENT,
        oidc_client_secret=SECRET, oidc_name="VDAB",
    )  # fmt: skip
    async with running(settings, desk_rasa) as site:
        with site.database.begin() as connection:
            accounts.add(connection, "an@vdab.example", "An Peeters", Role.COUNSELLOR, "vdab")
        yield site


async def round_trip(site: Site, client: httpx.AsyncClient) -> httpx.Response:
    """Goes to the provider and comes back."""
    away = await client.get(PATH)
    assert away.status_code == 302
    async with httpx.AsyncClient(trust_env=False) as outside:
        back = urlsplit((await outside.get(away.headers["location"])).headers["location"])
    assert back.path == CALLBACK
    return await client.get(f"{back.path}?{back.query}")


async def test_an_invited_counsellor_comes_in_with_the_organisations_own_sign_in(site: Site) -> None:
    assert "Aanmelden met VDAB" in (await site.http.get("/desk/aanmelden")).text
    response = await round_trip(site, site.http)
    assert response.headers["location"] == "/desk"
    account = await site.http.get("/desk/account")  # no second step of ours: the provider asks it
    assert "bij je organisatie" in account.text
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as other:
        assert (await round_trip(site, other)).status_code == 303  # and again, tied to the account


@pytest.mark.parametrize(
    ("twist", "status"),
    [
        ({"email_verified": False}, 403),
        ({"email_verified": "true"}, 403),
        ({"email": "niemand@vdab.example"}, 403),
        ({"nonce": "van iemand anders"}, 401),
        ({"aud": "een andere client"}, 401),
        ({"iss": "https://kwaad.example"}, 401),
        ({"exp": 1_000_000_000}, 401),
    ],
)
async def test_a_token_that_does_not_fit_lets_nobody_in(
    site: Site, provider: IdentityProvider, twist: dict[str, object], status: int
) -> None:
    provider.twist = twist
    response = await round_trip(site, site.http)
    assert response.status_code == status
    assert (await site.http.get("/desk/account")).status_code == 303


async def test_a_token_signed_by_another_key_lets_nobody_in(site: Site, provider: IdentityProvider) -> None:
    provider.signing = RSAKey.generate_key(2048, {"kid": "een"})
    assert (await round_trip(site, site.http)).status_code == 401


async def test_an_answer_that_nobody_asked_for_is_refused(site: Site) -> None:
    away = await site.http.get(PATH)
    state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as other:  # a victim, without the cookie
        assert (await other.get(f"{CALLBACK}?code=x&state={state}")).status_code == 401
    for query in ("", "?code=x", f"?state={state}", "?code=x&state=y", "?error=access_denied"):
        assert (await site.http.get(f"{CALLBACK}{query}")).status_code == 401


async def test_a_provider_that_is_away_or_another_one_is_refused(site: Site, provider: IdentityProvider) -> None:
    provider.issuer = "https://kwaad.example"
    assert (await site.http.get(PATH)).status_code == 502
    provider.issuer = ""
    await provider.stop()
    assert (await site.http.get(PATH)).status_code == 502


def test_half_a_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="OIDC_CLIENT_ID"):
        Settings(_env_file=None, oidc_issuer="https://id.example")
