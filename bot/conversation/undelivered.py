"""Why replies are set aside: codes that are stored, and what they say to operators and counsellors."""

from __future__ import annotations

PUT_OFF = "put_off"
FAULT = "fault"
BLOCKED = "blocked"
OUTSIDE_WINDOW = "outside_window"
REFUSED = "refused"
UNKNOWN_PERSON = "unknown_person"

REASONS = {
    PUT_OFF: "De aanbieder nam het bericht te lang niet aan.",
    FAULT: "Er ging telkens iets mis bij ons. Het logboek zegt wat.",
    BLOCKED: "De persoon blokkeert ons, of verwijderde het gesprek.",
    OUTSIDE_WINDOW: "De persoon schreef te lang niet. De aanbieder laat dan geen gewoon bericht toe.",
    REFUSED: "De aanbieder weigert dit bericht.",
    UNKNOWN_PERSON: "De aanbieder kent deze persoon niet (meer).",
}


def explained(reason: str) -> str:
    """What a stored reason says in Dutch. Behind a colon may stand the provider's own code.

    >>> explained("refused:131026")
    'De aanbieder weigert dit bericht. (131026)'
    """
    code, _, detail = reason.partition(":")
    text = REASONS.get(code, reason)
    return f"{text} ({detail})" if detail else text
