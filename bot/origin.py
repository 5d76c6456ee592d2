"""The origin of a site: what a browser says of where a request comes from."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def origin_of(url: str) -> str:
    """The origin of an address, as a browser writes it. Raises ValueError when it is no http(s) address."""
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a site, like https://www.example.be")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = parts.port in (None, _DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{host}" + ("" if default else f":{parts.port}")


def is_here(url: str) -> bool:
    """Whether an address names this machine itself, and nobody else can reach it by that name."""
    return urlsplit(url).hostname in _HERE
