"""Measures what an answer takes beyond understanding the question: finding it, wording it, keeping the conversation.

    python -m scripts.bench_answers

Asks every question of tests/knowledge in a conversation of its own, after a greeting, of the assistant as it runs in one process
with SQLite. "Beyond understanding" is the whole turn without the NLU pipeline: the policies, the actions with the search by
meaning, and writing the conversation. Wall time and processor time; on a busy machine only the second says much.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.assistant.embedded import EmbeddedAssistant
from bot.assistant.interface import Turn
from bot.assistant.training import model_path
from bot.knowledge.evaluation import read_questions
from bot.logs import configure_logs
from bot.settings import ROOT, get_settings
from bot.storage.migrate import migrate

AIM = 25.0
"""Milliseconds, of 95 in 100 answers."""


class Understanding:
    """The time that reading messages takes, added up."""

    def __init__(self, processor: Any) -> None:
        self.wall = self.processor_time = 0.0
        self._parse = processor.parse_message
        processor.parse_message = self._timed

    async def _timed(self, *arguments: Any, **named: Any) -> Any:
        wall, processor_time = time.perf_counter(), time.process_time()
        try:
            return await self._parse(*arguments, **named)
        finally:
            self.wall += time.perf_counter() - wall
            self.processor_time += time.process_time() - processor_time


async def measure(questions: list[str]) -> list[tuple[float, float]]:
    """Wall and processor time of each answer beyond understanding, in milliseconds."""
    settings = get_settings()
    migrate(settings.database)
    assistant = EmbeddedAssistant(model_path(settings), settings.database)
    await assistant.start()
    understanding = Understanding(assistant._agent.processor)
    measured = []
    for number, question in enumerate(questions):
        conversation = f"bench-{number}"
        await assistant.answer(Turn(conversation_id=conversation, message_key="greeting", text="hallo"))
        understanding.wall = understanding.processor_time = 0.0
        wall, processor_time = time.perf_counter(), time.process_time()
        answer = await assistant.answer(Turn(conversation_id=conversation, message_key="question", text=question))
        wall, processor_time = time.perf_counter() - wall, time.process_time() - processor_time
        if not answer.replies:
            raise RuntimeError(f"no answer to {question!r}")
        measured.append(((wall - understanding.wall) * 1000, (processor_time - understanding.processor_time) * 1000))
    await assistant.close()
    return measured


def main() -> None:
    """Prints the figures."""
    configure_logs("warning")
    questions = [
        question.ask
        for path in sorted((ROOT / "tests" / "knowledge").glob("questions*.yml"))
        for question in read_questions(path)
    ]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LEERWIJZER_VAR_DIR"] = str(Path(folder))
        get_settings.cache_clear()
        measured = asyncio.run(measure(questions))
    for name, column in (("wall time", 0), ("processor time", 1)):
        times = sorted(one[column] for one in measured)
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
        print(f"{name:<15} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   (aim: p95 at most {AIM:g} ms)")
    print(f"{len(measured)} answers beyond understanding the question")


if __name__ == "__main__":
    main()
