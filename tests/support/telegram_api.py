"""A Bot API server as the real one behaves: it checks tokens and limits, and keeps what was sent to whom."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any

from aiohttp import web
from support.fake_provider import FakeProvider, Trouble

TOKEN = "1234567:AAF-kanarie_van_een_token"
ME = {"id": 1234567, "is_bot": True, "first_name": "Leerwijzer", "username": "leerwijzer_bot"}


class TelegramApi(FakeProvider):
    """`POST /bot<token>/<method>`, and what a test wants to know of it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        """The messages that were taken, as `sendMessage` got them, in order."""
        self.answered: list[str] = []
        """Ids of the callback queries that were answered."""
        self.typing: list[int] = []
        """Chats in which we typed."""
        self.calls: list[str] = []
        self.webhook: dict[str, Any] = {"url": ""}
        self.commands: list[dict[str, str]] = []
        self.descriptions: dict[str, str] = {}
        self.updates: list[dict[str, Any]] = []
        """What `getUpdates` gives; confirmed ones are taken out."""
        self._numbers = itertools.count(1)

    def routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/bot{token}/{method}", self._call)

    def texts(self, chat: int) -> list[str]:
        """What was written in a chat."""
        return [message["text"] for message in list(self.sent) if message["chat_id"] == chat]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        self.calls.append(method)
        if request.match_info["token"] != TOKEN:
            return _no(401, "Unauthorized")
        given = {name: _value(name, value) for name, value in (await request.post()).items()}
        if method == "sendmessage":
            return await self._send(request, given)
        return web.json_response({"ok": True, "result": await self._answer(method, given)})

    async def _answer(self, method: str, given: dict[str, Any]) -> Any:
        match method:
            case "getme":
                return ME
            case "sendchataction":
                self.typing.append(given["chat_id"])
            case "answercallbackquery":
                self.answered.append(given["callback_query_id"])
            case "setwebhook":
                self.webhook = given
            case "deletewebhook":
                self.webhook = {"url": ""}
            case "getwebhookinfo":
                url = self.webhook["url"]
                return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self.updates)}
            case "setmycommands":
                self.commands = given["commands"]
            case "getmycommands":
                return self.commands
            case "setmydescription" | "setmyshortdescription":
                self.descriptions |= given
            case "getupdates":
                return await self._updates(given)
            case _:
                raise web.HTTPNotFound
        return True

    async def _updates(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        offset = given.get("offset") or 0
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        until = time.monotonic() + min(given.get("timeout", 0), 0.3)
        while not self.updates and time.monotonic() < until:  # noqa: ASYNC110 (the test adds them from another thread)
            await asyncio.sleep(0.02)
        return self.updates[:100]

    async def _send(self, request: web.Request, given: dict[str, Any]) -> web.StreamResponse:
        trouble = self.next_trouble()
        match trouble:
            case Trouble.DROP:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case Trouble.SLOW:
                await asyncio.sleep(self.slow)
            case Trouble.FLOOD:
                return _no(429, "Too Many Requests", {"retry_after": self.again_in})
            case Trouble.FORBIDDEN:
                return _no(403, "Forbidden: bot was blocked by the user")
            case Trouble.UNKNOWN:
                return _no(400, "Bad Request: chat not found")
            case Trouble.REFUSED:
                return _no(400, "Bad Request: something else")
            case Trouble.UNAUTHORISED:
                return _no(401, "Unauthorized")
            case Trouble.NO_FORMAT if given.get("entities"):
                return _no(400, "Bad Request: can't parse entities")
            case Trouble.ERROR | Trouble.UNAVAILABLE:
                return _no(int(trouble), "Internal Server Error")
        wrong = refusal_of(given)
        if wrong:
            return _no(400, f"Bad Request: {wrong}")
        number = next(self._numbers)
        self.sent.append(given | {"message_id": number})
        self.note(str(given["chat_id"]), given["text"], trouble)
        if trouble is Trouble.HALF:
            return await self.half_an_answer(request)
        chat = {"id": given["chat_id"], "type": "private"}
        message = {"message_id": number, "date": int(time.time()), "chat": chat, "text": given["text"]}
        return web.json_response({"ok": True, "result": message})


def _value(name: str, value: Any) -> Any:
    """Of a form field: what is no text goes as JSON."""
    return value if name in ("text", "callback_query_id", "url", "secret_token") else _json(value)


def _json(value: Any) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _no(status: int, description: str, parameters: dict[str, int] | None = None) -> web.Response:
    body = {"ok": False, "error_code": status, "description": description}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=status)


def refusal_of(message: dict[str, Any]) -> str:
    """What the Bot API would refuse of a message; empty when it would take it."""
    text = str(message["text"])
    length = len(text.encode("utf-16-le")) // 2
    if not text.strip():
        return "message text is empty"
    if length > 4096:
        return "message is too long"
    if len(message.get("entities") or ()) > 100:
        return "too many entities"
    for entity in message.get("entities") or ():
        if entity["offset"] < 0 or entity["length"] < 1 or entity["offset"] + entity["length"] > length:
            return "entity beyond the text"
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        return "too many buttons"
    for button in (button for row in rows for button in row):
        if not button["text"].strip():
            return "button without a label"
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            return "BUTTON_DATA_INVALID"
    return ""
