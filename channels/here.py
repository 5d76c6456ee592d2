"""Whether a request comes from this machine itself: what is let in where no token was set."""

from __future__ import annotations

import ipaddress
from typing import Final

from fastapi import Request

from bot.origin import is_here

_FORWARDED: Final = ("forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip")


def is_local(request: Request, public_url: str) -> bool:
    """Whether a request was made on this machine, under a name of this machine, and came through no proxy.

    Never where the service has a public address: a proxy that adds no headers cannot be told from somebody at the machine.
    """
    headers = request.headers
    forwarded = any(name in headers for name in _FORWARDED) or any(name.startswith("x-forwarded-") for name in headers)
    asked_here = is_here(f"http://{headers.get('host', '')}")  # under another name a page elsewhere could be asking
    at_home = is_here(public_url)
    return at_home and asked_here and not forwarded and _is_loopback(request.client.host if request.client else "")


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
