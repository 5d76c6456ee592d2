"""Fetching: what a stranger's address may reach, and what comes back is limited and whole."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.feed_server import FeedServer

from bot.catalogue import fetching
from bot.catalogue.importers import FeedError, Limits

INSIDE = ("localhost",)


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer.running() as server:
        yield server


def test_a_feed_of_a_host_that_an_operator_allowed(site: FeedServer, tmp_path: Path) -> None:
    site.answers = {"/a?b=1": (302, {"Location": "/c"}, b""), "/c": (200, {}, b"inhoud")}
    fetching.fetch(f"{site.url}/a?b=1", tmp_path / "feed", inside=INSIDE)
    assert (tmp_path / "feed").read_bytes() == b"inhoud"
    assert [path for path, _ in site.asked] == ["/a?b=1", "/c"]
    assert not {"cookie", "authorization"} & {name.lower() for _, headers in site.asked for name in headers}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, {}, b""), "status 404"),
        ((500, {}, b""), "status 500"),
        ((302, {}, b""), "zonder adres"),
        ((302, {"Location": "/a"}, b""), "verwijst meer dan 5 keer"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "geen webadres"),
        ((302, {"Location": "http://127.0.0.1/"}, b""), "privénetwerk"),
        ((302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""), "privénetwerk"),
        ((200, {"Content-Length": "100"}, b"half"), "opgehaald"),
        ((200, {}, b"x" * 1_100_000), "groter dan 1 MB"),
        ((200, {"Content-Length": "99999999999"}, b""), "groter dan 1 MB"),
    ],
)
def test_a_bad_answer_is_an_error_with_a_reason(
    site: FeedServer, tmp_path: Path, answer: tuple[int, dict[str, str], bytes], reason: str
) -> None:
    site.answers = {"/a": answer}
    with pytest.raises(FeedError, match=reason):
        fetching.fetch(f"{site.url}/a", tmp_path / "feed", inside=INSIDE, limits=Limits(megabytes=1))


def test_time_is_limited(site: FeedServer, tmp_path: Path) -> None:
    site.answers = {"/a": (200, {}, b"x")}
    with pytest.raises(FeedError, match="duurde te lang"):
        fetching.fetch(f"{site.url}/a", tmp_path / "feed", inside=INSIDE, limits=Limits(seconds=-1))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/", "http://127.0.0.1/", "http://[::1]/", "http://0.0.0.0/", "http://10.0.0.1/",
        "http://192.168.1.1/", "http://[::ffff:10.0.0.1]/", "http://2130706433/", "http://0x7f.1/", "http://[fe80::1]/",
        "http://[fd00::1]/", "http://100.64.0.1/",
    ],
)  # fmt: skip
def test_this_network_cannot_be_reached(url: str, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="privénetwerk|bestaat niet"):
        fetching.fetch(url, tmp_path / "feed")
    assert not (tmp_path / "feed").exists()


@pytest.mark.parametrize(
    "url",
    ["ftp://x.be/", "file:///etc/passwd", "http:///x", "http://x.be:22/", "https://jan:geheim@x.be/", "x.be", "http://x.be:99999/"],
)  # fmt: skip
def test_addresses_of_the_wrong_form(url: str, tmp_path: Path) -> None:
    with pytest.raises(FeedError):
        fetching.fetch(url, tmp_path / "feed")


def test_a_name_that_leads_inside_the_second_time_gains_nothing(
    site: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that was checked is the one connected to: the name is looked up once."""
    looked_up: list[str] = []
    connected: list[str] = []

    def lookup(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        address = "93.184.216.34" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address[0])
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FeedError, match="opgehaald"):
        fetching.fetch("http://wisselt.voorbeeld.be/", tmp_path / "feed")
    assert (looked_up, connected) == (["wisselt.voorbeeld.be"], ["93.184.216.34"])


@given(address=st.ip_addresses())
@settings(deadline=None)
def test_only_global_addresses_are_public(address: Any) -> None:
    if fetching.is_public(str(address)):
        judged = getattr(address, "ipv4_mapped", None) or address
        assert judged.is_global
        assert not judged.is_multicast


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("2002:100::", False),
        ("2002:808:808::", False),
        ("2001:0:808:808::f7f7:f7f7", False),
    ],
)
def test_addresses_that_hold_another_are_judged_by_it_and_tunnels_are_not_public(address: str, public: bool) -> None:
    assert fetching.is_public(address) is public
