"""Custom actions in this process: what Rasa sends to an action server goes to rasa_sdk's executor directly."""

from __future__ import annotations

import json
from typing import Any

from bot.assistant.rasa_import import prepare

prepare()

from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.utils.endpoints import ClientResponseError, EndpointConfig  # noqa: E402
from rasa_sdk.executor import ActionExecutor  # noqa: E402
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException  # noqa: E402


class InProcessActions(EndpointConfig):
    """The actions of a package, given by name, since the core does not import them."""

    def __init__(self, package: str) -> None:
        super().__init__("in-process")
        self.executor = ActionExecutor()
        self.executor.register_package(package)

    async def request(self, method: str = "post", json: dict[str, Any] | None = None, **_: Any) -> Any:
        """Runs the action named in `json` and gives its events and responses, as an action server would.

        Raises `ClientResponseError` where the server would answer with an error: 400 for an action that rejects its turn,
        404 for one that does not exist.
        """
        try:
            return await self.executor.run(json)
        except ActionExecutionRejection as error:
            raise _as_response(400, error.action_name, error.message) from error
        except ActionNotFoundException as error:
            raise _as_response(404, error.action_name, str(error)) from error


def _as_response(status: int, action: str, message: str) -> ClientResponseError:
    return ClientResponseError(status, message, json.dumps({"action_name": action, "error": message}))


def trust_results() -> None:
    """Takes the results of the actions in this process as they are.

    Rasa checks the JSON that an action server sends against a schema, which it also reads anew at every call: three
    quarters of the time of a turn with a custom action. What rasa_sdk hands over in process has that shape by construction.
    """
    RemoteAction._validate_action_result = _valid


def _valid(_: RemoteAction, __: dict[str, Any]) -> bool:
    return True
