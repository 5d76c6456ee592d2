"""What became of a referral, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from support.referrals import add_conversation, make

from actions.referral import ActionReferralStatus
from bot.referral.directory import Directory
from bot.referral.referrals import Referral, find_by_reference
from bot.settings import Settings
from bot.storage.database import Database


async def withdrawn(
    database: Database, settings: Settings, directory: Directory, asked: Referral, about: str
) -> list[str]:
    """What is said to who presses the button that withdraws, in the conversation of a referral."""
    said: list[str] = []
    entities = [{"entity": "consent", "value": "withdraw"}, *([{"entity": "about", "value": about}] if about else [])]
    turn: Any = SimpleNamespace(
        tracker=SimpleNamespace(
            sender_id=asked.conversation_id,
            latest_message={"text": "/ask_referral_status", "entities": entities},
        ),
        services=SimpleNamespace(database=database, settings=settings, directory=directory),
        slot=lambda name: None,
        say=lambda text, *rest, **more: said.append(text),
        respond=lambda name, **more: said.append(name),
    )
    await ActionReferralStatus().act(turn)
    return said


def status(database: Database, referral: Referral) -> str:
    with database.read() as connection:
        found = find_by_reference(connection, referral.reference)
    assert found is not None
    return str(found.status.value)


async def test_the_button_withdraws_the_referral_it_stood_under(
    database: Database, make_settings: Callable[..., Settings], directory: Directory
) -> None:
    conversation = add_conversation(database)
    first, last = (make(database, conversation_id=conversation, message_key=f"m{number}") for number in range(2))
    (said,) = await withdrawn(database, make_settings(), directory, first, first.reference)
    assert first.reference in said
    assert (status(database, first), status(database, last)) == ("cancelled", "requested")


async def test_a_button_from_before_names_none_and_withdraws_the_last_that_is_open(
    database: Database, make_settings: Callable[..., Settings], directory: Directory
) -> None:
    conversation = add_conversation(database)
    first, last = (make(database, conversation_id=conversation, message_key=f"m{number}") for number in range(2))
    await withdrawn(database, make_settings(), directory, last, "")
    assert (status(database, first), status(database, last)) == ("requested", "cancelled")


async def test_nobody_withdraws_the_referral_of_another(
    database: Database, make_settings: Callable[..., Settings], directory: Directory
) -> None:
    mine = make(database, conversation_id=add_conversation(database))
    other = make(database, conversation_id=add_conversation(database, "b" * 32), message_key="other")
    await withdrawn(database, make_settings(), directory, mine, other.reference)
    assert (status(database, mine), status(database, other)) == ("requested", "requested")
