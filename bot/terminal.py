"""What every command of `leerwijzer` shares: where it prints, the files it is given, the settings, a progress bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.settings import PREFIX, Settings, get_settings
from bot.trouble import Trouble

console = Console()
errors = Console(stderr=True)
STARTED_IN = Path.cwd()
"""Where the command was given: the command goes to the root of the project, files of the user are relative to here."""


def refuse(what: str, advice: str = "", code: int = 2) -> typer.Exit:
    """Says what is wrong and what to do; raise what it gives, which ends the program."""
    errors.print(f"[red]{escape(what)}[/red]", soft_wrap=True)
    if advice:
        errors.print(escape(advice), soft_wrap=True)
    return typer.Exit(code)


def guarded(command: Callable[[], object]) -> None:
    """Runs a command. What is wrong around the program is said in words, and ends it with 2; a fault of its own is raised."""
    try:
        command()
    except Exception as error:
        said = in_words(error)
        if said is None:
            raise
        refuse(*said)
        sys.exit(2)


def in_words(error: Exception) -> tuple[str, str] | None:
    """What is wrong around the program and what to do about it; None for a fault of the program itself."""
    if isinstance(error, Trouble):
        return str(error), error.advice
    if isinstance(error, sa.exc.ArgumentError | sa.exc.NoSuchModuleError):
        return (
            "LEERWIJZER_DATABASE_URL is geen adres van een databank.",
            "Gebruik postgresql://gebruiker:wachtwoord@host/naam, of laat het leeg voor SQLite.",
        )
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        reason = str(error.orig).strip().partition("\n")[0]  # of the driver; what follows may quote the statement
        return (
            f"De databank is niet bereikbaar: {reason}",
            "Kijk of ze draait, en of LEERWIJZER_DATABASE_URL en LEERWIJZER_VAR_DIR juist zijn.",
        )
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}.", "Kijk of die map bestaat en of je er mag lezen en schrijven."
    return None


def given_file(path: Path) -> Path:
    """A file that the user named. Ends the program when it is not there."""
    file = STARTED_IN / path
    if not file.is_file():
        raise refuse(f"{path}: dat bestand is er niet.")
    return file


def given_output(path: Path | None) -> Path | None:
    """A file that the user wants written. Ends the program when it cannot be, before any work is done."""
    if path is None:
        return None
    file = STARTED_IN / path
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise refuse(f"{path}: daar kan ik niet schrijven.")
    return file


def settings_or_exit() -> Settings:
    """The settings; a wrong one ends the program with its name."""
    try:
        settings = get_settings()
    except ValidationError as error:
        for fault in error.errors():
            if fault["loc"]:
                errors.print(f"[red]Instelling {_name(fault['loc'][0])}:[/red] {escape(fault['msg'])}", soft_wrap=True)
            else:  # of several together, which it names
                errors.print(f"[red]{escape(fault['msg'])}[/red]", soft_wrap=True)
        raise _look_in_env() from error
    except SettingsError as error:  # names the field, and no value
        errors.print(f"[red]Een instelling is geen geldige JSON:[/red] {escape(str(error))}", soft_wrap=True)
        raise _look_in_env() from error
    for name in sorted(unknown_settings()):
        errors.print(f"[yellow]{name} is geen instelling, en doet niets.[/yellow] .env.example toont ze allemaal.")
    return settings


def unknown_settings() -> set[str]:
    """Variables of the environment that look like a setting and are none. (In .env they are refused.)"""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return {name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known}


def _name(part: int | str) -> str:
    """The setting as it is written: what is unknown in .env is named with its prefix, what is wrong without."""
    name = str(part).upper()
    return name if name.startswith(PREFIX) else PREFIX + name


def _look_in_env() -> typer.Exit:
    errors.print("Kijk in .env en in de omgeving. .env.example legt elke instelling uit.")
    return typer.Exit(2)


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A progress bar in the terminal; plain lines elsewhere."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
    ) as bar:
        yield bar
