"""The command `leerwijzer whatsapp`."""

from __future__ import annotations

import asyncio
from typing import Any

import typer

from bot.logs import configure_logs
from bot.settings import Settings
from bot.terminal import console, errors, settings_or_exit

app = typer.Typer(help="Toont hoe het met WhatsApp staat.", no_args_is_help=True)


@app.callback()
def _several() -> None:
    """Keeps `info` a command of its own while it is the only one."""


async def _number(settings: Settings) -> dict[str, Any]:
    from channels.whatsapp.client import CloudApi

    api = CloudApi(settings)
    try:
        return await api.number()
    finally:
        await api.close()


@app.command()
def info() -> None:
    """Toont het nummer, zijn kwaliteit en het adres voor de webhook. Eindigt met 1 als Meta het niet geeft."""
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    if not settings.whatsapp_phone_number_id:
        errors.print(
            "[red]WhatsApp staat uit: LEERWIJZER_WHATSAPP_PHONE_NUMBER_ID is leeg.[/red] docs/kanalen.md zegt hoe het moet."
        )
        raise typer.Exit(2)
    import httpx

    from channels.whatsapp.client import WhatsAppError
    from channels.whatsapp.webhook import PATH

    try:
        found = asyncio.run(_number(settings))
    except WhatsAppError as error:
        errors.print(f"[red]Meta weigert (HTTP {error.status}, code {error.code}).[/red]")
        errors.print("Kijk LEERWIJZER_WHATSAPP_ACCESS_TOKEN en LEERWIJZER_WHATSAPP_PHONE_NUMBER_ID na.")
        raise typer.Exit(1) from None
    except httpx.HTTPError as error:
        errors.print(f"[red]Meta is niet bereikbaar ({type(error).__name__}).[/red]")
        raise typer.Exit(1) from None
    console.print(f"[bold]{found.get('verified_name', '?')}[/bold] ({found.get('display_phone_number', '?')})")
    for label, key in (("Kwaliteit", "quality_rating"), ("Naam", "name_status"), ("Bereik", "messaging_limit_tier")):
        if isinstance(found.get(key), str):
            console.print(f"{label}: {found[key]}")
    console.print(f"Webhook, in te vullen bij Meta: {settings.public_url}{PATH}")
    if not settings.public_url.startswith("https://"):
        errors.print("[red]Meta vraagt https.[/red] Zet LEERWIJZER_PUBLIC_URL op je openbare https-adres.")
        raise typer.Exit(1)
    template = settings.whatsapp_template or "geen: een antwoord na 24 uur stilte wordt opzij gelegd"
    console.print(f"Sjabloon na 24 uur stilte: {template}")
