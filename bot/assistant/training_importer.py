"""Rasa's reading of training data, quicker: thirteen thousand annotated sentences in seconds instead of a minute.

Rasa reads every file six times with a YAML parser written in Python (once for each kind of data that it might hold),
and checks each annotated word against a JSON schema. Here a file says by its keys what it holds, is parsed once by
libyaml, and an annotation is checked by hand. What comes out is the same (the tests compare them).
`config.yml` names this class, so that all commands of Rasa read with it.
"""

from __future__ import annotations

import copy
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.data import get_data_files, is_likely_yaml_file
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.entities_parser import ENTITY_REGEX
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.nlu.training_data.util import build_entity

from bot.trouble import Trouble
from bot.yaml_files import load_yaml

NLU_KEYS, STORY_KEYS = {"nlu", "responses"}, {"stories", "rules"}

_KEY = re.compile(r"^(\w+):", re.MULTILINE)
_DETAILS = {"entity", "value", "role", "group"}


class InvalidTrainingData(Trouble, RasaException):
    """A file with training data that cannot be used; the message names file, intent and example."""


class LeerwijzerImporter(RasaFileImporter):
    """Training data, rules and domain from files, for `config.yml`."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        self._domain_path = domain_path
        self.config_file = config_file
        self._nlu_files = get_data_files(training_data_paths, lambda path: bool(keys(path) & NLU_KEYS))
        self._story_files = get_data_files(training_data_paths, lambda path: bool(keys(path) & STORY_KEYS))
        self._conversation_test_files = get_data_files(training_data_paths, self._is_conversation_test)
        self._nlu_data: TrainingData | None = None

    @staticmethod
    def _is_conversation_test(path: str) -> bool:
        return Path(path).name.startswith("test_") and bool(keys(path) & STORY_KEYS)

    def get_nlu_data(self, language: str | None = "nl") -> TrainingData:
        """All examples. Raises `InvalidTrainingData`."""
        if self._nlu_data is None:
            self._nlu_data = read(self._nlu_files)
        return self._nlu_data


def keys(path: str) -> set[str]:
    """The top-level keys of a YAML file; none of another file."""
    return set(_KEY.findall(Path(path).read_text(encoding="utf-8"))) if is_likely_yaml_file(path) else set()


def read(paths: Sequence[str]) -> TrainingData:
    """The training data of several files. Raises `InvalidTrainingData`."""
    readers = [_Reader.of(path) for path in paths]
    return TrainingData(
        [Example(data=message.data) for reader in readers for message in reader.training_examples],
        {text: value for reader in readers for text, value in reader.entity_synonyms.items()},
        [feature for reader in readers for feature in reader.regex_features],
        [table for reader in readers for table in reader.lookup_tables],
        {name: response for reader in readers for name, response in reader.responses.items()},
    )


class Example(Message):
    """A message that is quick to copy and to compare: Rasa copies and compares all examples five times when it merges."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        data = {key: copy.deepcopy(value, memo) if value else value for key, value in self.data.items()}
        copied = Example(data=data, features=copy.deepcopy(self.features, memo), time=self.time)
        copied.output_properties = set(self.output_properties)
        copied._cached_fingerprint = self._cached_fingerprint
        return copied

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """As of a message, but what does not change does not make its fingerprint be computed again."""
        if not add_to_output and prop in self.data and self.data[prop] == info:
            return
        super().set(prop, info, add_to_output)


class _Reader(RasaYAMLReader):
    """Rasa's reader of one file, with a quicker parser of YAML and of annotations."""

    @classmethod
    def of(cls, path: str) -> _Reader:
        """The reader that has read a file."""
        reader = cls()
        reader.filename = str(path)
        try:
            with Path(path).open(encoding="utf-8") as file:
                content = load_yaml(file.read())
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InvalidTrainingData(f"{path}: no YAML: {error}") from error
        blocks = content.get("nlu") if isinstance(content, dict) else None
        if not isinstance(content, dict) or not isinstance(blocks or [], list):
            raise InvalidTrainingData(f"{path}: expected `version` and a list under `nlu`")
        with warnings.catch_warnings():
            # A word may mean one thing in one intent and another in the next ("cheque"): nothing here makes it a synonym.
            warnings.filterwarnings("ignore", "Found inconsistent entity synonyms", UserWarning)
            reader._parse_nlu(blocks)
        reader.responses = content.get("responses") or {}
        return reader

    def _parse_training_examples(
        self, examples: str | list[dict[str, Any]], intent: str
    ) -> list[tuple[str, list[dict[str, Any]], Any]]:
        if isinstance(examples, str):
            given = [(example, None) for example in self._parse_multiline_example(intent, examples)]
        elif isinstance(examples, list) and all(isinstance(example, dict) for example in examples):
            given = [(str(example.get("text", "")).strip(), example.get("metadata")) for example in examples]
        else:
            raise InvalidTrainingData(
                f"{self.filename}, intent {intent}: `examples` is neither text nor a list of texts"
            )
        try:
            return [(text, list(entities(text)), metadata) for text, metadata in given]
        except ValueError as error:
            raise InvalidTrainingData(f"{self.filename}, intent {intent}: {error}") from error


def entities(example: str) -> Iterator[dict[str, Any]]:
    """The entities annotated in an example, their places counted in its plain text. Raises ValueError naming the example."""
    taken = 0
    for match in ENTITY_REGEX.finditer(example):
        text = match["entity_text"]
        start = match.start() - taken
        taken += len(match[0]) - len(text)
        if match["entity"]:
            found = [{"entity": match["entity"], "value": match["value"] or text}]
        else:
            found = _details(match["entity_dict"], match["list_entity_dicts"], example)
        for details in found:
            yield build_entity(
                start,
                start + len(text),
                details.get("value", text),
                details["entity"],
                details.get("role"),
                details.get("group"),
            )


def _details(one: str | None, several: str | None, example: str) -> list[dict[str, str]]:
    written = f"[{{{one}}}]" if one else f"[{several}]"
    try:
        found: list[dict[str, str]] = json.loads(written)
    except ValueError as error:
        raise ValueError(f"an annotation is no JSON in: {example}") from error
    for details in found:
        if not isinstance(details, dict) or "entity" not in details or not set(details) <= _DETAILS:
            raise ValueError(
                f"an annotation needs `entity`, and knows only {', '.join(sorted(_DETAILS))}, in: {example}"
            )
        if not all(isinstance(value, str) for value in details.values()):
            raise ValueError(f"an annotation has a value that is no text in: {example}")
    return found
