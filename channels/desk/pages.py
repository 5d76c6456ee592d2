"""The pages of the desk: templates with escaping, their policy, and how a refusal looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from channels.desk import words
from channels.middleware import DESK_CONTENT_SECURITY_POLICY

HERE: Final = Path(__file__).parent
HOME: Final = "/desk"
SIGN_IN: Final = "/desk/aanmelden"
HEADERS: Final = {
    "Content-Security-Policy": DESK_CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    # Not "no-referrer", under which a browser hides the origin of a form, which `Access.own_page` looks at.
    "Referrer-Policy": "same-origin",
}
"""Nothing of the desk stays in a cache, of the browser neither."""


class Refusal(Exception):
    """What the desk does not do: HTTP status and a Dutch sentence. Shown as a page, or as a notice on the page."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class SignInNeeded(Exception):
    """Nobody is signed in, or not far enough: go to `where` first."""

    def __init__(self, where: str = SIGN_IN) -> None:
        super().__init__(where)
        self.where = where


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= words.FILTERS
    made.globals |= {"visitor": None, "title": "", "notice": "", "error": "", "here": ""}
    return made


_templates = _environment()


def fragment(template: str, **values: Any) -> str:
    """A piece of a page."""
    return _templates.get_template(template).render(**values)


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page, or a piece of one, that no cache keeps."""
    return HTMLResponse(fragment(template, **values), status_code=status, headers=HEADERS)


def go(where: str) -> RedirectResponse:
    """To another page, by GET."""
    return RedirectResponse(where, status_code=303, headers={"Cache-Control": "no-store"})


def by_htmx(request: Request) -> bool:
    """Whether htmx asks for a piece of a page."""
    return request.headers.get("hx-request") == "true"


async def show_refusal(request: Request, error: Exception) -> Response:
    """A refusal as a page, or as a notice on the page that asked."""
    assert isinstance(error, Refusal)
    if by_htmx(request):
        response = page("notice.html", status=error.status, error=error.text)
        response.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
        return response
    return page("refusal.html", status=error.status, title="Dat gaat niet", error=error.text)


async def show_sign_in(request: Request, error: Exception) -> Response:
    """The way to the page where one signs in, and back afterwards."""
    assert isinstance(error, SignInNeeded)
    if by_htmx(request):
        return Response(status_code=401, headers={"HX-Redirect": error.where, "Cache-Control": "no-store"})
    if request.method == "GET" and error.where == SIGN_IN and request.url.path != HOME:
        return go(f"{SIGN_IN}?verder={request.url.path}")
    return go(error.where)
