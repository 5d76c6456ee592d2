"""The desk over HTTP: the application on a real port, accounts in its database, and a browser's worth of a client."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from support.rasa_server import RasaServer
from support.script import scripted
from support.site import Site, running

from bot.counsellors import accounts, passwords
from bot.counsellors.model import Counsellor, Role
from bot.settings import Settings

PASSWORD = "een paard staat in de gang"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Visit:
    """Somebody with a browser at the desk: keeps cookies, sends the origin, knows the token of the last page."""

    http: httpx.AsyncClient
    origin: str
    csrf: str = field(default="", repr=False)

    async def get(self, path: str, **more: object) -> httpx.Response:
        """A page; redirects are not followed."""
        return self._seen(await self.http.get(path, **more))  # type: ignore[arg-type]

    async def post(self, path: str, _headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """A form of our own page."""
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"} | (_headers or {})
        return self._seen(await self.http.post(path, data={"csrf": self.csrf} | fields, headers=headers))

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        """Gives address and password."""
        response = await self.post("/desk/aanmelden", email=email, password=password)
        if response.status_code == 303:
            await self.get("/desk/account")
        return response

    def _seen(self, response: httpx.Response) -> httpx.Response:
        found = _CSRF.search(response.text)
        if found:
            self.csrf = found[1]
        return response


@pytest.fixture(scope="session")
def desk_password_hash() -> str:
    return passwords.hash_now(PASSWORD)


@pytest.fixture(scope="module")
def desk_rasa() -> Iterator[RasaServer]:
    server = RasaServer()
    server.answer = scripted
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def desk_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(_env_file=None, var_dir=tmp_path_factory.mktemp("desk"), desk_two_factor="optional")


@pytest.fixture(scope="module")
async def desk_site(desk_settings: Settings, desk_rasa: RasaServer) -> AsyncIterator[Site]:
    async with running(desk_settings, desk_rasa) as site:
        yield site


@pytest.fixture
async def visit(desk_site: Site) -> AsyncIterator[Callable[[], Visit]]:
    """Makes somebody with an empty browser."""
    made: list[httpx.AsyncClient] = []

    def make() -> Visit:
        client = httpx.AsyncClient(base_url=desk_site.url, trust_env=False, timeout=20)
        made.append(client)
        return Visit(client, desk_site.url)

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture
def account(desk_site: Site, desk_password_hash: str) -> Callable[..., Counsellor]:
    """Makes an account that signs in with `PASSWORD`."""

    def make(
        email: str, role: Role = Role.COUNSELLOR, organisation: str | None = "vdab", name: str = "An Peeters"
    ) -> Counsellor:
        with desk_site.database.begin() as connection:
            counsellor = accounts.add(connection, email, name, role, organisation)
            accounts.set_password(connection, counsellor.id, desk_password_hash)
        return counsellor

    return make
