"""Rasa's own command on this project: made importable without TensorFlow, and told where our training data stand."""

from __future__ import annotations

import os
import sys

from bot.assistant.rasa_import import TensorFlowAbsent, prepare, refuse_tensorflow
from bot.assistant.training import components, training_paths
from bot.logs import configure_logs
from bot.settings import ROOT, Settings

DEFAULT_ACTIONS_URL = "http://localhost:5055/webhook"
"""Where `leerwijzer rasa run actions` listens when it is not told otherwise."""

_NLU, _RULES, _STORIES = 0, 1, 2
_WITH_DATA: dict[tuple[str, ...], tuple[str, tuple[int, ...]]] = {
    ("train", "nlu"): ("--nlu", (_NLU,)),
    ("train", "core"): ("--stories", (_RULES,)),
    ("train",): ("--data", (_NLU, _RULES)),
    ("data", "validate"): ("--data", (_NLU, _RULES)),
    ("data", "split", "nlu"): ("--nlu", (_NLU,)),
    ("test", "nlu"): ("--nlu", (_NLU,)),
    ("test", "core"): ("--stories", (_STORIES,)),
    ("test",): ("--stories", (_STORIES,)),
}
"""Subcommands that read training data or test stories, by which option and which of our folders: data/ holds much that is not
Rasa's. The first that fits counts."""

_SHORT = {"--nlu": "-u", "--stories": "-s"}


def with_defaults(arguments: list[str], settings: Settings) -> list[str]:
    """The arguments, with our training data where the user named none."""
    for command, (option, folders) in _WITH_DATA.items():
        size = len(command)
        if tuple(arguments[:size]) != command:
            continue
        if {option, _SHORT.get(option, option)} & set(arguments):
            return arguments
        ours = [*training_paths(settings), ROOT / "tests" / "rasa"]
        paths = [str(ours[folder]) for folder in folders]
        return [*arguments[:size], option, *paths, *arguments[size:]]
    return arguments


def _log_without_content(settings: Settings) -> None:
    """Has the servers of Rasa log as ours does: it sets up logging itself, and quotes what it cannot handle."""
    import rasa.__main__
    import rasa_sdk.utils

    def ours(*_: object) -> None:
        configure_logs(settings.log_level, settings.log_format)

    setattr(rasa.__main__, "configure_structlog", ours)  # noqa: B010 (the last it does before the command)
    setattr(rasa_sdk.utils, "configure_colored_logging", ours)  # noqa: B010 (of the action server)


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

    if arguments[:1] == ["run"]:
        _log_without_content(settings)
    sys.argv = ["rasa", *with_defaults(arguments, settings)]
    try:
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    except TensorFlowAbsent as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0
