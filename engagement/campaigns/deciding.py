"""Who gets a campaign, and why not: decided for the dry run by what the gate asks again at the moment of sending. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engagement.cohorts import Match, Person
from engagement.stages import WITHDRAWN


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How somebody can be reached. `usable`: channels with a verified contact point that works; `silenced`: by an opt-out."""

    usable: frozenset[str] = frozenset()
    silenced: frozenset[str] = frozenset()


def why_not(
    person: Person,
    matched: Match,
    reach: Reach,
    *,
    study: str,
    sponsors: Mapping[str, str],
    channels: Collection[str],
) -> str | None:
    """The first reason for which a person does not get the invitation to `study`; None where they do.

    `sponsors`: slug → sponsor of every study. `channels`: those of the campaign.
    """
    if not matched.belongs:
        return f"not in the cohort: {', '.join(matched.failed)}"
    if study in person.stages:
        return "in the study already"
    if person.stages and set(person.stages.values()) == {WITHDRAWN}:
        return "withdrawn"
    permitted = {
        channel
        for channel in {*channels, *(("sms", "email") if "preferred" in channels else ())} - {"preferred"}
        if person.standing.allows_invitation(study, sponsors=sponsors, channel=channel).allowed
    }
    if not permitted:
        return "no permission"
    if not permitted & reach.usable:
        return "no contact point"
    if not permitted & reach.usable - reach.silenced:
        return "opted out"
    return None
