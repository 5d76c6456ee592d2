"""The client of the Cloud API, over httpx, and what its errors mean for delivery.

Not pywa: version 4.5.0 takes a business-scoped id with letters for a group, reads only the first message of a body, and
without an app secret warns and takes whatever comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from bot.conversation import undelivered
from bot.conversation.service import (
    Conversation,
    OutsideWindow,
    Pace,
    ProviderDown,
    RetryLater,
    Said,
    Sender,
    SettingsRefused,
    Undeliverable,
)
from bot.settings import Settings
from channels.whatsapp import limits
from channels.whatsapp.incoming import OUTSIDE_WINDOW, error_of
from channels.whatsapp.outgoing import Payload, messages, template

_SECONDS: Final = 15.0
_HOLD_BACK: Final = 60.0
"""Seconds for which nothing is sent when Meta says that we send too much altogether."""

# https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes (November 2026)
_OURS: Final = frozenset({0, 3, 10, 190, 368, 131005, 131031, 131042, 131045, 133010, *range(200, 300)})
"""Access, account, payment, registration: for an operator."""
_TOO_MUCH: Final = frozenset({4, 80007, 130429, 131048, 133016})
_PASSING: Final = frozenset({1, 2, 131000, 131016, 131057, 135000})
"""Unknown, unavailable, in maintenance."""
_PAIR: Final = 131056


class WhatsAppError(Exception):
    """Meta refused. `code` is its own; its words may quote what somebody wrote, so they are not kept."""

    def __init__(self, status: int, code: int | None) -> None:
        super().__init__(f"HTTP {status}, code {code}")
        self.status = status
        self.code = code


class CloudApi:
    """The calls we make for one number."""

    def __init__(self, settings: Settings) -> None:
        self._path = f"/{settings.whatsapp_phone_number_id}"
        token = settings.whatsapp_access_token.get_secret_value()
        self._http = httpx.AsyncClient(
            base_url=settings.whatsapp_api_url, headers={"Authorization": f"Bearer {token}"}, timeout=_SECONDS
        )

    async def send(self, sender: str, payload: Payload) -> str | None:
        """Sends a message to a person and gives its id. Raises `WhatsAppError`, `httpx.HTTPError`, ValueError."""
        to = {"recipient": sender} if limits.USER_ID.fullmatch(sender) else {"to": sender}
        answer = await self._post({"recipient_type": "individual", **to, **payload})
        return str(answer["messages"][0]["id"])

    async def read_and_type(self, message_id: str) -> None:
        """Marks a message as read, and shows until the answer, or for 25 seconds, that we type."""
        await self._post({"status": "read", "message_id": message_id, "typing_indicator": {"type": "text"}})

    async def number(self) -> dict[str, Any]:
        """How the number stands with Meta."""
        fields = "display_phone_number,verified_name,quality_rating,name_status,messaging_limit_tier,throughput"
        return self._answer(await self._http.get(self._path, params={"fields": fields}))

    async def close(self) -> None:
        """Lets go of the connections."""
        await self._http.aclose()

    async def _post(self, body: Payload) -> dict[str, Any]:
        response = await self._http.post(f"{self._path}/messages", json={"messaging_product": "whatsapp", **body})
        return self._answer(response)

    @staticmethod
    def _answer(response: httpx.Response) -> dict[str, Any]:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if response.is_success and isinstance(answer, dict):
            return answer
        error = answer.get("error") if isinstance(answer, dict) else None
        code = error.get("code") if isinstance(error, dict) else None
        raise WhatsAppError(response.status_code, code if isinstance(code, int) else None)


class WhatsAppSender(Sender):
    """Brings replies to people on WhatsApp."""

    pace = Pace(per_second=limits.PER_SECOND, every=limits.PAIR_SECONDS, burst=limits.PAIR_BURST)

    def __init__(self, api: CloudApi, template_name: str, template_language: str) -> None:
        self._api = api
        self._template = template(template_name, template_language) if template_name else None

    def render(self, said: Sequence[Said]) -> Sequence[Payload]:
        """As `Sender.render`."""
        return messages(said)

    async def send(self, conversation: Conversation, part: Any) -> str | None:
        """As `Sender.send`."""
        last = conversation.last_inbound_at
        if last is None or (datetime.now(UTC) - last).total_seconds() >= limits.WINDOW:
            raise OutsideWindow
        return await self._send(conversation.sender, part)

    async def invite(self, conversation: Conversation) -> None:
        """As `Sender.invite`."""
        if self._template is None:
            raise Undeliverable(undelivered.OUTSIDE_WINDOW)
        await self._send(conversation.sender, self._template)

    async def _send(self, sender: str, payload: Payload) -> str | None:
        try:
            return await self._api.send(sender, payload)
        except WhatsAppError as error:
            raise _meaning(error) from error
        except (httpx.TransportError, KeyError, IndexError, TypeError) as error:
            # Not reached, too late, or an answer that is none: it may have been taken.
            raise ProviderDown from error


def _meaning(error: WhatsAppError) -> Exception:
    code, status = error.code, error.status
    if code == OUTSIDE_WINDOW:
        return OutsideWindow()
    if code == _PAIR:
        return RetryLater(limits.PAIR_AGAIN)
    if code in _TOO_MUCH or status == 429:
        return ProviderDown(_HOLD_BACK)
    if code in _PASSING or status >= 500 or status < 400:
        return ProviderDown()
    if code in _OURS or status in (401, 403):
        return SettingsRefused()
    reason = error_of(code) if code is not None else f"{undelivered.REFUSED}:{status}"
    return Undeliverable(reason, unreachable=reason.startswith(undelivered.UNKNOWN_PERSON))
