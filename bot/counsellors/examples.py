"""Reviewed examples: sentences that the assistant took for something else, with what they mean, told by a counsellor.

They are exported as Rasa NLU YAML, which `leerwijzer evaluate nlu` and `leerwijzer train` read, for an editor to look at
before they are trained on. A sentence is stored only as the counsellor leaves it: with what looks like a number, an
address or a name of a mailbox taken out beforehand. Erasing the conversation erases it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.conversation.message import Author, Kind
from bot.conversation.text import one_line, shows
from bot.counsellors.model import AccountError, Counsellor
from bot.knowledge.vocabulary import INTENTS
from bot.storage.counsellor_tables import reviewed_examples
from bot.storage.tables import inbox, outbox, utcnow

LONGEST = 300
"""Characters of an example."""
_PERSONAL = re.compile(r"\S+@\S+|(?:\+|\b)\d(?:[\d\s./()-]{5,})\d\b")
_ANNOTATION = str.maketrans("[]{}", "()()")  # what Rasa's format reads as an entity
GONE = "…"


@dataclass(frozen=True, slots=True)
class Answered:
    """The sentence of a person that an answer of the assistant was about."""

    text: str
    """Without what looks personal."""
    taken_for: str | None
    """The intent that the assistant saw in it."""


def without_personal(text: str) -> str:
    """A sentence on one line, in which what looks like a number of a person or a mailbox became "…"."""
    return one_line(_PERSONAL.sub(GONE, text), LONGEST).translate(_ANNOTATION)


def answered(connection: sa.engine.Connection, conversation_id: str, seq: int) -> Answered | None:
    """What the assistant's answer at line `seq` answered; None when it answered no text."""
    row = connection.execute(
        sa.select(inbox.c.text, inbox.c.intent, inbox.c.kind)
        .join(outbox, outbox.c.inbox_id == inbox.c.id)
        .where(
            outbox.c.conversation_id == conversation_id, outbox.c.seq == seq, outbox.c.author == Author.ASSISTANT.value
        )
    ).first()
    if row is None or row.kind != Kind.TEXT.value:
        return None
    return Answered(without_personal(row.text), row.intent)


def add(
    connection: sa.engine.Connection,
    text: str,
    intent: str,
    *,
    by: Counsellor,
    conversation_id: str,
    taken_for: str | None,
    now: datetime | None = None,
) -> None:
    """Keeps what a sentence means. Raises `AccountError` for what is no example."""
    sentence = without_personal(text)
    if not shows(sentence.replace(GONE, "")):
        raise AccountError("Er blijft geen zin over. Laat de woorden staan die zeggen wat iemand wil.")
    if intent not in INTENTS:
        raise AccountError("Kies uit de lijst wat de persoon bedoelde.")
    connection.execute(
        sa.insert(reviewed_examples).values(
            text=sentence,
            intent=intent,
            taken_for=taken_for,
            conversation_id=conversation_id,
            counsellor_id=by.id,
            organisation=by.organisation,
            at=now or utcnow(),
        )
    )


def as_nlu(connection: sa.engine.Connection) -> str:
    """All reviewed examples as Rasa NLU YAML, by intent and alphabet; "" when there are none."""
    rows = connection.execute(sa.select(reviewed_examples).order_by(reviewed_examples.c.id))
    meanings = {row.text: row.intent for row in rows}  # told twice, the newest meaning counts
    if not meanings:
        return ""
    found: dict[str, list[str]] = defaultdict(list)
    for text in sorted(meanings):
        found[meanings[text]].append(f"      - {text}\n")
    blocks = (f"  - intent: {intent}\n    examples: |\n{''.join(found[intent])}" for intent in sorted(found))
    return 'version: "3.1"\nnlu:\n' + "".join(blocks)
