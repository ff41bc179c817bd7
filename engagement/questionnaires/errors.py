"""What is wrong with a questionnaire or a response that someone hands over."""

from collections.abc import Sequence
from dataclasses import dataclass

from engagement.errors import EngagementError

MOST_SHOWN = 20
"""Faults that a message lists; a broken generator breaks every item the same way."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong; `path` as FHIRPath writes it ("item[2].item[0].type"), `link_id` where the item has one."""

    path: str
    message: str
    link_id: str | None = None

    def __str__(self) -> str:
        where = f"{self.path} (linkId {self.link_id})" if self.link_id else self.path
        return f"{where}: {self.message}" if where else self.message


class BadQuestionnaire(EngagementError):
    """A questionnaire has faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        shown = [str(fault) for fault in faults[:MOST_SHOWN]]
        if len(faults) > MOST_SHOWN:
            shown.append(f"and {len(faults) - MOST_SHOWN} more")
        super().__init__("\n".join(shown))
        self.faults = tuple(faults)


class BadResponse(EngagementError):
    """A QuestionnaireResponse can't be read for this questionnaire."""
