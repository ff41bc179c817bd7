"""Bytes of a request into events, or what is wrong with them. Pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from channels.events.model import BatchIn, EventIn
from channels.events.problems import Fault, Problem, Refused

AHEAD = timedelta(minutes=5)
"""So far may a source's clock be ahead of ours."""
_KEY = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,200})"|([!#-\[\]-~]{1,200})')
_NAMED = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as read. `key`: its Idempotency-Key, "" for none; `fingerprint`: SHA-256 (hex) of the body.

    Every event has an id; `batch` tells one event from a batch of one.
    """

    events: tuple[EventIn, ...]
    batch: bool
    key: str
    fingerprint: str


def parse_request(body: bytes, *, key_header: str | None, now: datetime) -> Request:
    """The request of a JSON body and the value of the header Idempotency-Key. Raises `Refused`."""
    key = parse_key(key_header)
    try:
        data = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Refused(Problem(name="malformed", detail="The body is not JSON.")) from None
    if not isinstance(data, dict):
        raise Refused(Problem(name="malformed", detail="The body is not a JSON object."))
    batch = "events" in data
    try:
        events = BatchIn.model_validate_json(body).events if batch else (EventIn.model_validate_json(body),)
    except ValidationError as error:
        raise Refused(Problem(name="invalid", faults=faults_of(error))) from None
    if not batch and events[0].id is None:
        if not key:
            raise Refused(Problem(name="key-missing"))
        events = (events[0].model_copy(update={"id": key}),)
    faults = [*_unnamed(events), *_ahead(events, batch=batch, now=now)]
    if faults:
        raise Refused(Problem(name="invalid", faults=faults))
    return Request(events=events, batch=batch, key=key, fingerprint=hashlib.sha256(body).hexdigest())


def parse_key(header: str | None) -> str:
    """The value of Idempotency-Key: a string of RFC 8941 as the draft demands, or bare as many send it; "" for none."""
    if header is None:
        return ""
    found = _KEY.fullmatch(header.strip())
    if found is None:
        raise Refused(Problem(name="malformed", detail="Idempotency-Key is 1 to 200 printable ASCII characters."))
    return found[1] or found[2]


def faults_of(error: ValidationError) -> list[Fault]:
    """What is wrong where, without anything that was sent: no values, and no names of fields that do not exist."""
    return [
        Fault(pointer=_pointer(one["loc"], strange=one["type"] == "extra_forbidden"), detail=_said(one))
        for one in error.errors(include_url=False, include_context=False, include_input=False)[:50]
    ]


def _said(one: Any) -> str:
    text = str(one["msg"]).removeprefix("Value error, ")
    return "there is no such field" if one["type"] == "extra_forbidden" else text


def _pointer(place: Sequence[int | str], *, strange: bool) -> str:
    steps = [str(step) for step in place]
    if strange and steps:
        steps = [*steps[:-1], "*"]
    return "".join(f"/{step}" for step in steps if step.isdigit() or step == "*" or _NAMED.fullmatch(step))


def _unnamed(events: Sequence[EventIn]) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, event in enumerate(events):
        if event.id is None:
            faults.append(Fault(pointer=f"/events/{number}/id", detail="every event of a batch needs an id"))
        elif event.id in seen:
            faults.append(Fault(pointer=f"/events/{number}/id", detail="another event of the batch has this id"))
        else:
            seen.add(event.id)
    return faults[:50]


def _ahead(events: Sequence[EventIn], *, batch: bool, now: datetime) -> list[Fault]:
    return [
        Fault(pointer=f"/events/{number}/at" if batch else "/at", detail="is in the future")
        for number, event in enumerate(events)
        if event.at > now + AHEAD
    ][:50]
