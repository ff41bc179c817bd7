"""The shape of a study pack: one model per part of study.yml. Rules that reach over parts are in `rules.py`."""

import hashlib
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from engagement.stages import STAGES
from engagement.studies import values

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

type Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(values.plain)]
type Translated = Mapping[str, Words]
"""Language → text."""
type Slug = Annotated[str, AfterValidator(values.slug)]
type Language = Annotated[str, AfterValidator(values.language)]
type TimeZone = Annotated[str, AfterValidator(values.time_zone)]
type ClockTime = Annotated[time, BeforeValidator(values.clock_time)]
type FactName = Annotated[str, AfterValidator(values.fact_name)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=False)


class Site(_Part):
    """A place where the web chat may be embedded."""

    token: Annotated[str, AfterValidator(values.site_token)]
    """Public: it stands in the script tag."""
    origins: Annotated[tuple[Annotated[str, AfterValidator(values.origin)], ...], Field(strict=False)] = ()
    """Origins such as https://www.example.org; none: this service's own pages only."""
    identity_secret: Annotated[str, StringConstraints(min_length=32)] | None = None
    """The key by which the embedding site signs who its visitor is; without it visitors stay unknown."""


class Sms(_Part):
    """The study's own numbers, E.164."""

    numbers: Annotated[tuple[Annotated[str, AfterValidator(values.e164)], ...], Field(strict=False)] = ()


class Email(_Part):
    """The study's own addresses, without their domain."""

    local_parts: Annotated[tuple[Annotated[str, AfterValidator(values.local_part)], ...], Field(strict=False)] = ()
    measured: bool = False
    """True where reminders and invitations by mail count opens and clicks, and say so in their footer."""


class Contacts(_Part):
    """How participants reach a person."""

    coordinator: Words
    phone: Annotated[str, AfterValidator(values.phone)]
    email: Annotated[str, AfterValidator(values.email)]
    hours: Translated


class Support(_Part):
    """When a person answers, in the study's time zone, and within how many working hours."""

    open: ClockTime
    close: ClockTime
    days: Annotated[
        tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(min_length=1, strict=False)
    ]
    answer_within_hours: Annotated[int, Field(ge=1, le=24)]


class Safety(_Part):
    """Where a person in danger is sent."""

    crisis_line: Translated
    """Reads as the end of a sentence."""
    emergency_number: Annotated[str, AfterValidator(values.dialled)]
    poison_line: Annotated[str, AfterValidator(values.dialled)]


class StudyPack(_Part):
    """A study as study.yml says it. Frozen; mappings must not be written to."""

    slug: Slug
    languages: Annotated[tuple[Language, ...], Field(min_length=1, strict=False)]
    """The first one is used where a participant's language is not known."""
    title: Translated
    name: Translated
    programme: Translated
    """The sender's name on every channel."""
    sponsor: Words
    time_zone: TimeZone
    sites: Annotated[tuple[Site, ...], Field(strict=False)] = ()
    sms: Sms = Sms()
    email: Email = Email()
    contacts: Contacts
    support: Support
    safety: Safety
    facts: Mapping[FactName, Translated]
    sensitive_in_sms: bool = False
    """True where the study's name, condition and genes may stand in an SMS."""
    sensitive_terms: Annotated[tuple[Words, ...], Field(strict=False)] = ()
    """Names of conditions, genes and medicines that never go into an SMS unless `sensitive_in_sms`."""
    stages: Annotated[
        tuple[Annotated[str, AfterValidator(values.one_of(STAGES, "stage"))], ...], Field(min_length=1, strict=False)
    ]

    @property
    def sha256(self) -> str:
        """Hash of all that the pack says, apart from its own words: two packs that say the same have the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
