"""What every request passes: the limit on bodies, the headers, errors of one shape, and logs that quote nobody."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, StreamingResponse
from structlog.testing import capture_logs
from support.site import PUBLIC, Site

from channels import errors
from channels.middleware import DRAINED, MAX_BODY, AccessLog, BodyLimit, LastResort, SecurityHeaders

CANARY = "kanarie-0470123456"


async def chunks(count: int, size: int = 1024) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def test_a_large_body_is_refused(site: Site) -> None:
    response = await site.http.post("/webhooks/rest/webhook", content=b"x" * (MAX_BODY + 1))
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_large"
    assert "64 KB" in response.json()["error"]["message"]


async def test_a_large_body_in_chunks_is_refused(site: Site) -> None:
    response = await site.http.post("/webhooks/rest/webhook", content=chunks(2000))
    assert response.status_code == 413


async def test_an_endless_body_is_cut_off(site: Site) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += MAX_BODY
            yield b"x" * MAX_BODY

    with contextlib.suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        response = await site.http.post("/webhooks/rest/webhook", content=endless())
        assert response.status_code == 413
    assert sent < 10 * DRAINED


async def test_a_body_of_the_limit_passes(site: Site) -> None:
    for content in (b"x" * MAX_BODY, chunks(MAX_BODY // 1024)):
        response = await site.http.post("/api/entitlements", content=content)
        assert response.json()["error"]["code"] == "invalid_json"


async def test_a_false_length_does_not_pass(site: Site) -> None:
    """More than was announced is another request to the server; less is a body that never comes whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.url.rsplit(":", 1)[1]))
    writer.write(b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{")
    await writer.drain()
    async with asyncio.timeout(5):
        assert b" 413 " in await reader.readline()
    writer.close()


def small_app(**limits: Any) -> FastAPI:
    app = FastAPI()
    errors.install(app)
    app.add_middleware(BodyLimit, **limits)
    app.add_middleware(LastResort)
    app.add_middleware(SecurityHeaders, https=True)
    app.add_middleware(AccessLog)

    @app.post("/echo")
    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await request.body())

    @app.get("/fails/{word}")
    async def fails(word: str) -> None:
        raise ValueError(f"{CANARY} {word}")

    @app.get("/breaks")
    async def breaks() -> StreamingResponse:
        async def body() -> AsyncIterator[bytes]:
            yield b"begin"
            raise ValueError(CANARY)

        return StreamingResponse(body())

    @app.get("/own")
    async def own() -> PlainTextResponse:
        return PlainTextResponse("x", headers={"Content-Security-Policy": "default-src 'self'"})

    return app


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_a_body_that_does_not_come_is_given_up() -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(5)

    app = small_app(seconds=0.1)
    scope = {"type": "http", "method": "POST", "path": "/echo", "headers": [(b"transfer-encoding", b"chunked")]}
    sent: list[Any] = []
    parts = slow()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": await anext(parts), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(app(scope | {"query_string": b"", "raw_path": b"/echo"}, receive, send), 3)
    assert sent[0]["status"] == 408


async def test_a_body_in_parts_arrives_whole() -> None:
    async with client_of(small_app()) as http:
        response = await http.post("/echo", content=chunks(10, 7))
        assert response.text == "x" * 70


async def test_an_unexpected_error_is_a_500_of_the_usual_shape_and_tells_nothing() -> None:
    with capture_logs() as logs:
        async with client_of(small_app()) as http:
            response = await http.get(f"/fails/{CANARY}")
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "failed"
    assert CANARY not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    (failure,) = [entry for entry in logs if entry["event"] == "http.failed"]
    assert failure["error"] == "ValueError"
    assert any(place.startswith("test_channel_middleware.py:") for place in failure["at"])
    assert failure["request"] == response.headers["x-request-id"]
    assert CANARY not in str(logs)
    (line,) = [entry for entry in logs if entry["event"] == "http.request"]
    assert (line["route"], line["status"]) == ("/fails/{word}", 500)


async def test_an_answer_that_breaks_off_is_not_ended_well() -> None:
    """What has begun cannot become a 500; the server must see that it is not complete."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/breaks", "query_string": b"", "headers": []}
    with capture_logs() as logs:
        await small_app()(scope, receive, send)
    assert sent[0]["status"] == 200
    assert all(message.get("more_body", True) for message in sent)
    assert CANARY not in str(logs)
    assert any(entry["event"] == "http.failed" for entry in logs)


async def test_every_answer_has_the_security_headers(site: Site) -> None:
    for path in (
        "/",
        "/privacy",
        "/health/live",
        "/geen-pagina",
        "/widget.js",
        "/static/niets",
        "/openapi.json",
    ):
        headers = (await site.http.get(path)).headers
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy, path
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]
        assert headers["strict-transport-security"].startswith("max-age=")


async def test_a_route_may_have_its_own_policy() -> None:
    async with client_of(small_app()) as http:
        assert (await http.get("/own")).headers["content-security-policy"] == "default-src 'self'"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/geen-pagina", (404, "not_found")),
        ("GET", "/webhooks/rest/niets", (404, "not_found")),
        ("GET", "/static/../app.py", (404, "not_found")),
        ("GET", "/static/%2e%2e/pages.py", (404, "not_found")),
        ("GET", "/docs/assets/niets.js", (404, "not_found")),
        ("GET", "/webhooks/rest/webhook", (405, "method_not_allowed")),
        ("DELETE", "/", (405, "method_not_allowed")),
        ("PUT", "/web/messages", (405, "method_not_allowed")),
    ],
)
async def test_unknown_routes_and_methods_get_the_usual_error(
    site: Site, method: str, path: str, expected: tuple[int, str]
) -> None:
    response = await site.http.request(method, path, headers={"Origin": PUBLIC})
    assert (response.status_code, response.json()["error"]["code"]) == expected


async def test_logs_hold_ids_and_never_a_word(site: Site) -> None:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the test's own client
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with capture_logs() as logs:
            visitor = await site.visitor()
            await visitor.say(CANARY)
            await visitor.lines(3)
            await site.http.post("/webhooks/rest/webhook", json={"sender": f"{CANARY}-an", "message": CANARY})
            await site.http.post("/webhooks/rest/webhook", json={"sender": "an", "message": {CANARY: CANARY}})
            await site.http.get(f"/{CANARY}?vraag={CANARY}")
            await visitor.post({"id": CANARY * 5, "text": CANARY})
            await asyncio.sleep(0.1)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    ours = [entry for entry in logs if entry["event"] == "http.request"]
    assert {entry["route"] for entry in ours} >= {"/web/session", "/web/messages", "/webhooks/rest/webhook", "-"}
    assert all(len(entry["request"]) == 16 for entry in ours)
    stored = [entry for entry in ours if entry["route"] == "/web/messages" and entry["status"] == 202]
    assert all(len(entry["conversation"]) == 32 and isinstance(entry["inbox"], int) for entry in stored)
    assert CANARY not in str(logs)
    assert CANARY not in output.getvalue()
    assert "127.0.0.1" not in str(ours)
