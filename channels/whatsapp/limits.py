"""What the WhatsApp Cloud API allows. Each with its page under developers.facebook.com/documentation/business-messaging/whatsapp
or, where Meta has none, where it was found; looked up in November 2026. Lengths are counted here in UTF-16 units."""

from __future__ import annotations

import re
from typing import Final

MAX_TEXT: Final = 4096
"""messages/text-messages (2 July 2026)."""

MAX_BUTTONS: Final = 3
MAX_BUTTON_TITLE: Final = 20
MAX_BUTTON_ID: Final = 256
MAX_BUTTONS_BODY: Final = 1024
"""messages/interactive-reply-buttons-messages (3 November 2025). Titles are unique within a message."""

MAX_ROWS: Final = 10
"""In all sections of a list together: messages/interactive-list-messages (2 July 2026), as is all of the list."""
MAX_ROW_TITLE: Final = 24
MAX_ROW_DESCRIPTION: Final = 72
MAX_ROW_ID: Final = 200
MAX_LIST_BUTTON: Final = 20
MAX_LIST_BODY: Final = 4096
"""Older pages say 1,024."""

WINDOW: Final = 24 * 3600.0
"""Seconds after a person's last message in which we may write freely; after that templates only (error 131047)."""

PER_SECOND: Final = 80.0
"""Messages of one number, to everybody together: throughput (21 May 2026)."""
PAIR_SECONDS: Final = 6.0
"""One message to one person each six seconds, in the long run (error 131056)."""
PAIR_BURST: Final = 45
"""That may go at once, to be paid back. This and the pair rate: dualhook.com and others; Meta names no number."""
PAIR_AGAIN: Final = 16.0
"""Seconds after which a pair that was over its rate is tried again: the second step of the 4^X seconds that Meta advises."""

MAX_WEBHOOK_BODY: Final = 3 * 1024 * 1024
"""Bytes: webhooks/create-webhook-endpoint (21 May 2026)."""

USER_ID: Final = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
"""A business-scoped user id: business-scoped-user-ids (28 May 2026). Letters too, not only digits."""
PHONE: Final = re.compile(r"[0-9]{5,20}")
"""A WhatsApp number, where there is no business-scoped id."""
