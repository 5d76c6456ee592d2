"""Referrals: a person asked, in so many words, that an organisation contacts them.

Making one is idempotent: the message in which the person consented names it, so that a message handled twice makes one
referral. Nothing here is logged; a `Referral` shows no contact detail and no summary when it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from babel.dates import format_datetime

from bot.referral import hours, life, wording
from bot.referral.consent import Consent, ConsentText, Way, load_consent
from bot.referral.contact import parse_email, parse_phone
from bot.referral.life import CITIZEN, State, What
from bot.referral.reference import new_reference, parse_reference
from bot.storage.columns import utcnow
from bot.storage.counsellor_tables import referral_notes
from bot.storage.referral_tables import bookings, referral_consents, referrals

__all__ = [
    "Consent",
    "ConsentText",
    "NewReferral",
    "Referral",
    "State",
    "Way",
    "create",
    "find_by_conversation",
    "find_by_reference",
    "latest_of",
    "load_consent",
    "withdraw",
]

MAX_SUMMARY = 4000
"""Characters of a summary."""
_ATTEMPTS = 5
"""To find a reference that is free: at a million referrals one in a thousand is taken."""
_BELGIUM = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, kw_only=True)
class NewReferral:
    """What makes a referral. `consent_text` is what the person read, word for word."""

    conversation_id: str
    message_key: str
    """The message in which the person consented."""
    organisation: str
    """Id in data/referral/organisations.yml."""
    way: Way
    contact: str = field(repr=False)
    """Empty for a talk in the conversation."""
    summary: str = field(repr=False)
    with_transcript: bool
    consent_version: str
    consent_text: str = field(repr=False)
    channel: str
    need: str = "inform"
    """A `Service`."""
    fallback: str | None = None
    """The organisation that may get it when the first does not take it up in time, if the consent named one."""
    claim_by: datetime | None = None
    """Until when somebody was promised to take it up."""


@dataclass(frozen=True, kw_only=True)
class Referral(NewReferral):
    """One referral, as stored. Times are aware, in UTC. Contact (the number in E.164, or the address), summary and
    consent text are empty once consent is withdrawn."""

    id: int
    reference: str
    first_organisation: str
    handover_to: str | None
    consented_at: datetime
    status: State
    version: int
    created_at: datetime
    changed_at: datetime
    counsellor_id: str | None
    claimed_at: datetime | None
    first_reply_at: datetime | None
    escalated_at: datetime | None
    expires_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    follow_up_at: datetime | None
    followed_up_at: datetime | None
    seen_seq: int

    def status_text(self, organisation_name: str, calls_at: datetime | None = None, *, unread: bool = False) -> str:
        """How it stands, in Dutch; `calls_at` is when they are to be called. Names nothing that only the person may see.

        `unread` where nobody reads referrals yet: then nothing is promised.
        """
        day = format_datetime(self.created_at.astimezone(_BELGIUM), "d MMMM yyyy 'om' H.mm 'uur'", locale="nl_BE")
        asked = f"Je aanvraag **{self.reference}** voor {organisation_name} is van {day}."
        if unread and self.status in life.OPEN:
            return f"{asked} {wording.trial(organisation_name)}"
        return f"{asked} {self._state_text(organisation_name, calls_at)}"

    def _state_text(self, name: str, calls_at: datetime | None) -> str:
        until = ""
        if calls_at is not None:
            until = f" Ze bellen je op {hours.at_time(calls_at)}."
        elif self.claim_by is not None and self.way is not Way.CHAT and self.first_reply_at is None:
            until = f" Dat gebeurt uiterlijk op {hours.on_day(self.claim_by)}."
        match self.status:
            case State.CANCELLED:
                return "Je hebt ze ingetrokken. Je gegevens en je samenvatting zijn gewist."
            case State.CLOSED:
                return "Ze is afgerond."
            case State.EXPIRED:
                return "Niemand nam ze op, sorry. Wil je het opnieuw proberen, vraag dan naar een mens."
            case State.LIVE:
                return "Je bent nu in gesprek."
            case State.WAITING:
                return "Je wacht op iemand in dit gesprek."
            case State.CLAIMED if self.first_reply_at is not None:
                return f"Iemand van {name} volgt ze op."
            case State.CLAIMED:
                return f"Iemand van {name} heeft ze opgenomen en neemt contact met je op {self.way.words}.{until}"
            case State.ESCALATED:
                return "Ze werd niet op tijd opgenomen. Daarom vroeg ik het nog eens, nu dringend."
            case _:
                contact = f" Iemand neemt contact met je op {self.way.words}."
                return f"Nog niemand heeft ze opgenomen.{until or contact}"


def create(connection: sa.engine.Connection, new: NewReferral, *, now: datetime | None = None) -> Referral:
    """Makes a referral, or gives the one that the same message made before.

    Raises `ContactError` when the contact does not fit the way, and `ValueError` for a way that sends nothing, for an
    empty or too long summary, or for a message key that belongs to another conversation.
    """
    earlier = _by_message(connection, new)
    if earlier is not None:
        return earlier
    if new.way is Way.ADDRESS:
        raise ValueError("who only wants the address is not referred")
    if not new.summary.strip() or len(new.summary) > MAX_SUMMARY:
        raise ValueError(f"a summary has 1 to {MAX_SUMMARY} characters")
    moment = now or utcnow()
    values: dict[str, Any] = {
        **asdict(new),
        "way": new.way.value,
        "contact": _contact(new),
        "first_organisation": new.organisation,
        "consented_at": moment,
        "status": State.REQUESTED.value,
        "version": 0,
        "created_at": moment,
        "changed_at": moment,
        "seen_seq": 0,
    }
    for attempt in range(1, _ATTEMPTS + 1):
        values["reference"] = new_reference()
        try:
            # In a savepoint: on PostgreSQL a failed insert would otherwise spoil the transaction of the caller.
            with connection.begin_nested():
                inserted = connection.execute(sa.insert(referrals).values(**values))
        except sa.exc.IntegrityError:
            # Another process handled the same message at the same time, or the reference is taken; else it is an error.
            earlier = _by_message(connection, new)
            if earlier is not None:
                return earlier
            if attempt == _ATTEMPTS or find_by_reference(connection, values["reference"]) is None:
                raise
        else:
            break
    identifier = int(inserted.inserted_primary_key[0])
    keep_consent(connection, identifier, new, moment)
    where = {"organisation": new.organisation}
    life.record(
        connection,
        identifier,
        What.CREATED,
        CITIZEN,
        moment,
        key="created",
        before=None,
        after=State.REQUESTED,
        **where,
    )
    if new.way is Way.MAIL:
        life.move(connection, identifier, What.QUEUED, State.MESSAGE_LEFT, CITIZEN, moment, key="queued")
    return get(connection, identifier)


def _contact(new: NewReferral) -> str:
    match new.way:
        case Way.CALL:
            return parse_phone(new.contact)
        case Way.MAIL:
            return parse_email(new.contact)
        case _:
            return ""


def keep_consent(connection: sa.engine.Connection, referral_id: int, new: NewReferral, now: datetime) -> None:
    """Keeps what the person consented to, beside every earlier consent of the same referral."""
    connection.execute(
        sa.insert(referral_consents).values(
            referral_id=referral_id,
            organisation=new.organisation,
            version=new.consent_version,
            text=new.consent_text,
            with_transcript=new.with_transcript,
            channel=new.channel,
            given_at=now,
        )
    )


def get(connection: sa.engine.Connection, referral_id: int) -> Referral:
    """The referral with this id. Raises `UnknownReferral`."""
    found = _one(connection, referrals.c.id == referral_id)
    if found is None:
        raise life.UnknownReferral(referral_id)
    return found


def find_by_reference(connection: sa.engine.Connection, text: str) -> Referral | None:
    """The referral with the reference in a text. Whoever knows a reference may hear its status and nothing else."""
    reference = parse_reference(text)
    row = connection.execute(_BY_REFERENCE, {"of_reference": reference}).mappings().first() if reference else None
    return _referral(row) if row is not None else None


def find_by_conversation(connection: sa.engine.Connection, conversation_id: str) -> list[Referral]:
    """The referrals of a conversation, the latest first."""
    rows = connection.execute(_BY_CONVERSATION, {"of_conversation": conversation_id})
    return [_referral(row) for row in rows.mappings()]


def latest_of(connection: sa.engine.Connection, conversation_id: str) -> Referral | None:
    """The last referral of a conversation; None when it has none."""
    return next(iter(find_by_conversation(connection, conversation_id)), None)


def withdraw(
    connection: sa.engine.Connection, text: str, conversation_id: str, *, now: datetime | None = None
) -> Referral | None:
    """Withdraws the consent of a referral of this conversation: it is cancelled, and what was personal in it erased.

    Gives the referral as it now stands, cancelled or ended before or not; None when the conversation has no such
    referral.
    """
    reference = parse_reference(text)
    if reference is None:
        return None
    mine = _one(connection, sa.and_(referrals.c.reference == reference, referrals.c.conversation_id == conversation_id))
    if mine is None or mine.status in life.ENDED:
        return mine
    moment = now or utcnow()
    life.move(
        connection, mine.id, What.CANCELLED, State.CANCELLED, CITIZEN, moment, key="cancelled",
        values={"closed_at": moment, "handover_to": None},
    )  # fmt: skip
    wipe(connection, mine.id, moment)
    return get(connection, mine.id)


def wipe(connection: sa.engine.Connection, referral_id: int, now: datetime) -> None:
    """Erases what is personal in a referral and withdraws its consents; what happened to it, and when, stays."""
    connection.execute(sa.delete(referral_notes).where(referral_notes.c.referral_id == referral_id))
    connection.execute(
        sa.update(referrals).where(referrals.c.id == referral_id).values(contact="", summary="", consent_text="")
    )
    connection.execute(
        sa.update(referral_consents)
        .where(referral_consents.c.referral_id == referral_id)
        .values(text="", withdrawn_at=sa.func.coalesce(referral_consents.c.withdrawn_at, now))
    )
    connection.execute(sa.delete(bookings).where(bookings.c.referral_id == referral_id))


def _by_message(connection: sa.engine.Connection, new: NewReferral) -> Referral | None:
    found = _one(connection, referrals.c.message_key == new.message_key)
    if found is not None and found.conversation_id != new.conversation_id:
        raise ValueError("the message key belongs to another conversation")
    return found


def _one(connection: sa.engine.Connection, condition: Any) -> Referral | None:
    row = connection.execute(sa.select(referrals).where(condition)).mappings().first()
    return _referral(row) if row is not None else None


def _referral(row: Mapping[str, Any]) -> Referral:
    columns = {column.name: row[column.name] for column in fields(Referral)}
    return Referral(**columns | {"way": Way(row["way"]), "status": State(row["status"])})


# Built once: building one takes SQLAlchemy 1.4 five times as long as running it on SQLite.
_BY_REFERENCE = sa.select(referrals).where(referrals.c.reference == sa.bindparam("of_reference"))
_BY_CONVERSATION = (
    sa.select(referrals)
    .where(referrals.c.conversation_id == sa.bindparam("of_conversation"))
    .order_by(referrals.c.id.desc())
)
