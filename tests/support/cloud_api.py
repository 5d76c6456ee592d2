"""A Cloud API server as Meta's behaves: it checks tokens and limits, and keeps what was sent to whom."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from typing import Any

from aiohttp import web
from support.fake_provider import FakeProvider, Trouble

PHONE_NUMBER_ID = "1122334455667"
ACCESS_TOKEN = "EAA-kanarie-token"
APP_SECRET = "kanarie-app-geheim"
VERIFY_TOKEN = "kanarie-verify"
SETTINGS = {
    "whatsapp_phone_number_id": PHONE_NUMBER_ID,
    "whatsapp_access_token": ACCESS_TOKEN,
    "whatsapp_app_secret": APP_SECRET,
    "whatsapp_verify_token": VERIFY_TOKEN,
}
"""All that the channel needs, but for the address of this server."""
USER = "BE.Kanarie1dE"
NUMBER = "32470000000"
_CODES = {
    Trouble.FLOOD: (400, 131056),
    Trouble.UNAUTHORISED: (401, 190),
    Trouble.REFUSED: (400, 131009),
    Trouble.UNKNOWN: (400, 131026),
    Trouble.OUTSIDE: (400, 131047),
    Trouble.ERROR: (500, 131000),
    Trouble.UNAVAILABLE: (503, 131016),
    Trouble.FORBIDDEN: (403, 10),
}


class CloudApi(FakeProvider):
    """`POST /<phone number id>/messages`, and what a test wants to know of it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        """The messages that were taken, in order, each with its `id`."""
        self.read: list[str] = []
        """Ids of the messages that were marked as read while we typed."""
        self._numbers = itertools.count(1)

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/{number}/messages", self._post)
        app.router.add_get("/{number}", self._number)

    def bodies(self, user: str = USER) -> list[str]:
        """The text of each message to a person."""
        return [text_of(message) for message in list(self.sent) if message.get("recipient") == user]

    def _may(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization")
        return request.match_info["number"] == PHONE_NUMBER_ID and given == f"Bearer {ACCESS_TOKEN}"

    async def _number(self, request: web.Request) -> web.Response:
        if not self._may(request):
            return _no(401, 190)
        return web.json_response(
            {"display_phone_number": "+32 470 00 00 00", "verified_name": "Leerwijzer", "quality_rating": "GREEN"}
        )

    async def _post(self, request: web.Request) -> web.StreamResponse:
        if not self._may(request):
            return _no(401, 190)
        message = await request.json()
        if message.get("status") == "read":
            self.read.append(message["message_id"])
            return web.json_response({"success": True})
        trouble = self.next_trouble()
        if trouble is Trouble.DROP:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if trouble is Trouble.SLOW:
            await asyncio.sleep(self.slow)
        if trouble in _CODES:
            return _no(*_CODES[trouble])
        if refusal := refusal_of(message):
            return _no(400, 131009, refusal)
        wamid = f"wamid.{next(self._numbers)}"
        self.sent.append(message | {"id": wamid})
        self.note(str(message.get("recipient") or message.get("to")), text_of(message), trouble)
        if trouble is Trouble.HALF:
            return await self.half_an_answer(request)
        return web.json_response({"messaging_product": "whatsapp", "messages": [{"id": wamid}]})


def _no(status: int, code: int, words: str = "kanarie: wat iemand schreef") -> web.Response:
    return web.json_response({"error": {"message": words, "code": code}}, status=status)


def text_of(message: dict[str, Any]) -> str:
    """What there is to read in a message."""
    match message["type"]:
        case "text":
            return str(message["text"]["body"])
        case "interactive":
            return str(message["interactive"]["body"]["text"])
        case _:
            return f"({message['template']['name']})"


def options_of(message: dict[str, Any]) -> list[dict[str, str]]:
    """The buttons or rows of a message, in order."""
    action = message.get("interactive", {}).get("action", {})
    rows = [row for section in action.get("sections", ()) for row in section["rows"]]
    return [button["reply"] for button in action.get("buttons", ())] + rows


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def refusal_of(message: dict[str, Any]) -> str:
    """What Meta would refuse of a message; empty when it would take it."""
    if message["type"] == "template":
        return "" if message["template"]["name"] and message["template"]["language"]["code"] else "template"
    text = text_of(message)
    if not text.strip():
        return "empty body"
    if message["type"] == "text":
        return "body too long" if _length(text) > 4096 else ""
    interactive = message["interactive"]
    options = options_of(message)
    if not options or len({option["id"] for option in options}) != len(options):
        return "no options, or two with one id"
    if any(not option["title"].strip() for option in options):
        return "an option without a title"
    if interactive["type"] == "button":
        if len(options) > 3 or _length(text) > 1024:
            return "too many buttons or too long a body"
        if len({option["title"] for option in options}) != len(options):
            return "two buttons with one title"
        return "long button" if any(_length(o["title"]) > 20 or len(o["id"]) > 256 for o in options) else ""
    if len(options) > 10 or _length(text) > 4096 or _length(interactive["action"]["button"]) > 20:
        return "too many rows or too long a body"
    for option in options:
        if _length(option["title"]) > 24 or len(option["id"]) > 200 or _length(option.get("description", "")) > 72:
            return "long row"
    return ""


_wamids = itertools.count(1)


def body(
    messages: list[dict[str, Any]] | None = None, statuses: list[dict[str, Any]] | None = None, user: str = USER
) -> dict[str, Any]:
    """The body of a webhook as Meta posts it."""
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "32400000000", "phone_number_id": PHONE_NUMBER_ID},
    }
    if messages:
        value |= {"contacts": [{"profile": {"name": "An"}, "user_id": user}], "messages": messages}
    if statuses:
        value["statuses"] = statuses
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def message(
    kind: str = "text", user: str = USER, wamid: str = "", at: float | None = None, **more: Any
) -> dict[str, Any]:
    """One message in such a body, of a person whose number we are not told."""
    return {
        "from_user_id": user,
        "id": wamid or f"wamid.in{next(_wamids)}",
        "timestamp": str(int(time.time() if at is None else at)),
        "type": kind,
        **more,
    }


def text(words: str, user: str = USER, **more: Any) -> dict[str, Any]:
    """A text of a person."""
    return message("text", user, text={"body": words}, **more)


def status(wamid: str, state: str, code: int | None = None) -> dict[str, Any]:
    """Meta's word of a message of ours."""
    found: dict[str, Any] = {"id": wamid, "status": state, "timestamp": "1698266945", "recipient_user_id": USER}
    return found | ({"errors": [{"code": code, "title": "kanarie"}]} if code else {})


def signed(content: dict[str, Any] | bytes, secret: str = APP_SECRET) -> tuple[bytes, dict[str, str]]:
    """The bytes to post, and the header that proves they are Meta's."""
    raw = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return raw, {"X-Hub-Signature-256": f"sha256={digest}"}
