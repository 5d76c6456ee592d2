"""The command `leerwijzer desk`: accounts of the counsellors' desk, and what they prepared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import sqlalchemy as sa
import typer
from pydantic import ValidationError
from rich.table import Table

from bot.counsellors import accounts, audit, examples, invitations, replies
from bot.counsellors.audit import Action
from bot.counsellors.demo import demo_organisations
from bot.counsellors.model import AccountError, Counsellor, Role
from bot.knowledge.datafile import read_entries
from bot.referral.organisations import OpeningHours, Organisation
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.terminal import console, errors, given_file, given_output, settings_or_exit
from bot.yaml_files import load_yaml

app = typer.Typer(help="Beheer de accounts van het begeleidersscherm.", no_args_is_help=True)

T = TypeVar("T")
Email = Annotated[str, typer.Argument(help="E-mailadres van het account.")]


@contextmanager
def _refusals_shown() -> Iterator[None]:
    try:
        yield
    except AccountError as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error


def _run(work: Callable[[sa.engine.Connection], T]) -> T:
    """The result of `work` in one transaction on the migrated database."""
    settings = settings_or_exit()
    migrate(settings.database)
    database = Database(settings.database, threads=1)
    try:
        with _refusals_shown(), database.begin() as connection:
            return work(connection)
    finally:
        database.close()


def _named(connection: sa.engine.Connection, email: str) -> Counsellor:
    found = accounts.by_email(connection, email)
    if found is None:
        raise AccountError(f"Er is geen account met het adres {email}.")
    return found


def _organisations(settings: Settings) -> dict[str, Organisation]:
    """The organisations that take referrals, by id."""
    found = read_entries(settings.data_dir / "referral" / "organisations.yml", "organisations", Organisation)
    return {one.id: one for one in (*found, *demo_organisations(settings)) if one.accepts_referral}


def _organisation(identifier: str) -> Organisation:
    check_organisation(identifier, Role.COUNSELLOR)
    return _organisations(settings_or_exit())[identifier]


def check_organisation(organisation: str | None, role: Role) -> None:
    """Raises `AccountError` for an organisation that takes no referrals; names those that do."""
    if role is Role.OPERATOR:
        return
    known = _organisations(settings_or_exit())
    if organisation not in known:
        raise AccountError(f"Kies een organisatie met --organisation: {', '.join(sorted(known))}.")


def _link(connection: sa.engine.Connection, counsellor: Counsellor) -> tuple[str, bool]:
    """The token of a fresh link, and whether it is mailed too."""
    settings = settings_or_exit()
    organisation = _organisations(settings).get(counsellor.organisation or "")
    token = invitations.make_link(connection, counsellor)
    return token, invitations.send(connection, counsellor, token, settings, organisation.name if organisation else "")


def _show_link(token: str, mailed: bool) -> None:
    console.print(f"{settings_or_exit().public_url}{invitations.PATH}{token}", soft_wrap=True)
    errors.print(f"Geef deze link aan die persoon alleen. Ze werkt één keer, {invitations.VALID.days} dagen lang.")
    if mailed:
        errors.print("Leerwijzer mailt ze ook naar die persoon, zodra het draait.")


@app.command()
def invite(
    email: Email,
    name: Annotated[str, typer.Option(prompt="Naam", help="Voornaam en naam; burgers zien de voornaam.")],
    organisation: Annotated[str | None, typer.Option(help="Id in data/referral/organisations.yml.")] = None,
    role: Annotated[Role, typer.Option(help="Wat iemand mag.")] = Role.COUNSELLOR,
) -> None:
    """Maakt een account en geeft een link waarmee die persoon een wachtwoord kiest."""
    with _refusals_shown():
        check_organisation(organisation, role)

    def work(connection: sa.engine.Connection) -> tuple[str, bool]:
        counsellor = accounts.add(connection, email, name, role, organisation)
        audit.record(connection, Action.INVITED, subject=counsellor.id, organisation=organisation)
        return _link(connection, counsellor)

    _show_link(*_run(work))


@app.command()
def reset(email: Email) -> None:
    """Neemt wachtwoord en tweede stap weg en geeft een nieuwe link, voor wie niet meer binnen kan."""

    def work(connection: sa.engine.Connection) -> tuple[str, bool]:
        counsellor = accounts.forget_credentials(connection, _named(connection, email).id)
        audit.record(connection, Action.RESET, subject=counsellor.id, organisation=counsellor.organisation)
        return _link(connection, counsellor)

    _show_link(*_run(work))


@app.command("list")
def list_accounts(
    organisation: Annotated[str | None, typer.Option(help="Enkel deze organisatie.")] = None,
) -> None:
    """Toont de accounts."""
    table = Table("adres", "naam", "organisatie", "rol", "toestand", "tweede stap", "laatst aangemeld")
    for one in _run(lambda connection: accounts.of_organisation(connection, organisation)):
        state = (
            "uit" if not one.active else "uitgenodigd" if one.invited else "geblokkeerd" if one.locked_until else "aan"
        )
        last = one.signed_in_at.strftime("%Y-%m-%d") if one.signed_in_at else "nooit"
        table.add_row(
            one.email, one.name, one.organisation or "-", one.role.words, state, "ja" if one.two_factor else "nee", last
        )
    console.print(table)


def _change(email: str, change: Callable[[sa.engine.Connection, int], Counsellor], action: Action, done: str) -> None:
    def work(connection: sa.engine.Connection) -> Counsellor:
        counsellor = change(connection, _named(connection, email).id)
        audit.record(connection, action, subject=counsellor.id, organisation=counsellor.organisation)
        return counsellor

    console.print(f"{_run(work).email} {done}.")


@app.command()
def deactivate(email: Email) -> None:
    """Zet een account uit: die persoon is meteen afgemeld."""
    _change(email, accounts.deactivate, Action.DEACTIVATED, "staat uit en is afgemeld")


@app.command()
def activate(email: Email) -> None:
    """Zet een account weer aan, en heft een blokkering op."""
    _change(email, accounts.activate, Action.ACTIVATED, "staat aan")


@app.command()
def role(email: Email, role: Annotated[Role, typer.Argument(help="counsellor of administrator")]) -> None:
    """Maakt van een begeleider een beheerder van de organisatie, of omgekeerd."""
    _change(email, lambda connection, number: accounts.change_role(connection, number, role), Action.ROLE_CHANGED,
            f"is nu {role.words}")  # fmt: skip


@app.command("audit")
def show_audit(
    organisation: Annotated[str | None, typer.Option(help="Enkel deze organisatie.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Hoeveel regels.")] = 50,
) -> None:
    """Toont wie wat deed met accounts, uren en voorbeelden. Wie welke doorverwijzing las, staat bij de doorverwijzing."""
    table = Table("wanneer (UTC)", "wie", "wat", "over")
    for entry in _run(lambda connection: audit.latest(connection, organisation, limit)):
        table.add_row(entry.at.strftime("%Y-%m-%d %H:%M"), entry.who or "-", entry.action.words, entry.subject or "")
    console.print(table)


@app.command("replies")
def canned(
    organisation: Annotated[str, typer.Argument(help="Id van de organisatie.")],
    file: Annotated[Path | None, typer.Option("--import", help="YAML-bestand met titel: tekst.")] = None,
) -> None:
    """Toont de standaardantwoorden van een organisatie, of leest ze uit een bestand."""
    if file is not None:
        texts = _texts(file)

        def work(connection: sa.engine.Connection) -> None:
            for title, text in texts.items():
                replies.put(connection, organisation, title, text)
            audit.record(connection, Action.REPLIES_CHANGED, organisation=organisation)

        with _refusals_shown():
            check_organisation(organisation, Role.COUNSELLOR)
        _run(work)
    for reply in _run(lambda connection: replies.of_organisation(connection, organisation)):
        console.print(f"[bold]{reply.title}[/bold]\n{reply.text}\n")


@app.command("examples")
def export_examples(
    out: Annotated[Path | None, typer.Option("--out", help="Bestand om in te schrijven; anders op het scherm.")] = None,
) -> None:
    """Geeft de voorbeelden die begeleiders nakeken, als NLU-bestand van Rasa."""
    target = given_output(out)
    text = _run(examples.as_nlu)
    if not text:
        errors.print("Er zijn nog geen nagekeken voorbeelden.")
        raise typer.Exit(1)
    if target is None:
        console.print(text, markup=False, highlight=False, soft_wrap=True, end="")
        return
    target.write_text(text, encoding="utf-8")
    console.print(f"Geschreven: {out}. Meet ermee: leerwijzer evaluate nlu {out}")


@app.command("hours")
def set_hours(
    organisation: Annotated[str, typer.Argument(help="Id van de organisatie.")],
    days: Annotated[
        list[str] | None, typer.Argument(help="Uren per dag, zoals ma=09:00-12:30 di=09:00-17:00; niets toont de uren.")
    ] = None,
) -> None:
    """Toont of verandert de uren van een organisatie, in Belgische tijd."""
    from bot.referral import hours
    from bot.storage.tables import utcnow

    with _refusals_shown():
        found = _organisation(organisation)
        weekly = _weekly(days) if days else None

    def work(connection: sa.engine.Connection) -> hours.Hours:
        its = hours.of_organisation(connection, found)
        if weekly is not None:
            hours.set_hours(connection, organisation, weekly, its.closed, utcnow())
            audit.record(connection, Action.HOURS_CHANGED, organisation=organisation)
            its = hours.of_organisation(connection, found)
        return its

    for part in _run(work).weekly or ():
        console.print(part.text())


def _weekly(days: list[str]) -> list[OpeningHours]:
    found = []
    for word in days:
        match = re.fullmatch(r"(ma|di|wo|do|vr|za|zo)=(\d\d:\d\d)-(\d\d:\d\d)", word)
        if match is None:
            raise AccountError(f"'{word}' begrijp ik niet. Schrijf ma=09:00-12:30.")
        number = ("ma", "di", "wo", "do", "vr", "za", "zo").index(match[1]) + 1
        try:
            found.append(OpeningHours.model_validate({"days": [number], "opens": match[2], "closes": match[3]}))
        except ValidationError:
            raise AccountError(f"'{word}': het einde ligt niet na het begin, of het is geen tijd.") from None
    return found


def _texts(file: Path) -> dict[str, str]:
    import yaml

    try:
        found = load_yaml(given_file(file).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        errors.print(f"[red]{file} is geen geldige YAML.[/red]")
        raise typer.Exit(2) from error
    if not isinstance(found, dict) or not all(isinstance(text, str) for pair in found.items() for text in pair):
        errors.print(f"[red]{file}: verwacht regels met 'titel: tekst'.[/red]")
        raise typer.Exit(2)
    return found
