"""`python -m scripts.faults`: ten thousand messages, random kills, and what came of it. Ends with 1 when anything is lost."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))  # the providers are those of the tests

from scripts.faults.run import Plan, as_dict, run


def main() -> int:
    """Runs it and prints the figures."""
    parser = argparse.ArgumentParser(
        description="Laat het proces en de aanbieders uitvallen, en telt wat verloren gaat."
    )
    parser.add_argument("--messages", type=int, default=Plan.messages)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--database", default="", help="SQLAlchemy-URL van een lege databank; anders SQLite")
    parser.add_argument("--calm", action="store_true", help="niets valt uit: hoe snel krijgt de aanbieder zijn 200?")
    arguments = parser.parse_args()
    plan = Plan.calm() if arguments.calm else Plan(messages=arguments.messages, seed=arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(run(plan, Path(folder), arguments.database, lambda words: print(words, flush=True)))
    print(json.dumps(as_dict(outcome), indent=1, ensure_ascii=False))
    for what, found in (("verloren", outcome.lost), ("dubbel zonder verklaring", outcome.unexplained)):
        if found:
            print(f"{what}: {', '.join(found[:20])}")
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
