"""What tests of referrals share: the directory as it ships, and a desk over conversations with the fake Rasa server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import SecretStr
from support.people import QUICK

from bot.assistant.remote import RemoteAssistant
from bot.conversation.service import Conversations
from bot.referral.consent import load_consent
from bot.referral.desk import Desk
from bot.referral.directory import Directory
from bot.referral.reception import Reception
from bot.settings import ROOT, Settings
from bot.storage.database import Database


@pytest.fixture
async def talks(
    database: Database, assistant: RemoteAssistant, make_settings: Callable[..., Settings], directory: Directory
) -> AsyncIterator[tuple[Conversations, Desk]]:
    """Started conversations, and the desk that attends them."""
    settings = make_settings(smtp_url=SecretStr("smtp://127.0.0.1:9"))
    conversations = Conversations(database, assistant, settings, QUICK)
    desk = Desk(conversations, directory, load_consent(ROOT / "data" / "referral"), settings)
    conversations.attend(Reception(conversations, directory, settings))
    await conversations.start()
    yield conversations, desk
    await conversations.stop()
