"""The command `leerwijzer evaluate`: how well the assistant understands, searches and answers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from bot.logs import configure_logs
from bot.ready import train_if_needed
from bot.settings import ROOT
from bot.terminal import STARTED_IN, console, given_file, given_output, refuse, settings_or_exit

if TYPE_CHECKING:
    from bot.assistant.evaluation import Report

app = typer.Typer(help="Meet hoe goed de assistent begrijpt.", no_args_is_help=True)


@app.command("nlu")
def evaluate_nlu(
    file: Annotated[Path, typer.Argument(help="Een NLU-bestand van Rasa (YAML).")],
    out: Annotated[Path | None, typer.Option("--json", help="Bewaart de cijfers als JSON.")] = None,
) -> None:
    """Meet intenties, entiteiten en stijlen over een bestand met voorbeelden."""
    source, target = given_file(file), given_output(out)
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    from bot.assistant import evaluation
    from bot.assistant.training import model_path

    examples = evaluation.read_examples(source)
    train_if_needed(settings)
    results = asyncio.run(evaluation.Reader(model_path(settings)).results(examples))
    report = evaluation.report(results)
    _print_report(report)
    _keep(target, report.as_dict())


@app.command(
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


@app.command("search")
def evaluate_search(
    details: Annotated[
        bool, typer.Option("--details", help="Toont de vragen waarop de zoeker niet het beste vond.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--json", help="Bewaart de cijfers als JSON.")] = None,
) -> None:
    """Meet het zoeken op de beoordeelde vragen van tests/search, naast gewoon FTS5 (BM25)."""
    target = given_output(out)
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
    _keep(target, figures)


def _keep(target: Path | None, figures: dict[str, Any]) -> None:
    if target:
        target.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _share(of: str, scores: dict[str, float]) -> str:
    """Precision, recall or F1; a line where there was nothing to be right about."""
    against = {"precision": scores["given"], "recall": scores["wanted"], "f1": scores["given"] + scores["wanted"]}
    return f"{scores[of]:.3f}" if against[of] else "-"


def _print_report(report: Report) -> None:
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
            *(_share(key, scores) for key in ("precision", "recall", "f1")),
            *(f"{scores[key]:.0f}" for key in ("wanted", "given")),
        )
    weakest = Table("intentie", "precisie", "recall", "F1", "zinnen")
    for name, scores in sorted(report.intents.items(), key=lambda item: item[1]["f1"])[:15]:
        weakest.add_row(
            name, *(_share(key, scores) for key in ("precision", "recall", "f1")), f"{scores['wanted']:.0f}"
        )
    confused = Table("bedoeld", "begrepen als", "keer")
    for pair in report.confusions:
        confused.add_row(pair["intent"], pair["taken_for"], str(pair["count"]))
    for table in (styles, entities, weakest, confused):
        console.print(table)


@app.command("knowledge")
def evaluate_knowledge(
    file: Annotated[Path, typer.Argument(help="Vragen met de artikels die ze beantwoorden (YAML).")],
    out: Annotated[Path | None, typer.Option("--json", help="Bewaart de cijfers als JSON.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Vult de tabel in een document in.")] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="Toont elke vraag die fout of niet beantwoord werd.")] = False,
) -> None:
    """Meet of de kennisbank het juiste artikel vindt, en "dat weet ik niet" zegt als ze het niet heeft."""
    source, target, document = given_file(file), given_output(out), given_output(report)
    settings = settings_or_exit()
    configure_logs("error", settings.log_format)
    from bot.knowledge import evaluation

    try:
        questions = evaluation.read_questions(source)
    except ValueError as error:
        raise refuse(str(error)) from error
    train_if_needed(settings)
    measured = asyncio.run(evaluation.measure(settings, questions))
    table = Table("wat", "gemeten")
    for what, value in measured.rows():
        table.add_row(what, value)
    console.print(table)
    for line in measured.mistakes() if wrong else ():
        console.print(line, markup=False)
    _keep(target, measured.as_dict())
    if document:
        from bot.markdown import fill

        fill(document, file.stem, measured.rows(), ("wat", "gemeten"))
