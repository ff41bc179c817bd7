"""The action server, inside the service: rasa-sdk's executor behind one aiohttp handler, for the bot only."""

import hmac

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.appointments import HearAppointment, TellAppointment
from actions.consent import HearConsent, SendDocument, StartConsent
from actions.context import Tools
from actions.hand_over import HandOver
from actions.interview import AskQuestion, StartInterview, TakeAnswer
from actions.invitation import HearInvitation, TakeInvitation
from actions.miss import Miss
from actions.permissions import BeginPermissions, HearPermissions
from actions.repeat import Repeat
from actions.snooze import Snooze

_NO_DOMAIN: dict[str, list[str]] = {"actions": []}


def action_routes(tools: Tools, *, token: str) -> list[web.RouteDef]:
    """`POST /actions`, for calls that carry the bot's token. Unknown action 404, rejection 400, as Rasa expects."""
    executor = ActionExecutor()
    for action in (
        HandOver(tools),
        Miss(tools),
        Repeat(tools),
        StartInterview(tools),
        TakeAnswer(tools),
        AskQuestion(tools),
        BeginPermissions(tools),
        HearPermissions(tools),
        StartConsent(tools),
        HearConsent(tools),
        SendDocument(tools),
        TellAppointment(tools),
        HearAppointment(tools),
        Snooze(tools),
        TakeInvitation(tools),
        HearInvitation(tools),
    ):
        executor.register_action(action)
    expected = f"Bearer {token}".encode()

    async def handle(request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
            return web.json_response({"error": "unauthorized"}, status=401)
        try:
            call = await request.json()
            # Our actions need no domain, and the bot spares itself sending it; the executor wants to see one.
            call.setdefault("domain", _NO_DOMAIN)
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            return web.json_response({"error": str(rejection), "action_name": rejection.action_name}, status=400)
        except ActionNotFoundException as missing:
            return web.json_response({"error": str(missing), "action_name": missing.action_name}, status=404)
        except (KeyError, ValueError):
            return web.json_response({"error": "not one of our turns"}, status=400)
        return web.json_response(result.model_dump() if result is not None else {"events": [], "responses": []})

    return [web.post("/actions", handle)]
