"""Swagger UI at /docs, from our own host: its files come with the package fastapi-offline."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse

from channels.errors import ApiError

_OURS: Final = Path(__file__).parent / "web" / "static"
_SWAGGER: Final = Path(str(files("fastapi_offline"))) / "static"
_ASSETS: Final = {
    "swagger-ui-bundle.js": (_SWAGGER / "swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": (_SWAGGER / "swagger-ui.css", "text/css"),
    "docs.js": (_OURS / "docs.js", "text/javascript"),
}

# Swagger UI makes markup of text (cleaned by its own DOMPurify) and has its icons as data: addresses, so this page
# alone goes without trusted types. It still runs nothing inline and loads nothing from elsewhere.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def router() -> APIRouter:
    """The page and its files."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def page() -> FileResponse:
        return FileResponse(
            Path(__file__).parent / "web" / "docs.html",
            media_type="text/html",
            headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"},
        )

    @routes.get("/docs/assets/{name}")
    async def asset(name: str) -> FileResponse:
        if name not in _ASSETS:
            raise ApiError(404, "not_found", "Deze pagina bestaat niet.")
        path, media_type = _ASSETS[name]
        return FileResponse(path, media_type=media_type, headers={"Cache-Control": "max-age=3600"})

    return routes
