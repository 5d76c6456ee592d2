"""The run itself: who writes, who dies, and what came of it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from support import cloud_api
from support.cloud_api import CloudApi
from support.fake_provider import FakeProvider, Taken, some_trouble
from support.live import free_port
from support.rasa_server import RasaServer
from support.telegram_api import TOKEN, TelegramApi

from bot.settings import ROOT
from bot.storage.migrate import migrate

SECRET = "geheim"
OUR_COMMIT = 2.0
"""Seconds after a provider took a message within which a death may still have kept us from noting it."""
PATIENCE = 120.0
"""Seconds without any progress after which what is missing counts as lost."""


@dataclass(frozen=True)
class Plan:
    """How large a run is, and how cruel."""

    messages: int = 10_000
    each: int = 20
    """Messages of one person."""
    seed: int = 1
    trouble: float = 0.05
    """Part of the calls to a provider that go wrong."""
    doubled: float = 0.1
    """Part of the webhooks that a provider posts twice."""
    at_once: int = 64
    """People who write at the same time."""
    pause: float = 0.5
    """Seconds at most between two messages of one person."""
    assistant: float = 0.0
    """Seconds the assistant takes for an answer."""
    life: tuple[float, float] = (10.0, 35.0)
    """Seconds that the process works before it is killed."""
    provider_life: tuple[float, float] = (10.0, 25.0)
    provider_away: tuple[float, float] = (0.5, 3.0)

    @classmethod
    def calm(cls) -> Plan:
        """Nobody dies and one person writes at a time, while the assistant is slow: how soon the providers get their 200."""
        never = (1e9, 1e9)
        return cls(
            messages=300, each=1, trouble=0.0, doubled=0.0, at_once=1, pause=0.05, assistant=2.0, life=never,
            provider_life=never,
        )  # fmt: skip


@dataclass
class Outcome:
    """What came of a run."""

    messages: int = 0
    answered: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: int = 0
    """Answers that somebody got more than once, each explained by a death in the window before our commit."""
    unexplained: list[str] = field(default_factory=list)
    kills: int = 0
    provider_deaths: int = 0
    webhooks: int = 0
    turns: int = 0
    seconds: float = 0.0
    answers_ms: list[float] = field(default_factory=list)
    """How long a webhook waited for its 200, of those that got one."""

    @property
    def good(self) -> bool:
        """Nothing lost, and nothing doubled without its reason."""
        return not self.lost and not self.unexplained and self.answered == self.messages

    def quantile(self, part: float) -> float:
        """A quantile of the times to a 200, in milliseconds."""
        ordered = sorted(self.answers_ms)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


class Application:
    """The process that is killed and started again, always on the same port and database."""

    def __init__(self, var: Path, rasa: RasaServer, telegram: TelegramApi, meta: CloudApi, database_url: str) -> None:
        self.port = free_port()
        self._arguments = (str(self.port), rasa.url)
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("LEERWIJZER_")}
        self._environment |= {
            "LEERWIJZER_VAR_DIR": str(var), "LEERWIJZER_DATABASE_URL": database_url,
            "LEERWIJZER_QUIET_PERIOD": "0.3",
            "LEERWIJZER_TELEGRAM_TOKEN": TOKEN, "LEERWIJZER_TELEGRAM_SECRET": SECRET,
            "LEERWIJZER_TELEGRAM_API_URL": telegram.url, "LEERWIJZER_WHATSAPP_API_URL": meta.url,
            **{f"LEERWIJZER_{name.upper()}": value for name, value in cloud_api.SETTINGS.items()},
        }  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None
        self.deaths: list[float] = []

    async def start(self) -> None:
        """Starts it; it may take some seconds until it answers."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scripts.faults.application", *self._arguments, cwd=ROOT, env=self._environment
        )

    async def until_ready(self) -> None:
        """Waits until it would take a message."""
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            while True:
                try:
                    if (await http.get(f"http://127.0.0.1:{self.port}/health/ready")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """Kills it, with no time for anything."""
        assert self._process is not None
        self.deaths.append(time.monotonic())
        self._process.kill()
        await self._process.wait()


@dataclass(frozen=True)
class Message:
    """One message of somebody, as its provider posts it."""

    person: str
    text: str
    path: str
    content: bytes
    headers: dict[str, str]


def telegram_message(number: int, person: int, text: str) -> Message:
    """A message on Telegram."""
    chat = {"id": person, "type": "private"}
    who = {"id": person, "is_bot": False, "first_name": "An"}
    message = {"message_id": number, "date": int(time.time()), "text": text, "from": who, "chat": chat}
    content = json.dumps({"update_id": number, "message": message}).encode()
    return Message(str(person), text, "/webhooks/telegram", content, {"X-Telegram-Bot-Api-Secret-Token": SECRET})


def whatsapp_message(person: str, text: str) -> Message:
    """A message on WhatsApp."""
    content, headers = cloud_api.signed(cloud_api.body([cloud_api.text(text, person)], user=person))
    return Message(person, text, "/webhooks/whatsapp", content, headers)


async def run(
    plan: Plan, var: Path, database_url: str = "", tell: Callable[[str], None] = lambda words: None
) -> Outcome:
    """One run. Everything is over real HTTP; only the assistant and the two providers are not the real ones."""
    database_url = database_url or f"sqlite:///{var / 'faults.db'}"
    await asyncio.to_thread(migrate, database_url)
    dice = random.Random(plan.seed)
    rasa, telegram, meta = RasaServer(), TelegramApi(), CloudApi()
    for fake in (rasa, telegram, meta):
        fake.start()
    rasa.delay = plan.assistant
    telegram.trouble_of, meta.trouble_of = some_trouble(plan.trouble, plan.seed), some_trouble(plan.trouble, -plan.seed)
    application = Application(var, rasa, telegram, meta, database_url)
    outcome = Outcome(messages=plan.messages)
    began = time.monotonic()
    await application.start()
    await application.until_ready()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # it tells of every caller that was killed
    over = asyncio.Event()
    hung_up: list[float] = []
    reapers = [
        asyncio.create_task(_kill_again_and_again(application, plan, random.Random(plan.seed + 1), over)),
        *(
            asyncio.create_task(_hang_up(fake, plan, random.Random(plan.seed + 2 + n), hung_up, over))
            for n, fake in enumerate((telegram, meta))
        ),
    ]
    try:
        await _everybody_writes(application, plan, dice, outcome)
        tell(f"alles gepost na {time.monotonic() - began:.0f} s, {len(application.deaths)} keer gedood")
        over.set()
        await asyncio.gather(*reapers)
        await _until_answered(plan, (telegram, meta))
    finally:
        over.set()
        await asyncio.gather(*reapers, return_exceptions=True)
        outcome.seconds = time.monotonic() - began
        deaths = [*application.deaths]
        await application.kill()
        for fake in (telegram, meta, rasa):
            fake.stop()
    outcome.kills, outcome.provider_deaths = len(deaths), len(hung_up)
    outcome.turns = len(rasa.turns)
    _judge(outcome, plan, [*telegram.taken, *meta.taken], [*deaths, *hung_up])
    return outcome


def _people(plan: Plan) -> list[tuple[str, list[str]]]:
    """Who writes, and what: half on each channel."""
    people = []
    for number in range(-(-plan.messages // plan.each)):
        count = min(plan.each, plan.messages - number * plan.each)
        name = f"BE.mens{number}" if number % 2 else str(5_000_000 + number)
        people.append((name, [f"[{number}-{n}]" for n in range(count)]))
    return people


async def _everybody_writes(application: Application, plan: Plan, dice: random.Random, outcome: Outcome) -> None:
    room = asyncio.Semaphore(plan.at_once)
    limits = httpx.Limits(max_connections=2 * plan.at_once)
    numbers = iter(range(1, 10 * plan.messages))
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{application.port}", timeout=10, limits=limits, trust_env=False
    ) as http:

        async def write(person: str, texts: list[str]) -> None:
            async with room:
                for text in texts:
                    if person.isdigit():
                        message = telegram_message(next(numbers), int(person), text)
                    else:
                        message = whatsapp_message(person, text)
                    again = dice.random() < plan.doubled
                    await asyncio.gather(*(_deliver(http, message, outcome) for _ in range(1 + again)))
                    await asyncio.sleep(dice.random() * plan.pause)

        await asyncio.gather(*(write(person, texts) for person, texts in _people(plan)))


async def _deliver(http: httpx.AsyncClient, message: Message, outcome: Outcome) -> None:
    """As a provider does: again and again, until it gets its 200."""
    while True:
        began = time.monotonic()
        try:
            response = await http.post(message.path, content=message.content, headers=message.headers)
        except httpx.HTTPError:
            await asyncio.sleep(0.25)
            continue
        if response.status_code == 200:
            outcome.webhooks += 1
            outcome.answers_ms.append((time.monotonic() - began) * 1000)
            return
        if response.status_code != 503:
            raise AssertionError(f"a webhook got {response.status_code}")
        await asyncio.sleep(0.25)


async def _kill_again_and_again(application: Application, plan: Plan, dice: random.Random, over: asyncio.Event) -> None:
    while not over.is_set():
        await application.until_ready()
        if not await _within(over, dice.uniform(*plan.life)):
            await application.kill()
            await application.start()


async def _hang_up(
    fake: FakeProvider, plan: Plan, dice: random.Random, deaths: list[float], over: asyncio.Event
) -> None:
    while not await _within(over, dice.uniform(*plan.provider_life)):
        await asyncio.to_thread(fake.take_down)
        deaths.append(time.monotonic())
        await _within(over, dice.uniform(*plan.provider_away))
        await asyncio.to_thread(fake.bring_back)


async def _within(over: asyncio.Event, seconds: float) -> bool:
    """Whether it is over before this time has passed."""
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return False
    return True


async def _until_answered(plan: Plan, fakes: tuple[FakeProvider, ...]) -> None:
    """Until every message has its answer, or nothing came for a long time."""
    wanted = {text for _, texts in _people(plan) for text in texts}
    known, last = 0, time.monotonic()
    while time.monotonic() - last < PATIENCE:
        taken = [one for fake in fakes for one in list(fake.taken)]
        if len(taken) != known:
            known, last = len(taken), time.monotonic()
            if wanted <= {text for one in taken for text in _texts_in(one)}:
                await asyncio.sleep(5)  # what would still be doubled
                return
        await asyncio.sleep(0.5)


def _texts_in(taken: Taken) -> list[str]:
    """The messages that an answer answers: short ones in a row are read as one."""
    return taken.text.removeprefix("antwoord op ").split("\n")


def _judge(outcome: Outcome, plan: Plan, taken: list[Taken], deaths: list[float]) -> None:
    copies: dict[tuple[str, str], list[Taken]] = defaultdict(list)
    for one in taken:
        for text in _texts_in(one):
            copies[one.person, text].append(one)
    for person, texts in _people(plan):
        for text in texts:
            if (person, text) in copies:
                outcome.answered += 1
            else:
                outcome.lost.append(f"{person} {text}")
    for (person, text), found in copies.items():
        outcome.doubled += len(found) - 1
        for earlier in found[:-1]:
            died = any(0 <= death - earlier.at <= OUR_COMMIT for death in deaths)
            if earlier.answered and not died:
                outcome.unexplained.append(f"{person} {text}")


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """The figures of a run, for the docs."""
    return {
        "berichten": outcome.messages,
        "beantwoord": outcome.answered,
        "verloren": len(outcome.lost),
        "dubbele antwoorden": outcome.doubled,
        "daarvan zonder verklaring": len(outcome.unexplained),
        "keer het proces gedood": outcome.kills,
        "keer een aanbieder uitgevallen": outcome.provider_deaths,
        "webhooks met een 200": outcome.webhooks,
        "beurten van de assistent": outcome.turns,
        "seconden": round(outcome.seconds),
        "200 na (ms), helft": round(outcome.quantile(0.5)),
        "200 na (ms), 99 op 100": round(outcome.quantile(0.99)),
    }
