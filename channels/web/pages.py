"""The pages of the web channel and their files. They work without JavaScript, as contact and help text."""

from __future__ import annotations

import html
import mimetypes
from pathlib import Path
from string import Template
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HERE: Final = Path(__file__).parent

# Not left to the machine: with the wrong type browsers refuse a module, and `nosniff` forbids them to guess.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")


class _Files(StaticFiles):
    """Static files that a browser keeps but asks after, so that a new version shows at once."""

    async def get_response(self, path: str, scope: Scope):  # type: ignore[no-untyped-def]
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _page(name: str, **values: str) -> str:
    text = (HERE / name).read_text(encoding="utf-8")
    return Template(text).substitute({key: html.escape(value) for key, value in values.items()})


def install(app: FastAPI, *, session_days: int, notice: str) -> None:
    """Adds `/`, `/privacy` and `/static/` to `app`. `notice` is shown on top of the first, when there is one."""
    home = _page("home.html", notice=notice)
    privacy = _page("privacy.html", session_days=str(session_days))
    routes = APIRouter(include_in_schema=False)

    @routes.get("/", response_class=HTMLResponse)
    async def show_home() -> HTMLResponse:
        return HTMLResponse(home, headers={"Cache-Control": "no-cache"})

    @routes.get("/privacy", response_class=HTMLResponse)
    async def show_privacy() -> HTMLResponse:
        return HTMLResponse(privacy, headers={"Cache-Control": "no-cache"})

    app.include_router(routes)
    app.mount("/static", _Files(directory=HERE / "static"), name="static")
