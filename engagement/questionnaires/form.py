"""A questionnaire that has been read: its items in one list, found by linkId, with what depends on what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from engagement.questionnaires.item import Expression, Item, Place
from engagement.questionnaires.words import NO_WORDS, Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Something of a questionnaire that the engine leaves out. `link_id` "" where it is of the whole.

    unsupported: it would change what is asked or allowed. ignored: it would not. doubtful: the file breaks FHIR R4 here, and is
    read as it was probably meant.
    """

    kind: str
    link_id: str
    feature: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.link_id or '-'} {self.feature}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """What must be worked out anew after a change. A node is 2 × item for its condition, 2 × item + 1 for its value.

    `rank`: node → its turn, after all that it depends on. `readers`: item → nodes that read its answers; `below`: item → nodes
    that read all beneath it; `anything`: nodes whose expressions may read anything.
    """

    rank: tuple[int, ...] = ()
    readers: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    below: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    anything: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Form:
    """A questionnaire. Frozen; two are the same only where they are one object."""

    url: str = ""
    version: str = ""
    status: str = ""
    language: str = ""
    title: Words = NO_WORDS
    items: tuple[Item, ...] = ()
    by_link: Mapping[str, int] = field(default_factory=dict)
    variables: tuple[Expression, ...] = ()
    """Of the whole questionnaire; items have their own."""
    notes: tuple[Note, ...] = ()
    children: tuple[tuple[int, ...], ...] = ((),)
    """The items right below each; first those at the top, then those of item 0, of item 1, …"""
    tops: tuple[Place, ...] = ()
    """The places of those at the top."""
    has_expressions: bool = False
    """Whether the response must be at hand as a tree."""
    launch: tuple[str, ...] = ()
    """Names of resources that its expressions expect from whoever starts it (%patient)."""
    graph: Graph = Graph()
    raw: Mapping[str, Any] = field(default=MappingProxyType({}), repr=False)

    def item(self, link_id: str) -> Item | None:
        """The item with this linkId."""
        number = self.by_link.get(link_id)
        return None if number is None else self.items[number]

    def parent(self, place: Place) -> Place | None:
        """Where the item above stands, None at the top."""
        number = self.items[place.item].parent
        return None if number is None else Place(number, place.at[: len(self.items[number].over)])

    def base(self, number: int) -> int:
        """The outermost item around this one that may occur several times; itself where there is none."""
        over = self.items[number].over
        return over[0] if over else number
