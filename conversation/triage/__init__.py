"""Safety triage: does this message tell of a person in trouble? Judged before Rasa, and without it.

Explicit patterns find what triggered and can show it; a learned judge weighs them; the bot's judge may confirm or clear.
"""

from conversation.triage.judge import judge_words, triage
from conversation.triage.judgement import Judgement, is_alarm, join_judgements
from conversation.triage.verdict import Severity, Triage, TriageKind, Trigger, more_severe

__all__ = [
    "Judgement",
    "Severity",
    "Triage",
    "TriageKind",
    "Trigger",
    "is_alarm",
    "join_judgements",
    "judge_words",
    "more_severe",
    "triage",
]
