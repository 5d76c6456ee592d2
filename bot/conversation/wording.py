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

EMPTY = "Je bericht is leeg. Typ je vraag in enkele woorden."
TOO_LONG = f"Je bericht is te lang. Maak het korter dan {MAX_TEXT} tekens."
BAD_SENDER = "Dit gesprek heeft geen geldig kenmerk. Begin een nieuw gesprek."
BAD_MESSAGE_ID = "Dit bericht heeft geen geldig kenmerk. Stuur het opnieuw."
BAD_CHANNEL = "Langs deze weg kun je geen bericht sturen."
