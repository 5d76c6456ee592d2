"""The channel by which a Rasa server takes turns from this application (credentials.yml names it).

Rasa's own REST channel takes no message id, splits text from cards, and answers an empty list when something goes wrong.
The server must be started with `--auth-token`, or be reachable by this application alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from bot.assistant.interface import Turn
from bot.assistant.rasa_turn import forget, read_intent, run_turn

from rasa.core.agent import Agent  # isort: skip
from rasa.core.channels.channel import InputChannel, UserMessage  # isort: skip
from sanic import Blueprint, response  # isort: skip
from sanic.request import Request  # isort: skip
from sanic.response import HTTPResponse  # isort: skip

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=BaseModel)


class _Refused(Exception):
    """A request that is answered with an error: `status` is that of HTTP."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class _Text(BaseModel):
    text: str


class _Conversation(BaseModel):
    conversation_id: str


class LeerwijzerInput(InputChannel):
    """Takes a `Turn` and gives an `Answer`, both as JSON; reads a text without answering; forgets a conversation."""

    def __init__(self, token: str = "") -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        return "leerwijzer"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> LeerwijzerInput:
        from bot.settings import get_settings

        return cls(get_settings().rasa_token.get_secret_value())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. `on_new_message` stays unused: the turn needs the agent, for its answer."""
        import hmac

        blueprint = Blueprint("leerwijzer_channel", __name__.replace(".", "_"))

        def agent_of(request: Request) -> Agent:
            """The agent, for who may ask. Raises `_Refused`."""
            if self._token and not hmac.compare_digest(request.args.get("token", ""), self._token):
                raise _Refused("unauthorised", 401)
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                raise _Refused("no model is loaded", 503)
            return agent

        def body_of(request: Request, model: type[T]) -> T:
            try:
                return model.model_validate_json(request.body)
            except ValidationError as error:
                raise _Refused(f"not a {model.__name__.lower()}: {error.error_count()} faults", 422) from error

        def route(path: str, work: Callable[[Request], Awaitable[HTTPResponse]]) -> None:
            async def answered(request: Request) -> HTTPResponse:
                try:
                    return await work(request)
                except _Refused as refused:
                    return response.json({"error": str(refused)}, status=refused.status)
                except Exception as error:
                    log.exception("assistant.request.failed", path=path, error=type(error).__name__)
                    return response.json({"error": type(error).__name__}, status=500)

            blueprint.add_route(answered, path, methods=["POST"], name=path.strip("/"))

        async def take_turn(request: Request) -> HTTPResponse:
            agent = agent_of(request)
            answer = await run_turn(agent, body_of(request, Turn))
            return response.raw(answer.model_dump_json().encode(), content_type="application/json")

        async def read(request: Request) -> HTTPResponse:
            agent = agent_of(request)
            return response.json({"intent": await read_intent(agent, body_of(request, _Text).text)})

        async def forget_conversation(request: Request) -> HTTPResponse:
            agent = agent_of(request)
            await forget(agent, body_of(request, _Conversation).conversation_id)
            return response.json({})

        for path, work in (("/webhook", take_turn), ("/read", read), ("/forget", forget_conversation)):
            route(path, work)
        return blueprint
