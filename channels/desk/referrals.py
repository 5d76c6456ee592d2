"""The routes of referrals: the list, one referral, and what a counsellor does with it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from bot.conversation.message import MAX_TEXT, Author
from bot.conversation.model import Conversation
from bot.conversation.text import clean
from bot.counsellors import audit, examples, notes
from bot.counsellors.audit import Action
from bot.counsellors.model import AccountError
from bot.knowledge.vocabulary import INTENTS
from bot.referral import handling
from bot.referral.afterwards import Question
from bot.referral.handling import AlreadyClaimed, ClosingOutcome, Read
from bot.referral.life import NotPossible
from bot.referral.referrals import Referral
from bot.storage.tables import utcnow
from channels.desk.access import Access, Visitor
from channels.desk.pages import HOME, Refusal, by_htmx, go, page
from channels.desk.room import Room, as_desk, refusals
from channels.desk.view import standing

Text = Annotated[str, Form()]
_KEY: Final = 64


def router(room: Room, access: Access, meanings: dict[str, str]) -> APIRouter:
    """The routes. `meanings` are the intents with their title in Dutch."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)
    own_form = [Depends(access.own_form)]
    intents = {intent: meanings.get(intent, intent) for intent in INTENTS}
    by_title = sorted(intents.items(), key=lambda pair: (pair[1] == pair[0], pair[1].casefold()))

    async def desk_page(visitor: Visitor, ended: bool, status: int = 200, **values: Any) -> Response:
        rows = await room.rows(visitor, ended=ended)
        available = await room.available(visitor)
        organisation = room.desk.name_of(visitor.organisation)
        return page(
            "desk.html", status=status, visitor=visitor, rows=rows, ended=ended, available=available,
            organisation=organisation, now=utcnow(), **values,
        )  # fmt: skip

    @routes.get("")
    async def show_list(afgesloten: bool = False, visitor: Visitor = Depends(access)) -> Response:
        if not visitor.counsellor.handles_referrals:
            return go(f"{HOME}/beheer")
        return await desk_page(visitor, afgesloten, title="Doorverwijzingen", open="", one=None)

    @routes.get("/lijst")
    async def show_rows(afgesloten: bool = False, open: str = "", visitor: Visitor = Depends(access)) -> Response:
        rows = await room.rows(visitor, ended=afgesloten)
        return page("list.html", rows=rows, ended=afgesloten, open=open)

    @routes.get("/r/{reference}")
    async def show_one(reference: str, visitor: Visitor = Depends(access)) -> Response:
        opened = await room.opened(visitor, reference)
        one = await room.whole(visitor, opened)
        return await desk_page(
            visitor, not one["stand"].open, title=f"{opened.referral.reference}: {one['stand'].need}",
            open=opened.referral.reference, one=one, key=secrets.token_urlsafe(12), longest=MAX_TEXT,
        )  # fmt: skip

    @routes.get("/r/{reference}/stand")
    async def show_stand(reference: str, visitor: Visitor = Depends(access)) -> Response:
        return await stand_of(visitor, reference)

    async def stand_of(visitor: Visitor, reference: str, notice: str = "") -> Response:
        opened = await room.opened(visitor, reference)
        one = await room.whole(visitor, opened)
        return page(
            "stand.html",
            visitor=visitor,
            one=one,
            oob=True,
            longest=MAX_TEXT,
            key=secrets.token_urlsafe(12),
            notice=notice,
        )

    async def done(request: Request, visitor: Visitor, reference: str, notice: str = "") -> Response:
        """What a counsellor sees after a step: the state anew, or the page."""
        if by_htmx(request):
            return await stand_of(visitor, reference, notice=notice)
        return go(f"{HOME}/r/{reference}")

    def step(path: str, words: str, what: Callable[..., Awaitable[Any]]) -> None:
        """Adds a route for a step that needs nothing but the referral."""

        @routes.post(f"/r/{{reference}}/{path}", dependencies=own_form, name=path)
        async def do_step(request: Request, reference: str, visitor: Visitor = Depends(access)) -> Response:
            async with room.refusals(visitor):
                await what(reference, as_desk(visitor))
            return await done(request, visitor, reference, words)

    step("opnemen", "Je nam deze doorverwijzing op.", room.desk.claim)
    step("einde", "Het gesprek is beëindigd. De assistent heeft weer het woord.", room.desk.end_talk)
    step("bereikt", "Genoteerd: je hebt deze persoon bereikt.", room.desk.contacted)
    step("teruggeven", "Teruggegeven aan je organisatie.", room.desk.release)

    @routes.post("/r/{reference}/zeg", dependencies=own_form)
    async def say(
        request: Request, reference: str, text: Text = "", key: Text = "", visitor: Visitor = Depends(access)
    ) -> Response:
        said = clean(text)
        if not said:
            raise Refusal(422, "Typ eerst een bericht.")
        if len(said) > MAX_TEXT:
            raise Refusal(422, f"Je bericht is te lang: hoogstens {MAX_TEXT} tekens.")
        if not key or len(key) > _KEY or not key.isprintable():
            raise Refusal(422, "Dit bericht heeft geen geldig kenmerk. Laad de pagina opnieuw.")
        async with room.refusals(visitor):
            seq = await room.desk.say(
                reference, as_desk(visitor), said, key=key, check=lambda found, there: may_write(visitor, found, there)
            )
        if "x-desk" not in request.headers:  # a plain form, without our script
            return go(f"{HOME}/r/{reference}")
        return Response(str(seq), media_type="text/plain", headers={"Cache-Control": "no-store"})

    def may_write(visitor: Visitor, found: Referral, conversation: Conversation) -> None:
        """Raises `Refusal` when nothing can be written now, with the reason."""
        stand = standing(found, conversation, str(visitor.counsellor.id), {}, "", None, utcnow())
        if stand.taken_by_other:
            raise AlreadyClaimed(found.counsellor_id or "", found.claimed_at)
        if not stand.may_write:
            raise Refusal(409, stand.closed_channel)

    @routes.post("/r/{reference}/gelezen", dependencies=own_form)
    async def has_read(reference: str, seq: Annotated[int, Form()], visitor: Visitor = Depends(access)) -> Response:
        """The page shows the conversation up to a line, and somebody looks at it."""
        with refusals():
            await room.desk.seen(reference, as_desk(visitor), seq)
        return Response(status_code=204)

    @routes.post("/r/{reference}/typt", dependencies=own_form)
    async def types(reference: str, still: Text = "1", visitor: Visitor = Depends(access)) -> Response:
        """A sign of typing; that of somebody else than who has the referral is not passed on."""
        with refusals(), suppress(AlreadyClaimed, NotPossible):
            found = await room.read(lambda connection: handling.mine(connection, reference, as_desk(visitor)))
            room.conversations.signs.types(found.conversation_id, Author.COUNSELLOR, still == "1")
        return Response(status_code=204)

    @routes.post("/r/{reference}/contact", dependencies=own_form)
    async def show_contact(request: Request, reference: str, visitor: Visitor = Depends(access)) -> Response:
        def read(connection: sa.engine.Connection) -> Referral:
            found = handling.of_organisation(connection, reference, visitor.organisation)
            handling.log_read(connection, found, as_desk(visitor), Read.CONTACT, utcnow())
            return found

        with refusals():
            found = await room.database.run(read)
        if by_htmx(request):
            return page("contact.html", referral=found, shown=True)
        opened = await room.opened(visitor, reference)
        one = await room.whole(visitor, opened) | {"contact_shown": True}
        return await desk_page(
            visitor, not one["stand"].open, title=f"{reference}: {one['stand'].need}", open=reference, one=one,
            key=secrets.token_urlsafe(12), longest=MAX_TEXT,
        )  # fmt: skip

    @routes.post("/r/{reference}/doorgeven", dependencies=own_form)
    async def hand_on(
        request: Request, reference: str, colleague: Text = "", visitor: Visitor = Depends(access)
    ) -> Response:
        chosen = next((one for one in await room.colleagues(visitor) if str(one.id) == colleague), None)
        if chosen is None:
            raise Refusal(422, "Kies een collega uit de lijst.")
        async with room.refusals(visitor):
            to = handling.Counsellor(str(chosen.id), visitor.organisation, chosen.first_name)
            await room.desk.hand_on(reference, as_desk(visitor), to)
        return await done(request, visitor, reference, f"Doorgegeven aan {chosen.name}.")

    @routes.post("/r/{reference}/sluiten", dependencies=own_form)
    async def close(
        request: Request, reference: str, outcome: Text = "", visitor: Visitor = Depends(access)
    ) -> Response:
        if outcome not in set(ClosingOutcome):
            raise Refusal(422, "Kies hoe het afliep.")
        async with room.refusals(visitor):
            await room.desk.close(reference, as_desk(visitor), ClosingOutcome(outcome))
        return await done(request, visitor, reference, "Afgesloten.")

    @routes.post("/r/{reference}/voorstellen", dependencies=own_form)
    async def propose(
        request: Request, reference: str, organisation: Text = "", visitor: Visitor = Depends(access)
    ) -> Response:
        """Asks the person whether another organisation may have it; only with their consent it goes there."""
        async with room.refusals(visitor):
            try:
                await room.desk.propose(reference, as_desk(visitor), organisation)
            except ValueError:
                raise Refusal(422, "Kies een organisatie uit de lijst.") from None
        return await done(request, visitor, reference, "Voorgesteld. De persoon beslist.")

    @routes.post("/r/{reference}/nadien", dependencies=own_form)
    async def answer_afterwards(
        request: Request, reference: str, answer: Text = "", visitor: Visitor = Depends(access)
    ) -> Response:
        """The one question to the organisation: was this person helped?"""
        with refusals():
            try:
                await room.desk.answer(reference, as_desk(visitor), Question.HELPED, answer)
            except ValueError:
                raise Refusal(422, "Kies een antwoord.") from None
        return await done(request, visitor, reference, "Bedankt, genoteerd.")

    @routes.post("/r/{reference}/notitie", dependencies=own_form)
    async def note(request: Request, reference: str, text: Text = "", visitor: Visitor = Depends(access)) -> Response:
        def add(connection: sa.engine.Connection) -> list[notes.Note]:
            found = handling.of_organisation(connection, reference, visitor.organisation)
            notes.add(connection, found.id, visitor.counsellor, text)
            return notes.of_referral(connection, found.id, visitor.organisation)

        with refusals():
            found = await room.database.run(add)
        if by_htmx(request):
            return page("notes.html", notes=found, reference=reference, visitor=visitor)
        return go(f"{HOME}/r/{reference}#notities")

    @routes.get("/r/{reference}/fout/{seq}")
    async def show_wrong(reference: str, seq: int, visitor: Visitor = Depends(access)) -> Response:
        answered, _ = await sentence_of(visitor, reference, seq)
        return page(
            "wrong.html", title="Antwoord aanduiden als fout", visitor=visitor, reference=reference, seq=seq,
            answered=answered, intents=by_title, taken=intents.get(answered.taken_for or "", answered.taken_for),
            text=answered.text, chosen="",
        )  # fmt: skip

    async def sentence_of(visitor: Visitor, reference: str, seq: int) -> tuple[examples.Answered, str]:
        opened = await room.opened(visitor, reference)
        conversation = opened.referral.conversation_id
        if seq not in {line.seq for line in opened.lines}:  # what does not go with the referral is not theirs
            raise Refusal(404, "Dat antwoord is er niet.")
        found = await room.read(lambda connection: examples.answered(connection, conversation, seq))
        if found is None:
            raise Refusal(404, "Dit antwoord hoort niet bij een zin van de persoon.")
        return found, conversation

    @routes.post("/r/{reference}/fout/{seq}", dependencies=own_form)
    async def mark_wrong(
        reference: str, seq: int, text: Text = "", intent: Text = "", visitor: Visitor = Depends(access)
    ) -> Response:
        answered, conversation = await sentence_of(visitor, reference, seq)

        def keep(connection: sa.engine.Connection) -> None:
            examples.add(
                connection, text, intent, by=visitor.counsellor, conversation_id=conversation,
                taken_for=answered.taken_for,
            )  # fmt: skip
            audit.record(connection, Action.MARKED_WRONG, visitor.counsellor, reference)

        try:
            await room.database.run(keep)
        except AccountError as error:
            return page(
                "wrong.html", status=422, title="Antwoord aanduiden als fout", visitor=visitor, reference=reference,
                seq=seq, answered=answered, intents=by_title, text=text, chosen=intent, error=str(error),
                taken=intents.get(answered.taken_for or "", answered.taken_for),
            )  # fmt: skip
        return go(f"{HOME}/r/{reference}")

    @routes.post("/aanwezig", dependencies=own_form)
    async def say_available(request: Request, available: Text = "", visitor: Visitor = Depends(access)) -> Response:
        await room.desk.beat(as_desk(visitor), available=available == "1")
        if by_htmx(request):
            return page("presence.html", visitor=visitor, available=available == "1")
        return go(HOME)

    return routes
