"""Which Python each way of understanding runs in, made when it is first needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT
from scripts.bench import stock
from scripts.bootstrap import executable, find_python, find_uv

TORCH = ROOT / ".venv-encoder"
REQUIREMENTS = ROOT / "scripts" / "encoder" / "requirements.txt"


def _torch() -> str:
    """The Python of the environment that the encoder is made in. The first time PyTorch is fetched."""
    stamp = TORCH / "encoder.stamp"
    if not stamp.exists() or stamp.read_bytes() != REQUIREMENTS.read_bytes():
        print("Omgeving met PyTorch maken ...", flush=True)
        uv = find_uv()
        subprocess.run(
            [uv, "venv", "--quiet", "--no-config", "--clear", "--python", find_python("3.11"), TORCH], check=True
        )
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--no-config", "--python", executable(str(TORCH), "python"), "-r", REQUIREMENTS],
            check=True,
        )  # fmt: skip
        stamp.write_bytes(REQUIREMENTS.read_bytes())
    return executable(str(TORCH), "python")


def _published() -> str:
    stock.BENCH.mkdir(exist_ok=True)
    stock.make_environment()
    return executable(str(stock.VENV), "python")


def python(module: str) -> str:
    """The Python for a module of this package."""
    return {"diet": _published, "tokens": _torch}.get(module, lambda: sys.executable)()


def run(module: str, stage: str, folder: Path) -> None:
    """Runs a stage (`train`, `answer`) of a module of this package on a folder. Raises `RuntimeError` with what it wrote."""
    environment = {**stock.environment(), "OMP_WAIT_POLICY": "PASSIVE", "PYTHONPATH": str(ROOT)}
    if stage == "answer":  # one core, as a message has
        environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    inside = python(module)
    done = subprocess.run(
        [inside, "-m", f"scripts.compare.{module}", stage, str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {stage} failed:\n{(done.stdout + done.stderr)[-4000:]}")
