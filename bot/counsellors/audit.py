"""Who did what with accounts, hours and examples. Ids and references only: no name and no word of a citizen.

What happens to a referral, and who read it, stands with the referral (`bot.referral`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from bot.counsellors.model import Counsellor
from bot.storage.counsellor_tables import counsellors, desk_audit
from bot.storage.tables import utcnow


class Action(StrEnum):
    """What is written down."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    REFUSED = "sign_in_refused"
    LOCKED = "locked"
    TWO_FACTOR_ON = "two_factor_on"
    RECOVERY_USED = "recovery_code_used"
    RECOVERY_RENEWED = "recovery_codes_renewed"
    PASSWORD_SET = "password_set"  # noqa: S105 the name of an action
    INVITED = "invited"
    RESET = "reset"
    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    ROLE_CHANGED = "role_changed"
    HOURS_CHANGED = "hours_changed"
    REPLIES_CHANGED = "replies_changed"
    MARKED_WRONG = "marked_wrong"
    EXAMPLES_EXPORTED = "examples_exported"

    @property
    def words(self) -> str:
        """In Dutch."""
        return _WORDS[self]


_WORDS = {
    Action.SIGNED_IN: "meldde zich aan",
    Action.SIGNED_OUT: "meldde zich af",
    Action.REFUSED: "aanmelden geweigerd",
    Action.LOCKED: "geblokkeerd na te veel pogingen",
    Action.TWO_FACTOR_ON: "zette tweestapscontrole aan",
    Action.RECOVERY_USED: "gebruikte een herstelcode",
    Action.RECOVERY_RENEWED: "maakte nieuwe herstelcodes",
    Action.PASSWORD_SET: "koos een wachtwoord",
    Action.INVITED: "nodigde iemand uit",
    Action.RESET: "gaf iemand een nieuwe link",
    Action.ACTIVATED: "zette een account aan",
    Action.DEACTIVATED: "zette een account uit",
    Action.ROLE_CHANGED: "veranderde een rol",
    Action.HOURS_CHANGED: "veranderde de uren",
    Action.REPLIES_CHANGED: "veranderde de standaardantwoorden",
    Action.MARKED_WRONG: "duidde een antwoord aan als fout",
    Action.EXAMPLES_EXPORTED: "haalde nagekeken voorbeelden op",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `who` is None for a command and for who was not recognised."""

    at: datetime
    who: str | None
    action: Action
    subject: str | None


def record(
    connection: sa.engine.Connection,
    action: Action,
    counsellor: Counsellor | None = None,
    subject: str | int | None = None,
    *,
    organisation: str | None = None,
    now: datetime | None = None,
) -> None:
    """Writes down what was done, in the transaction that does it. `organisation` is that of the counsellor by default."""
    connection.execute(
        sa.insert(desk_audit).values(
            at=now or utcnow(),
            counsellor_id=counsellor.id if counsellor else None,
            organisation=organisation or (counsellor.organisation if counsellor else None),
            action=action.value,
            subject=None if subject is None else str(subject)[:64],
        )
    )


def latest(connection: sa.engine.Connection, organisation: str | None, limit: int = 200) -> list[Entry]:
    """The last lines of an organisation, of all for None; the newest first."""
    query = (
        sa.select(desk_audit.c.at, desk_audit.c.action, desk_audit.c.subject, counsellors.c.name)
        .select_from(desk_audit.outerjoin(counsellors, counsellors.c.id == desk_audit.c.counsellor_id))
        .order_by(desk_audit.c.id.desc())
        .limit(limit)
    )
    if organisation is not None:
        query = query.where(desk_audit.c.organisation == organisation)
    return [Entry(row.at, row.name, Action(row.action), row.subject) for row in connection.execute(query)]
