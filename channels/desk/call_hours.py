"""The page of the hours in which a counsellor calls back: one's own, and for who manages an organisation those of its people."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bot.counsellors import accounts, audit
from bot.counsellors.audit import Action
from bot.counsellors.model import AccountError, Counsellor
from bot.referral import callers
from bot.storage.database import Database
from channels.desk.access import Access, Visitor
from channels.desk.hours_form import DAYS, by_day, read_hours
from channels.desk.manage import HOME as MANAGE
from channels.desk.pages import Refusal, go, page
from channels.desk.sign_in import ACCOUNT

MINE = f"{ACCOUNT}/beluren"


def router(database: Database, access: Access) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    own_form = [Depends(access.own_form)]

    async def colleague(organisation: str, number: str, visitor: Visitor = Depends(access)) -> Counsellor:
        """Whose hours somebody else manages. Raises `Refusal`, the same one whether they exist or not."""
        known = number.isdecimal() and len(number) < 10 and visitor.counsellor.manages(organisation)
        found = await database.run(lambda c: accounts.get(c, int(number)), readonly=True) if known else None
        if found is None or found.organisation != organisation:
            raise Refusal(404, "Dit account is er niet, of je beheert het niet.")
        return found

    async def show(visitor: Visitor, person: Counsellor, status: int = 200, **more: str) -> Response:
        weekly = await database.run(lambda connection: callers.own_hours(connection, person.id), readonly=True)
        mine = person.id == visitor.counsellor.id
        back = ACCOUNT if mine else f"{MANAGE}/{person.organisation}"
        path = MINE if mine else f"{back}/account/{person.id}/beluren"
        return page(
            "call_hours.html", status=status, title="Beluren", visitor=visitor, person=person, mine=mine, path=path,
            back=back, days=DAYS, weekly=by_day(weekly), **more,
        )  # fmt: skip

    async def keep(visitor: Visitor, person: Counsellor, fields: Mapping[str, object]) -> Response:
        organisation = person.organisation
        if organisation is None:
            raise Refusal(403, "Een operator belt niemand terug.")

        def work(connection: sa.engine.Connection) -> None:
            given = {key: value for key, value in fields.items() if isinstance(value, str)}
            callers.set_own_hours(connection, person.id, organisation, read_hours(given) or ())
            audit.record(connection, Action.HOURS_CHANGED, visitor.counsellor, person.id, organisation=organisation)

        try:
            await database.run(work)
        except AccountError as error:
            return await show(visitor, person, 422, error=str(error))
        return await show(visitor, person, notice="De uren zijn bewaard.")

    @routes.get(MINE)
    async def show_mine(visitor: Visitor = Depends(access)) -> Response:
        return await show(visitor, visitor.counsellor) if visitor.counsellor.organisation else go(ACCOUNT)

    @routes.post(MINE, dependencies=own_form)
    async def keep_mine(request: Request, visitor: Visitor = Depends(access)) -> Response:
        return await keep(visitor, visitor.counsellor, await request.form())

    theirs = f"{MANAGE}/{{organisation}}/account/{{number}}/beluren"

    @routes.get(theirs)
    async def show_theirs(person: Counsellor = Depends(colleague), visitor: Visitor = Depends(access)) -> Response:
        return await show(visitor, person)

    @routes.post(theirs, dependencies=own_form)
    async def keep_theirs(
        request: Request, person: Counsellor = Depends(colleague), visitor: Visitor = Depends(access)
    ) -> Response:
        return await keep(visitor, person, await request.form())

    return routes
