"""How well questions find their article: the search alone, and the whole decision with the understanding of intents."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from bot.entitlements.situation import region_of
from bot.knowledge.articles import Library, load_library
from bot.knowledge.datafile import read_entries
from bot.knowledge.deciding import LOST, Asked, decide
from bot.knowledge.figures import load_figures
from bot.knowledge.finding import Hit
from bot.knowledge.prepare import load_finder
from bot.knowledge.vocabulary import CONDITIONS, INFORMATIONAL, region_served
from bot.places import Gazetteer
from bot.settings import Settings


class Question(BaseModel):
    """A question as somebody types it, and the articles that are a good answer; none when the base cannot answer it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: str = Field(min_length=1)
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One question, what the search found and what the turn came to."""

    question: Question
    intent: str
    found: tuple[tuple[str, float], ...]
    """Articles by id, with their chance, likeliest first."""
    answer: str | None
    """The article that is said; none when the turn says that it does not know, or does something else than answer."""
    offered: tuple[str, ...]
    seconds: float
    """What the search took."""

    @property
    def answerable(self) -> bool:
        return bool(self.question.articles)

    def found_within(self, count: int) -> bool:
        """Whether a right article is among the first so many that were found."""
        return any(identifier in self.question.articles for identifier, _ in self.found[:count])

    @property
    def right(self) -> bool:
        return self.answer is not None and self.answer in self.question.articles

    @property
    def wrong(self) -> bool:
        return self.answer is not None and self.answer not in self.question.articles


@dataclass(slots=True)
class Measured:
    """Every question with its answer, and the figures over them."""

    answers: list[Answered] = field(default_factory=list)

    def rows(self) -> list[tuple[str, str]]:
        """What a reader wants to know, in Dutch, with its value."""
        known = [answer for answer in self.answers if answer.answerable]
        unknown = [answer for answer in self.answers if not answer.answerable]
        times = sorted(answer.seconds for answer in self.answers)

        def share(some: Sequence[Answered], of: Sequence[Answered]) -> str:
            return f"{len(some) / len(of):.1%} ({len(some)} van {len(of)})".replace(".", ",") if of else "-"

        return [
            ("vragen die de kennisbank kan beantwoorden / niet kan beantwoorden", f"{len(known)} / {len(unknown)}"),
            ("zoeken: juiste artikel eerst (hit@1)", share([a for a in known if a.found_within(1)], known)),
            (
                "zoeken: juiste artikel bij de eerste drie (hit@3)",
                share([a for a in known if a.found_within(3)], known),
            ),
            ("gesprek: juist artikel gegeven", share([a for a in known if a.right], known)),
            ("gesprek: juist artikel als keuze aangeboden", share([a for a in known if _offers(a)], known)),
            (
                "gesprek: algemeen antwoord, met het juiste artikel als knop",
                share([a for a in known if a.wrong and _beside(a)], known),
            ),
            ("gesprek: verkeerd artikel gegeven", share([a for a in known if a.wrong and not _beside(a)], known)),
            ("gesprek: 'dat weet ik niet' of iets anders", share([a for a in known if _silent(a)], known)),
            ("niet te beantwoorden: toch een artikel gegeven", share([a for a in unknown if a.wrong], unknown)),
            (
                "niet te beantwoorden: 'dat weet ik niet' of iets anders",
                share([a for a in unknown if not a.wrong], unknown),
            ),
            ("zoeken duurt: mediaan / 95 %", f"{_at(times, 0.5) * 1000:.1f} / {_at(times, 0.95) * 1000:.1f} ms"),
        ]

    def mistakes(self) -> Iterator[str]:
        """Each question that got no right answer, with what it got."""
        for one in self.answers:
            if one.wrong or (one.answerable and not one.right):
                wanted = ", ".join(one.question.articles) or "niets"
                got = one.answer or (f"keuze uit {', '.join(one.offered)}" if one.offered else "niets")
                best = ", ".join(f"{identifier} {chance:.2f}" for identifier, chance in one.found)
                yield f"{one.question.ask!r}: {one.intent}, gewild {wanted}, kreeg {got} (gevonden: {best})"

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "figures": dict(self.rows()),
            "answers": [{**asdict(one), "question": one.question.model_dump()} for one in self.answers],
        }


def _offers(one: Answered) -> bool:
    return one.answer is None and any(identifier in one.question.articles for identifier in one.offered)


def _beside(one: Answered) -> bool:
    """Whether a right article stands as a button under the general answer."""
    return any(identifier in one.question.articles for identifier in one.offered)


def _silent(one: Answered) -> bool:
    return one.answer is None and not _offers(one)


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def read_questions(path: Path) -> list[Question]:
    """The questions of a YAML file with a list `questions`. Raises `DataError` naming file, entry and field."""
    return read_entries(path, "questions", Question)


async def measure(settings: Settings, questions: Sequence[Question]) -> Measured:
    """Each question with its answer today, read by the trained model. Raises `DataError` for an unknown article."""
    from bot.assistant.evaluation import Reader
    from bot.assistant.training import model_path

    library = load_library(settings.data_dir / "knowledge" / "articles", load_figures(settings.data_dir / "knowledge"))
    for question in questions:
        for identifier in question.articles:
            if library.get(identifier) is None:
                raise ValueError(f"'{question.ask}' names the article '{identifier}', which is not there")
    places = Gazetteer.load(settings.data_dir / "places")
    finder, reader = load_finder(settings, library), Reader(model_path(settings))
    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    measured = Measured()
    for question in questions:
        understood = await reader.read(question.ask)
        intent = understood["intent"]["name"] or LOST
        begun = time.perf_counter()
        hits = finder.find(question.ask, today)
        seconds = time.perf_counter() - begun
        answer, offered = _settled(question.ask, hits, library, understood, places, today)
        if answer and not question.articles and (said := library.get(answer)) and said.unknown:
            answer = None  # the turn says that we do not know
        found = tuple((hit.article.id, round(hit.chance, 4)) for hit in hits)
        measured.answers.append(Answered(question, intent, found, answer, offered, seconds))
    return measured


def _settled(
    words: str, hits: Sequence[Hit], library: Library, understood: dict[str, Any], places: Gazetteer, on: date
) -> tuple[str | None, tuple[str, ...]]:
    """What the turn comes to, and what it offers: as the actions do, without the memory of a conversation."""
    ranking = [one["confidence"] for one in understood.get("intent_ranking") or () if one["name"] != LOST]
    facts: dict[str, str] = {}
    for one in understood.get("entities") or ():
        if one["entity"] in CONDITIONS:
            facts[one["entity"]] = str(one["value"])
        elif one["entity"] == "location" and (place := places.resolve(str(one["value"])).place):
            facts["region"] = region_of(place)
    if served := region_served(facts.get("provider", "")):
        facts.setdefault("region", served)
    intent = understood["intent"]["name"] or LOST
    general = library.find(intent, facts, on)
    outcome = decide(Asked(intent, words, max(ranking, default=0.0), facts), hits, general, on)
    offered = tuple(article.id for article in (*outcome.offered, *outcome.near))
    if outcome.article or outcome.offered:
        return outcome.article.id if outcome.article else None, offered
    return general.id if general and intent in INFORMATIONAL else None, offered
