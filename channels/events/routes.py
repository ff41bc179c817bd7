"""The door for sources outside: key, pace, body, scope; then the desk records. Every refusal is decided and worded here."""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any, Protocol

from aiohttp import web

from channels.events.model import EventIn
from channels.events.openapi import describe_api
from channels.events.parse import Request, parse_request
from channels.events.problems import MEDIA_TYPE, PROBLEMS, PROBLEMS_PATH, Fault, Problem, Refused
from channels.reading import BodyTooLarge, read_body
from channels.webchat.rate import Meter, Pace
from engagement.api_keys import ApiKey

log = logging.getLogger(__name__)

EVENTS_PATH = "/api/v1/events"
MAX_BODY = 1024 * 1024
"""Octets: 500 events of 2 KB."""
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/-]{8,200}=*)", re.IGNORECASE)


class Desk(Protocol):
    """Who records. Raises `Refused` where a whole request can't be taken; nothing is recorded then."""

    async def find_key(self, presented: str) -> ApiKey | None: ...

    async def take(self, key: ApiKey, request: Request, *, now: datetime) -> tuple[int, dict[str, Any]]:
        """The answer's status and body, when everything that could be recorded is."""


def events_routes(
    desk: Desk,
    *,
    public_url: str,
    per_minute: int,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[web.RouteDef]:
    """`POST /api/v1/events` and what describes it, for `app.add_routes`.

    `per_minute`: requests of one source, in this process, in the long run and at once. Answers: 200 every event is recorded;
    207 some are and some were refused (a batch only); else problem details. What was refused may be sent again as it is.
    """
    meter = Meter(Pace(burst=per_minute, per_minute=per_minute))
    description = describe_api(public_url)

    async def events(request: web.Request) -> web.Response:
        try:
            status, answer = await take(request)
        except Refused as refused:
            return _answer_problem(refused.problem)
        except Exception as error:  # noqa: BLE001 - a source gets an answer that it can read, a log no words
            log.error("events failed: error=%s", type(error).__name__)
            return _answer_problem(Problem(name="failed"))
        return web.json_response(answer, status=status, headers={"Cache-Control": "no-store"})

    async def take(request: web.Request) -> tuple[int, dict[str, Any]]:
        key = await authenticate(request)
        at = now()
        if wait := meter.take(key.source, at=at):
            raise Refused(Problem(name="too-many", retry_after=ceil(wait)))
        if request.content_type != "application/json":
            raise Refused(Problem(name="media-type"))
        try:
            body = await read_body(request, limit=MAX_BODY)
        except BodyTooLarge:
            raise Refused(Problem(name="too-large", detail=f"At most {MAX_BODY} octets.")) from None
        parsed = parse_request(body, key_header=request.headers.get("Idempotency-Key"), now=at)
        _check_scope(key, parsed.events, batch=parsed.batch)
        status, answer = await desk.take(key, parsed, now=at)
        log.info("events taken: source=%s events=%d status=%d", key.source, len(parsed.events), status)
        return status, answer

    async def authenticate(request: web.Request) -> ApiKey:
        found = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
        key = await desk.find_key(found[1]) if found else None
        if key is None:
            raise Refused(Problem(name="unauthorized"))
        return key

    async def describe(request: web.Request) -> web.Response:
        return web.json_response(description, headers={"Cache-Control": "max-age=300"})

    async def explain(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in PROBLEMS:
            return _answer_problem(Problem(name="not-found"))
        status, title = PROBLEMS[name]
        return web.json_response({"type": f"{PROBLEMS_PATH}/{name}", "title": title, "status": status})

    async def wrong_method(request: web.Request) -> web.Response:
        return _answer_problem(Problem(name="method"), Allow="POST")

    async def nothing(request: web.Request) -> web.Response:
        return _answer_problem(Problem(name="not-found"))

    return [
        web.post(EVENTS_PATH, events),
        web.route("*", EVENTS_PATH, wrong_method),
        web.get("/api/v1/openapi.json", describe),
        web.get(PROBLEMS_PATH + "/{name}", explain),
        web.route("*", "/api/{rest:.*}", nothing),
    ]


def _check_scope(key: ApiKey, events: Sequence[EventIn], *, batch: bool) -> None:
    """One event out of the key's bounds refuses the whole request: a key is not felt out event by event."""
    faults = []
    for number, event in enumerate(events):
        place = f"/events/{number}" if batch else ""
        if event.study not in key.studies:
            faults.append(Fault(pointer=f"{place}/study", detail="the key does not permit this study"))
        if event.kind not in key.kinds:
            faults.append(Fault(pointer=f"{place}/kind", detail=f"the key does not permit {event.kind}"))
    if faults:
        raise Refused(Problem(name="forbidden", faults=faults[:50]))


def _answer_problem(problem: Problem, **headers: str) -> web.Response:
    headers["Cache-Control"] = "no-store"
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.name == "unauthorized":
        headers["WWW-Authenticate"] = 'Bearer realm="perennial"'
    response = web.json_response(problem.to_json(), status=problem.status, headers=headers, content_type=MEDIA_TYPE)
    if problem.name in ("too-large", "unauthorized", "media-type"):
        response.force_close()  # the rest of a body that nobody reads
    return response
