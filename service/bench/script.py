"""The participants' side of the benchmark: the same texts for both servers, as requests that are ready to be posted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import yaml
from twilio.request_validator import RequestValidator

from channels.sms.routes import INBOUND_PATH
from service.demo.fake_twilio.webhooks import PLACE
from service.demo.world import ACCOUNT, AUTH_TOKEN, NUMBER

LANES = 8
"""Concurrent conversations of the throughput runs."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message of the script; `place` is its position in the conversation."""

    language: str
    place: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One message as an HTTP request. `id`: what the turn's end is announced by."""

    id: str
    line: Line
    path: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """A participant who exists before the clock starts."""

    participant_id: UUID
    number: str
    language: str


def read_script() -> dict[str, list[Line]]:
    """The conversations, by language."""
    return {
        language: [Line(language=language, place=place, text=str(text)) for place, text in enumerate(lines)]
        for language, lines in _read()["conversations"].items()
    }


def places_of_actions() -> frozenset[int]:
    """The places in a conversation where the bot calls an action of the service."""
    return frozenset(_read()["actions"])


def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("script.yml").read_text("utf-8"))
    return found


def plan_conversations(turns: int, *, lanes: int) -> list[list[Line]]:
    """At least `turns` messages as conversations, languages by turns, as many as keep all `lanes` busy.

    Fewer turns than a full conversation on each lane: shortened conversations.
    """
    script = list(read_script().values())
    length = len(script[0])
    rounds = -(-turns // (length * lanes))
    short = max(1, turns // lanes) if turns < length * lanes else length
    return [script[number % len(script)][:short] for number in range(rounds * lanes)]


def sms_steps(conversation: Sequence[Line], person: Person, *, public_url: str) -> list[Step]:
    """The conversation as signed webhooks. https://www.twilio.com/docs/messaging/guides/webhook-request"""
    url = public_url + INBOUND_PATH
    steps = []
    for line in conversation:
        sid = f"SM{uuid4().hex}"
        form = {
            **{f"From{part}": value for part, value in PLACE.items()},
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "MessageSid": sid,
            "SmsStatus": "received",
            "NumMedia": "0",
            "NumSegments": "1",
            "Body": line.text,
            "From": person.number,
            "To": NUMBER,
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": RequestValidator(AUTH_TOKEN).compute_signature(url, form),
        }
        steps.append(Step(id=sid, line=line, path=INBOUND_PATH, headers=headers, body=urlencode(form)))
    return steps


def rest_steps(conversation: Sequence[Line], person: Person, *, turns: Sequence[UUID], study: str) -> list[Step]:
    """The conversation for stock Rasa's REST channel, with the metadata that the service gives the actions."""
    return [
        Step(
            id=str(turn),
            line=line,
            path="/webhooks/rest/webhook",
            headers={"Content-Type": "application/json"},
            body=json.dumps(
                {
                    "sender": str(person.participant_id),
                    "message": line.text,
                    "metadata": {
                        "turn": str(turn),
                        "participant": str(person.participant_id),
                        "language": person.language,
                        "study": study,
                    },
                }
            ),
        )
        for line, turn in zip(conversation, turns, strict=True)
    ]
