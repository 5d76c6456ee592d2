"""What the accounts of the desk give and refuse: plain values, and errors whose text is for the counsellor, in Dutch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What someone at the desk may do. Each may do what is written at it, and nothing of the others."""

    COUNSELLOR = "counsellor"
    """Handles the referrals of one organisation."""
    ADMINISTRATOR = "administrator"
    """Also manages the counsellors, hours and canned replies of that organisation."""
    OPERATOR = "operator"
    """Manages every organisation's accounts and hours, and sees no referral of anybody."""

    @property
    def words(self) -> str:
        """In Dutch."""
        return {"counsellor": "begeleider", "administrator": "beheerder", "operator": "operator"}[self.value]


@dataclass(frozen=True, slots=True)
class Counsellor:
    """One account. Holds nothing that lets anybody in."""

    id: int
    email: str
    name: str
    role: Role
    organisation: str | None
    """Id in data/referral/organisations.yml; None for an operator alone."""
    active: bool
    demo: bool
    """Fictional: may sign in only while the demo is on."""
    created_at: datetime
    signed_in_at: datetime | None
    has_password: bool
    has_identity: bool
    """Signs in with the OpenID Connect of the organisation."""
    two_factor: bool
    """Gives a second factor."""
    locked_until: datetime | None

    @property
    def invited(self) -> bool:
        """Whether the invitation still waits."""
        return not (self.has_password or self.has_identity)

    @property
    def first_name(self) -> str:
        """What a citizen sees."""
        return self.name.split()[0]

    @property
    def handles_referrals(self) -> bool:
        """Whether this account sees referrals at all."""
        return self.role is not Role.OPERATOR

    def manages(self, organisation: str | None) -> bool:
        """Whether this account manages the people, hours and replies of `organisation`."""
        if self.role is Role.OPERATOR:
            return True
        return self.role is Role.ADMINISTRATOR and organisation is not None and organisation == self.organisation


class AccountError(Exception):
    """What cannot be done with an account. The text is for the person who asked, in Dutch."""


class Refused(AccountError):
    """The sign-in is refused. One text for a wrong password, an unknown address and an account that is off."""

    def __init__(self, text: str = "E-mailadres of wachtwoord klopt niet.") -> None:
        super().__init__(text)


class Locked(Refused):
    """Too many tries: none is looked at before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__("Te veel pogingen. Wacht een kwartier en probeer dan opnieuw.")
        self.until = until
