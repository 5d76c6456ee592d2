"""What the system itself says, when the assistant cannot."""

from __future__ import annotations

from bot.conversation.message import MAX_TEXT, Button, Reply

LATE = Reply(text="Het duurt wat langer dan anders. Je bericht is goed aangekomen. Je krijgt zo een antwoord.")
"""Once, when an answer is late."""

FAILED = Reply(
    text=(
        "Sorry, er ging iets mis bij ons. Je bericht is bewaard, er is niets verloren.\n"
        "Probeer het nog eens, met andere woorden. Of vraag een mens."
    ),
    buttons=(Button(title="Ik wil een mens", payload="/request_human"),),
)
"""When a message is given up after repeated errors."""

EXPIRED_BUTTON = "(oude knop)"
"""How a press on a button that is not valid here stands in the transcript."""

CODE_UNKNOWN = Reply(
    text="Die code ken ik niet, of ze is te oud. Vraag een nieuwe: typ **code** in het gesprek waar je verder wil."
)
CODE_OF_HERE = Reply(text="Die code is van dit gesprek. Typ ze in het andere kanaal, daar gaan we dan verder.")
CODE_DURING_TALK = Reply(
    text="Daar praat je nu met een medewerker. Sluit dat gesprek eerst af. Typ de code dan opnieuw."
)
CONTINUED_HERE = Reply(
    text="Fijn dat je er weer bent. Ik weet nog wat je vertelde. We gaan hier verder. Dit zei ik het laatst:"
)

_CONTINUE = "Je code is **"


def continue_code(code: str, minutes: int) -> Reply:
    """The code with which a conversation goes on elsewhere."""
    return Reply(
        text=(
            f"{_CONTINUE}{code}**.\n"
            f"Typ die code in het andere kanaal, binnen {minutes} minuten. Dan gaan we daar verder.\n"
            "Geef de code aan niemand anders: wie ze heeft, ziet wat je vertelde."
        )
    )


def is_continue_code(reply: Reply) -> bool:
    """Whether a reply gives such a code."""
    return reply.text.startswith(_CONTINUE)


def continued_elsewhere(channel: str) -> Reply:
    """Told in the conversation from which somebody went on elsewhere: if it was not them, they know."""
    return Reply(text=f"Met je code ging dit gesprek verder op {channel}. Hier kan je ook blijven schrijven.")


EMPTY = "Je bericht is leeg. Typ je vraag in enkele woorden."
TOO_LONG = f"Je bericht is te lang. Maak het korter dan {MAX_TEXT} tekens."
BAD_SENDER = "Dit gesprek heeft geen geldig kenmerk. Begin een nieuw gesprek."
BAD_MESSAGE_ID = "Dit bericht heeft geen geldig kenmerk. Stuur het opnieuw."
BAD_CHANNEL = "Langs deze weg kun je geen bericht sturen."
