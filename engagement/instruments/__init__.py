"""A study pack's instruments: its questionnaires, the criteria of its pre-screening, its check-ins and their thresholds."""

from engagement.instruments.judging import Finding, Verdict, decide_verdict, find_crossed
from engagement.instruments.loading import load_instruments
from engagement.instruments.model import CheckIn, Criterion, Eligibility, Instrument, Instruments, Threshold
from engagement.instruments.wordings import key_of, option_key, wordings_of

__all__ = [
    "CheckIn",
    "Criterion",
    "Eligibility",
    "Finding",
    "Instrument",
    "Instruments",
    "Threshold",
    "Verdict",
    "decide_verdict",
    "find_crossed",
    "key_of",
    "load_instruments",
    "option_key",
    "wordings_of",
]
