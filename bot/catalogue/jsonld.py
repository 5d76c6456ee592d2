"""An offering as schema.org describes courses: `Course` with its `CourseInstance`, as JSON-LD.

What schema.org has no word for (the legal tariff, recognition, the level of Dutch) stands under names of our own, with
prefix `lw:`, so that an export comes in again whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.catalogue.model import DeliveryMode, FixedPrice, FreePrice, Offering, Weekday

CONTEXT: Final = ["https://schema.org", {"lw": "urn:leerwijzer:"}]
_MODES: Final = {DeliveryMode.CLASSROOM: "onsite", DeliveryMode.ONLINE: "online", DeliveryMode.BLENDED: "blended"}
_DAYS: Final = {day: f"https://schema.org/{day.value.capitalize()}" for day in Weekday}


def as_jsonld(offering: Offering, page: str | None = None) -> dict[str, Any]:
    """The course with this one instance; `page` is the address of its own page."""
    provider = _present(
        {
            "@type": "EducationalOrganization",
            "identifier": offering.provider.id,
            "name": offering.provider.name,
            "url": offering.provider.url,
            "telephone": offering.provider.phone,
            "email": offering.provider.email,
            "lw:kind": offering.provider.kind.value,
        }
    )
    return {"@context": CONTEXT} | _present(
        {
            "@type": "Course",
            "identifier": offering.course.id if offering.course else offering.id,
            "name": offering.title,
            "description": offering.description or offering.title,
            "url": page or offering.url,
            "provider": provider,
            "about": list(offering.subjects),
            "educationalCredentialAwarded": offering.certificate,
            "coursePrerequisites": offering.entry_conditions,
            "hasPart": [
                _present({"@type": "Course", "name": m.title, "courseCode": m.id, "timeRequired": _hours(m.hours)})
                for m in offering.modules
            ],
            "hasCourseInstance": _instance(offering),
            "lw:courseTitle": offering.course.title if offering.course else None,
            "lw:languageLevel": offering.language_level.value if offering.language_level else None,
            "lw:recognisedFor": [incentive.value for incentive in offering.recognised_for],
            "lw:shortageOccupation": offering.shortage or None,
            "lw:example": offering.example or None,
            "lw:page": offering.url if page else None,
        }
    )


def _instance(offering: Offering) -> dict[str, Any]:
    return _present(
        {
            "@type": "CourseInstance",
            "identifier": offering.id,
            "courseMode": _MODES[offering.delivery_mode],
            "startDate": offering.start.isoformat() if offering.start else None,
            "endDate": offering.end.isoformat() if offering.end else None,
            "courseWorkload": _hours(offering.hours) if offering.hours_unit != "studiepunt" else None,
            "courseSchedule": [
                {
                    "@type": "Schedule",
                    "byDay": _DAYS[moment.weekday],
                    "startTime": f"{moment.start:%H:%M}",
                    "endTime": f"{moment.end:%H:%M}",
                    "repeatFrequency": "P1W",
                    "scheduleTimezone": "Europe/Brussels",
                }
                for moment in offering.schedule.moments
            ],
            "location": _location(offering),
            "offers": _offer(offering),
            "remainingAttendeeCapacity": offering.places_left,
            "lw:hours": offering.hours,
            "lw:hoursUnit": offering.hours_unit,
            "lw:parts": [part.value for part in offering.schedule.parts] if not offering.schedule.moments else None,
            "lw:price": _price_words(offering),
            "lw:materialCost": str(offering.material_cost) if offering.material_cost is not None else None,
        }
    )


def _location(offering: Offering) -> dict[str, Any] | None:
    location = offering.location
    if location is None:
        return {"@type": "VirtualLocation"}
    address = {
        "@type": "PostalAddress",
        "streetAddress": location.street,
        "postalCode": location.postcode,
        "addressLocality": location.place,
        "addressCountry": "BE",
    }
    geo = {"@type": "GeoCoordinates", "latitude": location.latitude, "longitude": location.longitude}
    return {
        "@type": "Place",
        "identifier": location.id,
        "name": location.name,
        "address": _present(address),
        "geo": geo,
    }


def _offer(offering: Offering) -> dict[str, Any] | None:
    """The price, where it is an amount of the provider's own; a legal tariff is named by its figure alone."""
    if isinstance(offering.price, FixedPrice):
        amount = f"{offering.price.amount:.2f}"
    elif isinstance(offering.price, FreePrice) and offering.price.audience == "everyone":
        amount = "0"
    else:
        return {"@type": "Offer", "category": "Paid"} if not isinstance(offering.price, FreePrice) else None
    category = "Free" if amount == "0" else "Paid"
    return {"@type": "Offer", "category": category, "price": amount, "priceCurrency": "EUR"}


def _price_words(offering: Offering) -> str:
    price = offering.price.model_dump(mode="json")
    words = (price["kind"], price.get("amount"), price.get("audience"), price.get("figure"))
    return " ".join(str(word) for word in words if word is not None)


def _hours(hours: int | None) -> str | None:
    return f"PT{hours}H" if hours else None


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
