"""Signing in: what lets somebody in, what does not, and what locks an account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from counsellors.conftest import PASSWORD

from bot.counsellors import accounts, audit, sessions, two_factor
from bot.counsellors.audit import Action
from bot.counsellors.model import AccountError, Counsellor, Locked, Refused, Role
from bot.counsellors.sign_in import LOCK, TRIES, SignIn
from bot.storage.counsellor_tables import counsellor_sessions, counsellors
from bot.storage.database import Database

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
Make = Callable[..., Counsellor]


def session_of(database: Database, token: str, now: datetime = NOW) -> sessions.DeskSession | None:
    with database.read() as connection:
        found = sessions.find(connection, token, now)
    return None if found is None else found[0]


async def with_app(sign_in: SignIn, counsellor: Counsellor) -> tuple[pyotp.TOTP, list[str]]:
    """Turns the second factor on at NOW less a minute; the app and the recovery codes."""
    enrolled = await sign_in.begin_two_factor(counsellor)
    app = pyotp.TOTP(enrolled.secret.replace(" ", ""))
    before = NOW - timedelta(minutes=1)
    return app, await sign_in.confirm_two_factor(counsellor, app.at(before), before)


async def test_the_right_password_begins_a_session(sign_in: SignIn, make: Make, database: Database) -> None:
    counsellor = make()
    signed_in = await sign_in.with_password(" AN@vdab.example ", PASSWORD, NOW)
    assert signed_in.complete
    session = session_of(database, signed_in.token)
    assert session is not None
    assert session.counsellor.id == counsellor.id
    assert session.counsellor.signed_in_at == NOW


async def test_the_database_holds_no_token_and_no_password(sign_in: SignIn, make: Make, database: Database) -> None:
    make()
    signed_in = await sign_in.with_password("an@vdab.example", PASSWORD, NOW)
    with database.read() as connection:
        stored = str(connection.execute(sa.select(counsellor_sessions)).all())
        stored += str(connection.execute(sa.select(counsellors)).all())
    assert signed_in.token not in stored
    assert PASSWORD not in stored
    assert "$argon2id$" in stored


async def test_whoever_may_not_in_hears_the_same(sign_in: SignIn, make: Make, database: Database) -> None:
    off = make("uit@vdab.example")
    make("nep@vdab.example", demo=True)
    make()
    with database.begin() as connection:
        accounts.deactivate(connection, off.id)
        accounts.add(connection, "nieuw@vdab.example", "Nieuw", Role.COUNSELLOR, "vdab")
    said = set()
    for email, password in [
        ("niemand@vdab.example", PASSWORD),
        ("an@vdab.example", "een paard staat op de gang"),
        ("uit@vdab.example", PASSWORD),
        ("nep@vdab.example", PASSWORD),
        ("nieuw@vdab.example", ""),
        ("", ""),
        ("an@vdab.example", "x" * 100_000),
        ("\0an\0@vdab.example\0", "fout"),
    ]:
        with pytest.raises(Refused) as refused:
            await sign_in.with_password(email, password, NOW)
        said.add(str(refused.value))
    assert len(said) == 1


async def test_a_demo_account_gets_in_while_the_demo_is_on(sign_in: SignIn, make: Make, database: Database) -> None:
    make("nep@vdab.example", demo=True)
    demo = SignIn(database, demo=True)
    assert (await demo.with_password("nep@vdab.example", PASSWORD, NOW)).complete


async def test_five_wrong_tries_lock_for_a_quarter(sign_in: SignIn, make: Make, database: Database) -> None:
    make()
    for _ in range(TRIES):
        with pytest.raises(Refused):
            await sign_in.with_password("an@vdab.example", "fout wachtwoord", NOW)
    with pytest.raises(Locked):
        await sign_in.with_password("an@vdab.example", PASSWORD, NOW + timedelta(minutes=14))
    assert (await sign_in.with_password("an@vdab.example", PASSWORD, NOW + LOCK)).complete
    with database.read() as connection:
        actions = [entry.action for entry in audit.latest(connection, "vdab")]
    assert actions == [Action.SIGNED_IN, Action.LOCKED, *[Action.REFUSED] * TRIES]


async def test_a_lock_that_ended_gives_five_new_tries(sign_in: SignIn, make: Make) -> None:
    make()
    for _ in range(TRIES):
        with pytest.raises(Refused):
            await sign_in.with_password("an@vdab.example", "fout wachtwoord", NOW)
    later = NOW + LOCK
    for _ in range(TRIES - 1):
        with pytest.raises(Refused) as refused:
            await sign_in.with_password("an@vdab.example", "fout wachtwoord", later)
        assert not isinstance(refused.value, Locked)
    assert (await sign_in.with_password("an@vdab.example", PASSWORD, later)).complete


async def test_a_success_sets_the_count_back(sign_in: SignIn, make: Make) -> None:
    make()
    for _ in range(3):
        for _ in range(TRIES - 1):
            with pytest.raises(Refused):
                await sign_in.with_password("an@vdab.example", "fout wachtwoord", NOW)
        assert (await sign_in.with_password("an@vdab.example", PASSWORD, NOW)).complete


async def test_many_tries_at_once_are_no_more_than_five(
    sign_in: SignIn, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    looked = 0

    async def slow(_hash: str | None, _password: str) -> bool:
        nonlocal looked
        looked += 1
        await asyncio.sleep(0.2)
        return False

    monkeypatch.setattr("bot.counsellors.passwords.matches", slow)
    tries = (sign_in.with_password("an@vdab.example", str(n), NOW) for n in range(30))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(result, Refused) for result in results)
    assert looked == TRIES


async def test_the_second_factor_completes_the_session_and_replaces_its_token(
    sign_in: SignIn, make: Make, database: Database
) -> None:
    app, _ = await with_app(sign_in, make())
    first = await sign_in.with_password("an@vdab.example", PASSWORD, NOW)
    assert not first.complete
    half = session_of(database, first.token)
    assert half is not None
    assert not half.complete
    second = await sign_in.with_second_factor(first.token, app.at(NOW), NOW)
    assert second.token != first.token
    assert session_of(database, first.token) is None
    whole = session_of(database, second.token)
    assert whole is not None
    assert whole.complete


async def test_a_code_counts_once(sign_in: SignIn, make: Make) -> None:
    app, _ = await with_app(sign_in, make())
    first = await sign_in.with_password("an@vdab.example", PASSWORD, NOW)
    await sign_in.with_second_factor(first.token, app.at(NOW), NOW)
    again = await sign_in.with_password("an@vdab.example", PASSWORD, NOW)
    with pytest.raises(Refused):
        await sign_in.with_second_factor(again.token, app.at(NOW), NOW)
    later = NOW + timedelta(seconds=30)
    assert (await sign_in.with_second_factor(again.token, app.at(later), later)).complete


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "١٢٣٤٥٦", "9" * 1000, "-"])
async def test_a_wrong_code_is_refused_and_counts(sign_in: SignIn, make: Make, code: str) -> None:
    await with_app(sign_in, make())
    first = await sign_in.with_password("an@vdab.example", PASSWORD, NOW)
    for _ in range(TRIES - 1):  # the right password was a try too
        with pytest.raises(Refused):
            await sign_in.with_second_factor(first.token, code, NOW)
    with pytest.raises(Locked):
        await sign_in.with_second_factor(first.token, code, NOW)


async def test_a_recovery_code_counts_once_however_it_is_typed(sign_in: SignIn, make: Make) -> None:
    _, codes = await with_app(sign_in, make())
    assert len(set(codes)) == two_factor.RECOVERY_CODES
    first = await sign_in.with_password("an@vdab.example", PASSWORD, NOW)
    typed = codes[3].lower().replace("-", " ")
    assert (await sign_in.with_second_factor(first.token, typed, NOW)).complete
    again = await sign_in.with_password("an@vdab.example", PASSWORD, NOW)
    with pytest.raises(Refused):
        await sign_in.with_second_factor(again.token, codes[3], NOW)


async def test_the_second_factor_cannot_be_replaced_from_inside(sign_in: SignIn, make: Make) -> None:
    counsellor = make()
    await with_app(sign_in, counsellor)
    with pytest.raises(AccountError):
        await sign_in.begin_two_factor(counsellor)
    with pytest.raises(AccountError):
        await sign_in.confirm_two_factor(counsellor, "123456", NOW)


async def test_the_secret_of_the_app_is_stored_sealed(sign_in: SignIn, make: Make, database: Database) -> None:
    counsellor = make()
    enrolled = await sign_in.begin_two_factor(counsellor)
    with database.read() as connection:
        assert enrolled.secret.replace(" ", "") not in str(
            connection.exec_driver_sql("SELECT * FROM counsellors").all()
        )
    shown = await sign_in.pending_two_factor(counsellor)
    assert shown == enrolled
    assert "<svg" in enrolled.qr()
    assert "style=" not in enrolled.qr()  # the policy of the pages forbids it


async def test_sessions_end(sign_in: SignIn, make: Make, database: Database) -> None:
    counsellor = make()
    token = (await sign_in.with_password("an@vdab.example", PASSWORD, NOW)).token
    assert session_of(database, token, NOW + timedelta(minutes=59)) is not None
    assert session_of(database, token, NOW + timedelta(minutes=60)) is None
    with database.begin() as connection:
        for hour in range(1, 12):
            sessions.touch(connection, token, NOW + timedelta(hours=hour) - timedelta(minutes=1))
        sessions.touch(connection, token, NOW + timedelta(hours=11, minutes=50))
    assert session_of(database, token, NOW + timedelta(hours=11, minutes=59)) is not None
    assert session_of(database, token, NOW + timedelta(hours=12)) is None

    token = (await sign_in.with_password("an@vdab.example", PASSWORD, NOW)).token
    await sign_in.sign_out(token)
    assert session_of(database, token) is None

    token = (await sign_in.with_password("an@vdab.example", PASSWORD, NOW)).token
    with database.begin() as connection:
        accounts.deactivate(connection, counsellor.id)
    assert session_of(database, token) is None


async def test_a_half_session_is_short(sign_in: SignIn, make: Make, database: Database) -> None:
    app, _ = await with_app(sign_in, make())
    first = await sign_in.with_password("an@vdab.example", PASSWORD, NOW)
    late = NOW + timedelta(minutes=10)
    assert session_of(database, first.token, late) is None
    with pytest.raises(Refused, match="te lang"):
        await sign_in.with_second_factor(first.token, app.at(late), late)


async def test_an_identity_is_tied_to_the_invited_address_once(sign_in: SignIn, make: Make, database: Database) -> None:
    counsellor = make()
    make("bo@vdab.example")
    first = await sign_in.with_identity("https://id.example", "17", "An@vdab.example", NOW)
    assert first.counsellor.id == counsellor.id
    moved = await sign_in.with_identity("https://id.example", "17", "bo@vdab.example", NOW)
    assert moved.counsellor.id == counsellor.id  # the subject counts, an address may change hands
    for issuer, subject, email in [
        ("https://id.example", "18", "an@vdab.example"),  # another person with the address of who is known
        ("https://id.example", "18", None),  # an address that the provider did not verify
        ("https://ander.example", "17", None),
        ("https://id.example", "19", "niemand@vdab.example"),
    ]:
        with pytest.raises(Refused):
            await sign_in.with_identity(issuer, subject, email, NOW)
    with database.begin() as connection:
        accounts.deactivate(connection, counsellor.id)
    with pytest.raises(Refused):
        await sign_in.with_identity("https://id.example", "17", "an@vdab.example", NOW)
