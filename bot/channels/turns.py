"""The one door into Rasa: the service posts a turn and gets content keys back.

POST /webhooks/turns/webhook   {"conversation", "turn", "previous", "text", "slots", "metadata"}
GET  /webhooks/turns/ready     200 once the model is loaded, else 503

Every answer other than 200 means that nothing of the turn counts: the tracker is dropped, and the service runs the turn
again later with the same id (its actions return what they returned then).
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import time
from typing import Any, Awaitable, Callable, Dict, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.core.constants import DEFAULT_SLOT_NAMES
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.request import BadRequest, TurnRequest, parse_turn
from components.fallback import ALSO
from components.safety import SAFETY
from dialogue import remote
from dialogue.conversations import Conversations, keep_form, set_slots
from dialogue.processor import ActionFailed, ActionsUnavailable, Stopwatch, TurnProcessor
from dialogue.replies import Replies

TOKEN_VARIABLE = "PERENNIAL_BOT_TOKEN"

logger = logging.getLogger(__name__)


class TurnChannel(InputChannel):
    """Rasa loads this by module path from credentials.yml."""

    def __init__(self, token: str) -> None:
        self._token = f"Bearer {token}".encode()
        self._service: Optional[TurnService] = None

    @classmethod
    def name(cls) -> str:
        """The channel's place in the URL."""
        return "turns"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> TurnChannel:
        """The token comes from the environment only; without one the server does not start."""
        token = os.environ.get(TOKEN_VARIABLE, "")
        if not token:
            raise RasaException(f"{TOKEN_VARIABLE} is not set: the bot does not start without a token")
        remote.install()
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        """Rasa's callback is not used: it hides failures and knows no turn ids."""
        turns = Blueprint("turns_webhook", __name__)

        @turns.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            loaded = agent is not None and agent.is_ready()
            return response.json({"ready": loaded}, status=200 if loaded else 503)

        @turns.route("/webhook", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._token):
                return _answer(401, {"error": "unauthorized"})
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return _answer(503, {"error": "starting"})
            if self._service is None:
                self._service = TurnService(agent)
            try:
                return _answer(200, await self._service.run(parse_turn(request.body, self._service.slots)))
            except BadRequest as error:
                return _answer(400, {"error": "bad_request", "detail": str(error)})
            except ActionsUnavailable as error:
                logger.error("a turn failed: %s", error)
                code = "action_failed" if isinstance(error, ActionFailed) else "actions_unavailable"
                return _answer(503, {"error": code})
            except Exception as error:  # noqa: BLE001 - any failure must reach the service as one, without words in a log
                logger.error("a turn failed: %s", type(error).__name__)
                return _answer(500, {"error": "turn_failed"})

        return turns


class TurnService:
    """Runs turns on one loaded agent."""

    def __init__(self, agent: Agent) -> None:
        processor = agent.processor
        if processor.action_endpoint is not None:
            processor.action_endpoint = remote.KeptSession.around(processor.action_endpoint)
        self.slots = {slot.name for slot in processor.domain.slots} - set(DEFAULT_SLOT_NAMES) - {"turn", "answer"}
        self._domain = processor.domain
        self._processor = TurnProcessor(processor)
        self._conversations = Conversations(agent)

    async def run(self, request: TurnRequest) -> Dict[str, Any]:
        """The answer to one turn. Where this raises, the conversation's tracker is gone."""
        async with self._conversations.lock(request.conversation):
            started = time.perf_counter()
            tracker, fresh = await self._conversations.open(request.conversation, request.previous)
            replies, watch = Replies(), Stopwatch()
            message = UserMessage(
                # Rasa takes a text that begins with a slash as a developer's command.
                request.text.lstrip("/ \t\r\n"),
                output_channel=replies,
                sender_id=request.conversation,
                input_channel=TurnChannel.name(),
                message_id=request.turn,
                metadata=request.metadata,
            )
            try:
                set_slots(tracker, request.slots, self._domain)
                keep_form(tracker, request.slots.get("pending"), self._domain)
                parse = await self._processor.run(tracker, message, replies, watch)
                await self._conversations.keep(tracker, request.turn)
            except BaseException:
                await self._conversations.drop(request.conversation)
                raise
            total = (time.perf_counter() - started) * 1000
        ranking = parse.get("full_intent_ranking", [])
        return {
            "turn": request.turn,
            "replies": replies.collected,
            "intent": _intent(parse),
            "ranking": ranking[:5],
            "also": parse.get(ALSO, []),
            "safety": parse.get(SAFETY),
            "fresh": fresh,
            "timings_ms": {part: round(value, 2) for part, value in {**watch.parts, "total": total}.items()},
        }


def _intent(parse: Dict[str, Any]) -> Dict[str, Any]:
    """The intent decided on, a FAQ topic by its full name (`faq/cost`)."""
    intent = parse["intent"]
    return {"name": intent.get("full_retrieval_intent_name") or intent["name"], "confidence": intent["confidence"]}


def _answer(status: int, body: Dict[str, Any]) -> HTTPResponse:
    return HTTPResponse(json.dumps(body), status=status, content_type="application/json")
