"""What somebody has permitted and refused in a study, as a list to be read out, numbered, and changed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engagement.permissions.standing import Cell, Standing
from engagement.purposes import PURPOSES, WHOLE

RECONTACT = "recontact"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the list. `scope` of recontact: how far it reaches now. `since`, `entry_id`: None where nothing was said.

    `channels`, `per_year`: what a permission is kept to, None for no limit.
    """

    purpose: str
    scope: str
    on: bool
    since: datetime | None = None
    entry_id: UUID | None = None
    channels: frozenset[str] | None = None
    per_year: int | None = None

    @property
    def id(self) -> str:
        """`purpose` or `purpose/scope`; recontact is one item, however far it reaches."""
        return f"{self.purpose}/{self.scope}" if self.scope and self.purpose != RECONTACT else self.purpose

    @property
    def contact(self) -> bool:
        """Whether it permits us to write."""
        return PURPOSES[self.purpose].contact

    @property
    def words(self) -> str:
        """The content key that says how it is."""
        return words_for(self.purpose, self.scope, on=self.on)


def words_for(purpose: str, scope: str, *, on: bool) -> str:
    """The content key of "you permit this" or "you do not"."""
    name = f"{purpose}/{scope}" if scope and (on or purpose != RECONTACT) else purpose
    return f"permissions/yes/{name}" if on else f"permissions/no/{name}"


def list_items(standing: Standing, study: str) -> Sequence[Item]:
    """All that was ever said yes or no to in this study, and contact about other studies in any case."""
    items: list[Item] = []
    for purpose in PURPOSES.values():
        if purpose.name == RECONTACT:
            items.append(_recontact(standing, study))
            continue
        for scope in purpose.scopes:
            item = _item(standing, Cell(purpose.name, study, scope))
            if item is not None:
                items.append(item)
    return items


def _item(standing: Standing, cell: Cell) -> Item | None:
    places = (cell, Cell(cell.purpose, "", cell.scope))
    held = next((standing.held[place] for place in places if place in standing.held), None)
    if held is not None:
        return Item(
            purpose=cell.purpose,
            scope=cell.scope,
            on=True,
            since=held.since,
            entry_id=held.entry_id,
            channels=held.channels,
            per_year=held.per_year,
        )
    gone = [standing.ended[place] for place in places if place in standing.ended]
    if not gone:
        return None
    last = max(gone, key=lambda ended: ended.since)
    return Item(purpose=cell.purpose, scope=cell.scope, on=False, since=last.since, entry_id=last.entry_id)


def _recontact(standing: Standing, study: str) -> Item:
    """The widest reach that holds in this study."""
    found = [_item(standing, Cell(RECONTACT, study, scope)) for scope in reversed(PURPOSES[RECONTACT].scopes)]
    holding = next((item for item in found if item is not None and item.on), None)
    ended = next((item for item in found if item is not None), None)
    return holding or ended or Item(purpose=RECONTACT, scope=WHOLE, on=False)
