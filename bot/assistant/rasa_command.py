"""Rasa's own command on this project: made importable without TensorFlow, and told where our training data stand."""

from __future__ import annotations

import os
import sys

from bot.assistant.rasa_import import TensorFlowAbsent, prepare, refuse_tensorflow
from bot.assistant.training import components, training_paths
from bot.settings import ROOT, Settings

DEFAULT_ACTIONS_URL = "http://localhost:5055/webhook"
"""Where `leerwijzer rasa run actions` listens when it is not told otherwise."""

_NLU, _RULES = 0, 1
_WITH_DATA: dict[tuple[str, ...], tuple[str, tuple[int, ...]]] = {
    ("train", "nlu"): ("--nlu", (_NLU,)),
    ("train", "core"): ("--stories", (_RULES,)),
    ("train",): ("--data", (_NLU, _RULES)),
    ("data", "validate"): ("--data", (_NLU, _RULES)),
    ("data", "split", "nlu"): ("--nlu", (_NLU,)),
    ("test", "nlu"): ("--nlu", (_NLU,)),
}
"""Subcommands that read training data, by which option and which of our folders: data/ also holds much that is not Rasa's."""

_SHORT = {"--nlu": "-u", "--stories": "-s"}


def with_defaults(arguments: list[str], settings: Settings) -> list[str]:
    """The arguments, with our training data where the user named none."""
    for command, (option, folders) in _WITH_DATA.items():
        size = len(command)
        if tuple(arguments[:size]) != command:
            continue
        if {option, _SHORT.get(option, option)} & set(arguments):
            return arguments
        paths = [str(training_paths(settings)[folder]) for folder in folders]
        return [*arguments[:size], option, *paths, *arguments[size:]]
    return arguments


def execute(arguments: list[str], settings: Settings) -> int:
    """Runs `rasa` with these arguments and gives its exit code."""
    prepare()
    try:
        refuse_tensorflow(components(ROOT / "config.yml"))
    except TensorFlowAbsent as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if arguments[:2] == ["run", "actions"]:
        from bot.knowledge.prepare import prepare_finder

        prepare_finder(settings)  # else the first question would wait for it
    os.environ["LEERWIJZER_ACTIONS_URL"] = settings.actions_url or DEFAULT_ACTIONS_URL  # endpoints.yml names it
    from rasa.__main__ import main

    sys.argv = ["rasa", *with_defaults(arguments, settings)]
    try:
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    except TensorFlowAbsent as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0
