"""The articles: what the assistant answers to a question for information, in three wordings.

Editors write them in `data/knowledge/articles/*.yml`. An intent may have several articles: one that always fits, and
variants that fit when something is known about the person (`when`). An article of the long tail has no intent: it is found
by meaning (`bot.knowledge.finding`), by its `questions`. Amounts stand in the figures; an article names one with
`{figure:id}`, `{figure:id:reduced}` or `{figure:id:part}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from babel.dates import format_date
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.conversation.message import Button, Source
from bot.knowledge.datafile import DataError, read_entries
from bot.knowledge.figures import Certainty, Figures, Identifier, Line, SourceEntry, quotable, render_figure
from bot.knowledge.vocabulary import CONDITIONS, ENTITIES, FOLLOW_UPS, INTENTS

PLACES = frozenset({"region", "municipality"})
"""The conditions that say where."""
ANY = "*"
"""In `when`: any value, as long as one is known."""
MAX_BUTTONS = 3
MAX_BUTTON_TITLE = 20
"""The smallest channel shows three buttons of twenty characters."""
MIN_QUESTIONS = 3
"""Fewer ways of asking say too little about what an article is for."""

_MARKER = re.compile(r"\{figure:(?P<id>[a-z0-9-]+)(?::(?P<part>[a-z0-9-]+))?\}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_PAYLOAD = re.compile(r"^/(?P<intent>[a-z_]+)(?P<entities>\{.*\})?$")
_STRENGTH = (Certainty.UNCHECKED, Certainty.DATED, Certainty.LIKELY, Certainty.CERTAIN)

_NEXT_STEP = "**Volgende stap:** "
_FOR_PROFESSIONALS = "**Voor begeleiders**"
_AMOUNT_UNKNOWN = "Het juiste cijfer ken ik op dit moment niet. Vraag het na bij de dienst zelf."
_RECHECK = "Let op: dit moest op {day} opnieuw nagekeken worden. Vraag het na bij de bron."

Paragraph = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Level(StrEnum):
    """How an answer is worded."""

    PLAIN = "plain"
    """B1, for everyone."""
    SIMPLE = "simple"
    """A2, shorter sentences and simpler words."""
    PROFESSIONAL = "professional"
    """The plain text, with the rule and its legal basis beside it."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArticleButton(_Entry):
    """A likely next question."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=MAX_BUTTON_TITLE)]
    payload: str

    @field_validator("payload")
    @classmethod
    def _understood(cls, payload: str) -> str:
        match = _PAYLOAD.match(payload)
        if not match or match["intent"] not in INTENTS:
            raise ValueError(f"'{payload}' is not /intent or /intent{{entities}} with a known intent")
        if match["entities"]:
            try:
                entities = json.loads(match["entities"])
            except json.JSONDecodeError as error:
                raise ValueError(f"the entities of '{payload}' are not valid JSON") from error
            if unknown := sorted(entities.keys() - ENTITIES):
                raise ValueError(f"unknown entity '{unknown[0]}' in '{payload}'")
        return payload


class Article(_Entry):
    """One answer. `plain`, `simple`, `professional` and `next_step` may hold figure markers."""

    id: Identifier
    intent: str | None = None
    """The intent it answers; none in the long tail."""
    questions: tuple[Line, ...] = ()
    """Ways in which people ask for it, by which it is found. In the long tail at least `MIN_QUESTIONS`."""
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """What must be known for it to fit: slot to accepted values, lower case; "cvo*" is what begins so, "*" any."""
    title: Line
    short: Annotated[str, StringConstraints(min_length=1, max_length=MAX_BUTTON_TITLE)]
    """The title as a button, on every channel."""
    plain: Paragraph
    simple: Paragraph
    professional: Paragraph
    next_step: Line
    buttons: tuple[ArticleButton, ...] = Field(default=(), max_length=MAX_BUTTONS)
    related: tuple[Identifier, ...] = ()
    follow_ups: dict[str, Identifier] = Field(default_factory=dict)
    """What answers a question about it that does not name it ("wat kost dat"): a kind of question to an article, or to itself."""
    elsewhere: dict[str, str] = Field(default_factory=dict)
    """In the long tail: the question it answers, for when somebody then names another place ("en in Brussel?"): an `intent` and
    what else is known, like `provider`. An article with an intent answers for other places by itself."""
    courses: str = ""
    """What to search courses of when somebody then names a place or a time: what it is about, as people call it."""
    unknown: bool = False
    """It says that we do not know, and where to ask: what people ask for beside our own ground. Alone it may lack sources."""
    sources: tuple[Identifier, ...] = Field(default=(), validate_default=True)
    certainty: Certainty
    checked: date
    check_again: date
    valid_from: date | None = None
    valid_until: date | None = None

    @field_validator("intent")
    @classmethod
    def _known_intent(cls, intent: str | None) -> str | None:
        if intent is not None and intent not in INTENTS:
            raise ValueError(f"unknown intent '{intent}'")
        return intent

    @field_validator("follow_ups")
    @classmethod
    def _known_follow_ups(cls, follow_ups: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(follow_ups.keys() - FOLLOW_UPS):
            raise ValueError(f"unknown question '{unknown[0]}'; known are {', '.join(sorted(FOLLOW_UPS))}")
        return follow_ups

    @field_validator("elsewhere")
    @classmethod
    def _known_question(cls, elsewhere: dict[str, str]) -> dict[str, str]:
        if elsewhere and elsewhere.get("intent") not in INTENTS:
            raise ValueError("must have the intent whose articles answer")
        if unknown := sorted(elsewhere.keys() - CONDITIONS.keys() - {"intent"}):
            raise ValueError(f"unknown condition '{unknown[0]}'")
        return elsewhere

    @field_validator("sources")
    @classmethod
    def _sourced(cls, sources: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not sources and not info.data.get("unknown"):
            raise ValueError("give at least 1: only what is `unknown` may have none")
        return sources

    @field_validator("when", mode="before")
    @classmethod
    def _conditions(cls, when: object) -> object:
        if not isinstance(when, dict):
            return when
        conditions: dict[str, tuple[str, ...]] = {}
        for key, accepted in when.items():
            if key not in CONDITIONS:
                raise ValueError(f"unknown condition '{key}'; known are {', '.join(CONDITIONS)}")
            values = tuple(str(value).casefold() for value in (accepted if isinstance(accepted, list) else [accepted]))
            allowed = CONDITIONS[key]
            for value in values:
                if allowed is not None and value not in {ANY, *allowed}:
                    raise ValueError(f"unknown value '{value}' of '{key}'")
            if not values:
                raise ValueError(f"'{key}' accepts nothing")
            conditions[key] = values
        return conditions

    @model_validator(mode="after")
    def _consistent(self) -> Article:
        if not self.certainty.usable:
            raise ValueError("certainty must be 'zeker' or 'vermoedelijk': say less, or leave it out")
        if self.intent is None and len(self.questions) < MIN_QUESTIONS:
            raise ValueError(f"without an intent it is found by its questions: give at least {MIN_QUESTIONS}")
        if self.check_again <= self.checked:
            raise ValueError("check_again must be after checked")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        if len({button.title for button in self.buttons}) != len(self.buttons):
            raise ValueError("two buttons have the same title")
        return self

    def question(self) -> dict[str, str]:
        """What it answers, apart from where: an `intent` and what else was known. Empty for what holds everywhere."""
        if self.intent is None:
            return dict(self.elsewhere)
        known = {
            key: accepted[0] for key, accepted in self.when.items() if key not in PLACES and ANY not in accepted[0]
        }
        return {"intent": self.intent, **known}

    def texts(self) -> dict[str, str]:
        """Every field that may hold markers, by name."""
        return {
            "plain": self.plain,
            "simple": self.simple,
            "professional": self.professional,
            "next_step": self.next_step,
        }

    def figure_ids(self) -> frozenset[str]:
        """The figures it names."""
        return frozenset(match["id"] for text in self.texts().values() for match in _MARKER.finditer(text))

    def in_force(self, on: date) -> bool:
        """Whether it holds on a day."""
        return not ((self.valid_from and on < self.valid_from) or (self.valid_until and on > self.valid_until))

    def fits(self, facts: Mapping[str, str], on: date) -> bool:
        """Whether it answers someone of whom this is known, on that day."""
        return self.in_force(on) and all(
            (value := facts.get(key, "").casefold()) and any(_accepts(pattern, value) for pattern in accepted)
            for key, accepted in self.when.items()
        )

    def contradicted(self, facts: Mapping[str, str]) -> bool:
        """Whether something that is known speaks against it."""
        return any(
            (value := facts.get(key, "").casefold()) and not any(_accepts(pattern, value) for pattern in accepted)
            for key, accepted in self.when.items()
        )

    def specificity(self) -> tuple[int, int, tuple[int, ...]]:
        """How closely it fits, to be compared: named values, then any-value conditions, then what they are about."""
        named = [key for key, accepted in self.when.items() if ANY not in accepted]
        order = list(CONDITIONS)
        return (
            len(named),
            len(self.when) - len(named),
            tuple(sorted((-order.index(key) for key in named), reverse=True)),
        )


def _accepts(pattern: str, value: str) -> bool:
    return value.startswith(pattern[:-1]) if pattern.endswith(ANY) else value == pattern


def _overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(_accepts(one, other) or _accepts(other, one) for one in some for other in others)


@dataclass(frozen=True)
class Rendered:
    """An answer as the person gets it."""

    text: str
    buttons: tuple[Button, ...]
    sources: tuple[Source, ...]


class Library:
    """Every article, found by intent and by what is known about the person."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = {article.id: article for article in articles}
        self._by_intent: dict[str, list[Article]] = {}
        for article in self._articles.values():
            if article.intent:
                self._by_intent.setdefault(article.intent, []).append(article)
        for candidates in self._by_intent.values():
            candidates.sort(key=Article.specificity, reverse=True)

    def __iter__(self) -> Iterator[Article]:
        return iter(self._articles.values())

    def __len__(self) -> int:
        return len(self._articles)

    def get(self, identifier: str) -> Article | None:
        """The article with that id."""
        return self._articles.get(identifier)

    def find(self, intent: str, facts: Mapping[str, str] | None = None, on: date | None = None) -> Article | None:
        """The article that answers most specifically, in force on that day (today in Belgium); None when none is.

        `facts` maps a condition (`employment_status`, `region`, …) to what is known; the unknown is left out or empty.
        """
        day = on or datetime.now(ZoneInfo("Europe/Brussels")).date()
        known = facts or {}
        return next((article for article in self._by_intent.get(intent, ()) if article.fits(known, day)), None)


def related(library: Library, article: Article, facts: Mapping[str, str], on: date) -> list[Article]:
    """The articles that belong to one and that its own buttons do not lead to, in its order; none for another region."""
    led_to = {match["intent"] for button in article.buttons if (match := _PAYLOAD.match(button.payload))}
    found = [one for identifier in article.related if (one := library.get(identifier))]
    return [
        one
        for one in found
        if one.intent not in led_to
        and one.in_force(on)
        and ("region" not in one.when or "region" not in facts or one.fits(facts, on))
    ]


def load_library(directory: Path, figures: Figures) -> Library:
    """The articles of `data/knowledge/articles`. Raises `DataError` naming file, entry and field."""
    files = {path.name: read_entries(path, "articles", Article) for path in sorted(directory.glob("*.yml"))}
    if not files:
        raise DataError(directory.name, "holds no .yml file with articles")
    everything = [(file, article) for file, articles in files.items() for article in articles]
    known: set[str] = set()
    for file, article in everything:
        if article.id in known:
            raise DataError(file, "stands in another file too", entry=article.id, field="id")
        known.add(article.id)
    for file, article in everything:
        _check(article, file, figures, known)
    _check_unambiguous(everything)
    return Library(article for _, article in everything)


def _check(article: Article, file: str, figures: Figures, known: set[str]) -> None:
    for field, text in article.texts().items():
        for match in _MARKER.finditer(text):
            figure = figures.get(match["id"])
            if figure is None:
                raise DataError(file, f"unknown figure '{match['id']}'", entry=article.id, field=field)
            if figure.quantity(match["part"] or "") is None:
                raise DataError(file, f"the figure has no amount for '{match[0]}'", entry=article.id, field=field)
            if not figure.certainty.usable:
                message = f"figure '{figure.id}' is '{figure.certainty}' and may not be named"
                raise DataError(file, message, entry=article.id, field=field)
            if _STRENGTH.index(article.certainty) > _STRENGTH.index(figure.certainty):
                message = f"more certain than figure '{figure.id}', which is '{figure.certainty}'"
                raise DataError(file, message, entry=article.id, field="certainty")
        if "{" in _MARKER.sub("", text) or "}" in _MARKER.sub("", text):
            raise DataError(file, "a brace that is not {figure:id}", entry=article.id, field=field)
    for source in article.sources:
        if source not in figures.sources:
            raise DataError(file, f"unknown source '{source}'", entry=article.id, field="sources")
    for related in article.related:
        if related not in known or related == article.id:
            raise DataError(file, f"unknown related article '{related}'", entry=article.id, field="related")
    for kind, identifier in article.follow_ups.items():
        if identifier not in known:
            raise DataError(file, f"unknown article '{identifier}' for '{kind}'", entry=article.id, field="follow_ups")


def _check_unambiguous(everything: list[tuple[str, Article]]) -> None:
    """Raises `DataError` when two articles could answer the same question equally well."""
    for (_, one), (file, other) in combinations(everything, 2):
        if one.intent is None or one.intent != other.intent or one.specificity() != other.specificity():
            continue
        apart_in_time = (one.valid_until and other.valid_from and one.valid_until < other.valid_from) or (
            other.valid_until and one.valid_from and other.valid_until < one.valid_from
        )
        shared = one.when.keys() & other.when.keys()
        if not apart_in_time and all(_overlap(one.when[key], other.when[key]) for key in shared):
            raise DataError(file, f"answers the same as '{one.id}'", entry=other.id, field="when")


def render(article: Article, level: Level, figures: Figures, on: date) -> Rendered:
    """The article in one wording, its figures filled in as they stand on that day.

    A sentence whose figure may not be quoted then is left out and the person is told so; an article past its check date
    says so. Sources are the article's and those of the figures it names here, each with the day it was last checked.
    """
    used: list[str] = []
    body = article.simple if level is Level.SIMPLE else article.plain
    paragraphs = [body, _NEXT_STEP + article.next_step]
    if level is Level.PROFESSIONAL:
        certainty = f"Zekerheid: {article.certainty.value}."
        paragraphs = [article.plain, f"{_FOR_PROFESSIONALS}\n{article.professional}\n{certainty}", paragraphs[1]]
    filled = [_fill(paragraph, figures, on, used) for paragraph in paragraphs]
    texts = [text for text, _ in filled if text]
    if not all(complete for _, complete in filled):
        texts.append(_AMOUNT_UNKNOWN)
    due = min([article.check_again, *(figures[identifier].check_again for identifier in used)])
    if on > due:
        texts.append(_RECHECK.format(day=format_date(due, "d MMMM yyyy", locale="nl_BE")))
    return Rendered(
        text="\n\n".join(texts),
        buttons=tuple(Button(title=button.title, payload=button.payload) for button in article.buttons),
        sources=_sources(article, figures, used),
    )


def _fill(text: str, figures: Figures, on: date, used: list[str]) -> tuple[str, bool]:
    """The text with its figures, without the sentences that may not be said; and whether all were."""
    lines, complete = [], True
    for line in text.splitlines():
        kept = []
        for sentence in _SENTENCE_END.split(line):
            named = {match["id"] for match in _MARKER.finditer(sentence)}
            if all(quotable(figures[identifier], on) for identifier in named):
                used.extend(sorted(named - set(used)))
                kept.append(
                    _MARKER.sub(lambda match: render_figure(figures[match["id"]], match["part"] or ""), sentence)
                )
            else:
                complete = False
        if kept or not line:
            lines.append(" ".join(kept))
    return "\n".join(lines), complete


def _sources(article: Article, figures: Figures, used: Iterable[str]) -> tuple[Source, ...]:
    checked: dict[str, tuple[SourceEntry, date]] = {
        identifier: (figures.sources[identifier], article.checked) for identifier in article.sources
    }
    for figure in (figures[identifier] for identifier in used):
        reference = figure.references[0]
        checked.setdefault(reference.id, (reference, figure.checked))
    return tuple(
        Source(title=source.title, url=source.url, checked=day.isoformat()) for source, day in checked.values()
    )
