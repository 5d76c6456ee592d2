"""What a referral says to the person outside the assistant's own turns: each once, in the conversation."""

from __future__ import annotations

from bot.conversation.message import Button, Card, Reply

STOP_WAITING = "/stop_waiting"
"""Payload of the button that gives the assistant back."""

STOP_BUTTON = Button(title="Stop met wachten", payload=STOP_WAITING)
PERSON_BUTTON = Button(title="Iemand spreken", payload="/request_human")


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


def trial(organisation: str) -> str:
    """Instead of a promise, where nobody is at the desk yet."""
    return f"Dit is een proef: bij {organisation} leest nog niemand je aanvraag. Neem voorlopig zelf contact op."


IF_NOBODY = "Neemt niemand je vraag op tijd op, dan vraag ik het opnieuw, nu dringend. Je leest dat hier."
"""Before it comes so far (`escalated`)."""
TRANSFER = "/transfer"
"""How the payloads of a proposal begin."""
DECIDED = Reply(text="Dat had je al gekozen. Vraag je hoe het staat, dan zeg ik het je.")
NOT_TRANSFERRED = Reply(text="Goed, ik stuur niets door.")


def transferred(organisation: str, when: str) -> Reply:
    """The person consented to go to another organisation."""
    return Reply(text=f"Je vraag gaat nu naar {organisation}. {when}")


def escalated(organisation: str, fallback: str | None, when: str, card: Card | None) -> Reply:
    """The first organisation did not come; `fallback` was asked, or nobody else may be."""
    if fallback:
        return Reply(
            text=f"{organisation} nam je vraag niet op tijd op. Sorry daarvoor. Ik vroeg het nu aan {fallback}. {when}"
        )
    return Reply(
        text=(
            f"{organisation} nam je vraag niet op tijd op. Sorry daarvoor. Ik vroeg het daar nog eens, nu dringend.\n"
            "Wil je niet wachten? Dan kan je zelf contact opnemen, of iemand anders kiezen."
        ),
        buttons=(PERSON_BUTTON,),
        cards=(card,) if card else (),
    )


def escalated_talk(organisation: str, fallback: str | None) -> Reply:
    """Nobody came to who waits in the conversation."""
    asked = f"Ik vroeg het nu ook aan {fallback}." if fallback else "Ik vroeg het nog eens, nu dringend."
    return Reply(
        text=(
            f"Bij {organisation} is nog niemand vrij. Sorry dat je wacht. {asked}\n"
            "Wil je niet langer wachten? Dan kan je ook een telefoontje of een mail vragen."
        ),
        buttons=(STOP_BUTTON,),
    )


def expired(organisation: str, card: Card | None, talk: bool) -> Reply:
    """Nobody came at all."""
    back = " Je praat nu weer met de digitale assistent." if talk else ""
    return Reply(
        text=(
            f"Sorry, bij {organisation} nam niemand je vraag op. Je aanvraag loopt af.{back}\n"
            "Wil je het anders proberen? Dan zoek ik met jou iemand anders."
        ),
        buttons=(PERSON_BUTTON,),
        cards=(card,) if card else (),
    )


def reminder(organisation: str, at: str) -> Reply:
    """An agreed call comes near."""
    return Reply(text=f"Nog even en {organisation} belt je: {at}. Hou je telefoon bij de hand.")


def follow_up(organisation: str, reference: str) -> Reply:
    """Once, some time after a referral was closed."""
    return Reply(
        text=f"Een tijdje geleden vroeg je hulp aan {organisation} ({reference}). Ben je geholpen?",
        buttons=(
            Button(title="Ja", payload='/follow_up{"answer":"helped"}'),
            Button(title="Een beetje", payload='/follow_up{"answer":"partly"}'),
            Button(title="Nee", payload='/follow_up{"answer":"not_helped"}'),
        ),
    )


IDLE = Reply(
    text="Het gesprek ligt al een tijd stil. Daarom stopt het hier. Je praat nu weer met de digitale assistent.",
    buttons=(PERSON_BUTTON,),
)
