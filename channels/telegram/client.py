"""The client of the Bot API: python-telegram-bot, and what its errors mean for delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from telegram import Bot, LinkPreviewOptions
from telegram.constants import ChatAction, FloodLimit
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.conversation import undelivered
from bot.conversation.service import (
    Conversation,
    Pace,
    ProviderDown,
    RetryLater,
    Said,
    Sender,
    SettingsRefused,
    Undeliverable,
)
from bot.settings import Settings
from channels.telegram.outgoing import Message, messages

_CONNECTIONS: Final = 32
_SECONDS: Final = 15.0
"""For one call; Telegram answers within one."""
_BURST: Final = 3
"""Messages that may go to one chat at once: Telegram allows short bursts over its pace, without a number."""
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)


def make_bot(settings: Settings) -> Bot:
    """The bot of the settings. It asks Telegram nothing until it is used."""
    request = HTTPXRequest(
        connection_pool_size=_CONNECTIONS,
        read_timeout=_SECONDS,
        write_timeout=_SECONDS,
        connect_timeout=_SECONDS,
        pool_timeout=_SECONDS,
    )
    return Bot(settings.telegram_token.get_secret_value(), f"{settings.telegram_api_url}/bot", request=request)


class TelegramSender(Sender):
    """Brings replies to private chats."""

    pace = Pace(
        per_second=float(FloodLimit.MESSAGES_PER_SECOND),
        every=1.0 / FloodLimit.MESSAGES_PER_SECOND_PER_CHAT,
        burst=_BURST,
    )

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def render(self, said: Sequence[Said]) -> Sequence[Message]:
        """As `Sender.render`."""
        return messages(said)

    async def send(self, conversation: Conversation, part: Any) -> str | None:
        """As `Sender.send`."""
        assert isinstance(part, Message)
        chat = int(conversation.sender)
        try:
            try:
                sent = await self._send(chat, part)
            except BadRequest:
                if not part.entities:
                    raise
                # Formatting is the only thing of ours that can be wrong in a text within the limits.
                sent = await self._send(chat, Message(part.text, (), part.keyboard))
        except TelegramError as error:
            raise _meaning(error) from error
        return f"{chat}:{sent}"

    async def _send(self, chat: int, message: Message) -> int:
        sent = await self._bot.send_message(
            chat,
            message.text,
            entities=message.entities or None,
            reply_markup=message.keyboard,
            link_preview_options=_NO_PREVIEW,
        )
        return sent.message_id

    async def type_in(self, sender: str) -> None:
        """Shows for some seconds, or until the answer comes, that we type."""
        await self._bot.send_chat_action(int(sender), ChatAction.TYPING)


def _meaning(error: TelegramError) -> Exception:
    match error:
        case RetryAfter():
            after = error.retry_after
            return RetryLater(after.total_seconds() if isinstance(after, timedelta) else float(after))
        case Forbidden():
            return Undeliverable(undelivered.BLOCKED, unreachable=True)
        case InvalidToken():
            return SettingsRefused()
        case ChatMigrated():
            return Undeliverable(undelivered.UNKNOWN_PERSON, unreachable=True)
        case BadRequest():
            unknown = "chat not found" in error.message.lower()
            return Undeliverable(undelivered.UNKNOWN_PERSON if unknown else undelivered.REFUSED, unreachable=unknown)
        case _:  # not reached, too late, 5xx, an answer that broke off
            return ProviderDown()
