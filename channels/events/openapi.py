"""The published description of the events API (OpenAPI 3.1), made of the very models that read and answer."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from channels.events.model import BatchIn, BatchOut, EventIn, EventOut, ProblemOut
from channels.events.problems import MEDIA_TYPE, PROBLEMS

_REF = "#/components/schemas/{model}"
_ANSWERS: tuple[type[BaseModel], ...] = (EventOut, BatchOut, ProblemOut)
_REFUSALS = {
    400: "Not JSON, no id, or an Idempotency-Key that is none.",
    401: "No key, or one that is not known or was revoked.",
    403: "The key does not permit the kind of event or the study. Nothing of the request was recorded.",
    404: "The study knows no participant by this code (one event; in a batch, the event is refused).",
    409: "The id stands for another event already, or the same request is being worked on (then Retry-After is given).",
    413: "More octets than are read.",
    415: "Not application/json.",
    422: "The body is not as agreed, or the Idempotency-Key stands for another body. Nothing was recorded.",
    429: "Too many requests of this source; Retry-After says how many seconds to wait.",
    500: "Nothing was recorded; the same request may be sent again.",
}


def describe_api(public_url: str) -> dict[str, Any]:
    """The document, as JSON."""
    _, schemas = models_json_schema(
        [*((read, "validation") for read in (EventIn, BatchIn)), *((said, "serialization") for said in _ANSWERS)],
        ref_template=_REF,
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Perennial events",
            "version": "1",
            "summary": "Laboratories, kit couriers and trial sites report what happened to a participant.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "security": [{"key": []}],
        "paths": {"/api/v1/events": {"post": _post()}},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of the source (`perennial api-key add`).",
                }
            },
        },
    }


def _post() -> dict[str, Any]:
    return {
        "operationId": "reportEvents",
        "summary": "Report one event, or up to 500",
        "description": (
            "An event is recorded once for its source and id, whatever the order in which events come. A batch is taken event "
            "by event: 207 says which were refused. What was refused may be sent again unchanged once its cause is gone."
        ),
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": (
                    "Names the request (draft-ietf-httpapi-idempotency-key-header): repeated with the same body within 30 days, "
                    "it gets the answer that it got. It is the id of a single event that has none."
                ),
                "schema": {"type": "string", "minLength": 1, "maxLength": 202},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"oneOf": [_ref(EventIn), _ref(BatchIn)]}}},
        },
        "responses": {
            "200": _answers("Every event is recorded, now or before.", {"oneOf": [_ref(EventOut), _ref(BatchOut)]}),
            "207": _answers("Some events are recorded and some were refused.", _ref(BatchOut)),
            **{str(status): _refusal(status, said) for status, said in _REFUSALS.items()},
        },
    }


def _refusal(status: int, said: str) -> dict[str, Any]:
    names = [name for name, (each, _) in PROBLEMS.items() if each == status]
    described: dict[str, Any] = {
        "description": f"{said} Types: {', '.join(names)}.",
        "content": {MEDIA_TYPE: {"schema": _ref(ProblemOut)}},
    }
    if status in (409, 429):
        described["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return described


def _answers(said: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _ref(model: type) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}
