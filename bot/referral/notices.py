"""What organisations are told by e-mail: that something waits at the desk, and where. Never anything of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from bot import mail
from bot.referral import call_backs, hours
from bot.referral.consent import Way
from bot.referral.referrals import Referral
from bot.settings import Settings
from bot.storage.counsellor_tables import counsellors
from bot.storage.referral_tables import bookings


class Notice(StrEnum):
    """Why a mail is sent."""

    NEW = "new"
    ESCALATED = "escalated"
    REMINDER = "reminder"
    CANCELLED = "cancelled"
    FOLLOW_UP = "follow_up"


_SUBJECTS = {
    Notice.NEW: "Nieuwe vraag",
    Notice.ESCALATED: "Dringend: niemand nam deze vraag op",
    Notice.REMINDER: "Straks terugbellen",
    Notice.CANCELLED: "Ingetrokken",
    Notice.FOLLOW_UP: "Hoe liep het af?",
}
_BODIES = {
    Notice.NEW: "Er is een nieuwe vraag voor jullie. {way}",
    Notice.ESCALATED: "Deze vraag werd niet op tijd opgenomen. De persoon weet dat. {way}",
    Notice.REMINDER: "Jullie spraken af om te bellen. {way}",
    Notice.CANCELLED: "De persoon trok deze aanvraag in. Neem geen contact meer op.",
    Notice.FOLLOW_UP: "Deze vraag is enkele weken geleden afgesloten. Hoe liep het af? Vul het in aan de balie.",
}


def staffed(connection: sa.engine.Connection) -> frozenset[str]:
    """The organisations with somebody who handles referrals at the desk. To the others nothing can be sent."""
    rows = connection.execute(
        sa.select(counsellors.c.organisation)
        .where(counsellors.c.active.is_(True), counsellors.c.organisation.is_not(None))
        .distinct()
    )
    return frozenset(str(row.organisation) for row in rows)


@dataclass(frozen=True, slots=True)
class Desks:
    """Which organisations have somebody at the desk.

    In a fresh installation none has: a trial, in which a referral to any of them is kept, so that the way there can be
    tried, and the person is told that nobody reads it.
    """

    staffed: frozenset[str]

    @property
    def trial(self) -> bool:
        """Whether nobody reads referrals yet."""
        return not self.staffed

    def reads(self, organisation: str) -> bool:
        """Whether something can be sent to an organisation."""
        return self.trial or organisation in self.staffed


def desks(connection: sa.engine.Connection) -> Desks:
    """Who is at a desk, of all organisations."""
    return Desks(staffed(connection))


def recipients(connection: sa.engine.Connection, organisation: str) -> list[str]:
    """Who is told: the mailbox of the organisation, else its counsellors. Fictional ones have no mailbox."""
    box = hours.mailbox(connection, organisation)
    if box:
        return [box]
    rows = connection.execute(
        sa.select(counsellors.c.email).where(
            counsellors.c.organisation == organisation, counsellors.c.active.is_(True), counsellors.c.demo.is_(False)
        )
    )
    return [str(row.email) for row in rows]


def tell(
    connection: sa.engine.Connection, referral: Referral, notice: Notice, settings: Settings, now: datetime
) -> None:
    """Queues a mail to each of `recipients`, once for this notice and organisation; none without a mail server."""
    if not settings.smtp_url.get_secret_value():
        return
    booking = call_backs.of_referral(connection, referral.id)
    link = f"{settings.public_url}/desk/r/{referral.reference}"
    body = _BODIES[notice].format(way=_way(connection, referral))
    calendar = None
    if booking and notice in (Notice.NEW, Notice.ESCALATED):
        calendar = call_backs.calendar(
            booking, f"Terugbellen {referral.reference}", ["De gegevens staan aan de balie."], now, url=link
        ).decode()
    for address in recipients(connection, referral.organisation):
        mail.queue(
            connection,
            mail.Mail(
                key=f"{referral.reference}:{notice.value}:{referral.organisation}:{address}"[:120],
                recipient=address,
                subject=f"{_SUBJECTS[notice]} ({referral.reference})",
                body=f"Dag,\n\n{body}\n\nBekijk de vraag aan de balie:\n{link}\n\nLeerwijzer\n",
                calendar=calendar,
            ),
            now,
        )


def _way(connection: sa.engine.Connection, referral: Referral) -> str:
    if referral.way is Way.CHAT:
        return "Iemand wacht nu in het gesprek."
    starts = connection.execute(sa.select(bookings.c.starts_at).where(bookings.c.referral_id == referral.id)).scalar()
    if starts is not None:
        return f"Bellen op {hours.at_time(starts)}."
    until = f", uiterlijk op {hours.on_day(referral.claim_by)}" if referral.claim_by else ""
    return f"{'Bellen' if referral.way is Way.CALL else 'Mailen'}{until}."
