"""How well a file of utterances is understood: intents, entities, per style, and what is taken for what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.assistant.rasa_import import prepare, silence_warnings
from bot.trouble import Trouble


@dataclass(slots=True)
class Example:
    """One utterance with what it should be understood as."""

    text: str
    intent: str
    entities: list[dict[str, Any]]
    style: str | None = None


@dataclass(slots=True)
class Result:
    """One utterance with what it was understood as; `intent` is the likeliest before any fallback."""

    example: Example
    intent: str
    confidence: float
    fallback: bool
    entities: list[dict[str, Any]]

    @property
    def right(self) -> bool:
        return self.intent == self.example.intent


@dataclass(slots=True)
class Report:
    """Shares are between 0 and 1. `intents` and `entities` map a name to precision, recall, f1 and counts."""

    examples: int
    accuracy: float
    macro_f1: float
    asked_back: float
    styles: dict[str, dict[str, float]]
    intents: dict[str, dict[str, float]]
    entities: dict[str, dict[str, float]]
    confusions: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


class NotExamples(Trouble, ValueError):
    """The file is no Rasa NLU YAML with examples."""


def read_examples(path: Path) -> list[Example]:
    """The utterances of a Rasa NLU YAML file. `metadata: {style: …}` of an example or its intent is kept.

    Raises `NotExamples`, naming the file.
    """
    prepare()
    silence_warnings()
    from rasa.shared.exceptions import RasaException
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    try:
        data = RasaYAMLReader().reads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RasaException, ValueError) as error:
        raise NotExamples(f"{path}: not a Rasa NLU file: {error}") from error
    examples = [
        Example(
            message.get("text"),
            message.get("intent"),
            [dict(entity) for entity in message.get("entities") or ()],
            _style(message.get("metadata") or {}),
        )
        for message in data.intent_examples
        if message.get("text")
    ]
    if not examples:
        raise NotExamples(f"{path}: holds no examples of intents")
    return examples


def _style(metadata: dict[str, Any]) -> str | None:
    for level in ("example", "intent"):
        found = metadata.get(level)
        if isinstance(found, dict) and found.get("style"):
            return str(found["style"])
    return None


class Reader:
    """Reads sentences with a trained model, without conversation."""

    def __init__(self, model: Path) -> None:
        prepare()
        silence_warnings()
        from rasa.core.agent import Agent

        self._agent = Agent()
        self._agent.load_model(model)

    async def read(self, text: str) -> dict[str, Any]:
        """What the model understands: intent, ranking, entities, as Rasa gives them."""
        from rasa.core.channels.channel import UserMessage

        parsed: dict[str, Any] = await self._agent.processor.parse_message(UserMessage(text.lstrip("/ ") or "?"))
        return parsed

    async def results(self, examples: Iterable[Example]) -> list[Result]:
        """Each example with what was understood."""
        results = []
        for example in examples:
            parsed = await self.read(example.text)
            ranking = [entry for entry in parsed.get("intent_ranking") or [] if entry["name"] != "nlu_fallback"]
            best = ranking[0] if ranking else parsed["intent"]
            results.append(
                Result(
                    example,
                    best["name"] or "",
                    float(best["confidence"]),
                    parsed["intent"]["name"] == "nlu_fallback",
                    parsed.get("entities") or [],
                )
            )
        return results


def _scores(right: int, given: int, wanted: int) -> dict[str, float]:
    precision = right / given if given else 0.0
    recall = right / wanted if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "right": right, "given": given, "wanted": wanted}


def report(results: list[Result]) -> Report:
    """The figures over results. Macro-F1 counts every intent that occurs or was given equally."""
    from bot.assistant.nlu.scoring import score_entities

    right = sum(result.right for result in results)
    wanted = Counter(result.example.intent for result in results)
    given = Counter(result.intent for result in results)
    hits = Counter(result.intent for result in results if result.right)
    intents = {name: _scores(hits[name], given[name], wanted[name]) for name in sorted(wanted | given)}
    styles: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        styles[result.example.style or "-"].append(result)
    confusions = Counter((result.example.intent, result.intent) for result in results if not result.right)
    return Report(
        examples=len(results),
        accuracy=right / len(results),
        macro_f1=sum(scores["f1"] for scores in intents.values()) / len(intents),
        asked_back=sum(result.fallback for result in results) / len(results),
        styles={
            style: {"accuracy": sum(r.right for r in part) / len(part), "examples": len(part)}
            for style, part in sorted(styles.items())
        },
        intents=intents,
        entities=score_entities([(result.example.entities, result.entities) for result in results]),
        confusions=[
            {"intent": wanted_name, "taken_for": given_name, "count": count}
            for (wanted_name, given_name), count in confusions.most_common(25)
        ],
    )
