"""Tells Telegram where we are and what our menu holds, and asks how that stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from telegram import Bot, BotCommand
from telegram.constants import SUPPORTED_WEBHOOK_PORTS

from bot.settings import Settings
from channels.commands import MENU
from channels.telegram.incoming import UPDATES
from channels.telegram.webhook import PATH

DESCRIPTION: Final = (
    "Ik ben Leerwijzer, een digitale assistent. Ik ben geen mens. Ik help je met vragen over leren als volwassene: "
    "cursussen, prijzen, steun. Is dat niet genoeg? Dan breng ik je bij een mens."
)
"""What somebody sees before they write (at most 512 characters)."""
SHORT_DESCRIPTION: Final = "Digitale assistent over leren als volwassene in Vlaanderen en Brussel."
"""What stands on the bot's profile (at most 120 characters)."""


class NotPossible(Exception):
    """The settings do not allow it; the text says in Dutch what to change."""


@dataclass(frozen=True, slots=True)
class Info:
    """How the bot stands with Telegram."""

    name: str
    username: str
    reads_groups: bool
    """Whether group privacy is off: then it would get every word of every group it is in."""
    webhook: str
    """The address Telegram posts to; empty when there is none."""
    expected: str
    """The address it should post to; empty when we poll."""
    waiting: int
    """Updates that Telegram still has to deliver."""
    last_error: str
    last_error_at: datetime | None
    commands: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether messages reach us, as far as Telegram knows."""
        return self.webhook == self.expected


def webhook_url(settings: Settings) -> str:
    """The address to which Telegram must post. Raises `NotPossible` when the public one will not do."""
    parts = urlsplit(settings.public_url)
    if parts.scheme != "https":
        raise NotPossible("Telegram vraagt https. Zet LEERWIJZER_PUBLIC_URL op je openbare https-adres.")
    if (parts.port or 443) not in SUPPORTED_WEBHOOK_PORTS:
        ports = ", ".join(str(int(port)) for port in sorted(SUPPORTED_WEBHOOK_PORTS))
        raise NotPossible(f"Telegram post enkel naar poort {ports}. Pas LEERWIJZER_PUBLIC_URL aan.")
    return settings.public_url + PATH


async def set_up(bot: Bot, settings: Settings) -> str:
    """Sets the webhook (or takes it away, when we poll), the menu and the descriptions. Gives the address."""
    url = ""
    if settings.telegram_polling:
        await bot.delete_webhook(drop_pending_updates=False)
    else:
        url = webhook_url(settings)
        await bot.set_webhook(
            url, allowed_updates=list(UPDATES), secret_token=settings.telegram_secret.get_secret_value()
        )
    await bot.set_my_commands([BotCommand(command.name, command.description) for command in MENU])
    await bot.set_my_description(DESCRIPTION)
    await bot.set_my_short_description(SHORT_DESCRIPTION)
    return url


async def info(bot: Bot, settings: Settings) -> Info:
    """How things stand."""
    me = await bot.get_me()
    webhook = await bot.get_webhook_info()
    commands = await bot.get_my_commands()
    return Info(
        name=me.full_name,
        username=me.username or "",
        reads_groups=bool(me.can_read_all_group_messages),
        webhook=webhook.url,
        expected="" if settings.telegram_polling else settings.public_url + PATH,
        waiting=webhook.pending_update_count,
        last_error=webhook.last_error_message or "",
        last_error_at=webhook.last_error_date,
        commands=tuple(command.command for command in commands),
    )
