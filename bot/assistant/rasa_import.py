"""Rasa without TensorFlow and without clients of other services: call `prepare()` before anything of `rasa` is imported.

Rasa 3.6 imports TensorFlow at module level, for components we do not use (DIET, TED, the response selector). TensorFlow
would add 1.5 GB, 13 seconds of start and 350 MB of memory, and its last version that Rasa accepts runs on no supported Python. So
an import hook hands Rasa empty modules: enough for base classes, decorators and annotations, while anything that is
really computed with them raises `TensorFlowAbsent`, which says what to do.

Likewise for the clients of chat services, clouds and brokers that Rasa imports for its own channels and stores: Leerwijzer
has its own channels and one database. They would add 90 MB and a fifth to the time of importing. Whoever installs one has it.
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

from bot.trouble import Trouble

ABSENT = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})
"""Top-level modules of TensorFlow that are handed out empty."""

FOR_TENSORFLOW = frozenset({"rasa.utils.tensorflow.data_generator", "rasa.utils.tensorflow.model_data"})
"""Modules of Rasa that only feed TensorFlow, handed out empty with it: they would bring scikit-learn to every start."""

CLIENTS = frozenset(
    {
        "aio_pika",
        "aiogram",
        "aiormq",
        "boto3",
        "botocore",
        "confluent_kafka",
        "fbmessenger",
        "mattermostwrapper",
        "pymongo",
        "rocketchat_API",
        "slack_sdk",
        "twilio",
        "webexteamssdk",
    }
)
"""Clients of other services that are handed out empty where they are not installed."""

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


class TensorFlowAbsent(Trouble, RuntimeError):
    """Something asked for a computation by TensorFlow."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} needs TensorFlow. {REASON}")


class ClientAbsent(RuntimeError):
    """Something asked for a service whose client is not installed."""

    def __init__(self, what: str) -> None:
        client = what.partition(".")[0]
        super().__init__(
            f"{what} needs the package of the module `{client}`, which is not installed with Leerwijzer: "
            "install it in this environment, or choose Leerwijzer's own channels and database."
        )


def _absent(what: str) -> RuntimeError:
    return ClientAbsent(what) if what.partition(".")[0] in CLIENTS else TensorFlowAbsent(what)


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
        if cls.__name__.startswith("is_"):
            return False  # "is this a tensor?", which others ask of what they are given: there are none
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
        raise _absent(self._path)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _absent(f"{self._path}().{name}")

    def _refuse(self, *_: Any) -> NoReturn:
        raise _absent(self._path)

    __bool__ = __iter__ = __len__ = __getitem__ = __enter__ = __add__ = __mul__ = _refuse


class _EmptyModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # Rasa names them in `except`, where only a class of exceptions may stand.
        is_error = name.endswith(("Error", "Exception")) or self.__name__.endswith((".errors", ".exceptions"))
        made: Any = type(name, (Exception,), {}) if is_error else _Name(name, (), {"_path": f"{self.__name__}.{name}"})
        setattr(self, name, made)
        return made


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, absent: frozenset[str]) -> None:
        self._absent = absent

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in self._absent or fullname.partition(".")[0] in self._absent:
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

    May be called more than once. What is installed after all is left alone.
    """
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning, module="rasa")
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    absent = frozenset(client for client in CLIENTS if not _installed(client))
    sys.meta_path.insert(0, _Finder(absent if _installed("tensorflow") else absent | ABSENT | FOR_TENSORFLOW))


def _installed(module: str) -> bool:
    return module in sys.modules or importlib.util.find_spec(module) is not None


def silence_warnings() -> None:
    """Leaves out Rasa's warnings about data, in our own commands: `leerwijzer rasa data validate` shows them.

    Its own bars of progress are left out too: ours tell what happens.
    """
    import sanic.app  # noqa: F401  # which Rasa imports: from then on it shows every deprecation once

    os.environ.setdefault("LOG_LEVEL", "WARNING")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=UserWarning, module=r"rasa\.")


def refuse_tensorflow(components: Iterable[str]) -> None:
    """Raises `TensorFlowAbsent` when one of the named components of a configuration needs TensorFlow."""
    for name in components:
        if name.rpartition(".")[2] in NEEDS_TENSORFLOW:
            raise TensorFlowAbsent(f"{name}, named in the configuration,")
