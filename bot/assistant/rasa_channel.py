"""The channel by which a Rasa server takes turns from this application (credentials.yml names it).

Rasa's own REST channel takes no message id, splits text from cards, and answers an empty list when something goes wrong.
The server must be started with `--auth-token`, or be reachable by this application alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from pydantic import ValidationError

from bot.assistant.interface import Turn
from bot.assistant.rasa_turn import run_turn

from rasa.core.channels.channel import InputChannel, UserMessage  # isort: skip
from sanic import Blueprint, response  # isort: skip
from sanic.request import Request  # isort: skip
from sanic.response import HTTPResponse  # isort: skip

log = structlog.get_logger(__name__)


class LeerwijzerInput(InputChannel):
    """Takes a `Turn` and gives an `Answer`, both as JSON."""

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
        """The route. `on_new_message` stays unused: the turn needs the agent, for its answer."""
        import hmac

        blueprint = Blueprint("leerwijzer_channel", __name__.replace(".", "_"))

        @blueprint.route("/webhook", methods=["POST"])
        async def take_turn(request: Request) -> HTTPResponse:
            if self._token and not hmac.compare_digest(request.args.get("token", ""), self._token):
                return response.json({"error": "unauthorised"}, status=401)
            try:
                turn = Turn.model_validate_json(request.body)
            except ValidationError as error:
                return response.json({"error": f"not a turn: {error.error_count()} faults"}, status=422)
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return response.json({"error": "no model is loaded"}, status=503)
            try:
                answer = await run_turn(agent, turn)
            except Exception as error:
                log.exception("assistant.turn.failed", conversation=turn.conversation_id, error=type(error).__name__)
                return response.json({"error": type(error).__name__}, status=500)
            return response.raw(answer.model_dump_json().encode(), content_type="application/json")

        return blueprint
