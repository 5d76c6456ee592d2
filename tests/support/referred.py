"""A person who talked with the assistant and was referred, over a running application: for tests of the desk."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from support.site import Site

from bot.conversation.message import InboundMessage
from bot.referral.life import SYSTEM, State, What, move
from bot.referral.referrals import NewReferral, Way, create

_numbers = itertools.count(1)
SUMMARY = "Vraag: hulp bij het kiezen\nZoekt: lassen, 's avonds\nPlaats: Gent\nLeeftijd: 34 jaar"


@dataclass
class Referred:
    """Somebody who was referred, and can write on."""

    site: Site
    sender: str
    conversation_id: str
    reference: str

    async def write(self, text: str) -> int:
        """Writes into the conversation; gives the number of the line."""
        message = InboundMessage(channel="web", sender=self.sender, message_id=f"m{next(_numbers)}", text=text)
        return (await self.site.conversations.accept(message)).seq


async def refer(
    site: Site,
    organisation: str = "vdab",
    way: Way = Way.CALL,
    *,
    with_transcript: bool = True,
    said: str = "kost dat veel?",
) -> Referred:
    """A referral with a conversation before it; for a talk, the person waits."""
    from bot.conversation.model import Floor

    person = Referred(site, f"persoon-{next(_numbers)}", "", "")
    message = InboundMessage(channel="web", sender=person.sender, message_id="eerste", text=said)
    accepted = await site.conversations.accept(message)
    await site.conversations.replies_to(accepted, 20)
    person.conversation_id = accepted.conversation_id
    new = NewReferral(
        conversation_id=accepted.conversation_id,
        message_key=f"{accepted.conversation_id}:{accepted.inbox_id}",
        organisation=organisation,
        way=way,
        contact={Way.CALL: "0470 12 34 56", Way.MAIL: "jan@voorbeeld.be"}.get(way, ""),
        summary=SUMMARY,
        with_transcript=with_transcript,
        consent_version="2026-11",
        consent_text="Mag ik dit doorsturen?",
        channel="web",
    )
    with site.database.begin() as connection:
        made = create(connection, new)
    person.reference = made.reference
    if way is Way.CHAT:

        def wait(change: object) -> None:
            move(change.connection, made.id, What.QUEUED, State.WAITING, SYSTEM, change.now, key="queued")  # type: ignore[attr-defined]
            change.give_floor(Floor.COUNSELLOR)  # type: ignore[attr-defined]

        await site.conversations.change(accepted.conversation_id, wait)
    return person
