"""The operators' page of what could not be delivered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import sqlalchemy as sa
from desk.conftest import PASSWORD, Visit
from support.fake_provider import Trouble
from support.people import eventually
from support.rasa_server import RasaServer
from support.site import Site, running
from support.telegram_api import TOKEN, TelegramApi

from bot.conversation.message import InboundMessage
from bot.counsellors import accounts
from bot.counsellors.model import Role
from bot.settings import Settings
from bot.storage.tables import outbox
from channels.desk.set_aside import PATH


@pytest.fixture
async def with_telegram(tmp_path: object, desk_rasa: RasaServer) -> AsyncIterator[tuple[Site, TelegramApi]]:
    api = TelegramApi()
    api.start()
    settings = Settings(
        _env_file=None, var_dir=tmp_path, desk_two_factor="optional", telegram_token=TOKEN, telegram_secret="x",
        telegram_api_url=api.url, quiet_period=0,
    )  # fmt: skip
    async with running(settings, desk_rasa) as site:
        yield site, api
    api.stop()


async def signed_in(site: Site, password_hash: str, role: Role, organisation: str | None) -> Visit:
    with site.database.begin() as connection:
        counsellor = accounts.add(connection, f"{role.value}@voorbeeld.be", "Op Eraris", role, organisation)
        accounts.set_password(connection, counsellor.id, password_hash)
    visit = Visit(site.http, site.url)
    await visit.get("/desk/aanmelden")
    assert (await visit.sign_in(f"{role.value}@voorbeeld.be", PASSWORD)).status_code == 303
    return visit


async def test_an_operator_sees_why_and_sends_again(
    with_telegram: tuple[Site, TelegramApi], desk_password_hash: str
) -> None:
    site, api = with_telegram
    operator = await signed_in(site, desk_password_hash, Role.OPERATOR, None)
    assert "Alles is bezorgd" in (await operator.get(PATH)).text

    def states() -> list[str]:
        with site.database.read() as connection:
            return list(connection.execute(sa.select(outbox.c.status)).scalars())

    api.troubles.append(Trouble.FORBIDDEN)
    await site.conversations.accept(InboundMessage(channel="telegram", sender="7", message_id="1", text="kanarie"))
    await eventually(lambda: states() == ["dead"])
    shown = (await operator.get(PATH)).text
    assert "De persoon blokkeert ons" in shown
    assert "Telegram" in shown
    assert "kanarie" not in shown
    (letter,) = await site.conversations.set_aside()
    done = await operator.post(PATH, which=str(letter.id))
    assert "Eén bericht wordt opnieuw verstuurd" in done.text
    await eventually(lambda: states() == ["sent"])
    assert api.texts(7) == ["Je schreef: kanarie"]
    assert "niets meer te versturen" in (await operator.post(PATH, which=str(letter.id))).text
    assert "niets meer te versturen" in (await operator.post(PATH)).text


async def test_it_is_for_operators_and_from_our_own_page(
    with_telegram: tuple[Site, TelegramApi], desk_password_hash: str, visit: Callable[[], Visit]
) -> None:
    site, _ = with_telegram
    counsellor = await signed_in(site, desk_password_hash, Role.COUNSELLOR, "vdab")
    assert (await counsellor.get(PATH)).status_code == 403
    assert (await counsellor.post(PATH, which="1")).status_code == 403
    site.http.cookies.clear()
    operator = await signed_in(site, desk_password_hash, Role.OPERATOR, None)
    operator.csrf = "fout"
    assert (await operator.post(PATH, which="1")).status_code == 403
    assert (await visit().get(PATH)).status_code == 303
