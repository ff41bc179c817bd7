"""A campaign as a coordinator writes it down in a file, checked against the studies and the words that there are."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engagement.campaigns import CampaignRefused, Draft, Pace
from engagement.studies import load_packs
from engagement.words import load_words
from service.settings import ROOT


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Waves(_Part):
    size: Annotated[int, Field(ge=1)]
    every_hours: Annotated[int, Field(ge=1)] = 24
    per_hour: Annotated[int, Field(ge=1)]


class _File(_Part):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")]
    study: str
    cohort: dict[str, Any]
    says: str
    channels: Annotated[tuple[Literal["preferred", "sms", "email", "webchat"], ...], Field(min_length=1)]
    waves: _Waves
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    expires_days: Annotated[int, Field(ge=1, le=60)] = 3


def read_draft(file: Path) -> Draft:
    """The campaign in a YAML file. Raises `CampaignRefused` with all that is wrong with it."""
    try:
        said = _File.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise CampaignRefused(f"{file}: not YAML") from None
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False)]
        raise CampaignRefused(f"{file}: {'; '.join(faults)}") from None
    if said.study not in load_packs(ROOT / "studies"):
        raise CampaignRefused(f"{file}: study: there is no study {said.study}")
    if said.says not in {word.key for word in load_words(ROOT / "content")[0]}:
        raise CampaignRefused(f"{file}: says: there are no words {said.says}")
    return Draft(
        name=said.name,
        study=said.study,
        cohort=yaml.safe_dump(said.cohort, allow_unicode=True, sort_keys=False),
        says=said.says,
        channels=said.channels,
        pace=Pace(
            wave_size=said.waves.size, wave_every=timedelta(hours=said.waves.every_hours), per_hour=said.waves.per_hour
        ),
        starts_at=said.starts_at,
        ends_at=said.ends_at,
        expires=timedelta(days=said.expires_days),
    )
