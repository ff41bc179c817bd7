"""The shapes of an event: what a source sends and what it is answered. The published description is made of these."""

import re
from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from engagement.appointments import KINDS as CHANGES
from engagement.codes import BadCode, read_code
from engagement.stages import KINDS as HAPPENINGS

KINDS = (*HAPPENINGS, *CHANGES)
MAX_EVENTS = 500
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _code(text: str) -> str:
    try:
        return read_code(text)
    except BadCode as bad:
        raise ValueError(str(bad)) from None


def _kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError("no kind of event")
    return name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("no IANA time zone") from None
    return name


def _in_our_time(at: datetime) -> datetime:
    if not 1970 < at.year < 2200:
        raise ValueError("no year of this programme")
    return at


def _printable(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("has control characters")
    return text


Id = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
Instant = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class AppointmentIn(_Shape):
    """An appointment as the site keeps it. What is left out stays as it was."""

    id: Annotated[
        Id, Field(max_length=100, description="The site's own name for the appointment; the same for each change.")
    ]
    starts_at: Annotated[
        Instant | None, Field(description="Its start, RFC 3339 with offset. Needed unless it is cancelled.")
    ] = None
    minutes: Annotated[
        int | None, Field(ge=5, le=1440, description="How long it takes; 60 where it was never said.")
    ] = None
    time_zone: Annotated[
        Annotated[str, AfterValidator(_zone)] | None,
        Field(description="IANA name of the zone of the place; the study's where it was never said."),
    ] = None
    place: Annotated[
        Line | None, Field(description="Where it is. Told in the web chat and by e-mail, never by SMS.")
    ] = None


class GenotypeIn(_Shape):
    """What the laboratory found in one gene. Kept sealed; it is told to nobody by this service."""

    gene: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{0,19}$"), Field(description="Its HGNC symbol.")]
    finding: Annotated[
        Literal["positive", "negative", "uncertain"],
        Field(description="A disease-causing variant; none; a variant of uncertain significance."),
    ]


class EventIn(_Shape):
    """One thing that happened to one participant."""

    id: Annotated[
        Id | None, Field(description="The source's own name for the event: sent again, it is recorded once.")
    ] = None
    study: Annotated[str, StringConstraints(min_length=1, max_length=64), Field(description="The study's slug.")]
    participant: Annotated[
        str,
        StringConstraints(min_length=3, max_length=64),
        AfterValidator(_code),
        Field(description="The participant's code in the study. Never a name, number or address."),
    ]
    kind: Annotated[str, AfterValidator(_kind), Field(json_schema_extra={"enum": list(KINDS)})]
    at: Annotated[
        Instant,
        Field(description="When it happened (not when it is reported), RFC 3339 with offset; not in the future."),
    ]
    appointment: Annotated[
        AppointmentIn | None,
        Field(description="For the kinds appointment_booked, appointment_moved, appointment_cancelled."),
    ] = None
    genotypes: Annotated[
        tuple[GenotypeIn, ...],
        Field(max_length=50, strict=False, description="With the kind result: what was found, gene by gene."),
    ] = ()

    @model_validator(mode="after")
    def _genotypes_where_they_belong(self) -> Self:
        if self.genotypes and self.kind != "result":
            raise ValueError("`genotypes` stand with the kind result and no other")
        if len({each.gene for each in self.genotypes}) < len(self.genotypes):
            raise ValueError("`genotypes` name each gene once")
        return self

    @model_validator(mode="after")
    def _appointment_where_it_belongs(self) -> Self:
        if (self.kind in CHANGES) != (self.appointment is not None):
            raise ValueError("`appointment` stands with the kinds appointment_… and no others")
        if self.appointment is not None and self.kind != "appointment_cancelled" and self.appointment.starts_at is None:
            raise ValueError("an appointment that is booked or moved needs `starts_at`")
        return self


class BatchIn(_Shape):
    """Several events. Each is judged by itself; each needs its `id`, and no two the same."""

    events: Annotated[tuple[EventIn, ...], Field(min_length=1, max_length=MAX_EVENTS, strict=False)]


class EventOut(_Shape):
    """What became of an event. `repeated`: it was recorded before, and nothing changed."""

    id: str
    outcome: Literal["recorded", "repeated", "refused"]
    problem: Annotated["ProblemOut | None", Field(description="Why it was refused.")] = None


class BatchOut(_Shape):
    """What became of each event, in the order in which they were sent."""

    events: tuple[EventOut, ...]


class FaultOut(_Shape):
    """One thing that is wrong in a body."""

    detail: str
    pointer: Annotated[str, Field(description="RFC 6901, within the body.")]


class ProblemOut(_Shape):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: tuple[FaultOut, ...] | None = None


EventOut.model_rebuild()
