"""Twilio's side of the wire: takes messages as the API does, calls back, and passes on what a phone sends."""

import asyncio
import contextlib
import json
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
from aiohttp import web

from service.demo.fake_twilio.checks import Refusal, check_message, parse_create
from service.demo.fake_twilio.faults import CallbackPlan, Fault, OptOutMode
from service.demo.fake_twilio.message import FakeMessage, resource_of
from service.demo.fake_twilio.schema import Exchange
from service.demo.fake_twilio.webhooks import PLACE, inbound_form, opt_out_type_of, post_signed, status_form

_OPT_OUT_ANSWERS: Mapping[str, str] = json.loads(Path(__file__).with_name("opt_out_answers.json").read_text("utf-8"))
_API = "/2010-04-01/Accounts/{account}/Messages"


class FakeTwilio:
    """One account with its numbers.

    `webhook_url` is what the number's owner has set for incoming messages. `callbacks` and `opt_out` may be changed at
    any time. `posts` counts the requests for a new message that reached us, taken or not; `violations` collects what
    the schema held against them (a test asserts that it is empty); `callback_statuses` the answers to callbacks (0: no
    answer).
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        numbers: Sequence[str],
        webhook_url: str,
        messaging_services: Mapping[str, str] | None = None,
        callbacks: CallbackPlan | None = None,
        opt_out: OptOutMode = OptOutMode.OFF,
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.numbers = tuple(numbers)
        self.webhook_url = webhook_url
        self.messaging_services = dict(messaging_services or {})
        self.callbacks = callbacks or CallbackPlan()
        self.opt_out = opt_out
        self.posts = 0
        self.violations: list[str] = []
        self.callback_statuses: list[int] = []
        self._messages: dict[str, FakeMessage] = {}
        self._script: deque[Fault] = deque()
        self._opted_out: set[tuple[str, str]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self._closing = asyncio.Event()

    def app(self) -> web.Application:
        """The API, to be served at the root of what `TWILIO_API_URL` names. Closing the app closes the fake."""
        app = web.Application(client_max_size=1024 * 1024)
        app.add_routes(
            [
                web.post(f"{_API}.json", self._create),
                web.get(f"{_API}.json", self._list),
                web.get(f"{_API}/{{sid}}.json", self._fetch),
            ]
        )

        async def closing(_: web.Application) -> None:
            await self.close()

        app.on_shutdown.append(closing)
        return app

    def script(self, *faults: Fault) -> None:
        """The faults of the next messages posted, one each, in order; after them all goes well again."""
        self._script.extend(faults)

    async def receive(
        self,
        sender: str,
        recipient: str,
        text: str,
        *,
        sid: str | None = None,
        place: Mapping[str, str] = PLACE,
    ) -> int:
        """A person's phone sends `text` to one of our numbers: the signed webhook. Its HTTP status, or 0.

        With the `sid` of an earlier message it is that message delivered again.
        """
        kind = opt_out_type_of(text) if self.opt_out is not OptOutMode.OFF else None
        message = self._messages.get(sid or "")
        if message is None:
            message = await self._record("inbound", sender, recipient, text, status="received", sid=sid)
            if kind is not None:
                await self._answer_opt_out(kind, message)
        form = inbound_form(message, place=place, opt_out_type=kind if self.opt_out is OptOutMode.ADVANCED else None)
        return await post_signed(self._http(), self.webhook_url, form, auth_token=self.auth_token)

    def messages(self, number: str | None = None, *, after: int = 0) -> list[FakeMessage]:
        """What was sent to and from a person's `number` (None: anybody's), oldest first, beyond message `after`."""
        return [m for m in self._messages.values() if m.n > after and number in (None, m.person)]

    async def wait_for(
        self,
        number: str,
        wanted: Callable[[FakeMessage], bool] = lambda message: True,
        *,
        after: int = 0,
        seconds: float = 10,
    ) -> FakeMessage:
        """The first message sent *to* `number` beyond message `after` that is `wanted`, or `TimeoutError`."""

        def found() -> FakeMessage | None:
            sent = (m for m in self.messages(number, after=after) if not m.inbound)
            return next((m for m in sent if wanted(m)), None)

        async with asyncio.timeout(seconds), self._changed:
            while (message := found()) is None:
                await self._changed.wait()
            return message

    async def settle(self) -> None:
        """Waits until every callback that is under way has been posted."""
        while self._tasks:
            # Not `gather`: of tasks that are all done it returns without giving the loop the turn in which they leave.
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Ends hanging answers and callbacks to come."""
        self._closing.set()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.posts += 1
        body = await request.read()
        try:
            exchange = self._checked(request, body)
            form = parse_create(body)
            service = form.get("MessagingServiceSid")
            sender = check_message(form, numbers=self.numbers, services=self.messaging_services)
            if (form["To"], sender) in self._opted_out:
                raise Refusal(400, 21610, f"Attempt to send to unsubscribed recipient {form['To']}")
        except Refusal as refusal:
            if refusal.violation:
                self.violations.append(str(refusal))
            return refusal.response
        fault = self._script.popleft() if self._script else Fault.none()
        answer: web.Response | None = None
        if fault.accepted:
            message = await self._record(
                "outbound-api",
                sender,
                form["To"],
                form["Body"],
                status="queued",
                status_callback=form.get("StatusCallback"),
                messaging_service_sid=service,
            )
            data = exchange.check_answer(resource_of(message), 201)
            answer = web.Response(status=201, body=data, content_type="application/json")
            self._start_callbacks(message, fault.callbacks or self.callbacks)
        return await self._faulty(request, fault, answer)

    async def _faulty(self, request: web.Request, fault: Fault, answer: web.Response | None) -> web.StreamResponse:
        if fault.hang:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), fault.hang)
        if fault.drop and request.transport is not None:
            request.transport.abort()
        if fault.status is not None:
            refusal = Refusal(fault.status, fault.code or fault.status, "As told by the script").response
            if fault.retry_after is not None:
                refusal.headers["Retry-After"] = str(fault.retry_after)
            return refusal
        return answer or web.Response(status=500)

    async def _fetch(self, request: web.Request) -> web.Response:
        try:
            exchange = self._checked(request, None)
        except Refusal as refusal:
            return refusal.response
        message = self._messages.get(request.match_info["sid"])
        if message is None:
            return Refusal(404, 20404, "The requested resource was not found").response
        return web.Response(body=exchange.check_answer(resource_of(message), 200), content_type="application/json")

    async def _list(self, request: web.Request) -> web.Response:
        try:
            exchange = self._checked(request, None)
        except Refusal as refusal:
            return refusal.response
        size = min(int(request.query.get("PageSize", "50")), 1000)
        found = [
            m
            for m in reversed(self.messages())
            if request.query.get("To", m.recipient) == m.recipient and request.query.get("From", m.sender) == m.sender
        ]
        page = [resource_of(message) for message in found[:size]]
        answer = {
            "messages": page,
            "start": 0,
            "end": max(len(page) - 1, 0),
            "page": 0,
            "page_size": size,
            "uri": request.path_qs,
            "first_page_uri": request.path_qs,
            "next_page_uri": None,
            "previous_page_uri": None,
        }
        return web.Response(body=exchange.check_answer(answer, 200), content_type="application/json")

    def _checked(self, request: web.Request, body: bytes | None) -> Exchange:
        expected = "Basic " + b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if request.headers.get("Authorization") != expected or request.match_info["account"] != self.account_sid:
            raise Refusal(401, 20003, "Authenticate")
        exchange = Exchange(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            content_type=request.content_type,
            body=body,
        )
        if (fault := exchange.faults_of_request()) is not None:
            raise Refusal(400, 20001, fault, violation=True)
        return exchange

    async def _record(
        self,
        direction: str,
        sender: str,
        recipient: str,
        text: str,
        *,
        status: str,
        sid: str | None = None,
        status_callback: str | None = None,
        messaging_service_sid: str | None = None,
    ) -> FakeMessage:
        message = FakeMessage(
            n=len(self._messages) + 1,
            sid=sid or f"SM{uuid4().hex}",
            account_sid=self.account_sid,
            direction=direction,
            sender=sender,
            recipient=recipient,
            text=text,
            status=status,
            created_at=datetime.now(UTC),
            status_callback=status_callback,
            messaging_service_sid=messaging_service_sid,
        )
        await self._store(message)
        return message

    async def _store(self, message: FakeMessage) -> None:
        async with self._changed:
            self._messages[message.sid] = message
            self._changed.notify_all()

    async def _answer_opt_out(self, kind: str, message: FakeMessage) -> None:
        pair = (message.sender, message.recipient)
        if kind == "STOP":
            self._opted_out.add(pair)
        elif kind == "START":
            self._opted_out.discard(pair)
        await self._record(
            "outbound-reply", message.recipient, message.sender, _OPT_OUT_ANSWERS[kind], status="delivered"
        )

    def _start_callbacks(self, message: FakeMessage, plan: CallbackPlan) -> None:
        task = asyncio.create_task(self._call_back(message, plan))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call_back(self, message: FakeMessage, plan: CallbackPlan) -> None:
        for place, status in enumerate(plan.statuses):
            await asyncio.sleep(plan.gap if place else plan.delay)
            code = plan.error_code if status in ("failed", "undelivered") else None
            message = replace(message, status=status, error_code=code)
            await self._store(message)
            if message.status_callback is None:
                continue
            for _ in range(plan.repeat):
                answered = await post_signed(
                    self._http(), message.status_callback, status_form(message), auth_token=self.auth_token
                )
                self.callback_statuses.append(answered)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Twilio gives a webhook 15 seconds.
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15, connect=5))
        return self._session
