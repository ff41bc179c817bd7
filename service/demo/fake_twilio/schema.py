"""Twilio's published schema as the judge of both directions: the request, and the fake's own answer."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError

_FILE = Path(__file__).with_name("messages-openapi.json")
_CREATE = "/2010-04-01/Accounts/{AccountSid}/Messages.json"


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return document


@cache
def _openapi() -> OpenAPI:
    # From the dictionary: openapi-core reads files as YAML, which has no surrogate escapes.
    return OpenAPI.from_dict(_document())


@cache
def create_fields() -> frozenset[str]:
    """The form fields of a new message. The schema allows others and Twilio ignores them; the fake refuses them."""
    content = _document()["paths"][_CREATE]["post"]["requestBody"]["content"]
    return frozenset(content["application/x-www-form-urlencoded"]["schema"]["properties"])


class Exchange:
    """One request and its answer, in the form openapi-core asks for; the host is Twilio's, whatever ours is."""

    host_url = "https://api.twilio.com"

    def __init__(
        self,
        *,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        content_type: str,
        body: bytes | None,
    ) -> None:
        self.method = method.lower()
        self.path = path
        self.content_type = content_type
        self.body = body
        self.parameters = RequestParameters(query=query, header=headers, cookie={})

    def faults_of_request(self) -> str | None:
        """What the schema holds against the request; None where nothing. May quote values: never log it."""
        try:
            _openapi().validate_request(self)
        except OpenAPIError as fault:
            return str(fault)
        return None

    def check_answer(self, answer: Mapping[str, Any], status: int) -> bytes:
        """The answer as JSON. Raises `OpenAPIError` where Twilio could not have answered so: a fault of the fake."""
        data = json.dumps(answer).encode()
        _openapi().validate_response(self, _Answer(data=data, status_code=status))
        return data


class _Answer:
    content_type = "application/json"

    def __init__(self, *, data: bytes, status_code: int) -> None:
        self.data = data
        self.status_code = status_code
        self.headers: Mapping[str, Any] = {}
