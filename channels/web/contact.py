"""The contact page: who a person can reach without the assistant, and without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.dates import format_date

from bot.knowledge.datafile import read_entries
from bot.knowledge.figures import Certainty
from bot.referral.directory import load_helplines
from bot.referral.organisations import Organisation


def contacts(directory: Path) -> dict[str, Any]:
    """What the page shows, from `data/referral`: every organisation that can be reached by itself, and the helplines.

    Raises `DataError` naming file, entry and field.
    """
    organisations = read_entries(directory / "organisations.yml", "organisations", Organisation)
    reachable = [one for one in organisations if one.contact.phone or one.contact.url or one.contact.address]
    return {"organisations": [_shown(one) for one in reachable], "helplines": load_helplines(directory)}


def _shown(one: Organisation) -> dict[str, Any]:
    return {
        "name": one.name,
        "does": one.does,
        "phone": one.phone,
        "call": one.contact.phone,
        "address": one.contact.address,
        "hours": one.hours_text(),
        "cost": one.cost,
        "url": one.contact.url,
        "site": one.contact.url.split("://")[1].split("/")[0].removeprefix("www.") if one.contact.url else "",
        "uncertain": Certainty.LIKELY in (one.certainty, one.contact_certainty),
        "checked": format_date(one.checked, "d MMMM y", locale="nl_BE"),
    }
