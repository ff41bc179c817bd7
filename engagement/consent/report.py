"""What the teach-back shows of a document: by concept, how many understood at once, after a correction, with a person.

The concept that fails most names the section to be written anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import consent_answers, consent_walks


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One answer to a teach-back question, in the order of writing."""

    walk: UUID
    concept: str
    question: int
    understood: bool


@dataclass(frozen=True, kw_only=True)
class ConceptResult:
    """How many people were asked about a concept; understood `at_once`; `corrected` by the second question; `person`: neither."""

    concept: str
    asked: int
    at_once: int
    corrected: int
    person: int

    @property
    def failed(self) -> float:
        """The share that did not understand at once, 0 to 1."""
        return 1 - self.at_once / self.asked


def report_concepts(answers: Iterable[Answered]) -> tuple[ConceptResult, ...]:
    """By concept, the one that fails most first. Who was sent to a person and asked again later still counts as sent."""
    by_walk: dict[tuple[str, UUID], list[Answered]] = {}
    for answer in answers:
        by_walk.setdefault((answer.concept, answer.walk), []).append(answer)
    results = []
    for concept in dict.fromkeys(concept for concept, _ in by_walk):
        outcomes = [_outcome(given) for (name, _), given in by_walk.items() if name == concept]
        results.append(
            ConceptResult(
                concept=concept,
                asked=len(outcomes),
                at_once=outcomes.count("at_once"),
                corrected=outcomes.count("corrected"),
                person=outcomes.count("person"),
            )
        )
    return tuple(sorted(results, key=lambda each: (-each.failed, -each.person, each.concept)))


def _outcome(given: list[Answered]) -> str:
    """Of the first time that a person was asked about a concept; "open" where they left after a first wrong answer."""
    if given[0].understood:
        return "at_once"
    if len(given) < 2:
        return "open"
    return "corrected" if given[1].understood else "person"


async def read_answers(
    connection: AsyncConnection, study: str, *, version: str = "", language: str = ""
) -> tuple[Answered, ...]:
    """The answers of a study, of one version and one language where they are named; oldest first."""
    wanted = (
        select(consent_answers)
        .join(consent_walks, consent_walks.c.id == consent_answers.c.walk_id)
        .where(consent_walks.c.study_slug == study)
        .order_by(consent_answers.c.at, consent_answers.c.id)
    )
    if version:
        wanted = wanted.where(consent_walks.c.document_version == version)
    if language:
        wanted = wanted.where(consent_answers.c.language == language)
    rows = await connection.execute(wanted)
    return tuple(
        Answered(walk=row.walk_id, concept=row.concept, question=row.question, understood=row.understood)
        for row in rows
    )
