"""Administration at the desk: the counsellors, hours, canned replies and log of an organisation.

An administrator manages their own organisation, an operator every one. The organisation stands in the path, and each route
checks it anew.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from bot.counsellors import accounts, audit, examples, invitations, replies
from bot.counsellors.audit import Action
from bot.counsellors.model import AccountError, Counsellor, Role
from bot.referral import hours
from bot.referral.directory import Directory
from bot.referral.organisations import Organisation
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import utcnow
from channels.desk.access import Access, Visitor
from channels.desk.hours_form import DAYS, by_day, read_closed, read_hours, read_mailbox
from channels.desk.pages import Refusal, go, page

HOME: Final = "/desk/beheer"
Text = Annotated[str, Form()]


def router(database: Database, directory: Directory, access: Access, settings: Settings) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)
    own_form = [Depends(access.own_form)]

    async def manager(organisation: str, visitor: Visitor = Depends(access)) -> Visitor:
        """Who manages the organisation of the path. Raises `Refusal`, the same one whether it exists or not."""
        if directory.get(organisation) is None or not visitor.counsellor.manages(organisation):
            raise Refusal(404, "Deze organisatie is er niet, of je beheert ze niet.")
        return visitor

    def of(organisation: str) -> Organisation:
        found = directory.get(organisation)
        assert found is not None, "checked by `manager`"
        return found

    @routes.get("")
    async def choose(visitor: Visitor = Depends(access)) -> Response:
        counsellor = visitor.counsellor
        if counsellor.role is Role.COUNSELLOR:
            raise Refusal(403, "Dit is voor beheerders.")
        if counsellor.role is Role.ADMINISTRATOR:
            return go(f"{HOME}/{counsellor.organisation}")
        found = sorted((one for one in directory if one.accepts_referral), key=lambda one: one.name.casefold())
        everybody = await database.run(lambda connection: accounts.of_organisation(connection, None), readonly=True)
        counts = {one.id: sum(other.organisation == one.id and other.active for other in everybody) for one in found}
        return page("organisations.html", title="Organisaties", visitor=visitor, organisations=found, counts=counts)

    @routes.get("/{organisation}")
    async def show(organisation: str, visitor: Visitor = Depends(manager)) -> Response:
        return await manage_page(visitor, organisation)

    async def manage_page(
        visitor: Visitor, organisation: str, status: int = 200, link: str = "", mailed: str = "", error: str = "",
        notice: str = "",
    ) -> Response:  # fmt: skip
        chosen = of(organisation)

        def read(connection: sa.engine.Connection) -> dict[str, Any]:
            its = hours.of_organisation(connection, chosen)
            return {
                "people": accounts.of_organisation(connection, organisation),
                "canned": replies.of_organisation(connection, organisation),
                "log": audit.latest(connection, organisation, 50),
                "weekly": by_day(its.weekly or ()),
                "closed": sorted(its.closed),
                "mailbox": hours.mailbox(connection, organisation) or "",
            }

        found = await database.run(read, readonly=True)
        names = {str(one.id): one.name for one in found["people"]}
        return page(
            "manage.html", status=status, title=f"Beheer van {chosen.name}", visitor=visitor, organisation=chosen,
            days=DAYS, names=names, link=link, mailed=mailed, error=error, notice=notice, now=utcnow(), **found,
        )  # fmt: skip

    async def change(
        visitor: Visitor,
        organisation: str,
        action: Action,
        work: Any,
        subject: str | int | None = None,
        notice: str = "",
    ) -> Response:
        """Does `work` and writes it down; shows the page, with a refusal when it was refused."""

        def transaction(connection: sa.engine.Connection) -> object:
            result = work(connection)
            audit.record(connection, action, visitor.counsellor, subject, organisation=organisation)
            return result

        try:
            result = await database.run(transaction)
        except AccountError as error:
            return await manage_page(visitor, organisation, 422, error=str(error))
        link, mailed = result if isinstance(result, tuple) else ("", "")
        return await manage_page(visitor, organisation, link=link, mailed=mailed, notice=notice)

    def link_for(connection: sa.engine.Connection, counsellor: Counsellor, organisation: str) -> tuple[str, str]:
        """A fresh link for an account, and to which address it is mailed too."""
        token = invitations.make_link(connection, counsellor)
        mailed = invitations.send(connection, counsellor, token, settings, of(organisation).name)
        return f"{settings.public_url}{invitations.PATH}{token}", counsellor.email if mailed else ""

    def account_of(connection: sa.engine.Connection, organisation: str, number: str) -> Counsellor:
        found = accounts.get(connection, int(number)) if number.isdecimal() and len(number) < 10 else None
        if found is None or found.organisation != organisation:
            raise AccountError("Dat account is er niet.")
        return found

    @routes.post("/{organisation}/uitnodigen", dependencies=own_form)
    async def invite(
        organisation: str, name: Text = "", email: Text = "", role: Text = "counsellor",
        visitor: Visitor = Depends(manager),
    ) -> Response:  # fmt: skip
        if role not in (Role.COUNSELLOR, Role.ADMINISTRATOR):
            raise Refusal(422, "Kies een rol.")

        def work(connection: sa.engine.Connection) -> tuple[str, str]:
            return link_for(connection, accounts.add(connection, email, name, Role(role), organisation), organisation)

        return await change(visitor, organisation, Action.INVITED, work, email[:64])

    @routes.post("/{organisation}/account/{number}/{what}", dependencies=own_form)
    async def change_account(
        organisation: str, number: str, what: str, visitor: Visitor = Depends(manager)
    ) -> Response:
        steps = {
            "aan": (Action.ACTIVATED, accounts.activate, "Het account staat aan."),
            "uit": (Action.DEACTIVATED, accounts.deactivate, "Het account staat uit; die persoon is afgemeld."),
            "nieuw": (Action.RESET, accounts.forget_credentials, ""),
            "beheerder": (
                Action.ROLE_CHANGED,
                lambda c, n: accounts.change_role(c, n, Role.ADMINISTRATOR),
                "Nu beheerder.",
            ),
            "begeleider": (
                Action.ROLE_CHANGED,
                lambda c, n: accounts.change_role(c, n, Role.COUNSELLOR),
                "Nu begeleider.",
            ),
        }
        if what not in steps:
            raise Refusal(404, "Dat kan hier niet.")
        action, step, notice = steps[what]

        def work(connection: sa.engine.Connection) -> tuple[str, str] | None:
            found = account_of(connection, organisation, number)
            if found.id == visitor.counsellor.id:
                raise AccountError("Je eigen account kan je hier niet veranderen. Vraag een andere beheerder.")
            changed = step(connection, found.id)
            return link_for(connection, changed, organisation) if action is Action.RESET else None

        return await change(visitor, organisation, action, work, number[:10], notice)

    @routes.post("/{organisation}/antwoorden", dependencies=own_form)
    async def put_reply(
        organisation: str, title: Text = "", text: Text = "", visitor: Visitor = Depends(manager)
    ) -> Response:
        return await change(
            visitor, organisation, Action.REPLIES_CHANGED,
            lambda connection: replies.put(connection, organisation, title, text), notice="Bewaard.",
        )  # fmt: skip

    @routes.post("/{organisation}/antwoorden/{number}/weg", dependencies=own_form)
    async def remove_reply(organisation: str, number: int, visitor: Visitor = Depends(manager)) -> Response:
        return await change(
            visitor, organisation, Action.REPLIES_CHANGED,
            lambda connection: replies.remove(connection, organisation, number), notice="Weggehaald.",
        )  # fmt: skip

    @routes.post("/{organisation}/uren", dependencies=own_form)
    async def put_hours(request: Request, organisation: str, visitor: Visitor = Depends(manager)) -> Response:
        form = await request.form()
        fields = {key: value for key, value in form.items() if isinstance(value, str)}

        def work(connection: sa.engine.Connection) -> None:
            closed = read_closed(fields.get("closed", ""))
            hours.set_hours(connection, organisation, read_hours(fields), closed, utcnow())
            hours.set_mailbox(connection, organisation, read_mailbox(fields.get("mailbox", "")), utcnow())

        return await change(visitor, organisation, Action.HOURS_CHANGED, work, notice="De uren zijn bewaard.")

    @routes.get("/{organisation}/voorbeelden.yml")
    async def export(organisation: str, visitor: Visitor = Depends(manager)) -> Response:
        if visitor.counsellor.role is not Role.OPERATOR:
            raise Refusal(403, "Dit is voor operators: de voorbeelden zijn van alle organisaties samen.")
        text = await database.run(examples.as_nlu, readonly=True)
        return Response(text, media_type="application/yaml", headers={"Cache-Control": "no-store"})

    return routes
