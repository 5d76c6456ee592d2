"""The address of a mail server, as the settings give it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes out: smtp:// or smtps://, with user and password where needed; `?starttls=require|none`."""

    host: str
    port: int
    tls: bool
    starttls: bool | None
    """None: if the server offers it."""
    user: str | None
    password: str | None

    @classmethod
    def parse(cls, url: str) -> Server:
        """Raises `ValueError` for what is no such address."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("must be like smtp://user:password@mail.example.be:587")
        tls = parts.scheme == "smtps"
        wish = parse_qs(parts.query).get("starttls", [""])[0]
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 587),
            tls=tls,
            starttls={"require": True, "none": False}.get(wish),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )
