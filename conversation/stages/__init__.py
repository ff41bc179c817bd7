"""The stages before Rasa, in the order a message meets them. They need the database and nothing else."""

from conversation.stages.empty import check_empty
from conversation.stages.held import check_held
from conversation.stages.identify import identify, turn_away_unproven
from conversation.stages.keywords import obey_keywords
from conversation.stages.language import answer_language_request, settle_language
from conversation.stages.safety import triage_safety
from conversation.turn import Stage

SCREENING: tuple[Stage, ...] = (
    identify,
    settle_language,
    obey_keywords,
    triage_safety,
    turn_away_unproven,
    check_held,
    check_empty,
    answer_language_request,
)

__all__ = ["SCREENING"]
