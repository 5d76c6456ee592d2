"""The command `leerwijzer`."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from bot.catalogue.commands import app as catalogue
from bot.counsellors.commands import app as desk
from bot.knowledge.commands import check
from bot.logs import configure_logs
from bot.settings import ROOT, Settings, get_settings

app = typer.Typer(
    help="Leerwijzer: de assistent die volwassenen eerst informeert over leren.",
    no_args_is_help=True,
    add_completion=False,
)
evaluate = typer.Typer(help="Meet hoe goed de assistent begrijpt.", no_args_is_help=True)
app.add_typer(evaluate, name="evaluate")
keys = typer.Typer(help="Sleutels waarmee bewaarde gesprekken versleuteld zijn.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(catalogue, name="catalogue")
app.add_typer(desk, name="desk")
CHANNELS = ("telegram", "whatsapp")
"""Channels with commands of their own, in `channels.NAME.command`."""
app.command("check")(check)
console = Console()
errors = Console(stderr=True)
STARTED_IN = Path.cwd()
"""Where the command was given: `main` goes to the root of the project, paths of the user are relative to here."""


def given_file(path: Path) -> Path:
    """A file that the user named. Ends the program when it is not there."""
    file = STARTED_IN / path
    if not file.is_file():
        errors.print(f"[red]{path}: dat bestand is er niet.[/red]")
        raise typer.Exit(2)
    return file


def settings_or_exit() -> Settings:
    """The settings; a wrong one ends the program with its name."""
    try:
        return get_settings()
    except ValidationError as error:
        for fault in error.errors():
            if fault["loc"]:
                name = "LEERWIJZER_" + "_".join(str(part) for part in fault["loc"]).upper()
                errors.print(f"[red]Instelling {name}:[/red] {fault['msg']}")
            else:  # of several together, which it names
                errors.print(f"[red]{fault['msg']}[/red]")
        errors.print("Kijk in .env en in de omgeving. .env.example legt elke instelling uit.")
        raise typer.Exit(2) from error


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


def train_if_needed(settings: Settings, force: bool = False) -> bool:
    """Trains what changed, with a progress bar. Gives whether it did."""
    from bot.assistant import training

    prepare_meaning(settings)
    prepare_articles(settings)
    if not force and training.is_current(settings):
        return False
    with shown_progress() as bar:
        tasks = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(f"Trainen: {step}", total=total or None)
            bar.update(tasks[step], completed=done, total=total or None)

        training.train(settings, tell, force=force)
        for task in tasks.values():
            bar.update(task, total=1, completed=1)
    return True


def prepare_meaning(settings: Settings, titles: Iterable[str] = ()) -> None:
    """Computes, with a progress bar, what searching by meaning needs and is not there yet: subjects and titles as vectors."""
    from bot.catalogue import meaning
    from bot.catalogue.subjects import Subjects

    with shown_progress() as bar:
        task: TaskID | None = None

        def tell(done: int, total: int) -> None:
            nonlocal task
            task = bar.add_task("Zoeken op betekenis", total=total) if task is None else task
            bar.update(task, completed=done)

        subjects = Subjects.load(settings.data_dir / "catalogue")
        meaning.prepare(meaning.open_vectors(settings.models_dir / meaning.FILE), subjects, titles, tell)


def prepare_articles(settings: Settings) -> None:
    """Makes the search through the articles ready, with a progress bar where that takes time."""
    from bot.knowledge.prepare import prepare_finder

    with shown_progress() as bar:
        task: TaskID | None = None

        def tell(done: int, total: int) -> None:
            nonlocal task
            task = bar.add_task("Artikels lezen", total=total) if task is None else task
            bar.update(task, completed=done)

        prepare_finder(settings, tell)


def prepare_database(settings: Settings) -> None:
    """Brings the database to its newest shape and the example catalogue to this month, where it belongs.

    Titles of real courses are made ready to be searched by meaning, where an import did not do it for this encoder.
    """
    from bot.catalogue import examples, meaning
    from bot.catalogue.search import today_in_belgium
    from bot.counsellors.demo import demo_of
    from bot.counsellors.demo import make as make_demo
    from bot.storage.database import Database
    from bot.storage.migrate import migrate

    migrate(settings.database)
    database = Database(settings.database)
    try:
        with database.begin() as connection:
            examples.keep(connection, today_in_belgium(), settings.data_dir, settings.examples)
            if (demo := demo_of(settings)) is not None:
                make_demo(connection, demo)
        with database.read() as connection:
            titles = meaning.untagged_titles(connection)
    finally:
        database.close()
    if titles:
        prepare_meaning(settings, titles)


@app.command()
def run(
    host: Annotated[str | None, typer.Option(help="Adres om op te luisteren.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Poort om op te luisteren.")] = None,
) -> None:
    """Maakt alles klaar en start de assistent."""
    settings = settings_or_exit()
    configure_logs(settings.log_level, settings.log_format)
    if not settings.rasa_urls:
        train_if_needed(settings)
    prepare_database(settings)
    import uvicorn

    where = f"{host or settings.host}:{port or settings.port}"
    console.print(
        f"Leerwijzer start op [bold]http://{where.replace('127.0.0.1', 'localhost')}[/bold] (stoppen met Ctrl+C)"
    )
    if settings.demo:
        from bot.counsellors.demo import load_demo

        console.print("[bold]Demo[/bold]: praat op de webpagina, en meld je aan op /desk met een van deze:")
        for line in load_demo(settings.data_dir / "referral").sign_in_details():
            console.print(f"  {line}")
    uvicorn.run(
        "channels.server:application",
        factory=True,
        host=host or settings.host,
        port=port or settings.port,
        log_config=None,
        access_log=False,
        ws="none",  # no web sockets here, and uvicorn knows only newer ones than Rasa's
        timeout_graceful_shutdown=5,
        server_header=False,
    )


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
    train_if_needed(settings)
    prepare_database(settings)
    from bot.chat import talk

    asyncio.run(talk(settings, console))


@evaluate.command("nlu")
def evaluate_nlu(
    file: Annotated[Path, typer.Argument(help="Een NLU-bestand van Rasa (YAML).")],
    out: Annotated[Path | None, typer.Option("--json", help="Bewaart de cijfers als JSON.")] = None,
) -> None:
    """Meet intenties, entiteiten en stijlen over een bestand met voorbeelden."""
    source = given_file(file)
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    train_if_needed(settings)
    from bot.assistant import evaluation
    from bot.assistant.training import model_path

    try:
        examples = evaluation.read_examples(source)
    except evaluation.NotExamples as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error
    results = asyncio.run(evaluation.Reader(model_path(settings)).results(examples))
    report = evaluation.report(results)
    _print_report(report)
    if out:
        (STARTED_IN / out).write_text(
            json.dumps(report.as_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


@evaluate.command(
    "compare",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def evaluate_compare(context: typer.Context) -> None:
    """Vergelijkt manieren om te begrijpen en vult de tabellen in docs/understanding.md (uren; --help toont de keuzes)."""
    # A process of its own: it belongs to the tools of the project, and starts others in environments of their own.
    command = [sys.executable, "-m", "scripts.compare", *context.args]
    done = subprocess.run(command, cwd=STARTED_IN, env={**os.environ, "PYTHONPATH": str(ROOT)})  # noqa: S603
    raise typer.Exit(done.returncode)


@evaluate.command("search")
def evaluate_search(
    details: Annotated[
        bool, typer.Option("--details", help="Toont de vragen waarop de zoeker niet het beste vond.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--json", help="Bewaart de cijfers als JSON.")] = None,
) -> None:
    """Meet het zoeken op de beoordeelde vragen van tests/search, naast gewoon FTS5 (BM25)."""
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    from bot.catalogue import meaning
    from bot.catalogue.measure import measure
    from bot.catalogue.relevance import mean
    from bot.catalogue.search import today_in_belgium

    table = Table("vragen", "aantal", "nDCG@5", "FTS5", "recall@10", "FTS5 ")
    figures = {}
    for report in measure(settings.data_dir, today_in_belgium(), settings.models_dir / meaning.FILE):
        ours, plain = mean([one.ours for one in report.compared]), mean([one.plain for one in report.compared])
        figures[report.name] = {
            "queries": len(report.compared),
            "without_answer": report.given - len(report.compared),
            "ndcg": round(ours.ndcg, 3),
            "plain_ndcg": round(plain.ndcg, 3),
            "recall": round(ours.recall, 3),
            "plain_recall": round(plain.recall, 3),
        }
        scores = (f"{one:.3f}" for one in (ours.ndcg, plain.ndcg, ours.recall, plain.recall))
        table.add_row(report.name, f"{len(report.compared)} van {report.given}", *scores)
        for one in sorted(report.compared, key=lambda compared: compared.ours.ndcg) if details else ():
            if one.ours.ndcg < 0.99:
                found = "; ".join(f"{worth} {title}" for title, worth in one.found[:5])
                console.print(f"{one.ours.ndcg:.2f} [bold]{one.judged.q}[/bold] {found}", highlight=False)
    console.print(table)
    if out:
        (STARTED_IN / out).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _print_report(report: object) -> None:
    from bot.assistant.evaluation import Report

    assert isinstance(report, Report)
    console.print(
        f"[bold]{report.examples} zinnen[/bold]: intentie juist {report.accuracy:.1%}, macro-F1 {report.macro_f1:.3f}, "
        f"teruggevraagd {report.asked_back:.1%}"
    )
    styles = Table("stijl", "zinnen", "juist")
    for name, scores in report.styles.items():
        styles.add_row(name, f"{scores['examples']:.0f}", f"{scores['accuracy']:.1%}")
    entities = Table("entiteit", "precisie", "recall", "F1", "bedoeld", "gegeven")
    for name, scores in report.entities.items():
        entities.add_row(
            name,
            *(f"{scores[key]:.3f}" for key in ("precision", "recall", "f1")),
            *(f"{scores[key]:.0f}" for key in ("wanted", "given")),
        )
    weakest = Table("intentie", "precisie", "recall", "F1", "zinnen")
    for name, scores in sorted(report.intents.items(), key=lambda item: item[1]["f1"])[:15]:
        weakest.add_row(
            name, *(f"{scores[key]:.3f}" for key in ("precision", "recall", "f1")), f"{scores['wanted']:.0f}"
        )
    confused = Table("bedoeld", "begrepen als", "keer")
    for pair in report.confusions:
        confused.add_row(pair["intent"], pair["taken_for"], str(pair["count"]))
    for table in (styles, entities, weakest, confused):
        console.print(table)


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


@evaluate.command("knowledge")
def evaluate_knowledge(
    file: Annotated[Path, typer.Argument(help="Vragen met de artikels die ze beantwoorden (YAML).")],
    out: Annotated[Path | None, typer.Option("--json", help="Bewaart de cijfers als JSON.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Vult de tabel in een document in.")] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="Toont elke vraag die fout of niet beantwoord werd.")] = False,
) -> None:
    """Meet of de kennisbank het juiste artikel vindt, en "dat weet ik niet" zegt als ze het niet heeft."""
    source = given_file(file)
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    train_if_needed(settings)
    from bot.knowledge import evaluation

    try:
        questions = evaluation.read_questions(source)
    except ValueError as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error
    measured = asyncio.run(evaluation.measure(settings, questions))
    table = Table("wat", "gemeten")
    for what, value in measured.rows():
        table.add_row(what, value)
    console.print(table)
    for line in measured.mistakes() if wrong else ():
        console.print(line, markup=False)
    if out:
        (STARTED_IN / out).write_text(json.dumps(measured.as_dict(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    if report:
        from bot.markdown import fill

        fill(STARTED_IN / report, file.stem, measured.rows(), ("wat", "gemeten"))


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
    app()


if __name__ == "__main__":
    main()
