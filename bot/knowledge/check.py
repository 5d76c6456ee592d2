"""What is wrong with, or needs a look in, everything that citizens may be told. `leerwijzer check` prints it.

Errors stop a change: a figure without a source that can be opened, one that its sources contradict and that is quoted all the
same, a claim that is no longer true, a text that breaks the rules of plain language, a message that a channel cannot send.
Warnings ask for attention and stop nothing: age above all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from bot.conversation.message import Button
from bot.knowledge import language
from bot.knowledge.articles import Level, Library, load_library
from bot.knowledge.claims import Claim, load_claims, made
from bot.knowledge.figures import Figure, Figures, load_figures, quotable
from bot.knowledge.readability import flesch_douma
from bot.knowledge.texts import Text, citizen_texts
from bot.knowledge.upkeep import Due, due
from bot.places import Gazetteer
from bot.referral.directory import load_directory, load_helplines
from bot.settings import ROOT, Settings

SOON = 60
"""Days before a check date at which it is worth a line."""
TELEGRAM_TEXT = 4096
WHATSAPP_TEXT = 4096
WHATSAPP_WITH_BUTTONS = 1024
"""Body of a message with reply buttons; with a list of choices it is `WHATSAPP_TEXT`."""
REPLY_BUTTONS = 3
LIST_ROWS = 10
"""More choices than these no channel shows in one message."""


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "fout"
    WARNING = "let op"
    NOTE = "ter info"


class Sort(StrEnum):
    """What a finding is about."""

    SOURCE = "bron"
    AGE = "leeftijd"
    CONTRADICTION = "tegenspraak"
    UNUSED = "nergens gebruikt"
    LANGUAGE = "taal"
    CHANNEL = "kanaal"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, in Dutch, for editors."""

    severity: Severity
    sort: Sort
    where: str
    what: str


@dataclass(frozen=True)
class Checked:
    """What was looked at and what was found."""

    findings: tuple[Finding, ...]
    texts: tuple[Text, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stops a change."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def check(settings: Settings, on: date) -> Checked:
    """Everything that is found on a day. Raises `DataError` when a file cannot even be loaded."""
    data = settings.data_dir
    figures = load_figures(data / "knowledge")
    library = load_library(data / "knowledge" / "articles", figures)
    directory = load_directory(data / "referral", Gazetteer.load(data / "places"))
    texts = citizen_texts(settings, library, figures, on)
    claims = load_claims(data / "knowledge")
    findings = [
        *figure_findings(figures, on),
        *unused(figures, library, _named_elsewhere(data), on),
        *age(due(figures, library, directory, load_helplines(data / "referral")), on),
        *simpler(texts),
    ]
    for text in texts:
        findings += [*language_findings(text), *channel_findings(text), *claim_findings(text, claims)]
    order = list(Severity)
    return Checked(tuple(sorted(findings, key=lambda one: (order.index(one.severity), one.sort))), tuple(texts))


# ---- figures -------------------------------------------------------------------------------------------------------


def figure_findings(figures: Figures, on: date) -> Iterator[Finding]:
    """Figures without a source to open, that are contradicted, or whose validity has ended."""
    for figure in figures.values():
        where = f"cijfer {figure.id}"
        if not any(source.url for source in figure.references):
            yield Finding(Severity.ERROR, Sort.SOURCE, where, "geen enkele bron heeft een adres om na te kijken")
        if figure.contradicted_by:
            against = ", ".join(figures.sources[name].title for name in figure.contradicted_by)
            quoted = figure.certainty.usable
            what = f"wordt tegengesproken door {against}" + (" en mag toch genoemd worden" if quoted else "")
            yield Finding(Severity.ERROR if quoted else Severity.WARNING, Sort.CONTRADICTION, where, what)
        if figure.certainty.usable and figure.valid_until and on > figure.valid_until:
            yield Finding(Severity.WARNING, Sort.AGE, where, f"gold tot {figure.valid_until:%d-%m-%Y}: wat geldt nu?")
    yield from _clashes(list(figures.values()), on)


def _clashes(figures: list[Figure], on: date) -> Iterator[Finding]:
    """Two figures of the same name and basis in force together: at most one can be right."""
    seen: dict[tuple[str, str], Figure] = {}
    for figure in figures:
        in_force = (not figure.valid_from or figure.valid_from <= on) and (
            not figure.valid_until or on <= figure.valid_until
        )
        if not figure.certainty.usable or not in_force:
            continue
        key = (figure.name.casefold(), figure.basis.casefold())
        other = seen.setdefault(key, figure)
        if other is not figure and (other.amount, other.parts) != (figure.amount, figure.parts):
            what = f"zegt iets anders dan '{other.id}', dat hetzelfde meet"
            yield Finding(Severity.ERROR, Sort.CONTRADICTION, f"cijfer {figure.id}", what)


def unused(figures: Figures, library: Library, elsewhere: str, on: date) -> Iterator[Finding]:
    """Figures that no article names, and no other data file or module either.

    What may not be named, is not in force or has no amount is only noted: it is kept so that nobody adds it again.
    """
    named = {identifier for article in library for identifier in article.figure_ids()}
    for figure in figures.values():
        if figure.id in named or re.search(rf"(?<![\w-]){re.escape(figure.id)}(?![\w-])", elsewhere):
            continue
        has_amount = any(figure.quantity(part) for part in ("", "reduced", *figure.parts))
        usable = quotable(figure, on) and has_amount
        why = (
            figure.certainty
            if not figure.certainty.usable
            else "niet van kracht"
            if has_amount
            else "geen bedrag bekend"
        )
        what = "geen artikel, regel of prijs noemt dit" if usable else f"bewaard, niet genoemd: {why}"
        yield Finding(Severity.WARNING if usable else Severity.NOTE, Sort.UNUSED, f"cijfer {figure.id}", what)


def _named_elsewhere(data: Path) -> str:
    files = [path for path in data.rglob("*.yml") if path.parent.name not in {"nlu", "gazetteers", "articles"}]
    files = [path for path in files if path.name != "figures.yml"]
    code = [path for folder in ("bot", "actions") for path in (ROOT / folder).rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*files, *code])


def age(listed: Iterable[Due], on: date) -> Iterator[Finding]:
    """What is past its check date, and what soon will be."""
    for one in listed:
        where, days = f"{one.kind} {one.id}", one.days(on)
        if days < 0:
            what = f"moest op {one.check_again:%d-%m-%Y} opnieuw nagekeken zijn"
            yield Finding(Severity.WARNING, Sort.AGE, where, what)
        elif days <= SOON:
            what = f"opnieuw na te kijken tegen {one.check_again:%d-%m-%Y}, over {days} dagen"
            yield Finding(Severity.NOTE, Sort.AGE, where, what)


# ---- texts ---------------------------------------------------------------------------------------------------------


def language_findings(text: Text) -> Iterator[Finding]:
    """What breaks the rules of plain language. In a part of a message an abbreviation may be explained elsewhere."""
    for problem in language.problems(text.text, text.level):
        if not text.bubble and problem.startswith(("gemiddeld", "lege")):
            continue
        part = not text.bubble and problem.endswith("niet uitgelegd")
        yield Finding(Severity.WARNING if part else Severity.ERROR, Sort.LANGUAGE, text.where, problem)
    for button in text.buttons:
        if (fault := language.button_problem(button.title)) is not None:
            yield Finding(Severity.ERROR, Sort.CHANNEL, text.where, fault)


def simpler(texts: Iterable[Text]) -> Iterator[Finding]:
    """Articles whose simple wording does not measure simpler than the plain one."""
    plain: dict[str, float] = {}
    for text in texts:
        if text.kind != "article" or text.level is Level.PROFESSIONAL:
            continue
        name, score = text.where.split(" (")[0], flesch_douma(text.text)
        if text.level is Level.PLAIN:
            plain[name] = score
        elif score <= plain.get(name, -1000.0):
            what = f"de eenvoudige tekst meet {score:.0f}, de gewone {plain[name]:.0f}: ze moet makkelijker zijn"
            yield Finding(Severity.ERROR, Sort.LANGUAGE, text.where, what)


def claim_findings(text: Text, claims: Iterable[Claim]) -> Iterator[Finding]:
    """Claims that are no longer true."""
    for claim, sentence in made(text.text, claims):
        what = f"'{sentence.strip()[:90]}' klopt niet meer: {claim.truth}"
        yield Finding(Severity.ERROR, Sort.CONTRADICTION, text.where, what)


def channel_findings(text: Text) -> Iterator[Finding]:
    """What a channel could not send as one message, its sources included."""
    if not text.bubble:
        return
    size = len(as_sent(text))
    if size > min(TELEGRAM_TEXT, WHATSAPP_TEXT):
        what = f"{size} tekens met de bronnen, hoogstens {WHATSAPP_TEXT} in WhatsApp en Telegram"
        yield Finding(Severity.ERROR, Sort.CHANNEL, text.where, what)
    elif text.buttons and len(text.buttons) <= REPLY_BUTTONS and size > WHATSAPP_WITH_BUTTONS:
        professional = text.level is Level.PROFESSIONAL
        what = f"{size} tekens met de bronnen: boven {WHATSAPP_WITH_BUTTONS} worden de knoppen in WhatsApp een lijst"
        yield Finding(Severity.NOTE if professional else Severity.WARNING, Sort.CHANNEL, text.where, what)
    if len(text.buttons) > LIST_ROWS:
        what = f"{len(text.buttons)} knoppen, hoogstens {LIST_ROWS}"
        yield Finding(Severity.ERROR, Sort.CHANNEL, text.where, what)
    yield from _same_titles(text.buttons, text.where)


def _same_titles(buttons: tuple[Button, ...], where: str) -> Iterator[Finding]:
    if len({button.title for button in buttons}) != len(buttons):
        yield Finding(Severity.ERROR, Sort.CHANNEL, where, "twee knoppen met dezelfde tekst")


def as_sent(text: Text) -> str:
    """A message with its sources, as a channel without cards writes it."""
    lines = [f"Bron: {source.title}, nagekeken op {source.checked}. {source.url or ''}" for source in text.sources]
    return "\n".join([text.text, *lines])
