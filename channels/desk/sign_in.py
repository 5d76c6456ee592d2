"""The pages with which one comes in: sign-in, the code, an invitation, two steps, one's own account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from bot.counsellors import audit, invitations, passwords, two_factor
from bot.counsellors.audit import Action
from bot.counsellors.model import AccountError, Counsellor, Refused
from bot.counsellors.sign_in import SignedIn, SignIn
from bot.referral import callers
from bot.storage.database import Database
from channels.desk.access import CODE, Access, Visitor
from channels.desk.pages import HOME, SIGN_IN, Refusal, go, page

ACCOUNT: Final = "/desk/account"
Text = Annotated[str, Form()]
Left = Callable[[str], Awaitable[None]]


def router(
    database: Database, sign_in: SignIn, access: Access, *, identity: str, demo: tuple[str, ...], left: Left
) -> APIRouter:
    """The routes. `identity` names the organisation's own sign-in, when there is one; `demo` are lines to show; `left` is
    told of a counsellor who signs out."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)
    own_page, own_form = [Depends(access.own_page)], [Depends(access.own_form)]

    def sign_in_page(status: int = 200, **values: str) -> Response:
        given = {"email": "", "onward": "", "error": ""} | values
        return page("sign_in.html", status=status, title="Aanmelden", identity=identity, demo=demo, **given)

    def entered(signed_in: SignedIn, onward: str) -> Response:
        return access.let_in(go(_safe(onward) if signed_in.complete else CODE), signed_in.token)

    @routes.get("/aanmelden")
    async def show_sign_in(verder: str = "") -> Response:
        return sign_in_page(onward=_safe(verder))

    @routes.post("/aanmelden", dependencies=own_page)
    async def do_sign_in(email: Text = "", password: Text = "", onward: Text = "") -> Response:
        try:
            return entered(await sign_in.with_password(email, password), onward)
        except Refused as refused:
            return sign_in_page(401, email=email[:255], onward=_safe(onward), error=str(refused))

    @routes.get("/code")
    async def show_code(visitor: Visitor = Depends(access.half)) -> Response:
        return go(HOME) if visitor.session.complete else page("code.html", title="Tweede stap", visitor=None)

    @routes.post("/code", dependencies=own_page)
    async def do_code(request: Request, code: Text = "") -> Response:
        try:
            return entered(await sign_in.with_second_factor(access.token(request), code), HOME)
        except Refused as refused:
            return page("code.html", status=401, title="Tweede stap", error=str(refused))

    @routes.post("/afmelden", dependencies=own_form)
    async def do_sign_out(visitor: Visitor = Depends(access.half)) -> Response:
        await sign_in.sign_out(visitor.token)
        await left(str(visitor.counsellor.id))
        return access.let_out(go(SIGN_IN))

    @routes.get("/uitnodiging/{token}")
    async def show_invitation(token: str) -> Response:
        counsellor = await _invited(database, token)
        return page("invitation.html", title="Kies je wachtwoord", counsellor=counsellor, shortest=passwords.SHORTEST)

    @routes.post("/uitnodiging/{token}", dependencies=own_page)
    async def take_up_invitation(token: str, password: Text = "", again: Text = "") -> Response:
        counsellor = await _invited(database, token)
        try:
            passwords.check(password, counsellor.email, counsellor.name)
            if password != again:
                raise AccountError("De twee wachtwoorden zijn niet hetzelfde.")
        except AccountError as error:
            return page(
                "invitation.html", status=422, title="Kies je wachtwoord", counsellor=counsellor,
                shortest=passwords.SHORTEST, error=str(error),
            )  # fmt: skip
        password_hash = await passwords.hashed(password)

        def take_up(connection: sa.engine.Connection) -> None:
            invitations.take_up(connection, token, password_hash)
            audit.record(connection, Action.PASSWORD_SET, counsellor)

        await database.run(take_up)
        return entered(await sign_in.with_password(counsellor.email, password), HOME)

    @routes.get("/tweestap")
    async def show_two_factor(visitor: Visitor = Depends(access.entered)) -> Response:
        if visitor.counsellor.two_factor:
            return go(ACCOUNT)
        enrolment = await sign_in.pending_two_factor(visitor.counsellor)
        enrolment = enrolment or await sign_in.begin_two_factor(visitor.counsellor)
        return page("two_factor.html", title="Tweestapscontrole", visitor=visitor, enrolment=enrolment)

    @routes.post("/tweestap", dependencies=own_form)
    async def do_two_factor(code: Text = "", visitor: Visitor = Depends(access.entered)) -> Response:
        try:
            codes = await sign_in.confirm_two_factor(visitor.counsellor, code)
        except AccountError as error:
            enrolment = await sign_in.pending_two_factor(visitor.counsellor)
            if enrolment is None:
                raise
            return page(
                "two_factor.html", status=422, title="Tweestapscontrole", visitor=visitor, enrolment=enrolment,
                error=str(error),
            )  # fmt: skip
        return page("recovery.html", title="Je herstelcodes", visitor=visitor, codes=codes, renewed=False)

    @routes.post("/account/herstelcodes", dependencies=own_form)
    async def renew_recovery_codes(password: Text = "", visitor: Visitor = Depends(access)) -> Response:
        try:
            codes = await sign_in.renew_recovery_codes(visitor.counsellor, password)
        except AccountError as error:
            return await account_page(visitor, 422, error=str(error))
        return page("recovery.html", title="Je herstelcodes", visitor=visitor, codes=codes, renewed=True)

    @routes.get("/account")
    async def show_account(gedaan: str = "", visitor: Visitor = Depends(access)) -> Response:
        return await account_page(visitor, notice="Je wachtwoord is veranderd." if gedaan else "")

    async def account_page(visitor: Visitor, status: int = 200, **values: str) -> Response:
        number = visitor.counsellor.id

        def read(connection: sa.engine.Connection) -> dict[str, object]:
            left = two_factor.recovery_codes_left(connection, number)
            return {"codes_left": left, "own_hours": callers.own_hours(connection, number)}

        found = await database.run(read, readonly=True)
        return page("account.html", status=status, title="Mijn account", visitor=visitor, **found, **values)

    @routes.post("/account/wachtwoord", dependencies=own_form)
    async def change_password(
        old: Text = "", password: Text = "", again: Text = "", visitor: Visitor = Depends(access)
    ) -> Response:
        counsellor = visitor.counsellor
        try:
            passwords.check(password, counsellor.email, counsellor.name)
            if password != again:
                raise AccountError("De twee wachtwoorden zijn niet hetzelfde.")
            await sign_in.confirm_password(counsellor, old)
        except AccountError as error:
            return await account_page(visitor, 422, error=str(error))
        password_hash = await passwords.hashed(password)
        token = await sign_in.change_password(counsellor, password_hash)
        return access.let_in(go(f"{ACCOUNT}?gedaan=1"), token)

    return routes


async def _invited(database: Database, token: str) -> Counsellor:
    try:
        return await database.run(lambda connection: invitations.whose(connection, token), readonly=True)
    except AccountError as error:
        raise Refusal(410, str(error)) from error


def _safe(onward: str) -> str:
    """A page of the desk to go to, and nothing else."""
    inside = onward == HOME or onward.startswith(f"{HOME}/")
    return onward if inside and "//" not in onward and "\\" not in onward and onward.isprintable() else HOME
