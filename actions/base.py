"""What every custom action stands on: the services, loaded once, and one turn of the conversation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.catalogue.price import Reduction, load_reductions
from bot.catalogue.search import Catalogue
from bot.catalogue.shared import shared_catalogue
from bot.conversation.message import Button, Card, Source
from bot.counsellors.demo import demo_organisations
from bot.entitlements.audience import Professionals, load_professionals
from bot.entitlements.rules import Rules, shared_rules
from bot.knowledge.articles import Library, load_library
from bot.knowledge.figures import Figures
from bot.knowledge.finding import Finder
from bot.knowledge.follow_ups import FollowUps, load_follow_ups
from bot.knowledge.languages import Languages, load_languages
from bot.knowledge.meanings import load_meanings
from bot.knowledge.prepare import load_finder
from bot.places import Gazetteer, Place
from bot.referral.directory import Directory, Helplines, load_directory, load_helplines
from bot.referral.referrals import Consent, load_consent
from bot.settings import Settings, get_settings
from bot.storage.database import Database

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Services:
    """What actions ask. Read-only data and doors to the database; shared by all conversations."""

    settings: Settings
    database: Database
    places: Gazetteer
    figures: Figures
    library: Library
    finder: Finder
    languages: Languages
    meanings: Mapping[str, str]
    follow_ups: FollowUps
    directory: Directory
    helplines: Helplines
    consent: Consent
    catalogue: Catalogue
    reductions: tuple[Reduction, ...]
    rules: Rules
    professionals: Professionals


@lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process. Raises what is wrong with the data, naming file, entry and field."""
    settings = get_settings()
    data = settings.data_dir
    shared = shared_catalogue(settings)
    places, figures = shared.places, shared.figures
    library = load_library(data / "knowledge" / "articles", figures)
    return Services(
        settings=settings,
        database=shared.database,
        places=places,
        figures=figures,
        library=library,
        finder=load_finder(settings, library),
        languages=load_languages(data / "knowledge"),
        meanings=load_meanings(data / "knowledge"),
        follow_ups=load_follow_ups(data / "knowledge"),
        directory=load_directory(data / "referral", places, more=demo_organisations(settings)),
        helplines=load_helplines(data / "referral"),
        consent=load_consent(data / "referral"),
        catalogue=shared.catalogue,
        reductions=load_reductions(data / "catalogue"),
        rules=shared_rules(data),
        professionals=load_professionals(data / "entitlements"),
    )


class Turn:
    """One message being answered: what is known, and the ways to say something."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self.dispatcher = dispatcher
        self.tracker = tracker
        self.services = services()

    def slot(self, name: str) -> Any:
        """A slot, None when unset."""
        return self.tracker.get_slot(name)

    def say(
        self,
        text: str,
        buttons: Sequence[Button] = (),
        cards: Sequence[Card] = (),
        sources: Sequence[Source] = (),
        tools: Sequence[Button] = (),
    ) -> None:
        """One message to the person."""
        custom: dict[str, Any] = {}
        if tools:
            custom["tools"] = [tool.model_dump() for tool in tools]
        if cards:
            custom["cards"] = [card.model_dump(mode="json") for card in cards]
        if sources:
            custom["sources"] = [source.model_dump(mode="json") for source in sources]
        self.dispatcher.utter_message(
            text=text, buttons=[button.model_dump() for button in buttons], json_message=custom or None
        )

    def offer(self, button: Button) -> None:
        """Adds a button, before the others, to what was said last; nothing when nothing was said."""
        if self.dispatcher.messages:
            self.dispatcher.messages[-1].setdefault("buttons", []).insert(0, button.model_dump())

    def respond(self, response: str, **values: Any) -> None:
        """One of the responses of domain.yml, its blanks filled in."""
        self.dispatcher.utter_message(response=response, **values)

    def home(self) -> Place | None:
        """The place the person named last, anywhere in the conversation."""
        identifier = self.slot("home")
        return self.services.places.get(identifier) if identifier else None


class TurnAction(Action, ABC):  # type: ignore[misc]
    """A custom action that is one coroutine over a `Turn`."""

    @abstractmethod
    def name(self) -> str:
        """As rules and the domain name it."""

    @abstractmethod
    async def act(self, turn: Turn) -> list[Event]:
        """Answers, and gives the events that change what is remembered."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        """As Rasa calls it."""
        return await self.act(Turn(dispatcher, tracker))
