"""What every way of understanding has in common: a folder, trained in one process, answering in a second one.

The folder holds `job.json` (the training examples and the choices) and, for answering, `lines.json` (texts); training leaves
`trained.json`, answering `answers.json`. Files and not imports, since each way runs in the environment that it needs: Rasa
as published in Python 3.10, PyTorch in its own. So this uses nothing but the standard library.
Times are of the processor, all its cores together: what else the machine does then matters little.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Training = Callable[[Path, "dict[str, Any]"], None]
Reading = Callable[[str], "dict[str, Any]"]
"""A text to `intent`, `confidence` (0 to 1) and `entities` as Rasa has them."""
Loading = Callable[[Path, "dict[str, Any]"], Reading]


def memory() -> float:
    """The memory this process has in use, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def run(train: Training, load: Loading) -> None:
    """Does the stage that the command line names: `train FOLDER` or `answer FOLDER`."""
    stage, folder = sys.argv[1], Path(sys.argv[2])
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    began = time.process_time()
    if stage == "train":
        train(folder, job)
        _write(folder / "trained.json", {"seconds": time.process_time() - began})
        return
    lines = json.loads((folder / "lines.json").read_text(encoding="utf-8"))
    read = load(folder, job)
    read("hallo")
    loaded = time.process_time() - began
    answers, milliseconds = [], []
    for line in lines:
        before = time.process_time()
        answers.append(read(line))
        milliseconds.append(1000 * (time.process_time() - before))
    _write(
        folder / "answers.json",
        {"load_s": loaded, "milliseconds": milliseconds, "memory_mb": memory(), "answers": answers},
    )


def _write(path: Path, found: dict[str, Any]) -> None:
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
