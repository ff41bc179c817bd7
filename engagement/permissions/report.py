"""The ledger as a person reads it: what stood on a day, and every entry with where it comes from."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from engagement.permissions.entry import Entry
from engagement.permissions.proof import Shown
from engagement.permissions.standing import Cell, Standing, standing_at


def to_text(participant_id: UUID, history: Sequence[Shown], *, at: datetime) -> str:
    """For staff and auditors. `history`: the entries up to `at`."""
    standing = standing_at((shown.entry for shown in history), at)
    return "\n".join([*_standing(participant_id, standing), "", *_entries(history)]) + "\n"


def _standing(participant_id: UUID, standing: Standing) -> Iterator[str]:
    yield f"Permissions of participant {participant_id}, as they stood at {_instant(standing.at)}"
    yield ""
    if not standing.held and not standing.ended:
        yield "Nothing was ever permitted or refused."
    for cell, held in sorted(standing.held.items()):
        limits = [f"only by {', '.join(sorted(held.channels))}"] if held.channels is not None else []
        limits += [f"at most {held.per_year} a year"] if held.per_year is not None else []
        limits += [f"until {_instant(held.expires_at)}"] if held.expires_at is not None else []
        limits += [f"document {held.document_version}"] if held.document_version else []
        yield f"  yes  {_name(cell)}, since {_instant(held.since)}{''.join(f', {each}' for each in limits)}"
    for cell, ended in sorted(standing.ended.items()):
        yield f"  no   {_name(cell)}, {ended.why} {_instant(ended.since)}"


def _entries(history: Sequence[Shown]) -> Iterator[str]:
    yield f"Entries: {len(history)}"
    for shown in history:
        entry = shown.entry
        yield ""
        yield f"{entry.seq}. {_instant(entry.at)}  {_what(entry)}"
        yield f"   by {shown.actor}{f' on {shown.said_on}' if shown.said_on else ''}"
        if shown.signed is not None:
            yield f"   signed: {shown.signed.name}, {shown.signed.relationship}, for {shown.signed.for_name}"
        if shown.cause_id is not None:
            yield f"   message {shown.cause_id}"
        if shown.words_key:
            told = f"{shown.words_key} ({shown.words_language}, version {shown.words_version}, {shown.approval or 'not approved'})"
            yield f'   answering {told}: "{shown.words}"'
        if entry.document_version:
            yield f"   document {entry.document_version}, sha256 {shown.document_sha256}"
        if shown.reason:
            yield f"   reason: {shown.reason}"
        vouched = (
            f"audit event {shown.event}, {shown.event_hash}" if shown.event is not None else "NOT ON THE AUDIT TRAIL"
        )
        yield f"   entry sha256 {shown.digest}; {vouched}"
        if shown.event is not None and not shown.good:
            yield "   ALTERED: the entry is not what the audit trail vouches for"


def _what(entry: Entry) -> str:
    parts = [entry.kind, entry.purpose]
    parts += ["(" + ", ".join(sorted(entry.scopes)) + ")"] if entry.scopes is not None else []
    parts += [f"in {entry.study}" if entry.study else "in every study"]
    parts += ["only by " + ", ".join(sorted(entry.channels))] if entry.channels is not None else []
    parts += [f"at most {entry.per_year} a year"] if entry.per_year is not None else []
    parts += [f"until {_instant(entry.expires_at)}"] if entry.expires_at is not None else []
    return " ".join(parts)


def _name(cell: Cell) -> str:
    scope = f" ({cell.scope})" if cell.scope else ""
    return f"{cell.purpose}{scope}{f' in {cell.study}' if cell.study else ''}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
