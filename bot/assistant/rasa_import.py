"""Rasa without TensorFlow: call `prepare()` before anything of `rasa` is imported.

Rasa 3.6 imports TensorFlow at module level, for components we do not use (DIET, TED, the response selector). TensorFlow
would add 1.5 GB, 13 seconds of start and 350 MB of memory, and its last version that Rasa accepts runs on no supported Python. So
an import hook hands Rasa empty modules: enough for base classes, decorators and annotations, while anything that is
really computed with them raises `TensorFlowAbsent`, which says what to do.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

ABSENT = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})
"""Top-level modules that are handed out empty."""

NEEDS_TENSORFLOW = frozenset(
    {
        "DIETClassifier",
        "ResponseSelector",
        "TEDPolicy",
        "UnexpecTEDIntentPolicy",
        "LanguageModelFeaturizer",
        "ConveRTFeaturizer",
        "ConveRTTokenizer",
    }
)
"""Components of Rasa that cannot run here."""

REASON = (
    "TensorFlow is not installed with Leerwijzer: its pipeline does not need it (docs/architecture.md says why). "
    "Choose components that work without it, such as those under bot/assistant/nlu."
)


class TensorFlowAbsent(RuntimeError):
    """Something asked for a computation by TensorFlow."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} needs TensorFlow. {REASON}")


class _Name(type):
    """A class whose every attribute is another such class, made when asked for."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Name(name, (), {"_path": f"{cls.__dict__.get('_path', cls.__name__)}.{name}"})
        setattr(cls, name, made)
        return made

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], types.FunctionType):
            return args[0]  # a decorator
        return _Result(cls.__dict__.get("_path", cls.__name__))

    def __or__(cls, other: object) -> Any:
        return cls

    def __ror__(cls, other: object) -> Any:
        return cls


class _Result:
    """What a call at import time gives: it may decorate a function, and refuses all else."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and callable(args[0]):
            return args[0]
        raise TensorFlowAbsent(self._path)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise TensorFlowAbsent(f"{self._path}().{name}")

    def _refuse(self, *_: Any) -> NoReturn:
        raise TensorFlowAbsent(self._path)

    __bool__ = __iter__ = __len__ = __getitem__ = __enter__ = __add__ = __mul__ = _refuse


class _EmptyModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Name(name, (), {"_path": f"{self.__name__}.{name}"})
        setattr(self, name, made)
        return made


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = _EmptyModule(spec.name)
        module.__path__ = []
        module.__version__ = "2.12.0"  # type: ignore[attr-defined]  # Rasa compares it
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        return None


def prepare() -> None:
    """Makes `import rasa` work and silent: empty TensorFlow modules, no telemetry, no warnings about old dependencies.

    May be called more than once. A TensorFlow that is installed after all is left alone.
    """
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning, module="rasa")
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    if "tensorflow" in sys.modules or importlib.util.find_spec("tensorflow") is not None:
        return
    sys.meta_path.insert(0, _Finder())


def silence_warnings() -> None:
    """Leaves out Rasa's warnings about data, in our own commands: `leerwijzer rasa data validate` shows them."""
    warnings.filterwarnings("ignore", category=UserWarning, module=r"rasa\.")


def refuse_tensorflow(components: Iterable[str]) -> None:
    """Raises `TensorFlowAbsent` when one of the named components of a configuration needs TensorFlow."""
    for name in components:
        if name.rpartition(".")[2] in NEEDS_TENSORFLOW:
            raise TensorFlowAbsent(f"{name}, named in the configuration,")
