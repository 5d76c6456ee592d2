"""How it went: what the person and the counsellor answer some time after a referral, kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.referral.life import Party
from bot.referral.referrals import latest_of
from bot.storage.referral_tables import referral_answers


class Question(StrEnum):
    """What is asked."""

    HELPED = "helped"
    """Were you helped?"""
    DID = "did"
    """What did you do?"""


ANSWERS: Mapping[str, Question] = MappingProxyType(
    {
        **dict.fromkeys(("helped", "partly", "not_helped"), Question.HELPED),
        **dict.fromkeys(("enrolled", "appointment", "nothing", "other"), Question.DID),
    }
)


def keep(
    connection: sa.engine.Connection, referral_id: int, party: Party, question: Question, answer: str, now: datetime
) -> None:
    """Keeps an answer; a later one replaces it. Raises `ValueError` for what is no answer to the question."""
    if ANSWERS.get(answer) is not question:
        raise ValueError(f"'{answer}' does not answer '{question}'")
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(referral_answers)
        .values(referral_id=referral_id, actor=party.value, question=question.value, answer=answer, at=now)
        .on_conflict_do_update(index_elements=["referral_id", "actor", "question"], set_={"answer": answer, "at": now})
    )


def answer(connection: sa.engine.Connection, conversation_id: str, said: str, now: datetime) -> Question | None:
    """Keeps what the person answered about their last referral, and gives the question it answers; None without one."""
    question = ANSWERS.get(said)
    last = latest_of(connection, conversation_id)
    if question is None or last is None:
        return None
    keep(connection, last.id, Party.CITIZEN, question, said, now)
    return question


def of_referral(connection: sa.engine.Connection, referral_id: int) -> dict[tuple[Party, Question], str]:
    """What was answered about a referral."""
    rows = connection.execute(sa.select(referral_answers).where(referral_answers.c.referral_id == referral_id))
    return {(Party(row.actor), Question(row.question)): row.answer for row in rows}
