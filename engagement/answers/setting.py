"""What surrounds an answer: whose words, which day it is, where the participant lives."""

from dataclasses import dataclass
from datetime import date

from engagement.answers.expectation import Expectation
from engagement.answers.vocabulary import Vocabulary, read_words


@dataclass(frozen=True, kw_only=True)
class Setting:
    """`region`: ISO 3166-1 code; `zone`: IANA name; `born`: the participant's day of birth, where it is known."""

    expectation: Expectation
    words: Vocabulary
    today: date
    region: str | None = None
    zone: str = "UTC"
    born: date | None = None
    borrowed: bool = False
    """The words are not of the conversation's own language: only what is clear in them counts."""

    @property
    def month_first(self) -> bool | None:
        """Is 3/4 in March? None where language and region do not settle it."""
        regions = read_words("regions")
        if self.region in regions["month_first"]:
            return True if self.words.language == "en" else None
        if self.region is None or self.region in regions["both_orders"]:
            return None
        return False

    @property
    def decimal_comma(self) -> bool | None:
        """Is 1,500 one and a half? None where it is not settled."""
        if self.region is None:
            return False if self.words.language == "en" else None
        return self.region in read_words("regions")["decimal_comma"]

    @property
    def customary_units(self) -> bool:
        """Do people there think in pounds rather than kilograms?"""
        return self.region in read_words("regions")["customary_units"]

    @property
    def clock_of_24_hours(self) -> bool:
        """Does a bare 8:30 mean the morning?"""
        return self.region in read_words("regions")["clock_of_24_hours"]
