"""Talking in the terminal: the same inbox, assistant and outbox as every channel."""

from __future__ import annotations

import asyncio
import secrets

from rich.console import Console
from rich.markup import escape

from bot.assistant.factory import make_assistant
from bot.conversation.message import Button, InboundMessage, Reply
from bot.conversation.model import InvalidMessage
from bot.conversation.service import Conversations
from bot.settings import Settings
from bot.storage.database import Database

CHANNEL = "terminal"


def shown(reply: Reply, first_button: int) -> str:
    """A reply as text for the terminal, its buttons numbered from `first_button` on."""
    parts = [escape(reply.text)] if reply.text else []
    number = first_button
    for card in reply.cards:
        lines = [f"[bold]{escape(card.title)}[/bold]" + (f" · {escape(card.subtitle)}" if card.subtitle else "")]
        lines += [f"  {escape(fact.label)}: {escape(fact.value)}" for fact in card.facts]
        lines += [f"  [yellow]{escape(card.notice)}[/yellow]"] if card.notice else []
        lines += [f"  {escape(card.url)}"] if card.url else []
        for button in card.buttons:
            lines.append(f"  [cyan]{number}[/cyan] {escape(button.title)}")
            number += 1
        parts.append("\n".join(lines))
    for source in reply.sources:
        parts.append(
            f"[dim]Bron: {escape(source.title)}, nagekeken op {source.checked}. {escape(source.url or '')}[/dim]"
        )
    if reply.buttons:
        parts.append(
            "   ".join(
                f"[cyan]{index}[/cyan] {escape(button.title)}" for index, button in enumerate(reply.buttons, number)
            )
        )
    return "\n".join(parts)


def numbered(reply: Reply) -> list[Button]:
    """The buttons of a reply in the order in which `shown` numbers them."""
    return [button for card in reply.cards for button in card.buttons] + list(reply.buttons)


async def talk(settings: Settings, console: Console) -> None:
    """Reads lines until the end of the input, and shows the replies."""
    database = Database(settings.database)
    assistant = make_assistant(settings)
    conversations = Conversations(database, assistant, settings)
    with console.status("De assistent wordt geladen …"):
        await assistant.start()
        await conversations.start()
    sender = secrets.token_hex(8)
    buttons: list[Button] = []
    console.print("Typ je vraag. Kies een knop met zijn nummer. Stoppen: Ctrl+D.")
    try:
        while True:
            try:
                line = (await asyncio.to_thread(console.input, "\n[bold green]jij>[/bold green] ")).strip()
            except EOFError:
                return
            chosen = buttons[int(line) - 1] if line.isdecimal() and 1 <= int(line) <= len(buttons) else None
            message = InboundMessage(
                channel=CHANNEL,
                sender=sender,
                message_id=secrets.token_hex(8),
                text="" if chosen else line,
                button=chosen.payload if chosen else None,
            )
            try:
                replies = await conversations.replies_to(await conversations.accept(message), settings.reply_timeout)
            except InvalidMessage as error:
                console.print(f"[red]{escape(str(error))}[/red]")
                continue
            except TimeoutError:
                console.print("[red]Het antwoord laat op zich wachten. Probeer straks opnieuw.[/red]")
                continue
            buttons = []
            for reply in replies:
                console.print(shown(reply, len(buttons) + 1), soft_wrap=True)
                buttons += numbered(reply)
    finally:
        await conversations.stop()
        await assistant.close()
        database.close()
