"""Fetches a feed from an address that somebody else chose, so that it can reach nothing inside this network.

Every host is looked up here and only public addresses are connected to, for redirects as well: the address that was
checked is the one that is used, so a name that changes between the two gains nothing. Size, time and number of redirects
have limits. No proxy, cookie or password of this machine is used.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpcore

from bot.catalogue.importers.feed import MEGABYTE, FeedError, Limits

PORTS: Final = frozenset({80, 443, 8080, 8443})
MOST_REDIRECTS: Final = 5
_CONNECT_SECONDS: Final = 10.0
_READ_SECONDS: Final = 60.0
_ACCEPT: Final = "text/csv, application/x-ndjson, application/ld+json, application/xml, text/html;q=0.9, */*;q=0.5"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


def fetch(url: str, target: Path, *, limits: Limits | None = None, inside: Collection[str] = ()) -> None:
    """Writes what stands at `url` to `target`. `inside`: hosts that may be on a private network, as an operator set.

    Raises `FeedError` for an address that is not allowed, a host that does not answer well, and what is too much.
    """
    limits = limits or Limits()
    deadline = time.monotonic() + limits.seconds
    backend = _Guarded(frozenset(host.lower() for host in inside))
    with httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool:
        for _ in range(MOST_REDIRECTS + 1):
            check(url, backend.inside)
            try:
                with pool.stream("GET", url, headers=_headers(url), extensions={"timeout": _timeouts()}) as response:
                    if response.status not in _REDIRECTS:
                        return _save(response, target, limits, deadline)
                    url = _redirect(url, response)
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
                raise FeedError(f"kan niet opgehaald worden: {type(error).__name__}") from None
    raise FeedError(f"verwijst meer dan {MOST_REDIRECTS} keer door")


def check(url: str, inside: Collection[str] = ()) -> None:
    """Raises `FeedError` for an address of the wrong form: not http(s), with a password, on an odd port."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise FeedError("is geen webadres") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FeedError("is geen webadres dat met http:// of https:// begint")
    if parts.username is not None or parts.password is not None:
        raise FeedError("mag geen gebruikersnaam of wachtwoord bevatten")
    if port not in PORTS and parts.hostname.lower() not in inside:
        raise FeedError(f"gebruikt poort {port}; toegelaten zijn {', '.join(map(str, sorted(PORTS)))}")


def is_public(address: str) -> bool:
    """Whether an IP address lies on the public internet. What leads through a tunnel (6to4, Teredo) does not: versions of
    Python differ on it, and nobody serves courses there."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour or ip.teredo:
            return False
        embedded = ip.ipv4_mapped
        if embedded is None and ip in _NAT64:
            embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(str(embedded))
    return ip.is_global and not ip.is_multicast


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class _Guarded(httpcore.SyncBackend):
    """Connects to the first public address of a host, and to no other."""

    def __init__(self, inside: frozenset[str]) -> None:
        self.inside = inside

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise FeedError(f"de server {host[:100]} bestaat niet") from None
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        if host.lower() not in self.inside:
            addresses = [address for address in addresses if is_public(address)]
        if not addresses:
            raise FeedError(f"de server {host[:100]} ligt op een privénetwerk; een beheerder kan hem toelaten")
        return super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise FeedError("is geen webadres")


def _headers(url: str) -> list[tuple[str, str]]:
    return [
        ("Host", urlsplit(url).netloc),
        ("User-Agent", "Leerwijzer (catalogus)"),
        ("Accept", _ACCEPT),
        ("Accept-Encoding", "identity"),
    ]


def _timeouts() -> dict[str, float]:
    return {"connect": _CONNECT_SECONDS, "read": _READ_SECONDS, "write": _READ_SECONDS, "pool": _CONNECT_SECONDS}


def _redirect(url: str, response: httpcore.Response) -> str:
    location = next((value for name, value in response.headers if name.lower() == b"location"), b"")
    if not location:
        raise FeedError(f"verwijst door (status {response.status}) zonder adres")
    return urljoin(url, location.decode("latin-1"))


def _save(response: httpcore.Response, target: Path, limits: Limits, deadline: float) -> None:
    if response.status != 200:
        raise FeedError(f"de server antwoordt met status {response.status}")
    announced = next((value for name, value in response.headers if name.lower() == b"content-length"), b"")
    most = limits.megabytes * MEGABYTE
    if announced.isdigit() and int(announced) > most:
        raise FeedError(f"is groter dan {limits.megabytes} MB")
    size = 0
    # Sent packed all the same, it is unpacked when it is read: within the limits, and by its first bytes.
    with target.open("wb") as file:
        for chunk in response.iter_stream():
            size += len(chunk)
            if size > most:
                raise FeedError(f"is groter dan {limits.megabytes} MB")
            if time.monotonic() > deadline:
                raise FeedError("ophalen duurde te lang")
            file.write(chunk)
