"""A bot that answers what the test says, over the real contract (`bot/channels/turns.py`), and fails on demand."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web

from service.demo.world import free_port
from tests.harness.keys import BOT_TOKEN

HAND_OVER = "action_hand_over"
MISS = "action_miss"
PRESCREEN = "action_start_questionnaire"
CONSENT = "action_start_consent"
DOCUMENT = "action_send_document"
APPOINTMENT = "action_appointment"
FORMS = {
    "question": ("validate_questionnaire_form", "action_ask_answer"),
    "consent": ("validate_consent_form",),
    "appointment": ("validate_appointment_form",),
}
"""What a form calls for each message, by what is pending."""

_INTENTS = {
    HAND_OVER: "ask_person",
    MISS: "nlu_fallback",
    PRESCREEN: "start_prescreen",
    CONSENT: "start_consent",
    DOCUMENT: "send_document",
    APPOINTMENT: "my_appointment",
}


class FakeBot:
    """Answers a text by `answers` (text → content key, or one of `_INTENTS` to call that action), else by `otherwise`.

    While something is open, a text that `answers` does not have goes to the form's actions, as with the real bot.

    `delay`: seconds a turn takes. `fail_with`: the statuses of the next turns, one each. `hang`: while it is not set,
    turns wait. `safety`: text → sums of its safety judge, which has none for other texts. `down()` and `up()` close and
    open the port. `turns` are the requests as they came.
    """

    def __init__(self, answers: Mapping[str, str] | None = None, *, otherwise: str = "thank") -> None:
        self.answers = dict(answers or {})
        self.otherwise = otherwise
        self.delay = 0.0
        self.fail_with: list[int] = []
        self.safety: dict[str, Mapping[str, float]] = {}
        self.hang = asyncio.Event()
        self.hang.set()
        self.turns: list[dict[str, Any]] = []
        self.arrived = asyncio.Event()
        self._port = free_port()
        self._actions_url = ""
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def serve_actions_at(self, port: int) -> None:
        """Where the service takes action calls."""
        self._actions_url = f"http://127.0.0.1:{port}/actions"

    async def up(self) -> None:
        app = web.Application()
        app.add_routes([web.post("/webhooks/turns/webhook", self._turn), web.get("/webhooks/turns/ready", self._ready)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def down(self) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _ready(self, request: web.Request) -> web.Response:
        return web.json_response({"ready": True})

    async def _turn(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return web.json_response({"error": "unauthorized"}, status=401)
        asked = await request.json()
        self.turns.append(asked)
        self.arrived.set()
        await self.hang.wait()
        await asyncio.sleep(self.delay)
        if self.fail_with:
            return web.json_response({"error": "turn_failed"}, status=self.fail_with.pop(0))
        key = self.answers.get(asked["text"], self.otherwise)
        try:
            replies = await self._replies(asked, key)
        except (aiohttp.ClientError, TimeoutError):
            return web.json_response({"error": "actions_unavailable"}, status=503)
        intent = {"name": _INTENTS.get(key, key), "confidence": 0.9}
        return web.json_response(
            {
                "turn": asked["turn"],
                "replies": replies,
                "intent": intent,
                "ranking": [],
                "safety": {"sums": self.safety[asked["text"]]} if asked["text"] in self.safety else None,
                "fresh": False,
                "timings_ms": {"total": 1.0},
            }
        )

    async def _replies(self, asked: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        form = FORMS.get(asked["slots"]["pending"])
        if form is not None and asked["text"] not in self.answers:
            names: tuple[str, ...] = form
        elif key == PRESCREEN:
            names = (PRESCREEN, "action_ask_answer")
        elif key in _INTENTS:
            names = (key,)
        else:
            return [{"say": key}]
        return [reply for name in names for reply in await self._act(asked, name, _INTENTS.get(key, key))]

    async def _act(self, asked: Mapping[str, Any], action: str, intent: str) -> list[dict[str, Any]]:
        """What one action says."""
        latest = {
            "text": asked["text"],
            "intent": {"name": intent},
            "entities": [],
            "metadata": asked["metadata"],
        }
        tracker = {
            "sender_id": asked["conversation"],
            "slots": {},
            "latest_message": latest,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        }
        call = {"next_action": action, "sender_id": asked["conversation"], "tracker": tracker, "version": "3.6.21"}
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        timeout = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.post(self._actions_url, json=call, raise_for_status=True) as answer,
        ):
            responses = (await answer.json())["responses"]
        return [response["custom"] for response in responses]
