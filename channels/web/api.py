"""The API of the widget: a session, messages in, events out."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Self

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import StreamingResponse

from bot.conversation.message import Author, InboundMessage, Reply
from bot.conversation.records import set_simple
from bot.conversation.service import Conversation, Conversations, Floor, UnknownConversation
from bot.conversation.votes import MAX_COMMENT, Reason, Value
from bot.conversation.votes import vote as keep_vote
from bot.storage.columns import utcnow
from channels.errors import ApiError, documented, json_body, parse
from channels.middleware import note
from channels.web.events import events, stream
from channels.web.session import Session, Sessions, new_sender

CHANNEL: Final = "web"
ENTRY: Final = r"^[A-Za-z0-9_-]{1,64}$"
"""The form of the name of a way in: it stands in links and QR codes."""
_MAX_SEQ: Final = 2**31 - 1


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class NewSession(_Body):
    """Asks for a session."""

    entry: str | None = Field(default=None, pattern=ENTRY, description="The way in, kept with a new conversation.")
    simple: bool = Field(default=False, description="Whether a new conversation is in simple words.")


class SessionToken(BaseModel):
    """A session: send the token as `Authorization: Bearer`."""

    token: str
    expires_at: datetime
    renew_at: datetime = Field(description="From then on, ask for a fresh token (POST /web/session with this one).")
    new: bool = Field(description="Whether a new conversation begins.")


class NewMessage(_Body):
    """One message of a person: a text, or a pressed button."""

    id: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Made by the sender; the same id twice is one message."
    )
    text: str | None = None
    button: str | None = Field(default=None, min_length=1, max_length=64, description="The payload of the button.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.button is None):
            raise ValueError("Stuur ofwel 'text' ofwel 'button'.")
        return self


class Stored(BaseModel):
    """The message is stored; its line in the conversation has this number."""

    seq: int


class NewVote(_Body):
    """A thumb on one answer."""

    seq: int = Field(ge=1, le=_MAX_SEQ, description="The line of the assistant.")
    value: Value = Field(strict=False)
    reason: Reason | None = Field(default=None, strict=False)
    comment: str | None = Field(default=None, max_length=MAX_COMMENT)


class Simple(_Body):
    """Whether answers are in simple words from now on."""

    on: bool


class HasRead(_Body):
    """The person has the conversation before their eyes up to a line."""

    seq: int = Field(ge=1, le=_MAX_SEQ)


class Done(BaseModel):
    """It is kept."""

    done: bool = True


class Erased(BaseModel):
    """The receipt of an erasure: how much was erased, in all and by table."""

    total: int
    erased: dict[str, int]


def router(conversations: Conversations, sessions: Sessions, opening: Reply) -> APIRouter:
    """The routes under /web/. They stand behind `Origins`, which lets no POST pass without an Origin."""
    routes = APIRouter(prefix="/web", tags=["web"])

    async def conversation_of(sender: str, entry: str | None = None) -> Conversation:
        there = await conversations.find(CHANNEL, sender)  # reading waits for no writer
        return there or await conversations.open(CHANNEL, sender, entry, opening)

    def current(request: Request) -> Session:
        return sessions.from_header(request.headers.get("authorization"), request.headers.get("origin"))

    @routes.post(
        "/session", status_code=201, response_model=SessionToken, responses=documented(403, 422),
        openapi_extra=json_body(NewSession),
    )  # fmt: skip
    async def begin(request: Request, response: Response) -> SessionToken:
        """A session: the one of the token that is sent along, renewed, or else a new one with a new conversation."""
        body = await request.body()
        wanted = parse(NewSession, body) if body else NewSession()
        try:
            session = current(request)
            new = False
        except ApiError:  # none, expired or not ours: a new one
            session = Session(sender=new_sender(), site=request.headers["origin"])
            new = True
        if new:
            conversation = await conversation_of(session.sender, wanted.entry)
            note(request.scope, conversation=conversation.id)
            if wanted.simple:
                await conversations.write(lambda connection: set_simple(connection, conversation.id, True))
        issued = sessions.issue(session)
        response.status_code = 201 if new else 200
        response.headers["Cache-Control"] = "no-store"
        return SessionToken(token=issued.token, expires_at=issued.expires_at, renew_at=issued.renew_at, new=new)

    @routes.post(
        "/messages", status_code=202, response_model=Stored, responses=documented(401, 403, 413, 422),
        openapi_extra=json_body(NewMessage),
    )  # fmt: skip
    async def message(request: Request) -> Stored:
        """Stores a message and answers at once; the reply comes as an event."""
        session = current(request)
        given = parse(NewMessage, await request.body())
        accepted = await conversations.accept(
            InboundMessage(
                channel=CHANNEL,
                sender=session.sender,
                message_id=given.id,
                text=given.text or "",
                button=given.button,
            )
        )
        note(request.scope, conversation=accepted.conversation_id, inbox=accepted.inbox_id)
        return Stored(seq=accepted.seq)

    @routes.post(
        "/votes", response_model=Done, responses=documented(401, 403, 404, 422), openapi_extra=json_body(NewVote)
    )
    async def vote(request: Request) -> Done:
        """Keeps what the person thinks of an answer, in place of what they thought before."""
        session = current(request)
        given = parse(NewVote, await request.body())
        conversation = await conversation_of(session.sender)
        note(request.scope, conversation=conversation.id)
        if not await conversations.write(
            lambda connection: keep_vote(
                connection,
                conversation.id,
                given.seq,
                given.value,
                utcnow(),
                reason=given.reason,
                comment=given.comment,
            )
        ):
            raise ApiError(404, "no_answer", "Dit antwoord staat niet in je gesprek.")
        return Done()

    @routes.post("/simple", response_model=Done, responses=documented(401, 403, 422), openapi_extra=json_body(Simple))
    async def simple(request: Request) -> Done:
        """Keeps whether the person wants simple words, always."""
        session = current(request)
        given = parse(Simple, await request.body())
        conversation = await conversation_of(session.sender)
        note(request.scope, conversation=conversation.id)
        await conversations.write(lambda connection: set_simple(connection, conversation.id, given.on))
        return Done()

    @routes.post("/typing", status_code=202, response_model=Done, responses=documented(401, 403))
    async def typing(request: Request) -> Done:
        """Lets a counsellor who has the floor see that the person is typing, for some seconds. Kept nowhere."""
        conversation = await conversations.find(CHANNEL, current(request).sender)
        if conversation is not None and conversation.floor is Floor.COUNSELLOR:
            conversations.signs.types(conversation.id, Author.CITIZEN)
        return Done()

    @routes.post(
        "/read",
        status_code=202,
        response_model=Done,
        responses=documented(401, 403, 422),
        openapi_extra=json_body(HasRead),
    )
    async def has_read(request: Request) -> Done:
        """Lets a counsellor who has the floor see that the person read what they wrote."""
        session = current(request)
        given = parse(HasRead, await request.body())
        conversation = await conversations.find(CHANNEL, session.sender)
        if conversation is not None and conversation.floor is Floor.COUNSELLOR:
            await conversations.read_up_to(conversation.id, given.seq)
        return Done()

    @routes.post("/erase", response_model=Erased, responses=documented(401, 403))
    async def erase(request: Request) -> Erased:
        """Erases the conversation everywhere, for good, and says how much that was."""
        session = current(request)
        conversation = await conversations.find(CHANNEL, session.sender)
        if conversation is None:
            return Erased(total=0, erased={})
        note(request.scope, conversation=conversation.id)
        try:
            erased = await conversations.erase(conversation.id)
        except UnknownConversation:  # erased by another tab meanwhile
            erased = {}
        return Erased(total=sum(erased.values()), erased=erased)

    @routes.get(
        "/events",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}, **documented(401, 403, 422)},
    )
    async def read(
        request: Request, last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None
    ) -> Response:
        """The conversation as server-sent events, beyond `Last-Event-ID`, and then every new line."""
        session = current(request)
        after = _position(last_event_id)
        conversation = await conversation_of(session.sender)
        note(request.scope, conversation=conversation.id)
        return stream(events(conversations, session.sender, conversation.id, after))

    return routes


def _position(last_event_id: str | None) -> int:
    if not last_event_id:
        return 0
    if not re.fullmatch(r"[0-9]{1,10}", last_event_id) or int(last_event_id) > _MAX_SEQ:
        raise ApiError(422, "invalid_field", "'Last-Event-ID' moet het nummer van een regel zijn.")
    return int(last_event_id)
