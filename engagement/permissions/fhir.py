"""The ledger as FHIR R4: a Consent for each study, a Provenance for each entry, in one Bundle (hl7.org/fhir/R4/consent.html).

The root provision denies; each permission in force is a nested provision that permits, each that ended one that denies.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from engagement.permissions.entry import LAPSED, Entry
from engagement.permissions.proof import Shown
from engagement.permissions.speaking import PARTICIPANT, REPRESENTATIVE
from engagement.permissions.standing import Cell, Standing, standing_at

_BASE = "https://perennial.example/fhir"
_NAMESPACE = UUID("6f1d3a52-5a0e-4f0b-9a60-2f6d7a3d9f11")
"""Ids of exported resources are made of what they are about, so that an export made again has the same."""
_STATES = {"granted": "CREATE", "narrowed": "UPDATE", "withdrawn": "NULLIFY", "lapsed": "NULLIFY"}
"""Entry kind → http://terminology.hl7.org/CodeSystem/v3-DataOperation."""


def to_bundle(participant_id: UUID, history: Sequence[Shown], *, at: datetime) -> dict[str, Any]:
    """What stands at `at` by `history` (entries up to `at`), with where each entry comes from."""
    standing = standing_at((shown.entry for shown in history), at)
    studies = sorted({shown.entry.study or "" for shown in history})
    resources = [_consent(participant_id, study, history, standing) for study in studies]
    resources += [_provenance(participant_id, shown) for shown in history]
    return {
        "resourceType": "Bundle",
        "id": str(uuid5(_NAMESPACE, f"bundle {participant_id}")),
        "type": "collection",
        "timestamp": _instant(at),
        "entry": [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources],
    }


def _consent(participant_id: UUID, study: str, history: Sequence[Shown], standing: Standing) -> dict[str, Any]:
    own = [shown for shown in history if (shown.entry.study or "") == study]
    held = {cell: one for cell, one in standing.held.items() if cell.study == study}
    ended = {cell: one for cell, one in standing.ended.items() if cell.study == study}
    nested = [
        {
            "type": "permit",
            "period": _period(one.since, one.expires_at),
            **_what(cell),
            **_limits(one.channels, one.per_year),
        }
        for cell, one in sorted(held.items())
    ]
    nested += [
        {"type": "deny", "period": _period(one.since, None), **_what(cell), "extension": [_string("why", one.why)]}
        for cell, one in sorted(ended.items())
    ]
    # What lapsed names the version that ended it: nobody has agreed to that one by it.
    agreed = [shown for shown in own if shown.entry.document_version and shown.entry.kind != LAPSED]
    documents = sorted({(shown.entry.document_version, shown.document_sha256) for shown in agreed})
    consent: dict[str, Any] = {
        "resourceType": "Consent",
        "id": _consent_id(participant_id, study),
        "status": "active" if held else "inactive",
        "scope": _concept("http://terminology.hl7.org/CodeSystem/consentscope", "research"),
        "category": [_concept("http://loinc.org", "59284-0")],
        "patient": _patient(participant_id),
        **_performers(own),
        "dateTime": _instant(max(shown.entry.at for shown in own)),
        "policyRule": {"text": f"Permissions ledger of {study or 'the programme'}"},
        "verification": [{"verified": all(shown.good for shown in own)}],
        "provision": {"type": "deny", "provision": nested} if nested else {"type": "deny"},
    }
    if documents:
        consent["policy"] = [
            {"uri": f"{_BASE}/consent-document/{study}/{version}#sha256-{sha256}"} for version, sha256 in documents
        ]
    return consent


def _what(cell: Cell) -> dict[str, Any]:
    """The purpose and its scope."""
    code = f"{cell.purpose}.{cell.scope}" if cell.scope else cell.purpose
    return {"code": [_concept(f"{_BASE}/CodeSystem/permission", code)]}


def _limits(channels: frozenset[str] | None, per_year: int | None) -> dict[str, Any]:
    found: list[dict[str, Any]] = [_string("channel", channel) for channel in sorted(channels or ())]
    if per_year is not None:
        found.append({"url": f"{_BASE}/StructureDefinition/times-a-year", "valuePositiveInt": per_year})
    return {"extension": found} if found else {}


def _provenance(participant_id: UUID, shown: Shown) -> dict[str, Any]:
    entry = shown.entry
    sources: list[dict[str, Any]] = []
    if shown.cause_id is not None:
        sources.append(_source(f"{_BASE}/message", str(shown.cause_id)))
    if shown.words_sha256:
        sources.append(_source(f"{_BASE}/words/{shown.words_key}", f"sha256:{shown.words_sha256}"))
    if shown.document_sha256:
        sources.append(_source(f"{_BASE}/consent-document/{entry.study or ''}", f"sha256:{shown.document_sha256}"))
    return {
        "resourceType": "Provenance",
        "id": str(entry.id),
        "target": [{"reference": f"urn:uuid:{_consent_id(participant_id, entry.study or '')}"}],
        "recorded": _instant(entry.at),
        "activity": _concept("http://terminology.hl7.org/CodeSystem/v3-DataOperation", _STATES[entry.kind]),
        **({"reason": [{"text": shown.reason}]} if shown.reason else {}),
        "agent": [
            {
                "type": _concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author"),
                **_who(shown),
            }
        ],
        **({"entity": sources} if sources else {}),
        "extension": [
            _string("ledger-entry", _said(entry)),
            *([_string("said-on", shown.said_on)] if shown.said_on else []),
            _string("entry-sha256", shown.digest),
            _string("audit-event", f"{shown.event or 'none'} {shown.event_hash}".strip()),
            {"url": f"{_BASE}/StructureDefinition/unaltered", "valueBoolean": shown.good},
        ],
    }


def _performers(history: Sequence[Shown]) -> dict[str, Any]:
    """Who agreed: the people among those who made the entries, each once, in order."""
    found: list[dict[str, Any]] = []
    for shown in history:
        who = _who(shown)["who"]
        if shown.actor in (PARTICIPANT, REPRESENTATIVE) and who not in found:
            found.append(who)
    return {"performer": found} if found else {}


def _who(shown: Shown) -> dict[str, Any]:
    """Who made an entry; of a representative: by the signature that shows who they are, as what, and for whom they speak."""
    if shown.actor == PARTICIPANT:
        return {"who": _patient(shown.participant_id)}
    if shown.signed is None:
        return {"who": {"identifier": {"system": f"{_BASE}/actor", "value": shown.actor}}}
    return {
        "who": {
            "type": "RelatedPerson",
            "identifier": {"system": f"{_BASE}/signature", "value": str(shown.signed.id)},
            "display": shown.signed.name,
        },
        "role": [{"text": shown.signed.relationship}],
        "onBehalfOf": {**_patient(shown.participant_id), "display": shown.signed.for_name},
    }


def _said(entry: Entry) -> str:
    """The entry in one line: kind, purpose, scopes."""
    return " ".join([entry.kind, entry.purpose, *sorted(entry.scopes or ())])


def _consent_id(participant_id: UUID, study: str) -> str:
    return str(uuid5(_NAMESPACE, f"consent {participant_id} {study}"))


def _patient(participant_id: UUID) -> dict[str, Any]:
    return {"identifier": {"system": f"{_BASE}/participant", "value": str(participant_id)}}


def _source(system: str, value: str) -> dict[str, Any]:
    return {"role": "source", "what": {"identifier": {"system": system, "value": value}}}


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _string(name: str, value: str) -> dict[str, Any]:
    return {"url": f"{_BASE}/StructureDefinition/{name}", "valueString": str(value)}


def _period(start: datetime, end: datetime | None) -> dict[str, str]:
    return {"start": _instant(start), **({} if end is None else {"end": _instant(end)})}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
