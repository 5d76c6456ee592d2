"""What a visitor filters on, as it stands in the address of the page: read leniently, with a word where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from bot.catalogue.model import DeliveryMode, Incentive, LanguageLevel, Part, Weekday
from bot.catalogue.search import RADIUS_KM, SearchQuery
from bot.places import Gazetteer, Place
from bot.places.gazetteer import Method

MAX_TEXT: Final = 100
MOST_PAGES: Final = 500
RADII: Final = (5, 10, 15, 25, 40)
_TIMES: Final = frozenset((*Part, *Weekday))


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one request. `query` is what of them makes sense; `problems` says of the others why not."""

    what: str = ""
    where: str = ""
    km: str = ""
    when: tuple[str, ...] = ()
    mode: str = ""
    level: str = ""
    recognised: str = ""
    price: str = ""
    start: str = ""
    provider: str = ""
    shortage: bool = False
    free: bool = False
    page: int = 1
    query: SearchQuery = field(default_factory=SearchQuery)
    problems: dict[str, str] = field(default_factory=dict)
    """In Dutch, by the name of the field in the address."""
    choices: tuple[Place, ...] = ()
    """Places to choose from when the one that was named may be several."""
    guessed: Place | None = None
    """The place that a misspelt name was taken for."""

    @property
    def any(self) -> bool:
        """Whether anything is filtered on."""
        return bool(self.address(page=1))

    def address(self, **changes: object) -> str:
        """The query string of the page with these filters, some of them changed."""
        new = replace(self, **changes)  # type: ignore[arg-type]
        pairs: list[tuple[str, str]] = [
            ("wat", new.what),
            ("waar", new.where),
            ("km", new.km if new.where else ""),
            *(("wanneer", time) for time in new.when),
            ("hoe", new.mode),
            ("niveau", new.level),
            ("erkend", new.recognised),
            ("prijs", new.price),
            ("vanaf", new.start),
            ("bij", new.provider),
            ("knelpunt", "ja" if new.shortage else ""),
            ("gratis", "ja" if new.free else ""),
            ("pagina", str(new.page) if new.page > 1 else ""),
        ]
        return urlencode([pair for pair in pairs if pair[1]])


def read(params: QueryParams, gazetteer: Gazetteer, today: date) -> Filters:
    """The filters in a query string. Never raises: what is wrong is left out of the query and named."""
    problems: dict[str, str] = {}

    def text(name: str) -> str:
        return " ".join(params.get(name, "")[:MAX_TEXT].split())

    given = Filters(
        what=text("wat"),
        where=text("waar"),
        km=text("km"),
        when=tuple(dict.fromkeys(time for time in params.getlist("wanneer") if time in _TIMES)),
        mode=_one_of(text("hoe"), DeliveryMode),
        level=_one_of(text("niveau"), LanguageLevel),
        recognised=_one_of(text("erkend"), Incentive),
        price=text("prijs"),
        start=text("vanaf"),
        provider=text("bij"),
        shortage=params.get("knelpunt") == "ja",
        free=params.get("gratis") == "ja",
        page=_page(text("pagina")),
    )
    place, choices, guessed = _place(given.where, gazetteer, problems)
    start = _start(given.start, today, problems)
    query = SearchQuery(
        subject=given.what,
        place=place,
        radius=float(given.km) if given.km.isdecimal() and int(given.km) in RADII else RADIUS_KM,
        schedule=frozenset(given.when),
        delivery_mode=given.mode or None,
        provider=given.provider,
        max_price=_price(given.price, problems),
        free_for_job_seekers=given.free,
        start_from=start,
        language_level=LanguageLevel(given.level) if given.level else None,
        recognised_for=Incentive(given.recognised) if given.recognised else None,
        shortage=given.shortage,
    )
    return replace(given, query=query, problems=problems, choices=choices, guessed=guessed)


def _one_of(text: str, values: Iterable[str]) -> str:
    return text if text in list(values) else ""


def _page(text: str) -> int:
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 6 else 1


def _place(
    text: str, gazetteer: Gazetteer, problems: dict[str, str]
) -> tuple[Place | None, tuple[Place, ...], Place | None]:
    if not text:
        return None, (), None
    match = gazetteer.resolve(text)
    if match.ambiguous:
        problems["waar"] = "Er zijn meer plaatsen met die naam. Welke bedoel je?"
        return None, match.places[:6], None
    if match.place is None:
        problems["waar"] = "We kennen die plaats niet. Probeer een gemeente of een postcode in Vlaanderen of Brussel."
        return None, (), None
    return match.place, (), match.place if match.method is Method.FUZZY else None


def _price(text: str, problems: dict[str, str]) -> Decimal | None:
    if not text:
        return None
    try:
        price = Decimal(text.replace("€", "").replace(",", ".").strip())
        if price.is_finite() and 0 <= price <= 100_000:
            return price
    except InvalidOperation:
        pass
    problems["prijs"] = "Geef een bedrag, zoals 150."
    return None


def _start(text: str, today: date, problems: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        start = date.fromisoformat(text)
        if start.year < 2100:
            return max(start, today)
    except ValueError:
        pass
    problems["vanaf"] = "Geef een datum, zoals 2027-02-01."
    return None
