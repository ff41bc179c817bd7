"""One line of the permissions ledger, as a value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engagement.purposes import PURPOSES

CHANNELS = frozenset({"sms", "webchat", "email"})
GRANTED, NARROWED, WITHDRAWN, LAPSED = "granted", "narrowed", "withdrawn", "lapsed"
KINDS = (GRANTED, NARROWED, WITHDRAWN, LAPSED)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What was said once about one purpose. In force is what a replay of all of them leaves (`standing_at`).

    `kind`: granted gives `scopes` anew; narrowed leaves no more than is named here of what holds; withdrawn takes `scopes`
    away; lapsed takes away what was agreed to by another document than `document_version`.
    `seq`: the order of writing, which decides between entries of one instant. `study`: a slug; None means every study for
    what takes away, and no study in particular for what gives. `scopes`, `channels`: None means all. `per_year`: at most so
    many contacts in a year, None for no limit. `document_version`: of the consent document that was agreed to.
    `expires_at`: it holds before this instant.
    """

    id: UUID
    seq: int
    at: datetime
    kind: str
    purpose: str
    study: str | None = None
    scopes: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    per_year: int | None = None
    document_version: str | None = None
    expires_at: datetime | None = None


def check_entry(entry: Entry) -> None:
    """Raise ValueError where an entry says what can't be meant."""
    purpose = PURPOSES.get(entry.purpose)
    if purpose is None:
        raise ValueError(f"{entry.purpose} is no purpose")
    if entry.kind not in KINDS:
        raise ValueError(f"{entry.kind} is no kind of entry")
    if entry.scopes is not None and (not entry.scopes or not entry.scopes <= set(purpose.scopes)):
        raise ValueError(f"{entry.purpose} has no such scope: {', '.join(sorted(entry.scopes)) or 'none named'}")
    limited = entry.channels is not None or entry.per_year is not None
    if limited and (not purpose.contact or entry.kind not in (GRANTED, NARROWED)):
        raise ValueError(f"a {entry.kind} {entry.purpose} is not kept to channels or to times a year")
    if entry.channels is not None and (not entry.channels or not entry.channels <= CHANNELS):
        raise ValueError("no such channel")
    if entry.per_year is not None and entry.per_year < 1:
        raise ValueError("at most so many a year: one or more")
    if entry.kind == LAPSED and entry.document_version is None:
        raise ValueError("what lapses does so by a version of a document")


def read_entries(value: Sequence[Mapping[str, Any]] | None) -> tuple[Entry, ...]:
    """The entries in what `ledger_of` gave."""

    def some(names: Iterable[str] | None) -> frozenset[str] | None:
        return None if names is None else frozenset(names)

    return tuple(
        Entry(
            id=UUID(each["id"]),
            seq=each["seq"],
            at=datetime.fromisoformat(each["at"]),
            kind=each["kind"],
            purpose=each["purpose"],
            study=each["study"],
            scopes=some(each["scopes"]),
            channels=some(each["channels"]),
            per_year=each["per_year"],
            document_version=each["document_version"],
            expires_at=datetime.fromisoformat(each["expires_at"]) if each["expires_at"] else None,
        )
        for each in value or ()
    )
