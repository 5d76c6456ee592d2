"""The command `leerwijzer`."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import sys
from typing import Annotated

import typer
from rich.table import Table

from bot.catalogue.commands import app as catalogue
from bot.counsellors.commands import app as desk
from bot.evaluate import app as evaluate
from bot.knowledge.commands import check
from bot.logs import configure_logs
from bot.ready import ensure_usable, prepare_database, train_if_needed
from bot.settings import ROOT
from bot.terminal import console, errors, guarded, settings_or_exit

app = typer.Typer(
    help="Leerwijzer: de assistent die volwassenen eerst informeert over leren.",
    no_args_is_help=True,
    add_completion=False,
)
app.add_typer(evaluate, name="evaluate")
keys = typer.Typer(help="Sleutels waarmee bewaarde gesprekken versleuteld zijn.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(catalogue, name="catalogue")
app.add_typer(desk, name="desk")
CHANNELS = ("telegram", "whatsapp")
"""Channels with commands of their own, in `channels.NAME.command`."""
app.command("check")(check)


@app.command()
def run(
    host: Annotated[str | None, typer.Option(help="Adres om op te luisteren.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Poort om op te luisteren.")] = None,
) -> None:
    """Maakt alles klaar en start de assistent."""
    settings = settings_or_exit()
    configure_logs(settings.log_level, settings.log_format)
    from bot.listening import listen_at

    host, port = host or settings.host, port or settings.port
    listening = listen_at(host, port)
    ensure_usable(settings)
    if not settings.rasa_urls:
        train_if_needed(settings)
    prepare_database(settings)
    import uvicorn

    where = f"{host}:{port}"
    console.print(
        f"Leerwijzer start op [bold]http://{where.replace('127.0.0.1', 'localhost')}[/bold] (stoppen met Ctrl+C)"
    )
    if settings.demo:
        from bot.counsellors.demo import load_demo

        console.print("[bold]Demo[/bold]: praat op de webpagina, en meld je aan op /desk met een van deze:")
        for line in load_demo(settings.data_dir / "referral").sign_in_details():
            console.print(f"  {line}")
    server = uvicorn.Server(
        uvicorn.Config(
            "channels.server:application",
            factory=True,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            ws="none",  # no web sockets here, and uvicorn knows only newer ones than Rasa's
            lifespan="on",
            timeout_graceful_shutdown=5,
            server_header=False,
        )
    )
    with contextlib.suppress(KeyboardInterrupt):  # raised again once it has ended well
        server.run(sockets=[listening])
    if not server.started:
        raise typer.Exit(3)


@app.command()
def train(
    force: Annotated[bool, typer.Option("--force", help="Ook als er niets veranderde.")] = False,
) -> None:
    """Traint het model als de gegevens veranderden."""
    settings = settings_or_exit()
    configure_logs("warning", settings.log_format)
    if train_if_needed(settings, force):
        console.print("Het model is getraind.")
    else:
        console.print("Niets veranderd: het model is nog goed.")


@app.command()
def chat() -> None:
    """Praat met de assistent in de terminal. Knoppen zijn nummers; stoppen met Ctrl+D."""
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    ensure_usable(settings)
    if not settings.rasa_urls:
        train_if_needed(settings)
    prepare_database(settings)
    from bot.chat import talk

    asyncio.run(talk(settings, console))


@keys.command("new")
def keys_new() -> None:
    """Toont een nieuwe sleutel voor LEERWIJZER_ENCRYPTION_KEYS."""
    from bot.storage.cipher import new_key

    console.print(new_key())


@keys.command("rotate")
def keys_rotate() -> None:
    """Versleutelt alles opnieuw met de eerste sleutel. Mag terwijl de assistent draait, en mag onderbroken worden."""
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    from bot.storage.cipher import Cipher, WrongKey, keys_of
    from bot.storage.database import Database
    from bot.storage.rotation import rotate

    database = Database(settings.database)
    try:
        count = rotate(database, Cipher(keys_of(settings)), lambda column, rows: console.print(f"{column}: {rows}"))
    except WrongKey as error:
        errors.print("[red]Een waarde past bij geen enkele sleutel.[/red] Zet de oude sleutel er weer bij, achteraan.")
        raise typer.Exit(1) from error
    finally:
        database.close()
    console.print(f"{count} waarden opnieuw versleuteld. De oude sleutels mogen weg.")


@app.command()
def doctor() -> None:
    """Zegt wat geïnstalleerd, gebouwd, bereikbaar en ingesteld is. Eindigt met 1 als er iets ontbreekt."""
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    from bot.doctor import examine

    table = Table("", "wat", "toestand")
    findings = asyncio.run(examine(settings))
    for finding in findings:
        mark = {True: "[green]goed[/green]", False: "[red]mis[/red]", None: "[yellow]let op[/yellow]"}[finding.good]
        table.add_row(mark, finding.what, finding.state)
    console.print(table)
    raise typer.Exit(1 if any(finding.good is False for finding in findings) else 0)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def rasa(context: typer.Context) -> None:
    """Rasa's eigen opdracht: train, shell, test, run, run actions, data validate …"""
    settings = settings_or_exit()
    from bot.assistant import rasa_command

    raise typer.Exit(rasa_command.execute(list(context.args), settings))


def main() -> None:
    """Entry point. Works from any folder: paths in config.yml are relative to the root of the project."""
    os.chdir(ROOT)
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    importlib.invalidate_caches()
    for name in CHANNELS:  # by name, as uvicorn gets them: `bot` does not import `channels`
        app.add_typer(importlib.import_module(f"channels.{name}.command").app, name=name)
    guarded(app)


if __name__ == "__main__":
    main()
