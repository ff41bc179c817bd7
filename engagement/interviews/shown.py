"""What a coordinator's page shows of a questionnaire: values, made by `reading`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One row of `questionnaire_responses`, opened, with its row of `verdicts` where there is one."""

    id: UUID
    study: str
    name: str
    kind: str
    status: str
    channel: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    form_sha256: str
    state: str
    verdict: str = ""
    trace: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A question and its answers. `state`: answered, suggested (from an earlier questionnaire), skipped, asked (now), open.

    `own_words`: the answers are the participant's, in whatever language they write.
    """

    question: str
    answers: tuple[str, ...]
    state: str
    own_words: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """Questions under one heading, "" for those under none."""

    heading: str
    questions: tuple[Told, ...]


@dataclass(frozen=True, kw_only=True)
class Score:
    """A calculated value that is followed over time; `before` "" where there was none."""

    name: str
    value: str
    before: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """An answer that is not what it was last time; nothing in `before` or `now`: there was no answer."""

    question: str
    before: tuple[str, ...]
    now: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One criterion of a verdict, as it was. `current`: its version today, None where it is gone; `met` None: unknown."""

    criterion: str
    version: int
    current: int | None
    meaning: str
    expression: str
    met: bool | None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One questionnaire. `done` of `total` questions; `language`: that of its texts here; `edited`: it has changed since.

    `since`: when the one before it was finished, which `changes` compares with. `crossed`: what brought a person in.
    `gone`: answers to questions that there are no more, or are not asked any more, by linkId.
    """

    kept: Kept
    title: str
    language: str
    edited: bool
    done: int
    total: int
    sections: tuple[Section, ...]
    gone: tuple[Told, ...]
    scores: tuple[Score, ...]
    crossed: tuple[str, ...]
    judged: tuple[Judged, ...]
    since: datetime | None
    changes: tuple[Change, ...]
