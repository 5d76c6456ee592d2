"""From loose fields, as any format gives them, to an offering. One place where it is decided what is good enough."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import ValidationError

from bot.catalogue.importers.values import (
    FieldError,
    bool_of,
    date_of,
    euro_of,
    incentives_of,
    int_of,
    level_of,
    listed,
    mapping_of,
    moments_of,
    shown,
    text_of,
    url_of,
)
from bot.catalogue.matches import How
from bot.catalogue.model import (
    Course,
    DeliveryMode,
    Location,
    Module,
    Offering,
    Part,
    Provider,
    ProviderKind,
    Schedule,
)
from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer, Match, Method, Place, PlaceKind, distance_between

FIELDS: Final = frozenset(Offering.model_fields) - {"source", "schedule"} | {"moments", "parts"}
"""The loose fields there are. `moments` and `parts` stand for `schedule`."""
_FAR_KM: Final = 25.0
"""A point this far from the place that is named with it is a mistake: the place's own is used."""
_MODES: Final = {
    **{mode.value: mode for mode in DeliveryMode},
    "": DeliveryMode.CLASSROOM, "klas": DeliveryMode.CLASSROOM, "contactonderwijs": DeliveryMode.CLASSROOM,
    "afstandsonderwijs": DeliveryMode.ONLINE, "op afstand": DeliveryMode.ONLINE,
    "gecombineerd": DeliveryMode.BLENDED, "gecombineerd onderwijs": DeliveryMode.BLENDED,
    "deels online": DeliveryMode.BLENDED,
}  # fmt: skip
_KINDS: Final = {
    **{kind.value: kind for kind in ProviderKind},
    "centrum voor volwassenenonderwijs": ProviderKind.CVO, "centrum voor basiseducatie": ProviderKind.LIGO,
    "cbe": ProviderKind.LIGO, "basiseducatie": ProviderKind.LIGO, "hogeschool": ProviderKind.HIGHER_EDUCATION,
    "universiteit": ProviderKind.HIGHER_EDUCATION, "hoger onderwijs": ProviderKind.HIGHER_EDUCATION,
    "sectorfonds": ProviderKind.SECTOR, "sector": ProviderKind.SECTOR, "andere": ProviderKind.OTHER,
}  # fmt: skip
_KIND_IN_NAME: Final = (
    (re.compile(r"\bcvo\b|volwassenenonderwijs", re.IGNORECASE), ProviderKind.CVO),
    (re.compile(r"\bligo\b|basiseducatie", re.IGNORECASE), ProviderKind.LIGO),
    (re.compile(r"\bvdab\b", re.IGNORECASE), ProviderKind.VDAB),
    (re.compile(r"\bsyntra\b", re.IGNORECASE), ProviderKind.SYNTRA),
    (re.compile(r"hogeschool|universiteit", re.IGNORECASE), ProviderKind.HIGHER_EDUCATION),
)
_UNITS: Final = {
    "lestijd": "lestijd", "lestijden": "lestijd", "uur": "uur", "uren": "uur", "u": "uur", "": "uur",
    "studiepunt": "studiepunt", "studiepunten": "studiepunt", "sp": "studiepunt", "ects": "studiepunt",
}  # fmt: skip
_AUDIENCES: Final = {
    "": "everyone", "iedereen": "everyone", "meestal": "most", "werkzoekenden": "job_seekers", "everyone": "everyone",
    "most": "most", "job_seekers": "job_seekers",
}  # fmt: skip


class Builder:
    """Makes offerings of one source. Looks up places, subjects and figures, and remembers what it looked up."""

    def __init__(self, source: str, gazetteer: Gazetteer, subjects: Subjects, figures: Collection[str]) -> None:
        self.source = source
        self._gazetteer = gazetteer
        self._subjects = subjects
        self._figures = figures
        self._place = lru_cache(maxsize=4096)(self._find_place)
        self._about = lru_cache(maxsize=16384)(self._find_subjects)
        self._provider = lru_cache(maxsize=1024)(self._make_provider)
        self._located = lru_cache(maxsize=4096)(self._make_location)

    def build(self, fields: Mapping[str, Any]) -> Offering:
        """The offering of these fields. Raises `FieldError` naming the first that is missing or wrong."""
        if unknown := sorted(map(str, set(fields) - FIELDS)):
            raise FieldError(unknown[0], "dit veld bestaat niet")
        title = text_of("title", fields.get("title"), 300)
        if len(title) < 2:
            raise FieldError("title", "ontbreekt")
        moments, parts = moments_of("moments", fields.get("moments"))
        parts = parts or moments_of("parts", fields.get("parts"))[1]
        mode = self._mode(fields.get("delivery_mode"))
        start, end = date_of("start", fields.get("start")), date_of("end", fields.get("end"))
        if start and end and end < start:
            raise FieldError("end", "ligt voor de startdatum")
        hours = int_of("hours", fields.get("hours"), 1)
        example = bool_of("example", fields.get("example"))
        try:
            return Offering(
                id=self._id("id", fields.get("id")),
                source=self.source,
                title=title,
                course=self._course(fields.get("course"), title),
                modules=self._modules(fields.get("modules")),
                subjects=self._subjects_of(fields.get("subjects"), title),
                description=text_of("description", fields.get("description")),
                provider=self._provider_of(fields.get("provider"), example),
                location=self._location(fields.get("location"), mode),
                delivery_mode=mode,
                schedule=Schedule(moments=moments) if moments else Schedule(parts=tuple(map(Part, parts))),
                start=start,
                end=end,
                hours=hours,
                hours_unit=self._unit(fields.get("hours_unit")),
                price=self._price(fields.get("price"), hours),
                material_cost=euro_of("material_cost", fields.get("material_cost")),
                language_level=level_of("language_level", fields.get("language_level")),
                entry_conditions=text_of("entry_conditions", fields.get("entry_conditions"), 3000),
                certificate=text_of("certificate", fields.get("certificate"), 500),
                recognised_for=incentives_of("recognised_for", fields.get("recognised_for")),
                shortage=bool_of("shortage", fields.get("shortage")),
                places_left=int_of("places_left", fields.get("places_left")),
                example=example,
                url=url_of("url", fields.get("url")),
            )
        except ValidationError as error:  # what the model refuses beyond the checks above
            first = error.errors()[0]
            raise FieldError(".".join(map(str, first["loc"])) or "id", str(first["msg"])) from None

    def _id(self, field: str, value: object, most: int = 150) -> str:
        given = text_of(field, value, 2000)
        if not given:
            raise FieldError(field, "ontbreekt")
        own = given if given.startswith(f"{self.source}:") else f"{self.source}:{given}"
        # A long one (an address, often) is shortened so that it stays the same and its own.
        return own if len(own) <= most else f"{self.source}:{hashlib.sha256(given.encode()).hexdigest()[:32]}"

    def _course(self, value: object, title: str) -> Course | None:
        given = mapping_of("course", value)
        if not given.get("id"):
            return None
        name = text_of("course.title", given.get("title"), 300)
        return Course(id=self._id("course.id", given["id"]), title=name if len(name) > 1 else title)

    def _modules(self, value: object) -> tuple[Module, ...]:
        given = [part for part in value.split(";") if part.strip()] if isinstance(value, str) else value or []
        if not isinstance(given, list | tuple) or len(given) > 200:
            raise FieldError("modules", "is geen lijst van hoogstens 200")
        found = []
        for part in given:
            fields = part if isinstance(part, dict) else {"title": part}
            name = text_of("modules", fields.get("title"), 300)
            if not name:
                raise FieldError("modules", "een module heeft geen naam")
            hours = int_of("modules", fields.get("hours"), 1)
            found.append(Module(id=text_of("modules", fields.get("id"), 100), title=name, hours=hours))
        return tuple(found)

    # -- subjects

    def _subjects_of(self, values: object, title: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for value in listed("subjects", values):
            found.update(dict.fromkeys((value,) if value in self._subjects else self._about(value)))
        return tuple(found or dict.fromkeys(self._about(title)))[:10]

    def _find_subjects(self, text: str) -> tuple[str, ...]:
        """The subjects of a title; not what it merely resembles, and no whole field."""
        matches = self._subjects.resolve(text).matches
        return tuple(match.subject_id for match in matches if match.how not in (How.SPELLING, How.DOMAIN))

    # -- who and where

    def _provider_of(self, value: object, example: bool) -> Provider:
        given = {"name": value} if isinstance(value, str) else mapping_of("provider", value)
        texts = ((name, text_of(f"provider.{name}", given.get(name), 2000)) for name in _PROVIDER_FIELDS)
        return self._provider(tuple(texts), example)

    def _make_provider(self, texts: tuple[tuple[str, str], ...], example: bool) -> Provider:
        given = dict(texts)
        name = given["name"]
        if not name or len(name) > 200:
            raise FieldError("provider.name", "ontbreekt" if not name else "is langer dan 200 tekens")
        kind = _KINDS.get(given["kind"].casefold())
        if kind is None and given["kind"]:
            raise FieldError("provider.kind", f"{shown(given['kind'])} is geen soort aanbieder")
        guessed = next((kind for pattern, kind in _KIND_IN_NAME if pattern.search(name)), ProviderKind.OTHER)
        return Provider(
            id=self._id("provider.id", given["id"] or _slug(name), 100),
            name=name,
            kind=kind or guessed,
            url=url_of("provider.url", given["url"]),
            phone=given["phone"][:60] or None,
            email=given["email"][:254] or None,
            example=example,
        )

    def _location(self, value: object, mode: DeliveryMode) -> Location | None:
        given = mapping_of("location", value)
        texts = tuple((name, text_of(f"location.{name}", given.get(name), 300)) for name in _LOCATION_FIELDS)
        return self._located(texts, _number(given.get("latitude")), _number(given.get("longitude")), mode)

    def _make_location(
        self, given: tuple[tuple[str, str], ...], latitude: float | None, longitude: float | None, mode: DeliveryMode
    ) -> Location | None:
        texts = dict(given)
        if not texts["place"] and not texts["postcode"]:
            if mode is DeliveryMode.ONLINE:
                return None
            raise FieldError("location.place", "ontbreekt; enkel wat helemaal online is, heeft geen plaats")
        place = self._place(texts["postcode"], texts["place"])
        at = _point(latitude, longitude, place)
        postcode = place.name if place.kind is PlaceKind.POSTCODE else texts["postcode"]
        return Location(
            id=self._id("location.id", texts["id"] or _slug(f"{texts['name']} {texts['street']} {place.id}"), 100),
            name=texts["name"] or place.label,
            street=texts["street"],
            postcode=postcode,
            place_id=place.id,
            municipality_id=place.municipality_id,
            place=place.municipality if place.kind is PlaceKind.POSTCODE else place.label,
            latitude=at[0],
            longitude=at[1],
        )

    def _find_place(self, postcode: str, name: str) -> Place:
        """The one place of Flanders or Brussels that is meant; a postcode settles what a name leaves open."""
        said = shown(f"{postcode} {name}".strip())
        field = "location.place" if name else "location.postcode"
        match = self._gazetteer.resolve(name) if name else Match()
        code = self._gazetteer.resolve(postcode).place if postcode else None
        if code is not None:
            inside = [place for place in match.places if place.municipality_id == code.municipality_id]
            if (
                not inside
                and match.method is Method.EXACT
                and not any(p.covers(code.municipality_id) for p in match.places)
            ):
                raise FieldError(field, f"{said}: die postcode hoort bij {code.municipality}")
            return inside[0] if inside else code
        if match.ambiguous:
            names = " of ".join(place.label for place in match.places[:3])
            raise FieldError(field, f"{said} kan {names} zijn; zet de postcode erbij")
        place = match.place
        if place is None or place.is_area:
            raise FieldError(field, f"{said} is geen gemeente, deelgemeente of postcode in Vlaanderen of Brussel")
        if match.method is Method.FUZZY:
            raise FieldError(field, f"{said} is geen plaats; bedoel je {place.label}?")
        return place

    # -- how and for how much

    @staticmethod
    def _mode(value: object) -> DeliveryMode:
        text = text_of("delivery_mode", value, 200).casefold()
        if text not in _MODES:
            raise FieldError("delivery_mode", f"{shown(text)} is niet klas, online of gecombineerd")
        return _MODES[text]

    @staticmethod
    def _unit(value: object) -> str:
        text = text_of("hours_unit", value, 200).casefold()
        if text not in _UNITS:
            raise FieldError("hours_unit", f"{shown(text)} is niet lestijd, uur of studiepunt")
        return _UNITS[text]

    def _price(self, value: object, hours: int | None) -> dict[str, Any]:
        """A price: an amount, "gratis", "gratis werkzoekenden", "tarief FIGURE", "vraag"."""
        if isinstance(value, dict):
            value = " ".join(
                str(value[name]) for name in ("kind", "amount", "audience", "figure") if value.get(name) is not None
            )
        kind, *words = text_of("price", value, 200).split() or ["vraag"]
        kind = kind.casefold()
        if kind in ("gratis", "free") and len(words) <= 2:
            audience = _AUDIENCES.get(words[0].casefold() if words else "")
            if audience is None:
                raise FieldError("price", f"{shown(words[0])} is niet iedereen, meestal of werkzoekenden")
            return {"kind": "free", "audience": audience, "figure": self._figure(words[1]) if words[1:] else None}
        if kind in ("tarief", "tariff") and len(words) == 1:
            figure = self._figure(words[0])
            if hours is None:
                raise FieldError("hours", "ontbreekt; een tarief geldt per lestijd")
            return {"kind": "tariff", "figure": figure}
        if kind in ("vraag", "ask") and len(words) <= 1:
            return {"kind": "ask", "figure": self._figure(words[0]) if words else None}
        amount = euro_of("price", " ".join(words) if kind == "fixed" else value)
        return {"kind": "fixed", "amount": amount} if amount else {"kind": "free"}

    def _figure(self, name: str) -> str:
        if name not in self._figures:
            raise FieldError("price", f"{shown(name)} is geen tarief dat Leerwijzer kent")
        return name


_PROVIDER_FIELDS: Final = ("id", "name", "kind", "url", "phone", "email")
_LOCATION_FIELDS: Final = ("id", "name", "street", "postcode", "place")


def _number(value: object) -> float | None:
    """A number of degrees; none for anything else."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _point(latitude: float | None, longitude: float | None, place: Place) -> tuple[float, float]:
    """Where it is: the point that was given, when it can be true."""
    if latitude is None or longitude is None:
        return place.latitude, place.longitude
    if not distance_between(latitude, longitude, place.latitude, place.longitude) <= _FAR_KM:
        return place.latitude, place.longitude
    return round(latitude, 5), round(longitude, 5)


def _slug(text: str) -> str:
    """Letters and digits of a name with hyphens between, at most 60."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    kept = "-".join(re.findall("[a-z0-9]+", plain))
    return kept[:60].strip("-") or hashlib.sha256(text.encode()).hexdigest()[:12]
