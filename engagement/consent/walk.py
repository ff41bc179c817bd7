"""A walk through a consent document: where it stands, and what is kept of it between two messages. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engagement.consent.document import (
    Check,
    Concept,
    ConsentDocument,
    PermissionAsked,
    Section,
    changed_sections,
)


class Step(StrEnum):
    """What the next message answers: a section ("next"), a teach-back question, the decision, a permission, or nothing."""

    EXPLAIN = "explain"
    CHECK = "check"
    DECIDE = "decide"
    PERMIT = "permit"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Walk:
    """`sections`: ids of those that are explained, all or what a new version changes; `place`: of the one that is open.

    `mastered`: ids of concepts that were understood; `second`: the open concept's second question is asked, or a permission
    that the study needs once more. `chosen`: permission id → yes or no. `tries`: messages in a row that were no answer.
    """

    document: ConsentDocument
    sections: tuple[str, ...]
    step: Step = Step.EXPLAIN
    place: int = 0
    mastered: tuple[str, ...] = ()
    second: bool = False
    chosen: Mapping[str, bool] = field(default_factory=dict)
    tries: int = 0

    @property
    def section(self) -> Section:
        """The section that is open, or was last."""
        return self.document.section(self.sections[self.place])

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """What has to be understood of the sections explained."""
        return tuple(concept for concept in self.document.concepts if concept.section in self.sections)

    @property
    def concept(self) -> Concept | None:
        """The first concept that was not understood yet."""
        return next((concept for concept in self.concepts if concept.id not in self.mastered), None)

    @property
    def check(self) -> Check | None:
        """The teach-back question that is open."""
        concept = self.concept
        return None if concept is None else concept.checks[self.second]

    @property
    def permission(self) -> PermissionAsked | None:
        """The first permission without an answer."""
        return next((each for each in self.document.permissions if each.id not in self.chosen), None)

    def to_text(self) -> str:
        """As it is kept between two messages."""
        kept = {
            "sections": self.sections,
            "step": self.step,
            "place": self.place,
            "mastered": self.mastered,
            "second": self.second,
            "chosen": dict(self.chosen),
            "tries": self.tries,
        }
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def begin_walk(document: ConsentDocument, *, agreed: ConsentDocument | None = None) -> Walk:
    """A walk that begins: through all sections, or through what is new since the version that was `agreed` to.

    Where nothing is explained anew, the key information is.
    """
    everything = tuple(section.id for section in document.sections)
    sections = everything if agreed is None else changed_sections(agreed, document)
    return Walk(document=document, sections=sections or everything[:1])


def go_on(document: ConsentDocument, kept: str) -> Walk:
    """The inverse of `Walk.to_text`; what the document does not have any more is left out."""
    data = json.loads(kept)
    known = {section.id for section in document.sections}
    sections = tuple(id_ for id_ in data["sections"] if id_ in known) or (document.sections[0].id,)
    concepts = {concept.id for concept in document.concepts}
    permissions = {permission.id for permission in document.permissions}
    return Walk(
        document=document,
        sections=sections,
        step=Step(data["step"]),
        place=min(data["place"], len(sections) - 1),
        mastered=_those(data["mastered"], concepts),
        second=data["second"],
        chosen={id_: yes for id_, yes in data["chosen"].items() if id_ in permissions},
        tries=data["tries"],
    )


def next_section(walk: Walk) -> Walk:
    """The next section, or the first question about all of them."""
    if walk.place + 1 < len(walk.sections):
        return replace(walk, place=walk.place + 1, tries=0)
    return next_question(walk)


def next_question(walk: Walk) -> Walk:
    """The next concept to be understood, or the decision."""
    return replace(walk, step=Step.DECIDE if walk.concept is None else Step.CHECK, second=False, tries=0)


def understood(walk: Walk) -> Walk:
    """The open concept was understood: on to the next."""
    concept = walk.concept
    assert concept is not None  # noqa: S101 - a question is open
    return next_question(replace(walk, mastered=(*walk.mastered, concept.id)))


def choose(walk: Walk, yes: bool) -> Walk:
    """The open permission is given or not: on to the next, or to the end."""
    permission = walk.permission
    assert permission is not None  # noqa: S101 - a permission is asked
    walk = replace(walk, chosen={**walk.chosen, permission.id: yes}, tries=0)
    return walk if walk.permission is not None else replace(walk, step=Step.OVER)


def _those(ids: Iterable[str], known: set[str]) -> tuple[str, ...]:
    return tuple(id_ for id_ in ids if id_ in known)
