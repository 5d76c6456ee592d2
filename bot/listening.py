"""The address on which the application listens, taken before anything is made ready."""

from __future__ import annotations

import socket

from bot.trouble import Trouble


class CannotListen(Trouble):
    """The address or port cannot be had."""

    advice = "Stop wat er luistert, of kies een andere poort: leerwijzer run --port 8001, of LEERWIJZER_PORT in .env."


def listen_at(host: str, port: int) -> socket.socket:
    """A socket on this address, that does not listen yet: until it does, who connects is refused. Raises `CannotListen`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        raise CannotListen(f"Op {host}:{port} kan ik niet luisteren: {error.strerror}.") from error
    return bound
