"""One shape for everything that goes wrong over HTTP: `{"error": {"code", "message"}}`, the message in Dutch.

An answer to a fault never repeats what was sent, and a log line never holds it: pydantic and SQLAlchemy put input in
the text of their errors, so of an unexpected error only its type and the places it passed are logged.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from bot.conversation.service import InvalidMessage

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=BaseModel)

_STATUS_ERRORS = {
    404: ("not_found", "Deze pagina bestaat niet."),
    405: ("method_not_allowed", "Dit adres kent deze methode niet."),
}


class ApiError(Exception):
    """A refusal: HTTP `status`, a `code` for programs, a Dutch sentence for people, and response headers."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """The body of every answer that is an error."""

    error: ErrorDetail


def error_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for an error, never kept by a cache."""
    body = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store", **(headers or {})})


UNAVAILABLE = ApiError(
    503, "unavailable", "De dienst is nu even niet beschikbaar. Probeer het zo meteen opnieuw.", {"Retry-After": "5"}
)
FAILED = ApiError(500, "failed", "Er ging iets mis bij ons. Probeer het zo meteen opnieuw.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for its OpenAPI description."""
    return {status: {"model": ErrorBody} for status in statuses}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """The request body of a route that reads its body itself, for its OpenAPI description."""
    schema = model.model_json_schema()
    own = schema.pop("$defs", {})

    def inlined(node: Any) -> Any:
        """Where a reference stands, what it refers to: in a description of routes it would point nowhere."""
        if isinstance(node, dict):
            if "$ref" in node:
                return inlined(own[node["$ref"].rsplit("/", 1)[-1]])
            return {key: inlined(value) for key, value in node.items()}
        return [inlined(one) for one in node] if isinstance(node, list) else node

    return {"requestBody": {"required": True, "content": {"application/json": {"schema": inlined(schema)}}}}


def parse(model: type[M], body: bytes) -> M:
    """A request body as `model`. Raises `ApiError` 422 that names the first fault and its field."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in fault["loc"])[:60]
        raise ApiError(422, *_describe(str(fault["type"]), field, str(fault["msg"]))) from None


def _describe(kind: str, field: str, message: str) -> tuple[str, str]:
    if kind == "json_invalid":
        return "invalid_json", "Wat je stuurde, is geen geldige JSON."
    if kind in ("model_type", "model_attributes_type", "dict_type") and not field:
        return "invalid_json", "Stuur een JSON-object."
    if kind == "missing":
        return "missing_field", f"Het veld '{field}' ontbreekt."
    if kind == "extra_forbidden":
        return "unknown_field", f"Het veld '{field}' kennen we niet."
    if kind.endswith("_type"):
        return "invalid_field", f"Het veld '{field}' heeft het verkeerde type."
    if kind == "string_too_long":
        return "invalid_field", f"Het veld '{field}' is te lang."
    if kind == "string_too_short":
        return "invalid_field", f"Het veld '{field}' is leeg."
    if kind == "value_error":  # worded by our own validators
        return "invalid_field", message.removeprefix("Value error, ")
    return "invalid_field", f"Het veld '{field}' is ongeldig."


def places(error: BaseException) -> list[str]:
    """Where an error came from, as `file:line`, innermost last: what may be logged of it beside its type."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames]


async def _api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return error_response(error.status, error.code, error.message, error.headers)


async def _invalid_message(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InvalidMessage)
    return error_response(422, error.code, str(error))


async def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    """A query string that a route's own types refuse: the first fault and its field, never the value."""
    assert isinstance(error, RequestValidationError)
    fault = error.errors()[0]
    field = ".".join(str(part) for part in fault["loc"][1:])[:60]
    return error_response(422, *_describe(str(fault["type"]), field, ""))


async def _http_exception(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code, message = _STATUS_ERRORS.get(error.status_code, ("refused", "Deze vraag kunnen we niet verwerken."))
    return error_response(error.status_code, code, message, error.headers)


async def _database_error(_request: Request, error: Exception) -> JSONResponse:
    log.error("http.database", error=type(error).__name__, at=places(error))
    return error_response(UNAVAILABLE.status, UNAVAILABLE.code, UNAVAILABLE.message, UNAVAILABLE.headers)


def install(app: FastAPI) -> None:
    """Gives `app` the handlers that word every error in the one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(InvalidMessage, _invalid_message)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_exception)
    for unreachable in (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError):
        app.add_exception_handler(unreachable, _database_error)
