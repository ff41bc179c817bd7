"""What is permitted at an instant: the ledger replayed up to it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from engagement.permissions.entry import GRANTED, LAPSED, NARROWED, Entry
from engagement.purposes import PURPOSES


class Why(StrEnum):
    """Why something is permitted, or not."""

    PERMITTED = "permitted"
    NEVER_GIVEN = "never_given"
    WITHDRAWN = "withdrawn"
    NARROWED = "narrowed"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    OTHER_CHANNEL = "other_channel"


@dataclass(frozen=True, order=True)
class Cell:
    """The smallest thing that holds or does not: one scope of one purpose, given in one study ("" for none)."""

    purpose: str
    study: str
    scope: str


@dataclass(frozen=True, kw_only=True)
class Held:
    """A permission in force. `since`: its grant. `entry_id`: the entry that gave or last narrowed it.

    `channels`, `per_year`, `document_version`, `expires_at` as in `Entry`.
    """

    since: datetime
    entry_id: UUID
    channels: frozenset[str] | None = None
    per_year: int | None = None
    document_version: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What held once and does not any more, or was refused: why, since when, by which entry."""

    why: Why
    since: datetime
    entry_id: UUID


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`reason`: one of `Why`. `entry_id`: the entry that decides, None where there is none. `per_year`: as permitted."""

    allowed: bool
    reason: Why
    entry_id: UUID | None = None
    per_year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Everything that holds and that has ended at the instant `at`."""

    at: datetime
    held: Mapping[Cell, Held]
    ended: Mapping[Cell, Ended]

    def allows(
        self, purpose: str, *, channel: str | None = None, study: str | None = None, scope: str | None = None
    ) -> Answer:
        """Is this permitted? One grant has to cover all that is asked.

        `channel`: by which we would write; None asks for no channel in particular. `study`: where it was given; None: in any.
        `scope`: of the purpose (for recontact, how far it must reach); None: any of them.
        """
        if purpose not in PURPOSES:
            raise ValueError(f"{purpose} is no purpose")

        def asked(cell: Cell) -> bool:
            return (
                cell.purpose == purpose
                and (study is None or cell.study in (study, ""))
                and (scope is None or cell.scope == scope)
            )

        refused: Answer | None = None
        for cell, held in sorted(self.held.items()):
            if not asked(cell):
                continue
            if channel is None or held.channels is None or channel in held.channels:
                return Answer(allowed=True, reason=Why.PERMITTED, entry_id=held.entry_id, per_year=held.per_year)
            refused = Answer(allowed=False, reason=Why.OTHER_CHANNEL, entry_id=held.entry_id)
        if refused is not None:
            return refused
        gone = [ended for cell, ended in sorted(self.ended.items()) if asked(cell)]
        if not gone:
            return Answer(allowed=False, reason=Why.NEVER_GIVEN)
        last = max(gone, key=lambda ended: ended.since)
        return Answer(allowed=False, reason=last.why, entry_id=last.entry_id)

    def allows_invitation(self, to: str, *, sponsors: Mapping[str, str], channel: str | None = None) -> Answer:
        """May they be told of the study `to`? `sponsors`: slug → sponsor's name, of every study there is."""
        answers = [self.allows("recontact", channel=channel, scope="any")]
        for study, sponsor in sorted(sponsors.items()):
            if sponsor == sponsors[to]:
                answers.append(self.allows("recontact", channel=channel, study=study, scope="sponsor"))
        answers.append(self.allows("recontact", channel=channel, study=to, scope="programme"))
        return next((answer for answer in answers if answer.allowed), answers[0])


def standing_at(entries: Iterable[Entry], at: datetime) -> Standing:
    """What holds at `at`, from the entries of one person in whatever order."""
    held: dict[Cell, Held] = {}
    ended: dict[Cell, Ended] = {}
    for entry in sorted((each for each in entries if each.at <= at), key=lambda each: (each.at, each.seq)):
        _expire(held, ended, entry.at)
        _apply(held, ended, entry)
    _expire(held, ended, at)
    return Standing(at=at, held=held, ended=ended)


def _expire(held: dict[Cell, Held], ended: dict[Cell, Ended], at: datetime) -> None:
    for cell, one in list(held.items()):
        if one.expires_at is not None and one.expires_at <= at:
            del held[cell]
            ended[cell] = Ended(why=Why.EXPIRED, since=one.expires_at, entry_id=one.entry_id)


def _apply(held: dict[Cell, Held], ended: dict[Cell, Ended], entry: Entry) -> None:
    purpose = PURPOSES[entry.purpose]

    def meant(cell: Cell) -> bool:
        return cell.purpose == entry.purpose and (entry.study is None or cell.study == entry.study)

    def end(cell: Cell, why: Why) -> None:
        held.pop(cell, None)
        ended[cell] = Ended(why=why, since=entry.at, entry_id=entry.id)

    if entry.kind == GRANTED:
        for scope in purpose.held_by(entry.scopes):
            cell = Cell(entry.purpose, entry.study or "", scope)
            ended.pop(cell, None)
            held[cell] = Held(
                since=entry.at,
                entry_id=entry.id,
                channels=entry.channels,
                per_year=entry.per_year,
                document_version=entry.document_version,
                expires_at=entry.expires_at,
            )
    elif entry.kind == NARROWED:
        kept = purpose.held_by(entry.scopes)
        for cell in [cell for cell in held if meant(cell)]:
            if cell.scope in kept:
                held[cell] = _narrower(held[cell], entry)
            else:
                end(cell, Why.NARROWED)
    elif entry.kind == LAPSED:
        lapsing = purpose.ended_by(entry.scopes)
        for cell, one in list(held.items()):
            agreed = one.document_version
            if meant(cell) and cell.scope in lapsing and agreed is not None and agreed != entry.document_version:
                end(cell, Why.LAPSED)
    else:
        taken = purpose.ended_by(entry.scopes)
        # A refusal of what was never given is remembered too, where it names its study or none.
        refused = {Cell(entry.purpose, entry.study or "", scope) for scope in taken}
        for cell in {cell for cell in held if meant(cell) and cell.scope in taken} | refused:
            end(cell, Why.WITHDRAWN)


def _narrower(one: Held, entry: Entry) -> Held:
    both = [channels for channels in (one.channels, entry.channels) if channels is not None]
    limits = [limit for limit in (one.per_year, entry.per_year) if limit is not None]
    ends = [end for end in (one.expires_at, entry.expires_at) if end is not None]
    return replace(
        one,
        entry_id=entry.id,
        channels=frozenset.intersection(*both) if both else None,
        per_year=min(limits, default=None),
        expires_at=min(ends, default=None),
    )
