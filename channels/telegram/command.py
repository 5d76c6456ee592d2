"""The command `leerwijzer telegram`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from bot.logs import configure_logs
from bot.settings import Settings
from bot.terminal import console, errors, settings_or_exit

if TYPE_CHECKING:
    from telegram import Bot

app = typer.Typer(help="Zet Telegram klaar en toont hoe het ermee staat.", no_args_is_help=True)

T = TypeVar("T")


def _ask(work: Callable[[Bot, Settings], Awaitable[T]]) -> tuple[T, Settings]:
    """What `work` gives with the bot of the settings. Ends the program, saying why, when it cannot be done."""
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    if not settings.telegram_token.get_secret_value():
        errors.print(
            "[red]Telegram staat uit: LEERWIJZER_TELEGRAM_TOKEN is leeg.[/red] docs/kanalen.md zegt hoe het moet."
        )
        raise typer.Exit(2)
    from telegram.error import InvalidToken, TelegramError

    from channels.telegram.client import make_bot
    from channels.telegram.setup import NotPossible

    async def asked() -> T:
        bot = make_bot(settings)
        try:
            return await work(bot, settings)
        finally:
            await bot.request.shutdown()

    try:
        return asyncio.run(asked()), settings
    except NotPossible as error:
        errors.print(f"[red]{error}[/red]")
    except InvalidToken:
        errors.print("[red]Telegram kent dit token niet.[/red] Kijk LEERWIJZER_TELEGRAM_TOKEN na bij @BotFather.")
    except TelegramError as error:
        errors.print(f"[red]Telegram antwoordt niet zoals het moet:[/red] {error.message}")
    raise typer.Exit(1)


@app.command("set-webhook")
def set_webhook() -> None:
    """Zegt Telegram waar het berichten moet brengen, en zet het menu in het Nederlands."""
    from channels.telegram.setup import set_up

    url, _ = _ask(set_up)
    console.print(f"Telegram post nu naar {url}." if url else "De webhook is weg: Leerwijzer haalt berichten zelf op.")
    console.print("Het menu en de beschrijving van de bot staan in het Nederlands.")


@app.command()
def info() -> None:
    """Toont de bot, zijn webhook en wat er nog wacht. Eindigt met 1 als berichten ons niet bereiken."""
    from channels.telegram.setup import info as ask_info

    found, settings = _ask(ask_info)
    console.print(f"[bold]{found.name}[/bold] (https://t.me/{found.username})")
    if settings.telegram_polling:
        console.print("Leerwijzer haalt berichten zelf op (LEERWIJZER_TELEGRAM_POLLING=true).")
    console.print(f"Webhook: {found.webhook or 'geen'}")
    if not found.good:
        errors.print(f"[red]Verwacht: {found.expected or 'geen'}.[/red] Doe `leerwijzer telegram set-webhook`.")
    console.print(f"Wachtende berichten: {found.waiting}")
    if found.last_error_at is not None:
        console.print(f"[yellow]Laatste fout ({found.last_error_at:%d/%m/%Y %H:%M} UTC):[/yellow] {found.last_error}")
    console.print(f"Menu: {' '.join('/' + name for name in found.commands) or 'leeg'}")
    if found.reads_groups:
        console.print("[yellow]De bot leest alles in groepen mee. Zet 'Group Privacy' aan bij @BotFather.[/yellow]")
    raise typer.Exit(0 if found.good else 1)
