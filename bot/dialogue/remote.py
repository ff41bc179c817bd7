"""Calls to the action server without the three things that make up most of a stock Rasa turn.

1. `RemoteAction._validate_action_result` calls `jsonschema.validate`, which checks the (constant) schema against the
   meta-schema on every call: 65 % of a turn. Here the validator is built once; it accepts and refuses the same.
2. Each call opens a session and a connection of its own. Here one session is kept for the process.
3. Each call sends the whole domain and every event with its full parse. Here: the events of this turn, the parse once.

These are patches because forms create their remote actions themselves. `install` is called by our channel only, so a
stock server with the same model runs stock code.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

import aiohttp
import jsonschema
import rasa
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig, concat_url


def _build_validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    # The same choice `jsonschema.validate` makes, made once.
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


_validator = _build_validator()


def check_action_result(action: RemoteAction, result: Any) -> bool:
    """True, or raises jsonschema's ValidationError. Names the fault's place, not its content: that can be a text."""
    error = jsonschema.exceptions.best_match(_validator.iter_errors(result))
    if error is not None:
        raise jsonschema.ValidationError(f"the answer of {action.name()} breaks the schema at {error.json_path}")
    return True


def describe_call(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> Dict[str, Any]:
    """The body of a call, as rasa-sdk reads it. `domain` only for actions that domain.yml marks `send_domain: true`."""
    state = tracker.current_state()
    state["events"] = _events_of_turn(tracker)
    call = {"next_action": action.name(), "sender_id": tracker.sender_id, "tracker": state, "version": rasa.__version__}
    if domain.does_custom_action_explicitly_need_domain(action.name()):
        call["domain"] = domain.as_dict()
    return call


def _events_of_turn(tracker: DialogueStateTracker) -> List[Dict[str, Any]]:
    described: List[Dict[str, Any]] = []
    for event in reversed(tracker.events):
        as_dict = event.as_dict()
        if isinstance(event, UserUttered):
            # `latest_message` of the same call carries the parse.
            as_dict["parse_data"] = {}
        described.append(as_dict)
        if isinstance(event, UserUttered):
            break
    return described[::-1]


class KeptSession(EndpointConfig):
    """An endpoint with one session for the life of the process."""

    _session: Optional[aiohttp.ClientSession] = None

    @classmethod
    def around(cls, endpoint: EndpointConfig) -> KeptSession:
        """The same endpoint, keeping its session."""
        kept = cls()
        kept.__dict__.update(endpoint.__dict__)
        return kept

    async def request(self, method: str = "post", subpath: Optional[str] = None, **kwargs: Any) -> Any:
        """As in the base class: JSON of the answer; ClientResponseError from status 400 on."""
        if self.cafile:
            return await super().request(method, subpath, **kwargs)
        if self._session is None or self._session.closed:
            self._session = self.session()
        kwargs.pop("content_type", None)
        compress = kwargs.pop("compress", False)
        kwargs["timeout"] = aiohttp.ClientTimeout(total=kwargs.pop("timeout", DEFAULT_REQUEST_TIMEOUT))
        address = concat_url(self.url, subpath)
        async with self._session.request(
            method, address, params=self.combine_parameters(kwargs), compress=compress or None, **kwargs
        ) as response:
            body = await response.read()
            if response.status >= 400:
                raise ClientResponseError(response.status, response.reason or "", body.decode("utf-8", "replace"))
            try:
                return json.loads(body)
            except ValueError:
                raise RasaException("the action server's answer is not JSON") from None

    async def close(self) -> None:
        """Closes the kept session."""
        if self._session is not None:
            await self._session.close()


def install() -> None:
    """Puts the patches in; once or often is the same."""
    RemoteAction._validate_action_result = check_action_result
    RemoteAction._action_call_format = describe_call
