"""What the pages of referrals show: a row of the list, the state of one referral, a line of its conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.conversation.message import Author, Kind, Reply
from bot.conversation.model import Conversation, DeliveryState, Line
from bot.conversation.outbox import DEAD, PENDING
from bot.conversation.undelivered import REFUSED, explained
from bot.referral.consent import Way
from bot.referral.life import ENDED, TAKEN, Event, Party, State, What
from bot.referral.organisations import Service
from bot.referral.overview import Listed
from bot.referral.referrals import Referral
from bot.referral.summary import NEEDS
from channels.desk import words

WHATSAPP_WINDOW: Final = timedelta(hours=24)
"""After the person's last message, WhatsApp takes no free text (channels.md, 6.1)."""

STATES: Final[Mapping[State, str]] = {
    State.REQUESTED: "nieuw",
    State.WAITING: "wacht in het gesprek",
    State.CLAIMED: "opgenomen",
    State.LIVE: "live in gesprek",
    State.CALL_BACK_BOOKED: "belafspraak",
    State.MESSAGE_LEFT: "wacht op mail",
    State.CLOSED: "afgesloten",
    State.CANCELLED: "ingetrokken",
    State.ESCALATED: "niet op tijd opgenomen",
    State.EXPIRED: "verlopen",
}
OUTCOMES: Final = {
    "reached": "bereikt en geholpen",
    "appointment": "afspraak gemaakt",
    "enrolled": "ingeschreven",
    "no_answer": "niet bereikt",
    "other": "iets anders",
}
WAYS: Final[Mapping[Way, str]] = {
    Way.CHAT: "wil nu chatten",
    Way.CALL: "wil gebeld worden",
    Way.MAIL: "wil een mail",
    Way.ADDRESS: "vroeg het adres",
}
CHANNELS: Final = {"web": "webpagina", "whatsapp": "WhatsApp", "telegram": "Telegram", "rest": "andere toepassing"}
_HAPPENED: Final[Mapping[What, str]] = {
    What.CREATED: "gaf toestemming",
    What.QUEUED: "wacht",
    What.CLAIMED: "nam op",
    What.RELEASED: "gaf terug",
    What.ANSWERED: "antwoordde",
    What.TALK_ENDED: "beëindigde het gesprek",
    What.HANDED_ON: "gaf door aan een collega",
    What.PROPOSED: "stelde een andere organisatie voor",
    What.REFUSED: "wil niet naar een andere organisatie",
    What.TRANSFERRED: "ging naar een andere organisatie",
    What.ESCALATED: "niet op tijd opgenomen",
    What.EXPIRED: "verliep",
    What.CANCELLED: "trok in",
    What.CLOSED: "sloot af",
}


def need_words(need: str) -> str:
    """What somebody needs, in Dutch, with a capital."""
    known = {service.value: NEEDS[service] for service in Service if service in NEEDS}
    text = known.get(need, need)
    return text[:1].upper() + text[1:]


def who(counsellor_id: str | None, names: Mapping[str, str]) -> str:
    """The name of a counsellor."""
    return names.get(counsellor_id or "", "een collega")


@dataclass(frozen=True, slots=True)
class Row:
    """One referral in the list."""

    reference: str
    need: str
    way: str
    state: State
    state_words: str
    mine: bool
    with_whom: str
    unread: int
    urgent: bool
    """Somebody waits now, or a promise is broken."""
    when: str
    """What presses: since when somebody waits, what was promised."""
    since: datetime
    channel: str


def row(one: Listed, me: str, names: Mapping[str, str], now: datetime) -> Row:
    """A row of the list."""
    return Row(
        reference=one.reference,
        need=need_words(one.need),
        way=WAYS[one.way],
        state=one.status,
        state_words=STATES[one.status],
        mine=one.counsellor_id == me,
        with_whom="" if one.counsellor_id is None else who(one.counsellor_id, names),
        unread=one.unread,
        urgent=one.overdue or one.status is State.WAITING or (one.status is State.LIVE and one.unread > 0),
        when=_pressing(one, now),
        since=one.created_at,
        channel=CHANNELS.get(one.channel, one.channel),
    )


def _pressing(one: Listed, now: datetime) -> str:
    if one.status in ENDED:
        return OUTCOMES.get(one.outcome or "", "") or words.moment(one.created_at, now)
    if one.status is State.WAITING:
        return f"wacht al {words.waited(one.created_at, now)}"
    if one.calls_at is not None and not one.answered:
        return f"bellen {words.moment(one.calls_at, now)}"
    if one.answered:
        return f"sinds {words.moment(one.created_at, now)}"
    if one.claim_by is None:
        return f"gevraagd {words.moment(one.created_at, now)}"
    if one.claim_by <= now:
        return f"beloofd voor {words.moment(one.claim_by, now)}"
    return f"nog {words.span(one.claim_by - now)} beloofd"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a referral stands for who looks at it, and what they may do."""

    reference: str
    need: str
    way: str
    channel: str
    state: State
    state_words: str
    created_at: datetime
    urgent: bool
    with_whom: str
    """Empty: nobody yet."""
    mine: bool
    open: bool
    live: bool
    answered: bool
    by_talk: bool
    """The person chose to talk in the conversation."""
    promise: str
    proposed: str
    """The organisation that was proposed to the person, by name."""
    outcome: str
    closed_channel: str
    """Why nothing can be written into the conversation now; empty when it can."""
    window: str
    """How long something can still be written, where that is limited."""

    @property
    def may_claim(self) -> bool:
        """Whether it can be taken up."""
        return self.open and not self.with_whom

    @property
    def taken_by_other(self) -> bool:
        """Whether a colleague has it."""
        return self.open and bool(self.with_whom) and not self.mine

    @property
    def may_write(self) -> bool:
        """Whether this counsellor can write to the person."""
        return not self.closed_channel


def standing(
    referral: Referral, conversation: Conversation | None, me: str, names: Mapping[str, str],
    proposed: str, calls_at: datetime | None, now: datetime,
) -> Standing:  # fmt: skip
    """How a referral stands."""
    is_open = referral.status not in ENDED
    taken = referral.status in TAKEN
    mine = taken and referral.counsellor_id == me
    unanswered = referral.first_reply_at is None
    promise = ""
    if is_open and unanswered:
        if calls_at is not None:
            promise = f"Bellen {words.moment(calls_at, now)}."
        elif referral.claim_by is not None:
            late = referral.claim_by <= now
            promise = (
                f"{'Had' if late else 'Heeft'} antwoord beloofd gekregen voor {words.moment(referral.claim_by, now)}."
            )
    closed, window = _channel(referral, conversation, is_open, taken, mine, names, now)
    return Standing(
        reference=referral.reference,
        need=need_words(referral.need),
        way=WAYS[referral.way],
        channel=CHANNELS.get(referral.channel, referral.channel),
        state=referral.status,
        state_words=STATES[referral.status],
        created_at=referral.created_at,
        urgent=referral.status in (State.WAITING, State.ESCALATED),
        with_whom="jij" if mine else who(referral.counsellor_id, names) if taken else "",
        mine=mine,
        open=is_open,
        live=referral.status is State.LIVE,
        answered=not unanswered,
        by_talk=referral.way is Way.CHAT,
        promise=promise,
        proposed=proposed,
        outcome=OUTCOMES.get(referral.outcome or "", referral.outcome or ""),
        closed_channel=closed,
        window=window,
    )


def _channel(
    referral: Referral, conversation: Conversation | None, is_open: bool, taken: bool, mine: bool,
    names: Mapping[str, str], now: datetime,
) -> tuple[str, str]:  # fmt: skip
    if conversation is None:
        return "De persoon wiste het gesprek. Schrijven kan niet meer.", ""
    if not is_open:
        return f"Deze doorverwijzing is {STATES[referral.status]}. Schrijven kan niet meer.", ""
    if taken and not mine:
        return f"{who(referral.counsellor_id, names)} heeft deze doorverwijzing opgenomen.", ""
    if conversation.channel == "whatsapp":
        ends = (conversation.last_inbound_at or referral.created_at) + WHATSAPP_WINDOW
        if ends <= now:
            return (
                "WhatsApp laat geen bericht meer toe: de persoon schreef meer dan 24 uur geleden. Bel of mail.", ""
            )  # fmt: skip
        return "", f"WhatsApp laat nog {words.span(ends - now)} berichten toe."
    return "", ""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of the conversation."""

    seq: int
    author: Author
    name: str
    at: datetime
    text: str
    reply: Reply | None
    kind: Kind | None
    delivery: str
    """What became of a counsellor's line."""
    undelivered: bool
    can_mark: bool
    """An answer of the assistant that may be marked as wrong."""


NAMES: Final = {
    Author.CITIZEN: "Burger",
    Author.ASSISTANT: "Assistent",
    Author.COUNSELLOR: "Begeleider",
    Author.SYSTEM: "Melding",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the person's own side got, on a channel without a provider: numbers of lines."""

    arrived: int = 0
    read: int = 0


def delivery(seq: int, deliveries: Mapping[int, tuple[str, str]], reach: Reach) -> tuple[str, bool]:
    """What became of a line that was said, in Dutch, and whether it failed."""
    state, error = deliveries.get(seq, ("", ""))
    if state == DEAD:
        return f"niet aangekomen: {explained(error or REFUSED)}", True
    if state == PENDING:
        return "wordt verstuurd", False
    if state == DeliveryState.READ.value or seq <= reach.read:
        return "gelezen", False
    there = state == DeliveryState.DELIVERED.value or seq <= reach.arrived
    return ("aangekomen" if there else "verstuurd"), False


def shown(line: Line, deliveries: Mapping[int, tuple[str, str]], reach: Reach) -> ShownLine:
    """A line as the page shows it."""
    what, failed = delivery(line.seq, deliveries, reach)
    if not failed and line.author is not Author.COUNSELLOR:  # of others only what a counsellor must know
        what = ""
    return ShownLine(
        seq=line.seq,
        author=line.author,
        name=NAMES[line.author],
        at=line.at,
        text=line.text,
        reply=line.reply,
        kind=line.kind,
        delivery=what,
        undelivered=failed,
        can_mark=line.author is Author.ASSISTANT,
    )


def happened(event: Event, names: Mapping[str, str]) -> tuple[datetime, str]:
    """One thing of the history: when, and a sentence."""
    subject = {"citizen": "De persoon", "system": "Leerwijzer"}.get(event.party.value) or who(event.who, names)
    text = f"{subject} {_HAPPENED[event.what]}"
    if event.what is What.HANDED_ON and event.detail:
        text = f"{subject} gaf door aan {who(event.detail, names)}"
    if event.what is What.CLOSED and event.detail:
        text += f": {OUTCOMES.get(event.detail, event.detail)}"
    if event.what in (What.ESCALATED, What.EXPIRED, What.QUEUED):
        text = _HAPPENED[event.what]
        text = text[:1].upper() + text[1:]
    return event.at, text


ANSWERS: Final = {
    "helped": "geholpen",
    "partly": "een beetje geholpen",
    "not_helped": "niet geholpen",
    "enrolled": "ingeschreven",
    "appointment": "een afspraak gemaakt",
    "nothing": "nog niets gedaan",
    "other": "iets anders gedaan",
}


def answered(party: Party, answer: str) -> str:
    """What somebody said afterwards, as a sentence."""
    who_said = "De persoon" if party is Party.CITIZEN else "Jullie"
    return f"{who_said}: {ANSWERS.get(answer, answer)}."
