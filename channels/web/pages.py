"""The pages of the web channel and their files. They work without JavaScript, as contact and help text."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from channels.errors import ApiError
from channels.middleware import CONTENT_SECURITY_POLICY
from channels.web.bundle import Versions
from channels.web.contact import contacts

HERE: Final = Path(__file__).parent
THEMES: Final = ("auto", "light", "dark", "contrast", "vlaanderen")
DEMOS: Final = {
    "knop": {
        "heading": "Een knop rechts onderaan",
        "text": "De knop opent het gesprek, op elke pagina van de site. Ook de link hieronder opent het.",
        "mode": "launcher",
        "data": {"mode": "launcher", "label": "Vragen over leren?"},
    },
    "pagina": {
        "heading": "Het gesprek in de pagina",
        "text": "Het gesprek staat open tussen de rest van de tekst.",
        "mode": "inline",
        "data": {"mode": "inline", "target": "#chat", "theme": "vlaanderen"},
    },
    "iframe": {
        "heading": "Het gesprek in een iframe",
        "text": "Voor een site die geen script van elders wil. Alles blijft binnen het kader.",
        "mode": "iframe",
        "data": {},
    },
}
"""One page a mode, of a site that does not exist."""
TERMS: Final = ("session_days", "conversation_days", "referral_days", "overview_days")
"""Settings that the page on privacy tells."""
_FOREVER: Final = "public, max-age=31536000, immutable"
_MICROPHONE: Final = "camera=(), geolocation=(), microphone=(self)"
"""On pages that carry the conversation a visitor may choose to speak."""

# Not left to the machine: with the wrong type browsers refuse a script, and `nosniff` forbids them to guess.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")


class _Files(StaticFiles):
    """Static files that a browser keeps but asks after, so that a new version shows at once."""

    async def get_response(self, path: str, scope: Scope):  # type: ignore[no-untyped-def]
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


TEMPLATES: Final = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
"""The pages. Whatever is filled in is text, never markup."""


def render(name: str, **values: Any) -> str:
    """A page; `root` is the way from it to the first page ("" or "../")."""
    return TEMPLATES.get_template(name).render({"root": ""} | values)


def install(
    app: FastAPI,
    versions: Versions,
    *,
    public_url: str,
    origins: Sequence[str],
    data_dir: Path,
    days: Mapping[str, int],
    notice: str,
) -> None:
    """Adds the pages, the widget and `/static/` to `app`.

    `notice` is shown on top of the first page, when there is one. `origins` are the sites that may show the page of the
    iframe. `days` says how long what is kept, by the name of its setting.
    """
    known = {
        "widget": f"{public_url}/widget/{versions.current.name}.js",
        "integrity": versions.current.integrity,
        "url": public_url,
        "version": versions.current.name,
    }
    pages = {
        "/": render("home.html", notice=notice),
        "/privacy": render("privacy.html", **days),
        "/contact": render("contact.html", **contacts(data_dir / "referral")),
        "/gesprek": render("talk.html", theme="auto"),
        "/widget": render("owners.html", **known),
        **{f"/voorbeeld/{name}": render("demo.html", root="../", **demo) for name, demo in DEMOS.items()},
    }
    routes = APIRouter(include_in_schema=False)

    def page(content: str) -> HTMLResponse:
        return HTMLResponse(content, headers={"Cache-Control": "no-cache", "Permissions-Policy": _MICROPHONE})

    def show(content: str, policy: str) -> Callable[[], HTMLResponse]:
        def shown() -> HTMLResponse:
            response = page(content)
            response.headers["Content-Security-Policy"] = policy
            return response

        return shown

    for path, content in pages.items():
        policy = CONTENT_SECURITY_POLICY + ("; frame-src 'self'" if path == "/voorbeeld/iframe" else "")
        routes.add_api_route(path, show(content, policy), methods=["GET"])

    @routes.get("/inbedden")
    async def embedded(thema: str = "auto") -> HTMLResponse:
        """The conversation for an iframe on another site."""
        response = page(render("talk.html", theme=thema if thema in THEMES else "auto"))
        ancestors = " ".join(("'self'", *origins))
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
            "frame-ancestors 'none'", f"frame-ancestors {ancestors}"
        )
        response.headers["X-Frame-Options"] = ""  # says less than frame-ancestors, and would forbid it
        return response

    @routes.get("/widget.js")
    async def newest(request: Request) -> Response:
        """The widget of this version of the server."""
        headers = {"Cache-Control": "no-cache", "ETag": f'"{versions.current.name}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return _script(request, versions.current.content, headers, versions)

    @routes.get("/widget/{name}.js")
    def version(request: Request, name: str) -> Response:
        """One version of the widget, that never changes."""
        content = versions.find(name)
        if content is None:
            raise ApiError(404, "not_found", "Deze versie van de widget is hier niet.")
        return _script(request, content, {"Cache-Control": _FOREVER}, versions)

    app.include_router(routes)
    app.mount("/static", _Files(directory=HERE / "static"), name="static")


def _script(request: Request, content: bytes, headers: dict[str, str], versions: Versions) -> Response:
    # Public code: any page may read it, so that `integrity` works; what it may do is decided by the API.
    headers |= {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Accept-Encoding",
    }
    if content is versions.current.content and "gzip" in request.headers.get("accept-encoding", ""):
        content = versions.current.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type="text/javascript", headers=headers)
