"""What a referral says to the person outside the assistant's own turns: each once, in the conversation."""

from __future__ import annotations

from bot.conversation.message import Button, Reply

STOP_WAITING = "/stop_waiting"
"""Payload of the button that gives the assistant back."""
END_TALK = "/end_talk"

STOP_BUTTON = Button(title="Stop met wachten", payload=STOP_WAITING)
PERSON_BUTTON = Button(title="Iemand spreken", payload="/request_human")


def waiting(organisation: str) -> Reply:
    """The person now waits for somebody."""
    return Reply(
        text=f"Je wacht nu op iemand van {organisation}. Ik zwijg intussen. Wat je schrijft, leest de begeleider straks.",
        buttons=(STOP_BUTTON,),
    )


def claimed(name: str, organisation: str) -> Reply:
    """Somebody reads the referral and comes."""
    return Reply(text=f"{name} van {organisation} leest je vraag en komt zo bij je.", buttons=(STOP_BUTTON,))


def talk_begins(name: str, organisation: str) -> Reply:
    """The mark that a person speaks from here on."""
    return Reply(
        text=f"Je praat nu met {name} van {organisation}. Dat is een mens. De digitale assistent zwijgt.",
    )


def handed_on(name: str, organisation: str) -> Reply:
    """Another person speaks from here on."""
    return Reply(text=f"{name} van {organisation} neemt het gesprek over.")


def talk_ended(name: str) -> Reply:
    """The mark that the assistant is back, and the question how it went."""
    return Reply(
        text=(
            f"Het gesprek met {name} is afgelopen. Je praat nu weer met de digitale assistent.\n"
            "Heeft dit gesprek je geholpen?"
        ),
        buttons=(
            Button(title="Ja", payload='/follow_up{"answer":"helped"}'),
            Button(title="Een beetje", payload='/follow_up{"answer":"partly"}'),
            Button(title="Nee", payload='/follow_up{"answer":"not_helped"}'),
        ),
    )


STOPPED_WAITING = Reply(
    text=(
        "Goed, je wacht niet meer. Je aanvraag is ingetrokken en gewist. Je praat nu weer met de digitale assistent.\n"
        "Wil je liever gebeld worden, of een mail krijgen? Dat kan ook."
    ),
    buttons=(PERSON_BUTTON,),
)
LEFT_TALK = Reply(text="Goed, het gesprek stopt hier. Je praat nu weer met de digitale assistent.")


def proposal(name: str, organisation: str, question: str) -> Reply:
    """A counsellor proposes another organisation; `question` is the consent, word for word."""
    return Reply(
        text=f"{name} stelt voor dat {organisation} je verder helpt.\n{question}",
        buttons=(
            Button(title="Ja, stuur door", payload='/transfer{"consent":"yes"}'),
            Button(title="Ja, zonder gesprek", payload='/transfer{"consent":"without"}'),
            Button(title="Nee", payload='/transfer{"consent":"no"}'),
        ),
    )
