"""Was it a person? Who fetches a mail's picture or follows its link is a person, a machine, or nobody can tell.

The rules are a table with its sources (verdict.yml); the first that fits decides. An honest count says the three apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""Headers by which a program says that nobody has asked for the page yet."""

type What = Literal["open", "click"]
type Verdict = Literal["person", "machine", "unsure"]


@dataclass(frozen=True, kw_only=True)
class Look:
    """One request. `after`: since the mail left; `others`, `machine_before`: see verdict.yml. It is never stored."""

    what: What
    method: str
    purpose: str
    agent: str
    after: timedelta
    others: bool = False
    machine_before: bool = False


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a look was taken for, and by which rule."""

    verdict: Verdict
    reason: str


def _pattern(text: str) -> str:
    re.compile(text)
    return text


type _Pattern = Annotated[str, AfterValidator(_pattern)]


class Rule(BaseModel):
    """One line of the table; a condition that is not said holds always."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    reason: str
    verdict: Verdict
    why: str
    what: What | None = None
    method: _Pattern = ""
    purpose: _Pattern = ""
    agent: _Pattern = ""
    within_seconds: Annotated[int, Field(gt=0)] | None = None
    others: Literal[True] | None = None
    machine_before: Literal[True] | None = None

    def fits(self, look: Look) -> bool:
        """Whether all that it asks for holds."""
        return (
            self.what in (None, look.what)
            and bool(re.search(self.method, look.method))
            and bool(re.search(self.purpose, look.purpose, re.IGNORECASE))
            and bool(re.search(self.agent, look.agent, re.IGNORECASE))
            and (self.within_seconds is None or look.after < timedelta(seconds=self.within_seconds))
            and (self.others is None or look.others)
            and (self.machine_before is None or look.machine_before)
        )


class _Table(BaseModel):
    rules: tuple[Rule, ...]


RULES = _Table.model_validate(yaml.safe_load(Path(__file__).with_name("verdict.yml").read_text(encoding="utf-8"))).rules


def judge_look(look: Look) -> Judged:
    """The first rule that fits; the last one of the table fits everything."""
    rule = next(rule for rule in RULES if rule.fits(look))
    return Judged(verdict=rule.verdict, reason=rule.reason)


def purpose_in(headers: Mapping[str, str]) -> str:
    """What a request says of its purpose, over all the names that this header has had."""
    return " ".join(headers.get(name, "") for name in PURPOSES).strip()
