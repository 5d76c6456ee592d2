"""The report on plain language, as tables of a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import fmean

from bot.knowledge import language
from bot.knowledge.articles import Level
from bot.knowledge.check import Checked, Severity, Sort
from bot.knowledge.readability import described, flesch_douma
from bot.knowledge.texts import Text
from bot.markdown import fill

_LEVELS = {
    Level.PLAIN: "artikels, gewoon (B1)",
    Level.SIMPLE: "artikels, eenvoudig (A2)",
    Level.PROFESSIONAL: "artikels, voor begeleiders",
}
_KINDS = {
    "response": "korte antwoorden (domain.yml)",
    "data": "toestemming, hulplijnen, organisaties, rechten",
    "code": "zinnen in de code",
    "page": "webpagina en venster",
}
_HARDEST = 10


def write(path: Path, checked: Checked) -> None:
    """Fills the tables `leesbaarheid`, `moeilijkste` and `gevonden` of a document. Raises `NoPlace` when one is missing."""
    heading = ("teksten", "aantal", "woorden per zin", "langste zin", "Flesch-Douma", "dat is")
    fill(path, "leesbaarheid", list(rows(checked.texts)), heading)
    fill(path, "moeilijkste", list(hardest(checked.texts)), ("artikel", "gewoon", "eenvoudig"))
    fill(path, "gevonden", list(found(checked)), ("wat", *Severity))


def rows(texts: Iterable[Text]) -> Iterator[tuple[str, ...]]:
    """One row for each sort of text."""
    listed = list(texts)
    for level, name in _LEVELS.items():
        yield _row(name, [text for text in listed if text.kind == "article" and text.level is level])
    for kind, name in _KINDS.items():
        yield _row(name, [text for text in listed if text.kind == kind])


def _row(name: str, texts: list[Text]) -> tuple[str, ...]:
    if not texts:
        return name, "0", "-", "-", "-", "-"
    sizes = [language.measure(text.text) for text in texts]
    words, sentences = sum(size.words for size in sizes), sum(size.sentences for size in sizes)
    score = fmean(flesch_douma(text.text) for text in texts)
    average = f"{words / max(1, sentences):.1f}".replace(".", ",")
    return name, str(len(texts)), average, str(max(size.longest for size in sizes)), f"{score:.0f}", described(score)


def hardest(texts: Iterable[Text]) -> Iterator[tuple[str, ...]]:
    """The articles whose plain text is hardest to read, with what the simple one measures."""
    scores: dict[str, dict[Level, float]] = {}
    for text in texts:
        if text.kind == "article":
            scores.setdefault(text.where.split()[1], {})[text.level] = flesch_douma(text.text)
    for name, levels in sorted(scores.items(), key=lambda item: item[1][Level.PLAIN])[:_HARDEST]:
        yield f"`{name}`", f"{levels[Level.PLAIN]:.0f}", f"{levels[Level.SIMPLE]:.0f}"


def found(checked: Checked) -> Iterator[tuple[str, ...]]:
    """How much was found of each sort."""
    for sort in Sort:
        counts = [
            sum(one.sort is sort and one.severity is severity for one in checked.findings) for severity in Severity
        ]
        yield (sort.value, *(str(count) for count in counts))
