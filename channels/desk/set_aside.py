"""The operators' page of what could not be delivered: why, and the button to send it again. Without what was said."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from bot.conversation.service import Conversations
from bot.counsellors.model import Role
from channels.desk.access import Access, Visitor
from channels.desk.pages import HOME, Refusal, page
from channels.desk.view import CHANNELS, NAMES

PATH: Final = f"{HOME}/niet-bezorgd"


def router(conversations: Conversations, access: Access) -> APIRouter:
    """The page and its form, for operators alone."""
    routes = APIRouter(include_in_schema=False)

    def operator(visitor: Visitor = Depends(access)) -> Visitor:
        if visitor.counsellor.role is not Role.OPERATOR:
            raise Refusal(403, "Deze pagina is voor operatoren.")
        return visitor

    async def show(visitor: Visitor, notice: str = "") -> Response:
        closed = {CHANNELS.get(name, name): seconds for name, seconds in conversations.closed_channels().items()}
        return page(
            "set_aside.html", title="Niet bezorgd", visitor=visitor, letters=await conversations.set_aside(),
            closed=closed, channels=CHANNELS, names={author.value: name for author, name in NAMES.items()},
            notice=notice,
        )  # fmt: skip

    @routes.get(PATH)
    async def show_all(visitor: Visitor = Depends(operator)) -> Response:
        return await show(visitor)

    @routes.post(PATH, dependencies=[Depends(access.own_form)])
    async def send_again(
        which: Annotated[list[int], Form()] = [],  # noqa: B006 (FastAPI copies it)
        visitor: Visitor = Depends(operator),
    ) -> Response:
        count = await conversations.send_again(which)
        words = {0: "Er was niets meer te versturen.", 1: "Eén bericht wordt opnieuw verstuurd."}
        return await show(visitor, words.get(count, f"{count} berichten worden opnieuw verstuurd."))

    return routes
