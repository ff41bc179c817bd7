"""A change to one's permissions, read from plain words: which one, and to what. Pure; nothing changes before a yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engagement.answers.text import read_text
from engagement.permissions.entry import CHANNELS, GRANTED, NARROWED, WITHDRAWN
from engagement.permissions.listing import Item
from engagement.permissions.phrases import Words, all_words


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one permission is to become. `item`: an `Item.id`. `on`: yes or no; `channels`, `per_year`: kept to these."""

    item: str
    on: bool
    channels: tuple[str, ...] | None = None
    per_year: int | None = None

    @property
    def kind(self) -> str:
        """The kind of entry that records it."""
        if not self.on:
            return WITHDRAWN
        return GRANTED if self.channels is None and self.per_year is None else NARROWED

    def to_json(self) -> dict[str, Any]:
        """As it is kept while its confirmation is awaited."""
        channels = None if self.channels is None else list(self.channels)
        return {"item": self.item, "on": self.on, "channels": channels, "per_year": self.per_year}


def read_change_json(data: Any) -> Change:
    """The inverse of `Change.to_json`."""
    channels = None if data["channels"] is None else tuple(data["channels"])
    return Change(item=data["item"], on=data["on"], channels=channels, per_year=data["per_year"])


def read_change(text: str, items: Sequence[Item], *, language: str) -> Change | None:
    """The one change that a message asks for, among `items` as they were listed; None where it is not clear which.

    An item alone ("2", "incidental findings") is to become the opposite of what it is.
    """
    said = read_text(text).words
    for known in all_words(language):
        item = _item(said, items, known)
        if item is None:
            whole = _whole(said, items, known)
            if whole:
                return Change(item=whole, on=False)
            continue
        limits = _limits(said, item, known)
        if limits is not None and item.on:
            return Change(item=item.id, on=True, channels=limits[0], per_year=limits[1])
        return Change(item=item.id, on=_wanted(said, item, known))
    return None


def says_nothing(text: str, *, language: str) -> bool:
    """Whether they want to leave everything as it is."""
    said = read_text(text).words
    return any(known.nothing.whole(said) for known in all_words(language))


def _item(said: str, items: Sequence[Item], known: Words) -> Item | None:
    numbers = [word for word in said.split() if word.isdigit()]
    if len(numbers) == 1 and len(said.split()) <= 5 and not known.per_year.inside(said):
        place = int(numbers[0])
        return items[place - 1] if 0 < place <= len(items) else None
    for name, phrases in known.purposes.items():
        if not phrases.inside(said):
            continue
        purpose, _, scope = name.partition("/")
        found = [item for item in items if item.purpose == purpose and (not scope or item.scope == scope)]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None


def _whole(said: str, items: Sequence[Item], known: Words) -> str:
    """A purpose all of whose scopes are refused at once ("stop sharing my data"); agreeing goes one by one."""
    named = next((name for name, phrases in known.purposes.items() if phrases.inside(said)), "")
    listed = any(item.purpose == named for item in items)
    return named if listed and known.off.inside(said) else ""


def _limits(said: str, item: Item, known: Words) -> tuple[tuple[str, ...] | None, int | None] | None:
    if not item.contact:
        return None
    named = tuple(channel for channel, phrases in known.channels.items() if phrases.inside(said))
    channels: tuple[str, ...] | None = None
    if named and known.only.inside(said):
        channels = tuple(sorted(named))
    elif named and known.off.inside(said):
        channels = tuple(sorted(CHANNELS - set(named)))
    per_year = None
    if (match := known.per_year.inside(said)) is not None:
        number = match["n"] or (match["m"] or "").split()[0]
        per_year = int(number) if number.isdigit() else known.numbers.get("twice" if number == "twice" else number)
    return None if not channels and not per_year else (channels or None, per_year or None)


def _wanted(said: str, item: Item, known: Words) -> bool:
    off, on = known.off.inside(said), known.on.inside(said)
    if off and not on:
        return False
    if on and not off:
        return True
    if off and on:
        # "I want you to stop sharing": what takes away is the point, wherever it stands.
        return False
    return not item.on
