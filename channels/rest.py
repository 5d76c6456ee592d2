"""Rasa's REST channel, for other servers: `POST /webhooks/rest/webhook`, with opaque button payloads."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.conversation.message import InboundMessage, Reply
from bot.conversation.service import Conversations, is_button_id
from bot.settings import Settings
from channels.errors import ApiError, documented, json_body, parse
from channels.here import is_local
from channels.middleware import note

CHANNEL: Final = "rest"
_ENTRY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_BROWSER: Final = ("origin", "sec-fetch-site")
_GRACE: Final = 5.0
"""Seconds beyond the assistant's own time, for a turn that waits its turn."""


class RestMessage(BaseModel):
    """One message of a person. Other fields, which Rasa takes too, are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")

    sender: str = Field(min_length=1, max_length=255, description="Your stable id of the person's conversation.")
    message: str = Field(description="A text, or the payload of a button of this conversation.")
    message_id: str | None = Field(
        default=None, min_length=1, max_length=255, description="The same id twice is one message, with one answer."
    )
    metadata: dict[str, Any] | None = Field(
        default=None,
        description="What you know of the person. Only `entry` is used: the way in, 1 to 64 of `A-Za-z0-9_-`.",
    )

    @field_validator("sender", "message_id")
    @classmethod
    def _printable(cls, value: str | None) -> str | None:
        if value is not None and _CONTROL.search(value):
            raise ValueError("'sender' en 'message_id' mogen geen stuurtekens bevatten.")
        return value

    @field_validator("metadata")
    @classmethod
    def _entry_has_the_form(cls, metadata: dict[str, Any] | None) -> dict[str, Any] | None:
        entry = (metadata or {}).get("entry")
        if entry is not None and not (isinstance(entry, str) and _ENTRY.fullmatch(entry)):
            raise ValueError("'metadata.entry' mag enkel letters, cijfers, - en _ bevatten, hoogstens 64.")
        return metadata


class RestButton(BaseModel):
    """A choice; send `payload` back as `message`."""

    title: str
    payload: str


class RestReply(BaseModel):
    """One message back. Keys without content are absent."""

    recipient_id: str
    text: str | None = None
    buttons: list[RestButton] | None = None
    custom: dict[str, Any] | None = Field(default=None, description='`{"cards": […], "sources": […]}`')


class Alive(BaseModel):
    """What Rasa answers when its channel is there."""

    status: str


def reply_as_rasa(sender: str, reply: Reply) -> RestReply:
    """A reply in the shape of Rasa's REST channel."""
    content = reply.model_dump(mode="json")
    custom = {key: content[key] for key in ("cards", "sources") if content[key]}
    return RestReply(
        recipient_id=sender,
        text=reply.text or None,
        buttons=[RestButton(title=button.title, payload=button.payload) for button in reply.buttons] or None,
        custom=custom or None,
    )


def authorise(request: Request, token: str, public_url: str) -> None:
    """Lets a request through or raises `ApiError`: 401 with a token set, 403 without one and from elsewhere."""
    headers = request.headers
    if token:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), token.encode()):
            raise ApiError(
                401,
                "unauthorised",
                "Stuur het juiste token mee: 'Authorization: Bearer …'.",
                {"WWW-Authenticate": "Bearer"},
            )
        return
    # A page in a browser on this machine could reach us too, on behalf of any site: it names itself by these headers.
    browser = any(name in headers for name in _BROWSER)
    if browser or not is_local(request, public_url):
        raise ApiError(
            403,
            "local_only",
            "Zonder LEERWIJZER_REST_TOKEN antwoordt dit adres enkel op localhost, en niet als er een openbaar adres is.",
        )


def router(conversations: Conversations, settings: Settings) -> APIRouter:
    """The routes under /webhooks/rest/."""
    routes = APIRouter(prefix="/webhooks/rest", tags=["rest"])
    token = settings.rest_token.get_secret_value()
    timeout = settings.reply_timeout + _GRACE

    @routes.get("/")
    async def alive() -> Alive:
        """Tells that the channel is there, as Rasa does."""
        return Alive(status="ok")

    @routes.post(
        "/webhook",
        response_model=list[RestReply],
        response_model_exclude_none=True,
        responses=documented(400, 401, 403, 413, 422, 503, 504),
        openapi_extra=json_body(RestMessage),
    )
    async def webhook(
        request: Request, stream: Annotated[str, Query(description="Not supported.", max_length=20)] = ""
    ) -> list[RestReply]:
        """The answer to one message, as Rasa's REST channel gives it."""
        authorise(request, token, settings.public_url)
        if stream.lower() not in ("", "false", "0"):
            raise ApiError(400, "stream", "'stream' wordt niet ondersteund: het antwoord komt in een keer.")
        given = parse(RestMessage, await request.body())
        button = given.message if is_button_id(given.message) else None
        accepted = await conversations.accept(
            InboundMessage(
                channel=CHANNEL,
                sender=given.sender,
                message_id=given.message_id or uuid.uuid4().hex,
                text="" if button else given.message,
                button=button,
                entry=(given.metadata or {}).get("entry"),
            )
        )
        note(request.scope, conversation=accepted.conversation_id, inbox=accepted.inbox_id)
        try:
            replies = await conversations.replies_to(accepted, timeout)
        except TimeoutError:
            message = (
                "Het antwoord laat op zich wachten. Je bericht is bewaard: vraag het op met dezelfde 'message_id'."
            )
            raise ApiError(504, "timeout", message) from None
        return [reply_as_rasa(given.sender, reply) for reply in replies]

    return routes
