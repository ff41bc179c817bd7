"""Safety triage: does this message tell of a person in trouble? Judged before Rasa, and without it.

Explicit patterns find what triggered and can show it; a learned judge may be joined with `more_severe`.
"""

from conversation.triage.judge import triage
from conversation.triage.verdict import Severity, Triage, TriageKind, Trigger, more_severe

__all__ = ["Severity", "Triage", "TriageKind", "Trigger", "more_severe", "triage"]
